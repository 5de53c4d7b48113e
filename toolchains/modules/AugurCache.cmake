# Third-party sources and builds are kept in a cache folder outside the checkout, so that each is fetched and built
# once per machine. augur_source() returns a pinned source tree, augur_cached_build() an installed build.
#
#     <cache>/downloads/   tarballs
#     <cache>/src/         extracted sources, by name and version
#     <cache>/built/       installed builds, by name, version, compiler and a hash of all flags

if(DEFINED ENV{AUGUR_CACHE} AND NOT "$ENV{AUGUR_CACHE}" STREQUAL "")
  set(_augur_cache "$ENV{AUGUR_CACHE}")
elseif(DEFINED ENV{XDG_CACHE_HOME} AND NOT "$ENV{XDG_CACHE_HOME}" STREQUAL "")
  set(_augur_cache "$ENV{XDG_CACHE_HOME}/augur")
else()
  set(_augur_cache "$ENV{HOME}/.cache/augur")
endif()
set(AUGUR_CACHE "${_augur_cache}" CACHE PATH "Where third-party sources and builds are kept")
file(TO_CMAKE_PATH "${AUGUR_CACHE}" AUGUR_CACHE)

set(AUGUR_THIRD_PARTY_DIR "${CMAKE_CURRENT_LIST_DIR}/../third-party")
get_filename_component(AUGUR_THIRD_PARTY_DIR "${AUGUR_THIRD_PARTY_DIR}" ABSOLUTE)

# augur_prefix_maps(<out> [<folder>=<name>...]): the compiler options that write <name> in place of <folder>, and short
# names in place of the folders of the cache, of the NDK and of Apple's SDK, into debug information and __FILE__. Of
# several that fit, the compiler takes the last one, so that a folder must stand before those in it.
function(augur_prefix_maps out)
  set(maps ${ARGN} "${AUGUR_CACHE}=augur-cache")
  if(AUGUR_ANDROID_NDK)
    list(APPEND maps "${AUGUR_ANDROID_NDK}=ndk")
  elseif(CMAKE_ANDROID_NDK)  # Gradle gives CMake the NDK's toolchain file
    list(APPEND maps "${CMAKE_ANDROID_NDK}=ndk")
  endif()
  if(IOS)
    list(APPEND maps "${CMAKE_OSX_SYSROOT}=sdk")
  endif()
  list(TRANSFORM maps PREPEND "-ffile-prefix-map=")
  set(${out} "${maps}" PARENT_SCOPE)
endfunction()

# augur_pin(<name>): sets <name>_version, _pool_path, _pool_sha256, _url, _url_hash, _package and _rolling from pins.txt.
function(augur_pin name)
  file(STRINGS "${AUGUR_THIRD_PARTY_DIR}/pins.txt" line REGEX "^${name} ")
  if(line STREQUAL "")
    message(FATAL_ERROR "toolchains/third-party/pins.txt has no line for ${name}.")
  endif()
  string(REGEX REPLACE "[ \t]+" ";" fields "${line}")
  list(GET fields 1 version)
  list(GET fields 2 pool_path)
  list(GET fields 3 pool_sha256)
  list(GET fields 4 url)
  list(GET fields 5 url_hash)
  list(GET fields 6 package)
  set(rolling OFF)
  if(pool_path MATCHES "^~rolling:(.*)$")
    set(rolling ON)
    set(pool_path "${CMAKE_MATCH_1}")
  endif()
  foreach(field IN ITEMS version pool_path pool_sha256 url url_hash package rolling)
    set(${name}_${field} "${${field}}" PARENT_SCOPE)
  endforeach()
endfunction()

# augur_package_missing(<name>): on Debian and systems derived from it, stops and names the package if there is one.
# Elsewhere the caller goes on and takes the pinned sources.
function(augur_package_missing name)
  augur_pin(${name})
  if(EXISTS /etc/debian_version AND NOT ${name}_package STREQUAL "-" AND NOT AUGUR_${name}_SOURCE_DIR)
    string(REPLACE "," " " package "${${name}_package}")
    message(FATAL_ERROR "${name} is not here. Debian has it:\n  apt-get install ${package}\n"
      "or configure with -DAUGUR_${name}_SOURCE_DIR=<extracted sources>.")
  endif()
