# Makes libaugur.a and libaugur.so of augur_objects and XNNPACK; included by runtime/CMakeLists.txt.
#
# libaugur.a must be usable alone, next to another XNNPACK or FlatBuffers in the same app. With GNU's
# linker, augur_objects and what they use of XNNPACK are first linked into one relocatable object, whose
# symbols are then all made local but for the C API. Function sections stay apart, so that an app's link
# can still drop what it does not use.

set(_augur_inputs $<TARGET_OBJECTS:augur_objects>)
set(_augur_system_libraries m Threads::Threads)

# ----------------------------------------------------------------------------------------------- libaugur.a

# CMAKE_LINKER, or the machine's own GNU linker beside another one.
set(_augur_relocatable_linker "")
set(_augur_linkers "${CMAKE_LINKER}")
if(NOT CMAKE_CROSSCOMPILING)
  list(APPEND _augur_linkers ld.bfd)
endif()
foreach(_augur_linker IN LISTS _augur_linkers)
  execute_process(COMMAND "${_augur_linker}" --help OUTPUT_VARIABLE _augur_help ERROR_QUIET RESULT_VARIABLE _augur_result)
  if(_augur_result EQUAL 0 AND _augur_help MATCHES "force-group-allocation" AND _augur_help MATCHES "gc-keep-exported")
    set(_augur_relocatable_linker "${_augur_linker}")
    break()
  endif()
