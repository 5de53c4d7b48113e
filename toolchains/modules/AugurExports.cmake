# How Augur's shared libraries are linked.
#
#   augur_export_only(<target> <pattern>)  shows <pattern> (augur_*, or one name) and nothing else to other libraries, and
#                                          fails the link if anything is undefined
#   augur_strip(<target>)                  for phones: what goes into a package, and what crash reports need beside it
#
# With the linker language C they get no C++ standard library: a link fails if something of it is referenced.

include(AugurApple)

function(augur_export_only target pattern)
  set_target_properties(${target} PROPERTIES LINKER_LANGUAGE C)
  if(APPLE)
    augur_apple_export_only(${target} "${pattern}")
    return()
  endif()
  set(script "${CMAKE_CURRENT_BINARY_DIR}/${target}.map")
  file(GENERATE OUTPUT "${script}" CONTENT "{ global: ${pattern}; local: *; };\n")
  target_link_options(${target} PRIVATE "LINKER:--version-script=${script}")
  set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS "${script}")
  if(ANDROID)
    target_link_options(${target} PRIVATE "LINKER:--icf=safe")  # one copy of equal functions whose address nobody takes
  endif()
  if(NOT AUGUR_SANITIZE)
    target_link_options(${target} PRIVATE "LINKER:--no-undefined")
  endif()
endfunction()

# After each link of <target>: <build>/stripped/<name> is the library without symbols and debug information, as it goes
# into a package. The library as it was linked stays in <build>/lib, for crash reports; both have the same build id.
function(augur_strip target)
  if(IOS)
    augur_ios_strip(${target})
  endif()
  if(NOT ANDROID)
    return()
  endif()
  set(folder "${PROJECT_BINARY_DIR}/stripped")
  file(MAKE_DIRECTORY "${folder}")
  get_target_property(name ${target} OUTPUT_NAME)
  if(NOT name)
    set(name ${target})
  endif()
  add_custom_command(TARGET ${target} POST_BUILD
    COMMAND "${CMAKE_STRIP}" --strip-unneeded -o "${folder}/lib${name}.so" "$<TARGET_FILE:${target}>"
    BYPRODUCTS "${folder}/lib${name}.so"
    VERBATIM)
endfunction()
