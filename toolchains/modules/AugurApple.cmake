# How shared libraries are linked for Apple's systems; used by AugurExports.cmake.
#
#   augur_apple_export_only(<target> <pattern>)
#   augur_ios_strip(<target>)

function(augur_apple_export_only target pattern)
  target_link_options(${target} PRIVATE "LINKER:-exported_symbol,_${pattern}"
    # The UUID is a hash of the file, into which the linker writes the paths of the objects.
    "LINKER:-oso_prefix,${PROJECT_BINARY_DIR}/")
  set_target_properties(${target} PROPERTIES
    INSTALL_NAME_DIR "@rpath" BUILD_WITH_INSTALL_NAME_DIR ON
    MACHO_CURRENT_VERSION ${PROJECT_VERSION} MACHO_COMPATIBILITY_VERSION ${since_major}.${since_minor})
endfunction()

# After each link of <target>: <build>/stripped/lib<name>.dylib is the library as it goes into a package, and
# lib<name>.dylib.dSYM beside it is for crash reports. Both have the UUID of the library in <build>/lib.
function(augur_ios_strip target)
  set(stripped "${PROJECT_BINARY_DIR}/stripped/$<TARGET_FILE_NAME:${target}>")
  file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/stripped")
  add_custom_command(TARGET ${target} POST_BUILD
    COMMAND "${CMAKE_DSYMUTIL}" "--oso-prepend-path=${PROJECT_BINARY_DIR}" -o "${stripped}.dSYM" $<TARGET_FILE:${target}>
    COMMAND "${CMAKE_COMMAND}" -E copy $<TARGET_FILE:${target}> "${stripped}"
    COMMAND "${CMAKE_STRIP}" -S -x "${stripped}"
    VERBATIM)
endfunction()
