# What `cmake --install build --prefix P` writes. All paths in it are relative, so P can be moved; LibTorch alone stays where the
# build found it, unless its folders `torch` and `nvidia` are put into P/lib.
#
#   bin/weft                the program
#   lib/libweft_*.so        the layers
#   lib/weft/plugins/       the plugins
#   lib/cmake/weft/         the package: find_package(weft) and weft_add_plugin
#   include/weft/           what authors of plugins include: <weft/node.h>, <weft/nn.h>, <weft/testing.h>;
#                           what programs that run graphs include: <weft/session.h>
#   share/weft/             graphs, documentation, licence

# The layers that authors of plugins, and programs that run graphs, link and whose headers they see.
set(WEFT_PACKAGE_LAYERS base spec weights nn vision backbones engines node gan data plugin graph run testing)

set(WEFT_IMPORTS "")
foreach(layer IN LISTS WEFT_PACKAGE_LAYERS)
  get_property(uses GLOBAL PROPERTY WEFT_USES_OF_${layer})
  # Other packages are included by sources only.
  list(FILTER uses INCLUDE REGEX "^([a-z]+|LibTorch)$")
  list(JOIN uses " " uses)
  string(APPEND WEFT_IMPORTS "weft_import_layer(${layer} ${uses})\n")
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/framework/${layer}" DESTINATION include/weft/framework FILES_MATCHING PATTERN "*.h")
endforeach()
install(DIRECTORY "${PROJECT_SOURCE_DIR}/framework/include/weft" DESTINATION include)

include(CMakePackageConfigHelpers)
set(template "${PROJECT_SOURCE_DIR}/framework/cmake/weftConfig.cmake.in")
set(package "${CMAKE_BINARY_DIR}/package")
set(WEFT_PACKAGE_MODULES "\${CMAKE_CURRENT_LIST_DIR}")
set(WEFT_PACKAGE_INCLUDES [["${weft_PREFIX}/include" "${weft_PREFIX}/include/weft"]])
configure_file("${template}" "${package}/weftConfig.cmake" @ONLY)
write_basic_package_version_file("${package}/weftConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${package}/weftConfig.cmake" "${package}/weftConfigVersion.cmake" DESTINATION lib/cmake/weft)

# The build folder is a package too: with `build` on the path plugins elsewhere find it without an installation.
set(WEFT_PACKAGE_MODULES "${PROJECT_SOURCE_DIR}/framework/cmake")
set(WEFT_PACKAGE_INCLUDES "\"${PROJECT_SOURCE_DIR}\" \"${PROJECT_SOURCE_DIR}/framework/include\"")
configure_file("${template}" "${CMAKE_BINARY_DIR}/lib/cmake/weft/weftConfig.cmake" @ONLY)
configure_file("${package}/weftConfigVersion.cmake" "${CMAKE_BINARY_DIR}/lib/cmake/weft/weftConfigVersion.cmake" COPYONLY)

foreach(part Compile Cuda LibTorch Plugin)
  install(FILES "${PROJECT_SOURCE_DIR}/framework/cmake/Weft${part}.cmake" DESTINATION lib/cmake/weft)
endforeach()

install(DIRECTORY "${PROJECT_SOURCE_DIR}/graphs" "${PROJECT_SOURCE_DIR}/docs" DESTINATION share/weft)
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" "${PROJECT_SOURCE_DIR}/CHANGELOG.md" DESTINATION share/weft)
