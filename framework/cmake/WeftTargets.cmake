# What layers and tests are made with; plugins are in WeftPlugin.

# Headers that take most of the time in which a file is compiled are compiled once, 15 s and 400 MB each: LibTorch's for
# libraries and plugins (a node takes 2 s instead of 7), with GoogleTest's for tests. Headers of weft are not among them, so a
# file sees only those that it includes.
function(weft_add_precompiled name)
  add_library(weft_${name} OBJECT "${PROJECT_SOURCE_DIR}/framework/cmake/precompiled.cpp")
  target_link_libraries(weft_${name} PRIVATE weft_settings weft::LibTorch)
  target_compile_options(weft_${name} PRIVATE -fPIC)
  target_precompile_headers(weft_${name} PRIVATE <ATen/core/Tensor.h> <ATen/TensorOperators.h> ${ARGN})
endfunction()

# weft_use_precompiled(target [name]): a target that uses LibTorch compiles with `precompiled`, or with another one. Programs
# are compiled as libraries are: g++ takes a precompiled header only with the same kind of position independence.
function(weft_use_precompiled target)
  set(name precompiled ${ARGN})
  list(GET name -1 name)
  target_precompile_headers(${target} REUSE_FROM weft_${name})
  target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-fPIC>)
endfunction()

weft_add_precompiled(precompiled)
if(BUILD_TESTING AND TARGET weft::GoogleTest)
  weft_add_precompiled(precompiled_tests <gmock/gmock.h> <gtest/gtest.h>)
  # g++ 13 takes a precompiled header only where it was compiled with the same level of optimisation.
  target_compile_options(weft_precompiled_tests PRIVATE $<${WEFT_IS_GNU_13}:-O1>)
  target_link_libraries(weft_precompiled_tests PRIVATE weft::GoogleTest)
endif()

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

# Whether LibTorch is among the layers and packages of a list, or among what those layers use.
function(weft_reaches_libtorch uses result)
  set(${result} FALSE PARENT_SCOPE)
  foreach(used IN LISTS uses)
    get_property(deeper GLOBAL PROPERTY WEFT_USES_OF_${used})
    weft_reaches_libtorch("${deeper}" reaches)
    if(used STREQUAL LibTorch OR reaches)
      set(${result} TRUE PARENT_SCOPE)
    endif()
  endforeach()
endfunction()

# weft_add_layer(name SOURCES a.cpp b.cpp … USES layers and packages…): a layer of the framework, a shared library of its own.
function(weft_add_layer name)
  cmake_parse_arguments(arg "" "" "SOURCES;USES" ${ARGN})
  list(TRANSFORM arg_SOURCES PREPEND "${name}/")
  add_library(weft_${name} SHARED ${arg_SOURCES})
  target_link_libraries(weft_${name} PUBLIC weft_settings)
  weft_link(weft_${name} ${arg_USES})
  weft_reaches_libtorch("${arg_USES}" reaches)
  if(reaches)
    weft_use_precompiled(weft_${name})
  endif()
  set_property(GLOBAL APPEND PROPERTY WEFT_LAYERS ${name})
  set_property(GLOBAL PROPERTY WEFT_USES_OF_${name} ${arg_USES})
  set_target_properties(weft_${name} PROPERTIES INSTALL_RPATH "$ORIGIN;$ORIGIN/torch/lib")
  install(TARGETS weft_${name} LIBRARY DESTINATION lib)
endfunction()

# After so long a test is stopped; under sanitizers all takes several times as long.
set(WEFT_TEST_SECONDS 300)
if(WEFT_SANITIZE)
  set(WEFT_TEST_SECONDS 1800)
endif()

# weft_add_test(name SOURCES a.cpp … USES layers and packages… [LABELS …] [MAIN main.cpp]): a GoogleTest program.
function(weft_add_test name)
  cmake_parse_arguments(arg "" "MAIN" "SOURCES;USES;LABELS;DEFINES" ${ARGN})
  if(NOT arg_MAIN)
    set(arg_MAIN "${PROJECT_SOURCE_DIR}/tests/main.cpp")
  endif()
  foreach(used IN LISTS arg_USES)
    if(NOT TARGET weft_${used} AND NOT TARGET weft::${used})
      message(STATUS "test ${name}: left out, ${used} is missing")
      return()
    endif()
  endforeach()
  add_executable(test_${name} ${arg_SOURCES} "${arg_MAIN}")
  target_compile_options(test_${name} PRIVATE -O1)  # compiles a quarter faster; what tests call is in the libraries
  target_link_libraries(test_${name} PRIVATE weft_settings weft::GoogleTest Threads::Threads)
  weft_link(test_${name} ${arg_USES})
  weft_reaches_libtorch("${arg_USES}" reaches)
  if(reaches)
    weft_use_precompiled(test_${name} precompiled_tests)
  endif()
  target_compile_definitions(test_${name} PRIVATE WEFT_SOURCE_DIR="${PROJECT_SOURCE_DIR}" WEFT_BUILD_DIR="${CMAKE_BINARY_DIR}"
                                                  ${arg_DEFINES})
  set_target_properties(test_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
  add_test(NAME ${name} COMMAND test_${name})
  # Threads that wait for each other sleep: beside another test, those that spin make a test up to thirty times slower.
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${WEFT_TEST_SECONDS}
                                          ENVIRONMENT OMP_WAIT_POLICY=passive)
endfunction()

# The target `product`: the program and its plugins, without tests and benchmarks.
function(weft_add_product)
  get_property(plugins GLOBAL PROPERTY WEFT_PLUGINS)
  add_custom_target(product DEPENDS weft ${plugins})
endfunction()