endfunction()

# Puts the tarball of `name` into <cache>/downloads and sets <out> to its path.
function(_augur_download name out)
  augur_pin(${name})
  set(downloads "${AUGUR_CACHE}/downloads")
  file(MAKE_DIRECTORY "${downloads}")
  set(reasons "")

  if(NOT ${name}_pool_path STREQUAL "-" AND EXISTS /usr/lib/apt/apt-helper)
    get_filename_component(file "${${name}_pool_path}" NAME)
    set(tarball "${downloads}/${file}")
    if(EXISTS "${tarball}")
      set(${out} "${tarball}" PARENT_SCOPE)
      return()
    endif()
    message(STATUS "Fetching ${name} ${${name}_version} from the Debian archive")
    set(rolling "")
    if(${name}_rolling)
      set(rolling --rolling)
    endif()
    execute_process(
      COMMAND sh "${AUGUR_THIRD_PARTY_DIR}/fetch-debian.sh" ${rolling} "${${name}_pool_path}"
              "${${name}_pool_sha256}" "${tarball}"
      RESULT_VARIABLE result ERROR_VARIABLE errors OUTPUT_QUIET)
    if(result EQUAL 0)
      set(${out} "${tarball}" PARENT_SCOPE)
      return()
    endif()
    string(APPEND reasons "  Debian archive: ${errors}\n")
  endif()

  if(NOT ${name}_package STREQUAL "-" AND EXISTS /etc/debian_version)
    message(FATAL_ERROR "Cannot fetch ${name} ${${name}_version}:\n${reasons}"
      "Configure with -DAUGUR_${name}_SOURCE_DIR=<extracted sources>.")
  endif()

  string(REGEX MATCH "\\.(tar\\.gz|tar\\.xz|zip)$" extension "${${name}_url}")
  set(tarball "${downloads}/${name}-${${name}_version}${extension}")
  string(REPLACE "=" ";" hash "${${name}_url_hash}")
  list(GET hash 0 algorithm)
  list(GET hash 1 expected)
  set(reason "")
  if(NOT EXISTS "${tarball}")
    message(STATUS "Fetching ${name} ${${name}_version} from upstream")
    file(DOWNLOAD "${${name}_url}" "${tarball}.part" STATUS status INACTIVITY_TIMEOUT 60 TLS_VERIFY ON)
    list(GET status 0 code)
    if(code EQUAL 0)
      file(RENAME "${tarball}.part" "${tarball}")
    else()
      file(REMOVE "${tarball}.part")
      list(GET status 1 reason)
    endif()
  endif()
  if(EXISTS "${tarball}")
    file(${algorithm} "${tarball}" actual)
    if(NOT actual STREQUAL expected)
      file(REMOVE "${tarball}")
      set(reason "its ${algorithm} is ${actual}, expected ${expected}")
    endif()
  endif()
  if(NOT reason STREQUAL "")
    message(FATAL_ERROR
      "Cannot fetch ${name} ${${name}_version}:\n${reasons}  ${${name}_url}: ${reason}\n"
      "Put the tarball at\n  ${tarball}\n"
      "or configure with -DAUGUR_${name}_SOURCE_DIR=<extracted sources>.")
  endif()
  set(${out} "${tarball}" PARENT_SCOPE)
endfunction()

# augur_source(<name> <out>): sets <out> to the folder of the pinned sources of <name>, or to AUGUR_<name>_SOURCE_DIR
# if that is set.
function(augur_source name out)
  if(AUGUR_${name}_SOURCE_DIR)
    set(${out} "${AUGUR_${name}_SOURCE_DIR}" PARENT_SCOPE)
    return()
  endif()
  augur_pin(${name})
  set(folder "${AUGUR_CACHE}/src/${name}-${${name}_version}")
  if(NOT EXISTS "${folder}")
    file(MAKE_DIRECTORY "${AUGUR_CACHE}/src")
    file(LOCK "${folder}.lock" GUARD FUNCTION TIMEOUT 3600)
  endif()
  if(NOT EXISTS "${folder}")
    _augur_download(${name} tarball)
    set(part "${folder}.part")
    file(REMOVE_RECURSE "${part}")
    file(ARCHIVE_EXTRACT INPUT "${tarball}" DESTINATION "${part}")
    # Most tarballs hold one folder, Debian's of XNNPACK holds the files themselves.
    file(GLOB top LIST_DIRECTORIES TRUE "${part}/*")
    list(LENGTH top count)
    if(count EQUAL 1 AND IS_DIRECTORY "${top}")
      file(RENAME "${top}" "${folder}")
      file(REMOVE_RECURSE "${part}")
    else()
      file(RENAME "${part}" "${folder}")
    endif()
  endif()
  set(${out} "${folder}" PARENT_SCOPE)
