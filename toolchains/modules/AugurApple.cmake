# How the shared library is linked for Apple's systems.
#
#   augur_apple_library(<target>)  an install name that apps can use; for iOS also what goes into a package

# For iOS, after each link of <target>:
#
#   <build>/stripped/lib<name>.dylib        without symbols and debug information, as it goes into a package
#   <build>/stripped/lib<name>.dylib.dSYM   for crash reports; it has the same UUID
function(augur_apple_library target)
  if(NOT APPLE)
    return()
  endif()
  set_target_properties(${target} PROPERTIES
    INSTALL_NAME_DIR "@rpath" BUILD_WITH_INSTALL_NAME_DIR ON
    MACHO_CURRENT_VERSION ${PROJECT_VERSION} MACHO_COMPATIBILITY_VERSION ${since_major}.${since_minor})
  # The UUID is a hash of the file, into which the linker writes the paths of the objects.
  target_link_options(${target} PRIVATE "LINKER:-oso_prefix,${PROJECT_BINARY_DIR}/")
  if(NOT CMAKE_SYSTEM_NAME STREQUAL "iOS")
    return()
  endif()
  set_property(TARGET ${target} PROPERTY VERSION)  # an app takes it alone, without a version in its name
  set_property(TARGET ${target} PROPERTY SOVERSION)
  set(stripped "${PROJECT_BINARY_DIR}/stripped/$<TARGET_FILE_NAME:${target}>")
  file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/stripped")
  add_custom_command(TARGET ${target} POST_BUILD
    COMMAND "${CMAKE_DSYMUTIL}" "--oso-prepend-path=${PROJECT_BINARY_DIR}" -o "${stripped}.dSYM" $<TARGET_FILE:${target}>
    COMMAND "${CMAKE_COMMAND}" -E copy $<TARGET_FILE:${target}> "${stripped}"
    COMMAND "${CMAKE_STRIP}" -S -x "${stripped}"
    VERBATIM)
endfunction()
