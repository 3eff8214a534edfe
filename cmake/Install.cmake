# What `cmake --install` gives: the program, the libraries, their public headers and find_package(understudy).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(understudy_headers ${CMAKE_INSTALL_INCLUDEDIR}/understudy)
set(understudy_package ${CMAKE_INSTALL_LIBDIR}/cmake/understudy)
# The installed tree can be moved; third-party libraries outside the system's folders are found where they
# were.
cmake_path(RELATIVE_PATH CMAKE_INSTALL_FULL_LIBDIR BASE_DIRECTORY ${CMAKE_INSTALL_FULL_BINDIR}
  OUTPUT_VARIABLE program_to_libraries)
set(CMAKE_INSTALL_RPATH $ORIGIN $ORIGIN/${program_to_libraries})
set(CMAKE_INSTALL_RPATH_USE_LINK_PATH ON)

# understudy_install_library(TARGET NAME): TARGET is understudy::NAME to everyone outside, in a tree that this
# one is part of as well as installed.
function(understudy_install_library target name)
  add_library(understudy::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name} VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_sources(${target} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR})
  install(TARGETS ${target} EXPORT understudy FILE_SET HEADERS DESTINATION ${understudy_headers})
endfunction()

# understudy_public_headers(TARGET FILE...): headers of the calling room that are installed. They include each
# other, Eigen and the standard library, and nothing else. Each is compiled alone by tools/check.sh headers.
function(understudy_public_headers target)
  target_sources(${target} PUBLIC FILE_SET HEADERS FILES ${ARGN})
  cmake_path(RELATIVE_PATH CMAKE_CURRENT_SOURCE_DIR BASE_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE room)
  list(TRANSFORM ARGN PREPEND ${room}/)
  set_property(GLOBAL APPEND PROPERTY understudy_checked_headers ${ARGN})
endfunction()

function(understudy_install_package)
  install(EXPORT understudy NAMESPACE understudy:: DESTINATION ${understudy_package}
    FILE understudy-targets.cmake)
  configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/understudy-config.cmake.in understudy-config.cmake
    INSTALL_DESTINATION ${understudy_package})
  # Before 1.0 a minor version may change every class.
  write_basic_package_version_file(understudy-config-version.cmake COMPATIBILITY SameMinorVersion)
  install(FILES ${PROJECT_BINARY_DIR}/understudy-config.cmake
    ${PROJECT_BINARY_DIR}/understudy-config-version.cmake DESTINATION ${understudy_package})
endfunction()