endfunction()

# The settings of this configuration's compiler, as arguments for a nested CMake build; they are part of its key.
function(_augur_toolchain_arguments out)
  set(arguments "")
  foreach(variable IN ITEMS
      CMAKE_TOOLCHAIN_FILE CMAKE_C_COMPILER CMAKE_CXX_COMPILER CMAKE_C_COMPILER_TARGET
      CMAKE_CXX_COMPILER_TARGET CMAKE_C_FLAGS CMAKE_CXX_FLAGS CMAKE_ASM_FLAGS CMAKE_SYSROOT
      CMAKE_SYSTEM_NAME CMAKE_SYSTEM_PROCESSOR CMAKE_OSX_ARCHITECTURES CMAKE_OSX_DEPLOYMENT_TARGET
      CMAKE_OSX_SYSROOT ANDROID_ABI ANDROID_PLATFORM ANDROID_STL AUGUR_ANDROID_NDK AUGUR_IOS_SDK AUGUR_XCRUN)
    if(variable MATCHES "^CMAKE_SYSTEM_" AND (CMAKE_TOOLCHAIN_FILE OR NOT CMAKE_CROSSCOMPILING))
      continue()  # known from the toolchain file or from the machine itself
    endif()
    if(NOT "${${variable}}" STREQUAL "")
      list(APPEND arguments "-D${variable}=${${variable}}")
    endif()
  endforeach()
  set(${out} "${arguments}" PARENT_SCOPE)
endfunction()

