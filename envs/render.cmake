# Drawing a Scene: OpenGL through libepoxy, headless through EGL. No SDL; libepoxy opens libEGL at run time.
pkg_check_modules(stb REQUIRED IMPORTED_TARGET GLOBAL stb)

add_library(understudy_render STATIC
  camera.cpp
  camera_rig.cpp
  egl_context.cpp
  gl_geometry.cpp
  gl_objects.cpp
  gl_shaders.cpp
  gl_view.cpp
  image.cpp
  image_text.cpp
  offscreen.cpp
  renderer.cpp
  shapes.cpp
  software_renderer.cpp)
target_link_libraries(understudy_render
  PUBLIC understudy_types
  PRIVATE understudy_options PkgConfig::epoxy PkgConfig::stb ${CMAKE_DL_LIBS})
