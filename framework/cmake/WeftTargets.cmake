# What layers, plugins, tests and programs are made with.

# Turns names from a table into targets: a layer `graph`, or a package `LibTorch`.
function(weft_link target)
  foreach(used IN LISTS ARGN)
    if(TARGET weft_${used})
      target_link_libraries(${target} PUBLIC weft_${used})
    elseif(TARGET weft::${used})
      target_link_libraries(${target} PUBLIC weft::${used})
    else()
      message(FATAL_ERROR "${target} uses `${used}`, which is neither a layer nor a package that was found")
    endif()
  endforeach()
endfunction()

# weft_add_layer(name SOURCES a b … USES layers and packages…): a layer of the framework, a shared library of its own.
function(weft_add_layer name)
  cmake_parse_arguments(arg "" "" "SOURCES;USES" ${ARGN})
  list(TRANSFORM arg_SOURCES REPLACE "(.+)" "${name}/\\1.cpp")
  add_library(weft_${name} SHARED ${arg_SOURCES})
  target_link_libraries(weft_${name} PUBLIC weft_settings)
  weft_link(weft_${name} ${arg_USES})
  set_property(GLOBAL APPEND PROPERTY WEFT_LAYERS ${name})
endfunction()

# weft_add_plugin(name SOURCES a.cpp … [CUDA_SOURCES a.cu …] [NEEDS packages…] [FOLDER folder]): a plugin, beside the binary
# unless another folder of the build is given; left out, with a line that says so, when a package is missing. Where there is
# no CUDA it is built without its CUDA_SOURCES; where there is, its code sees WEFT_HAS_CUDA.
function(weft_add_plugin name)
  cmake_parse_arguments(arg "" "FOLDER" "SOURCES;CUDA_SOURCES;NEEDS" ${ARGN})
  if(NOT arg_FOLDER)
    set(arg_FOLDER plugins)
  endif()
  foreach(package IN LISTS arg_NEEDS)
    if(NOT TARGET weft::${package})
      message(STATUS "plugin ${name}: left out, ${package} is missing (${WEFT_MISSING_${package}})")
      return()
    endif()
  endforeach()
  add_library(plugin_${name} MODULE ${arg_SOURCES})
  target_link_libraries(plugin_${name} PRIVATE weft_settings weft_node)
  foreach(package IN LISTS arg_NEEDS)
    target_link_libraries(plugin_${name} PRIVATE weft::${package})
  endforeach()
  if(arg_CUDA_SOURCES AND TARGET weft::LibTorchCuda)
    target_sources(plugin_${name} PRIVATE ${arg_CUDA_SOURCES})
    target_link_libraries(plugin_${name} PRIVATE weft::LibTorchCuda)
    target_compile_definitions(plugin_${name} PRIVATE WEFT_HAS_CUDA)
  elseif(arg_CUDA_SOURCES)
    message(STATUS "plugin ${name}: without its CUDA code, ${WEFT_MISSING_CUDA}")
  endif()
  set_target_properties(plugin_${name} PROPERTIES
    OUTPUT_NAME "weft_${name}" PREFIX "" CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/${arg_FOLDER}")
  set_property(GLOBAL APPEND PROPERTY WEFT_PLUGINS plugin_${name})
endfunction()

# weft_add_test(name SOURCES a.cpp … USES layers and packages… [LABELS …]): a GoogleTest program.
function(weft_add_test name)
  cmake_parse_arguments(arg "" "" "SOURCES;USES;LABELS;DEFINES" ${ARGN})
  foreach(used IN LISTS arg_USES)
    if(NOT TARGET weft_${used} AND NOT TARGET weft::${used})
      message(STATUS "test ${name}: left out, ${used} is missing")
      return()
    endif()
  endforeach()
  add_executable(test_${name} ${arg_SOURCES} "${PROJECT_SOURCE_DIR}/tests/main.cpp")
  target_compile_options(test_${name} PRIVATE -O1)  # compiles a quarter faster; what tests call is in the libraries
  target_link_libraries(test_${name} PRIVATE weft_settings weft::GoogleTest Threads::Threads)
  weft_link(test_${name} ${arg_USES})
  target_compile_definitions(test_${name} PRIVATE WEFT_SOURCE_DIR="${PROJECT_SOURCE_DIR}" WEFT_BUILD_DIR="${CMAKE_BINARY_DIR}"
                                                  ${arg_DEFINES})
  set_target_properties(test_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
  add_test(NAME ${name} COMMAND test_${name})
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT 300)
endfunction()
