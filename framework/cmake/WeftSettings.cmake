# How everything is compiled.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Release, Debug or RelWithDebInfo" FORCE)
endif()

# The binary lies at the top of the build folder, plugins and libraries beside it, as they do after installation.
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib")
set(CMAKE_INSTALL_RPATH "$ORIGIN;$ORIGIN/../lib;$ORIGIN/..")

find_program(WEFT_CCACHE ccache)
if(WEFT_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Paths count from the source folder, so that clones and worktrees share what was compiled.
  set(CMAKE_CXX_COMPILER_LAUNCHER
    "${CMAKE_COMMAND}" -E env "CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}" CCACHE_NOHASHDIR=1 "${WEFT_CCACHE}")
endif()

option(WEFT_WERROR "Treat warnings as errors" OFF)

add_library(weft_settings INTERFACE)
target_compile_options(weft_settings INTERFACE
  "$<$<COMPILE_LANGUAGE:CXX>:-Wall;-Wextra;$<$<BOOL:${WEFT_WERROR}>:-Werror>>")
# g++ 12 and 13 take optional variants for uninitialised where they are not.
target_compile_options(weft_settings INTERFACE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-maybe-uninitialized>)
target_include_directories(weft_settings INTERFACE "${PROJECT_SOURCE_DIR}" "${PROJECT_SOURCE_DIR}/framework/include")

find_program(WEFT_MOLD mold)
if(WEFT_MOLD)
  target_link_options(weft_settings INTERFACE -fuse-ld=mold)
endif()
target_link_options(weft_settings INTERFACE -Wl,--as-needed)

set(WEFT_SANITIZE "" CACHE STRING "Sanitizers, such as address,undefined")
if(WEFT_SANITIZE)
  target_compile_options(weft_settings INTERFACE
    "$<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${WEFT_SANITIZE};-fno-omit-frame-pointer;-g1>")
  target_link_options(weft_settings INTERFACE -fsanitize=${WEFT_SANITIZE})
else()
  # A library names all that it needs. With sanitizers their symbols come from the program.
  target_link_options(weft_settings INTERFACE -Wl,-z,defs)
endif()
