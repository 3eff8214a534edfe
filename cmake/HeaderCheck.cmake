# tools/check.sh headers compiles every header alone. CMake does it for the public ones, with what their users
# get (CMAKE_VERIFY_INTERFACE_HEADER_SETS); the target private_headers does it for the others, with what their
# library or program gets.
add_custom_target(private_headers)

# understudy_check_private_headers(TARGET FOLDER): headers of FOLDER that are not installed and are TARGET's.
function(understudy_check_private_headers target folder)
  file(GLOB_RECURSE headers RELATIVE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/${folder}/*.h)
  get_property(others GLOBAL PROPERTY understudy_checked_headers)
  list(REMOVE_ITEM headers ${others} "")
  set_property(GLOBAL APPEND PROPERTY understudy_checked_headers ${headers})
  foreach(header ${headers})
    set(source ${PROJECT_BINARY_DIR}/private_headers/${header}.cpp)
    file(CONFIGURE OUTPUT ${source} CONTENT "#include \"${header}\"\n")
    list(APPEND sources ${source})
  endforeach()
  if(sources)
    add_library(${target}_private_headers OBJECT EXCLUDE_FROM_ALL ${sources})
    target_include_directories(${target}_private_headers SYSTEM PRIVATE
      $<TARGET_PROPERTY:${target},INCLUDE_DIRECTORIES>)
    foreach(property OPTIONS DEFINITIONS)
      set_target_properties(${target}_private_headers PROPERTIES
        COMPILE_${property} $<TARGET_PROPERTY:${target},COMPILE_${property}>)
    endforeach()
    add_dependencies(private_headers ${target}_private_headers)
  endif()
endfunction()

understudy_check_private_headers(understudy_datasets datasets)
if(UNDERSTUDY_SDL)
  understudy_check_private_headers(understudy_render envs/rendering)
  understudy_check_private_headers(understudy_capture capture)
endif()
understudy_check_private_headers(understudy_envs envs)
if(UNDERSTUDY_TORCH)
  understudy_check_private_headers(understudy_bc bc)
  understudy_check_private_headers(understudy_irl irl)
endif()
understudy_check_private_headers(understudy tools)