# augur_cached_build(<name> <out> SOURCE <folder> [PINS <name>...] [OPTIONS -D...])
#
# Builds and installs a CMake project with the compiler of this configuration, in release mode and with hidden symbols,
# unless the cache already has it. Sets <out> to the installed prefix. PINS are the pins beside <name> that the result
# depends on.
function(augur_cached_build name out)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "SOURCE" "PINS;OPTIONS")
  _augur_toolchain_arguments(toolchain)

  set(options
    -DCMAKE_BUILD_TYPE=Release -DCMAKE_POSITION_INDEPENDENT_CODE=ON
    -DCMAKE_C_VISIBILITY_PRESET=hidden -DCMAKE_CXX_VISIBILITY_PRESET=hidden
    -DCMAKE_INSTALL_LIBDIR=lib -DBUILD_SHARED_LIBS=OFF -DCMAKE_POLICY_VERSION_MINIMUM=3.5
    ${arg_OPTIONS})
  set(key "${toolchain};${options};${CMAKE_C_COMPILER_ID} ${CMAKE_C_COMPILER_VERSION}")
  string(APPEND key ";${CMAKE_SYSTEM_NAME} ${CMAKE_SYSTEM_PROCESSOR}")
  foreach(pin IN LISTS arg_PINS ITEMS ${name})
    augur_pin(${pin})
    string(APPEND key ";${pin} ${${pin}_version} ${${pin}_url_hash} ${AUGUR_${pin}_SOURCE_DIR}")
  endforeach()
  file(GLOB recipe "${AUGUR_THIRD_PARTY_DIR}/${name}/*")
  if(CMAKE_TOOLCHAIN_FILE)
    list(APPEND recipe "${CMAKE_TOOLCHAIN_FILE}")
  endif()
  foreach(file IN LISTS recipe)
    file(SHA256 "${file}" hash)
    string(APPEND key ";${hash}")
  endforeach()
  if(CMAKE_TOOLCHAIN_FILE)
    string(APPEND key ";mapped paths")  # an NDK compiles with -g, and archives of before have this machine's paths
    if(ANDROID)
      string(APPEND key ";those of -include, too")
    endif()
  endif()
  # The key must not depend on where the checkout and the cache are.
  string(REPLACE "${AUGUR_THIRD_PARTY_DIR}" "" key "${key}")
  string(REPLACE "${PROJECT_SOURCE_DIR}" "" key "${key}")
  string(REPLACE "${AUGUR_CACHE}" "" key "${key}")
  string(SHA256 hash "${key}")
  string(SUBSTRING "${hash}" 0 12 hash)
  string(TOLOWER "${CMAKE_C_COMPILER_ID}-${CMAKE_C_COMPILER_VERSION}-${CMAKE_SYSTEM_PROCESSOR}" compiler)
  set(label "${name}-${${name}_version}-${compiler}-${hash}")
  set(prefix "${AUGUR_CACHE}/built/${label}")
  set(${out} "${prefix}" PARENT_SCOPE)
  if(EXISTS "${prefix}")
    return()
  endif()

  file(MAKE_DIRECTORY "${AUGUR_CACHE}/built")
  file(LOCK "${prefix}.lock" GUARD FUNCTION TIMEOUT 7200)
  if(EXISTS "${prefix}")
    return()  # another process has built it meanwhile
  endif()
  set(log "${prefix}.log")
  message(STATUS "Building ${name} ${${name}_version} for ${CMAKE_SYSTEM_NAME} ${CMAKE_SYSTEM_PROCESSOR} (once; log: ${log})")
  string(TIMESTAMP begin "%s")
  set(work "${prefix}.work")
  file(REMOVE_RECURSE "${work}" "${prefix}.part")
  set(jobs "$ENV{CMAKE_BUILD_PARALLEL_LEVEL}")
  if(NOT jobs)
    cmake_host_system_information(RESULT jobs QUERY NUMBER_OF_LOGICAL_CORES)
  endif()
  set(generator -G "${CMAKE_GENERATOR}")
  if(CMAKE_MAKE_PROGRAM)
    list(APPEND generator "-DCMAKE_MAKE_PROGRAM=${CMAKE_MAKE_PROGRAM}")
  endif()
  # The paths of this machine stay out of the archives. ccache may make the recipe's own sources relative; clang writes
  # "./" before such a path that -include has.
  set(recipe_name "augur/toolchains/third-party")
  file(RELATIVE_PATH way_to_recipe "${work}" "${AUGUR_THIRD_PARTY_DIR}")
  augur_prefix_maps(maps "${AUGUR_THIRD_PARTY_DIR}=${recipe_name}" "${way_to_recipe}=${recipe_name}"
    "./${way_to_recipe}=${recipe_name}")
  list(TRANSFORM maps REPLACE "(.+)" "add_compile_options(\"\\1\")\n")
  list(JOIN maps "" maps)
  file(WRITE "${work}/prefix-maps.cmake" "${maps}")
  execute_process(
    COMMAND "${CMAKE_COMMAND}" -S "${arg_SOURCE}" -B "${work}" ${generator} ${toolchain} ${options}
            "-DCMAKE_PROJECT_INCLUDE=${work}/prefix-maps.cmake" "-DCMAKE_INSTALL_PREFIX=${prefix}.part"
    RESULT_VARIABLE result OUTPUT_FILE "${log}" ERROR_FILE "${log}")
  if(result EQUAL 0)
    execute_process(
      COMMAND "${CMAKE_COMMAND}" --build "${work}" --target install --config Release --parallel ${jobs}
      RESULT_VARIABLE result OUTPUT_FILE "${log}" ERROR_FILE "${log}")
  endif()
  if(NOT result EQUAL 0)
    file(READ "${log}" text)
    string(LENGTH "${text}" length)
    if(length GREATER 4000)
      math(EXPR from "${length} - 4000")
      string(SUBSTRING "${text}" ${from} -1 text)
    endif()
    message(FATAL_ERROR "Building ${name} failed; the end of ${log}:\n${text}")
  endif()
  file(RENAME "${prefix}.part" "${prefix}")
  file(REMOVE_RECURSE "${work}")
  string(TIMESTAMP end "%s")
  math(EXPR seconds "${end} - ${begin}")
  message(STATUS "Building ${name} took ${seconds} s; it is kept in ${prefix}")
endfunction()
