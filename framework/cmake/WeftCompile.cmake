# How weft's code and that of plugins is compiled, inside the project and outside. The caller adds the include folders.
set(WEFT_SANITIZE "" CACHE STRING "Sanitizers, such as address,undefined")
option(WEFT_WERROR "Treat warnings as errors" OFF)

add_library(weft_settings INTERFACE)
target_compile_features(weft_settings INTERFACE cxx_std_20)
target_compile_options(weft_settings INTERFACE
  "$<$<COMPILE_LANGUAGE:CXX>:-Wall;-Wextra;$<$<BOOL:${WEFT_WERROR}>:-Werror>>"
  $<$<CONFIG:>:-O2>)  # where no build type is chosen
# g++ 12 and 13 take optional variants for uninitialised where they are not.
target_compile_options(weft_settings INTERFACE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-maybe-uninitialized>)
# g++ 13 sees a copy out of bounds in the std::vector<bool> of LibTorch's torch::autograd::Function.
set(WEFT_IS_GNU_13 "$<AND:$<COMPILE_LANG_AND_ID:CXX,GNU>,$<VERSION_GREATER_EQUAL:$<CXX_COMPILER_VERSION>,13>>")
target_compile_options(weft_settings INTERFACE "$<${WEFT_IS_GNU_13}:-Wno-array-bounds;-Wno-stringop-overflow>")

find_program(WEFT_MOLD mold)
mark_as_advanced(WEFT_MOLD)
if(WEFT_MOLD)
  target_link_options(weft_settings INTERFACE -fuse-ld=mold)
endif()
target_link_options(weft_settings INTERFACE -Wl,--as-needed)

if(WEFT_SANITIZE)
  target_compile_options(weft_settings INTERFACE
    "$<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${WEFT_SANITIZE};-fno-omit-frame-pointer;-g1>")
  target_link_options(weft_settings INTERFACE -fsanitize=${WEFT_SANITIZE})
else()
  # A library names all that it needs. With sanitizers their symbols come from the program.
  target_link_options(weft_settings INTERFACE -Wl,-z,defs)
endif()
