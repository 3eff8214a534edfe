# What `cpack` gives: a package for the Debian that it is built on.
file(STRINGS /etc/os-release debian REGEX "^VERSION_ID=")
string(REGEX MATCH "[0-9]+" debian "${debian}")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME understudy)
set(CPACK_PACKAGE_CONTACT "The Understudy authors <maintainers@understudy.example>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "imitation learning with demonstration capture")
set(CPACK_PACKAGE_DESCRIPTION "Records demonstrations with a gamepad or keyboard into HDF5, clones them or
imitates them by Wasserstein and inverse reinforcement learning, and evaluates
the policies in Bullet Physics tasks.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_OUTPUT_FILE_PREFIX ${PROJECT_BINARY_DIR})

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1~deb${debian}u1)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${PROJECT_BINARY_DIR}/lib)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
# Loaded when they are needed, which dpkg-shlibdeps cannot see.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libopenblas0-pthread, libegl1, libopengl0, libgl1-mesa-dri, fonts-dejavu-core")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS ffmpeg)
# Who builds plugins against it.
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "g++, cmake, libeigen3-dev")

# Debian's own files: what it looks for in every package.
set(understudy_documents ${CMAKE_INSTALL_DATADIR}/doc/understudy)
install(FILES ${PROJECT_SOURCE_DIR}/README.md DESTINATION ${understudy_documents})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs DESTINATION ${understudy_documents})
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${understudy_documents} RENAME copyright)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/tools/clients DESTINATION ${understudy_documents}/examples)
string(TIMESTAMP today "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(CONFIGURE OUTPUT changelog CONTENT
  "understudy (${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) unstable; urgency=medium

  * See CHANGELOG.md of the project.

 -- ${CPACK_PACKAGE_CONTACT}  ${today}
")
install(CODE "execute_process(COMMAND gzip -9nc \"${PROJECT_BINARY_DIR}/changelog\"
  OUTPUT_FILE \"${PROJECT_BINARY_DIR}/changelog.Debian.gz\" COMMAND_ERROR_IS_FATAL ANY)")
install(FILES ${PROJECT_BINARY_DIR}/changelog.Debian.gz DESTINATION ${understudy_documents})
file(WRITE ${PROJECT_BINARY_DIR}/triggers "activate-noawait ldconfig\n")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${PROJECT_BINARY_DIR}/triggers)
include(CPack)
