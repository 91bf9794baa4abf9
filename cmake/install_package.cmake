# Installs the stages as one package: find_package(landseam) gives landseam::<stage>.
include(CMakePackageConfigHelpers)

get_property(stage_targets GLOBAL PROPERTY landseam_stage_targets)
install(TARGETS ${stage_targets} EXPORT landseamTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/landseam DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(EXPORT landseamTargets NAMESPACE landseam:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/landseam)

configure_package_config_file(cmake/landseamConfig.cmake.in ${CMAKE_BINARY_DIR}/landseamConfig.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/landseam)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/landseamConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/landseamConfig.cmake ${CMAKE_BINARY_DIR}/landseamConfigVersion.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/landseam)