endforeach()
if(_augur_relocatable_linker AND CMAKE_OBJCOPY)
  # --gc-sections keeps what the exported API reaches. --force-group-allocation dissolves COMDAT groups: a
  # group whose symbols are local must not be exchanged for an app's group of the same name.
  set(_augur_one_object "${CMAKE_CURRENT_BINARY_DIR}/augur.o")
  add_custom_command(
    OUTPUT "${_augur_one_object}"
    COMMAND "${_augur_relocatable_linker}" -r --gc-sections --gc-keep-exported --force-group-allocation
            -o "${_augur_one_object}" ${_augur_inputs} ${AUGUR_XNNPACK_ARCHIVES}
    COMMAND "${CMAKE_OBJCOPY}" --wildcard "--keep-global-symbol=augur_*" "${_augur_one_object}"
    DEPENDS augur_objects ${_augur_inputs} ${AUGUR_XNNPACK_ARCHIVES}
    COMMENT "Linking libaugur.a's one object"
    COMMAND_EXPAND_LISTS VERBATIM)
  add_library(augur_static STATIC "${_augur_one_object}")
  set_source_files_properties("${_augur_one_object}" PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
else()
  message(STATUS "libaugur.a: this linker cannot make one object of it; its XNNPACK keeps its symbols")
  add_library(augur_static STATIC ${_augur_inputs})
  if(APPLE)
    add_custom_command(TARGET augur_static POST_BUILD
      COMMAND libtool -static -o $<TARGET_FILE:augur_static>.merged $<TARGET_FILE:augur_static> ${AUGUR_XNNPACK_ARCHIVES}
      COMMAND "${CMAKE_COMMAND}" -E rename $<TARGET_FILE:augur_static>.merged $<TARGET_FILE:augur_static>
      VERBATIM)
  else()
    set(_augur_script "CREATE $<TARGET_FILE:augur_static>.merged\nADDLIB $<TARGET_FILE:augur_static>\n")
    foreach(archive IN LISTS AUGUR_XNNPACK_ARCHIVES)
      string(APPEND _augur_script "ADDLIB ${archive}\n")
    endforeach()
    string(APPEND _augur_script "SAVE\nEND\n")
    file(GENERATE OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/merge.mri" CONTENT "${_augur_script}")
    add_custom_command(TARGET augur_static POST_BUILD
      COMMAND sh -c "'${CMAKE_AR}' -M < '${CMAKE_CURRENT_BINARY_DIR}/merge.mri'"
      COMMAND "${CMAKE_COMMAND}" -E rename $<TARGET_FILE:augur_static>.merged $<TARGET_FILE:augur_static>
      VERBATIM)
  endif()
endif()

set_target_properties(augur_static PROPERTIES OUTPUT_NAME augur LINKER_LANGUAGE C EXPORT_NAME augur)
target_include_directories(augur_static INTERFACE
  $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(augur_static INTERFACE ${_augur_system_libraries})
add_library(augur::augur ALIAS augur_static)

# ---------------------------------------------------------------------------------------------- libaugur.so

if(AUGUR_BUILD_SHARED)
  add_library(augur_shared SHARED ${_augur_inputs})
  set_target_properties(augur_shared PROPERTIES
    OUTPUT_NAME augur LINKER_LANGUAGE C VERSION ${PROJECT_VERSION}
    # The oldest version whose programs it serves.
    SOVERSION ${since_major}.${since_minor})
  target_include_directories(augur_shared INTERFACE
    $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(augur_shared PRIVATE ${AUGUR_XNNPACK_ARCHIVES} ${_augur_system_libraries})
  if(APPLE)
    target_link_options(augur_shared PRIVATE "LINKER:-exported_symbol,_augur_*")
  else()
    set(_augur_exports "${CMAKE_CURRENT_BINARY_DIR}/exports.map")
    file(GENERATE OUTPUT "${_augur_exports}" CONTENT "{ global: augur_*; local: *; };\n")
    target_link_options(augur_shared PRIVATE "LINKER:--version-script=${_augur_exports}")
    if(NOT AUGUR_SANITIZE)
      # Linked as C: this fails if anything of the C++ standard library is referenced.
      target_link_options(augur_shared PRIVATE "LINKER:--no-undefined")
    endif()
  endif()
  add_library(augur::augur_shared ALIAS augur_shared)
endif()

# ------------------------------------------------------------------------------------------------- install

if(AUGUR_INSTALL)
  include(CMakePackageConfigHelpers)
  set(_augur_package "${CMAKE_INSTALL_LIBDIR}/cmake/augur")
  set(_augur_installed augur_static)
  if(AUGUR_BUILD_SHARED)
    list(APPEND _augur_installed augur_shared)
  endif()
  install(TARGETS ${_augur_installed} EXPORT augurTargets
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(DIRECTORY include/augur DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h" PATTERN "*.hpp")
  install(EXPORT augurTargets NAMESPACE augur:: DESTINATION ${_augur_package})
  set(_augur_config_version "${CMAKE_CURRENT_BINARY_DIR}/augurConfigVersion.cmake")
  write_basic_package_version_file("${_augur_config_version}" COMPATIBILITY SameMajorVersion)
  # While the major version is 0, a minor version may stop serving an older one.
  file(APPEND "${_augur_config_version}"
    "if(PACKAGE_FIND_VERSION AND PACKAGE_FIND_VERSION VERSION_LESS ${since_major}.${since_minor})\n"
    "  set(PACKAGE_VERSION_COMPATIBLE FALSE)\n"
    "endif()\n")
  file(WRITE "${CMAKE_CURRENT_BINARY_DIR}/augurConfig.cmake"
    "# augur::augur (static) and, if it was built, augur::augur_shared.\n"
    "include(CMakeFindDependencyMacro)\n"
    "find_dependency(Threads)\n"
    "include(\"\${CMAKE_CURRENT_LIST_DIR}/augurTargets.cmake\")\n")
  install(FILES "${CMAKE_CURRENT_BINARY_DIR}/augurConfig.cmake" "${_augur_config_version}"
    DESTINATION ${_augur_package})
  install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION ${CMAKE_INSTALL_DATADIR}/licenses/augur)
  get_target_property(_augur_highway_source augur_highway AUGUR_SOURCE)
  install(FILES "${_augur_highway_source}/LICENSE" DESTINATION ${CMAKE_INSTALL_DATADIR}/licenses/augur RENAME Highway)
  install(DIRECTORY "${AUGUR_XNNPACK_PREFIX}/share/licenses/" DESTINATION ${CMAKE_INSTALL_DATADIR}/licenses/augur)
endif()
