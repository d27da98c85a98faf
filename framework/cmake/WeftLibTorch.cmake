# Imports LibTorch from a wheel's `torch` folder without its CMake package, which would want a CUDA toolkit.
# Order: -DWEFT_LIBTORCH=…, WEFT_LIBTORCH_HINTS, a matching one in Python, the cache that ./bootstrap fills.
set(WEFT_LIBTORCH_VERSION 2.11.0)
set(WEFT_LIBTORCH "" CACHE PATH "The folder `torch` of a LibTorch ${WEFT_LIBTORCH_VERSION} wheel")

function(weft_libtorch_fits folder result)
  set(${result} FALSE PARENT_SCOPE)
  set(header "${folder}/include/torch/headeronly/version.h")
  if(NOT EXISTS "${header}" OR NOT EXISTS "${folder}/lib/libtorch_cpu.so")
    return()
  endif()
  set(found "")
  foreach(part MAJOR MINOR PATCH)
    file(STRINGS "${header}" line REGEX "#define TORCH_VERSION_${part} ")
    string(REGEX REPLACE "[^0-9]" "" number "${line}")
    list(APPEND found "${number}")
  endforeach()
  list(JOIN found "." found)
  if(found STREQUAL WEFT_LIBTORCH_VERSION)
    set(${result} TRUE PARENT_SCOPE)
  endif()
endfunction()

# Takes the first of the folders that fits.
function(weft_choose_libtorch)
  foreach(candidate IN LISTS ARGN)
    weft_libtorch_fits("${candidate}" fits)
    if(fits AND NOT WEFT_LIBTORCH)
      set(WEFT_LIBTORCH "${candidate}" CACHE PATH "" FORCE)
    endif()
  endforeach()
endfunction()

if(NOT WEFT_LIBTORCH)
  weft_choose_libtorch(${WEFT_LIBTORCH_HINTS})
endif()
if(NOT WEFT_LIBTORCH)
  set(cache_home "$ENV{XDG_CACHE_HOME}")
  if(NOT cache_home)
    set(cache_home "$ENV{HOME}/.cache")
  endif()
  execute_process(
    COMMAND python3 -c "import importlib.util as u; s = u.find_spec('torch'); print(s.submodule_search_locations[0] if s else '', end='')"
    OUTPUT_VARIABLE from_python ERROR_QUIET)
  weft_choose_libtorch("${from_python}" "${cache_home}/weft/libtorch-${WEFT_LIBTORCH_VERSION}/torch")
endif()

weft_libtorch_fits("${WEFT_LIBTORCH}" fits)
if(NOT fits)
  message(FATAL_ERROR "LibTorch ${WEFT_LIBTORCH_VERSION} was not found. ./bootstrap build fetches it, "
                      "or give its folder: -DWEFT_LIBTORCH=/path/to/torch")
endif()
message(STATUS "LibTorch ${WEFT_LIBTORCH_VERSION}: ${WEFT_LIBTORCH}")

foreach(library c10 torch_cpu)
  add_library(weft::${library} SHARED IMPORTED GLOBAL)
  set_target_properties(weft::${library} PROPERTIES
    IMPORTED_LOCATION "${WEFT_LIBTORCH}/lib/lib${library}.so"
    IMPORTED_NO_SONAME TRUE)
endforeach()
add_library(weft::LibTorch INTERFACE IMPORTED GLOBAL)
target_include_directories(weft::LibTorch SYSTEM INTERFACE
  "${WEFT_LIBTORCH}/include" "${WEFT_LIBTORCH}/include/torch/csrc/api/include")
target_link_libraries(weft::LibTorch INTERFACE weft::torch_cpu weft::c10)
# libtorch_cpu's own needs (cudart, cupti, gomp) are found through its RPATH at run time.
target_link_options(weft::LibTorch INTERFACE -Wl,--allow-shlib-undefined)
