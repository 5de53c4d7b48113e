# Makes libaugur.a and libaugur.so of augur_objects and XNNPACK; included by runtime/CMakeLists.txt.
#
# libaugur.a must be usable alone, next to another XNNPACK or FlatBuffers in the same app. Therefore augur_objects and
# what they use of XNNPACK are merged into one object that shows nothing but the C API (AugurOneObject.cmake). Each
# function keeps a section of its own, so that an app's link can still drop what it does not use.
#
# On Apple's systems the archives are put together instead, and XNNPACK's names stay visible to the app's linker.

include(AugurExports)
include(AugurOneObject)

set(_augur_inputs $<TARGET_OBJECTS:augur_objects>)
set(_augur_system_libraries m Threads::Threads)
if(ANDROID)
  list(APPEND _augur_system_libraries log)  # for XNNPACK and cpuinfo, if they are built so that they write messages
endif()

# ----------------------------------------------------------------------------------------------- libaugur.a

set(AUGUR_RELOCATABLE_LINKER "" CACHE FILEPATH
  "GNU ld or lld for merging libaugur.a into one object; empty: the toolchain's own")
option(AUGUR_ISOLATE_SYMBOLS "Hide all names in libaugur.a but augur_*" ON)

set(_augur_linker "")
if(AUGUR_ISOLATE_SYMBOLS AND NOT APPLE)
  set(_augur_report "")
  if(AUGUR_RELOCATABLE_LINKER)
    set(_augur_linkers "${AUGUR_RELOCATABLE_LINKER}")
  else()
    augur_linkers_of_toolchain(_augur_linkers)
  endif()
  if(CMAKE_OBJCOPY AND CMAKE_READELF)
    augur_find_relocatable_linker(_augur_linker _augur_report OBJCOPY "${CMAKE_OBJCOPY}" CANDIDATES ${_augur_linkers})
  else()
    set(_augur_report "  There is no objcopy or no readelf (CMAKE_OBJCOPY, CMAKE_READELF).\n")
  endif()
  if(NOT _augur_linker)
    message(FATAL_ERROR
      "libaugur.a cannot be made so that it shows only augur_*: no linker here can merge it into one object.\n"
      "Tried:\n${_augur_report}"
      "Needed, for the target's object files: GNU ld (binutils 2.29 or newer) with any objcopy, lld 19 or newer with any "
      "objcopy, or an older lld with llvm-objcopy.\n"
      "Either install one of these and configure with -DAUGUR_RELOCATABLE_LINKER=<ld or ld.lld> and "
      "-DCMAKE_OBJCOPY=<objcopy or llvm-objcopy>, or configure "
      "with -DAUGUR_ISOLATE_SYMBOLS=OFF: libaugur.a then shows the names of XNNPACK, pthreadpool and cpuinfo, and "
      "must not be linked into a program that has one of these already. See docs/porting.md.")
  endif()
  message(STATUS "libaugur.a is merged by ${_augur_linker}")
endif()

if(_augur_linker)
  set(_augur_one_object "${CMAKE_CURRENT_BINARY_DIR}/augur.o")
  augur_one_object("${_augur_one_object}" LINKER "${_augur_linker}" OBJCOPY "${CMAKE_OBJCOPY}"
    DEPENDS augur_objects INPUTS ${_augur_inputs} ${AUGUR_XNNPACK_ARCHIVES})
  add_library(augur_static STATIC "${_augur_one_object}")
else()
  add_library(augur_static STATIC ${_augur_inputs})
  if(APPLE)
    find_program(CMAKE_LIBTOOL libtool REQUIRED)
    add_custom_command(TARGET augur_static POST_BUILD
      COMMAND "${CMAKE_LIBTOOL}" -static -o $<TARGET_FILE:augur_static>.merged $<TARGET_FILE:augur_static> ${AUGUR_XNNPACK_ARCHIVES}
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
  set_target_properties(augur_shared PROPERTIES OUTPUT_NAME augur)
  # An app and a wheel take the library alone, without a version in its name.
  if(NOT ANDROID AND NOT IOS AND NOT AUGUR_WHEEL)
    set_target_properties(augur_shared PROPERTIES VERSION ${PROJECT_VERSION}
      # The oldest version whose programs it serves.
      SOVERSION ${since_major}.${since_minor})
  endif()
  target_include_directories(augur_shared INTERFACE
    $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(augur_shared PRIVATE ${AUGUR_XNNPACK_ARCHIVES} ${_augur_system_libraries})
  augur_export_only(augur_shared augur_*)
  if(ANDROID)
    target_link_options(augur_shared PRIVATE "LINKER:-Map=${PROJECT_BINARY_DIR}/libaugur.map")  # for scripts/size.py
  endif()
  augur_strip(augur_shared)
  add_library(augur::augur_shared ALIAS augur_shared)
  if(AUGUR_WHEEL)
    augur_wheel_library(augur_shared)
  endif()
endif()

# ------------------------------------------------------------------------------------------------ licences

# One file for each licence of what is in libaugur: for `cmake --install`, and for scripts/notice.py, which makes NOTICE
# of them.
set(AUGUR_LICENCES "${PROJECT_BINARY_DIR}/licences")
file(REMOVE_RECURSE "${AUGUR_LICENCES}")
file(COPY "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${AUGUR_LICENCES}")
file(COPY "${AUGUR_XNNPACK_PREFIX}/share/licenses/" DESTINATION "${AUGUR_LICENCES}")
configure_file("${PROJECT_SOURCE_DIR}/common/FARMHASH-LICENSE" "${AUGUR_LICENCES}/FarmHash" COPYONLY)
configure_file("${PROJECT_SOURCE_DIR}/schema/FLATBUFFERS-LICENSE" "${AUGUR_LICENCES}/FlatBuffers" COPYONLY)
get_target_property(_augur_highway_source augur_highway AUGUR_SOURCE)
configure_file("${_augur_highway_source}/LICENSE" "${AUGUR_LICENCES}/Highway" COPYONLY)

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
  install(FILES "${PROJECT_SOURCE_DIR}/NOTICE" DESTINATION ${CMAKE_INSTALL_DATADIR}/licenses/augur)
  install(DIRECTORY "${AUGUR_LICENCES}/" DESTINATION ${CMAKE_INSTALL_DATADIR}/licenses/augur)
endif()
