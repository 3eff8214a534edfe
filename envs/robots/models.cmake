# Writes the robots of envs/robots/models into a source, so that the program needs no files beside it.
# One name a line.
set(models
  ant
  arm
  dog
  drawer
  half_cheetah
  hopper
  humanoid
  inverted_double_pendulum
  inverted_pendulum
  reacher
  walker2d
)
set(source ${CMAKE_CURRENT_BINARY_DIR}/models.cpp)
string(CONCAT text "#include \"envs/robots/models.h\"\n\n#include \"datasets/types/error.h\"\n\n"
  "namespace understudy {\n\nstd::string_view model_file(const std::string& name) {\n")
foreach(model ${models})
  set(file ${CMAKE_CURRENT_SOURCE_DIR}/models/${model}.urdf)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  file(READ ${file} urdf)
  string(APPEND text "  if (name == \"${model}\") return R\"urdf(${urdf})urdf\";\n")
endforeach()
string(APPEND text "  throw Error(\"no robot model is called '\" + name + \"'\");\n}\n\n"
  "}  // namespace understudy\n")
file(CONFIGURE OUTPUT ${source} CONTENT "@text@" @ONLY)
target_sources(understudy_envs PRIVATE ${source})
