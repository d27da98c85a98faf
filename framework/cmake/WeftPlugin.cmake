# How plugins are made: the same functions inside this project and, after find_package(weft), outside.

# weft_add_plugin(name SOURCES a.cpp … [CUDA_SOURCES a.cu …] [USES layers…] [NEEDS packages…] [FOLDER folder]): a plugin.
# Besides `node` it sees the layers that USES names: nn, weights, vision, data, gan, backbones, engines. It lies in the folder
# `plugins` of the build unless another is given; left out, with a line that says so, when a package is missing. Where there
# is no CUDA it is built without its CUDA_SOURCES; where there is, its code sees WEFT_HAS_CUDA. `cmake --install` puts it
# where weft looks for plugins.
function(weft_add_plugin name)
  cmake_parse_arguments(arg "" "FOLDER" "SOURCES;CUDA_SOURCES;USES;NEEDS" ${ARGN})
  foreach(package IN LISTS arg_NEEDS)
    if(NOT TARGET weft::${package})
      message(STATUS "plugin ${name}: left out, ${package} is missing (${WEFT_MISSING_${package}})")
      return()
    endif()
  endforeach()
  add_library(plugin_${name} MODULE ${arg_SOURCES})
  target_link_libraries(plugin_${name} PRIVATE weft_settings weft_node)
  foreach(layer IN LISTS arg_USES)
    target_link_libraries(plugin_${name} PRIVATE weft_${layer})
  endforeach()
  if(COMMAND weft_use_precompiled)  # inside this project
    weft_use_precompiled(plugin_${name})
  endif()
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
    INSTALL_RPATH "$ORIGIN/../..;$ORIGIN/../../torch/lib")
  if(arg_FOLDER)
    set_target_properties(plugin_${name} PROPERTIES LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/${arg_FOLDER}")
  else()
    set_target_properties(plugin_${name} PROPERTIES LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/plugins")
    install(TARGETS plugin_${name} LIBRARY DESTINATION lib/weft/plugins)
  endif()
  set_property(GLOBAL APPEND PROPERTY WEFT_PLUGINS plugin_${name})
endfunction()

# weft_add_plugin_test(name SOURCES a.cpp …): GoogleTests of the plugin `name`, which run its nodes with weft::testing::NodeRunner.
# The program lies beside the folder `plugins`, where it finds the plugin. Left out, with a line, when GoogleTest is missing.
function(weft_add_plugin_test name)
  cmake_parse_arguments(arg "" "" "SOURCES" ${ARGN})
  find_package(GTest QUIET)
  if(NOT TARGET GTest::gtest_main)
    message(STATUS "test of plugin ${name}: left out, GoogleTest is missing (apt-get install libgtest-dev)")
    return()
  endif()
  add_executable(test_${name} ${arg_SOURCES})
  target_link_libraries(test_${name} PRIVATE weft_settings weft_testing GTest::gtest_main $<TARGET_NAME_IF_EXISTS:GTest::gmock>)
  set_target_properties(test_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")
  add_dependencies(test_${name} plugin_${name})
  add_test(NAME ${name} COMMAND test_${name})
endfunction()
