# Third-party libraries as CMake targets. Those that the runtime needs are defined when this file is included; each of
# the others has a function, which is called where the library is needed:
#
#   augur_xnnpack                  XNNPACK, its micro-kernels, pthreadpool and cpuinfo, static
#   augur_flatbuffers              FlatBuffers headers; AUGUR_FLATC is the schema compiler of the same version
#   augur_need_doctest()           doctest::doctest
#   augur_need_cli11()             CLI11::CLI11
#   augur_need_nlohmann_json()     nlohmann_json::nlohmann_json
#   augur_need_zlib()              ZLIB::ZLIB
#   augur_need_libzip()            augur_libzip
#   augur_need_benchmark()         benchmark::benchmark
#   augur_need_highway()           augur_highway, headers
#
# Header-only libraries come from the system. On Debian their packages must be installed; on other systems the pinned
# sources are used if a library is not installed. Each library gets a folder of its own below <build>/third-party, with a
# symbolic link to the headers, because /usr/include must not be on the include path of a cross compiler.

include(AugurCache)
find_package(Threads REQUIRED)

# ------------------------------------------------------------------------------------- header-only packages

# _augur_headers(<target> <pin> <folder> <header> <folder within the pinned sources>)
function(_augur_headers target pin folder header source_subfolder)
  if(TARGET ${target})
    return()
  endif()
  string(MAKE_C_IDENTIFIER "AUGUR_${pin}_INCLUDE_DIR" variable)
  find_path(${variable} "${folder}/${header}" NO_CMAKE_FIND_ROOT_PATH
    PATHS /usr/include /usr/local/include /opt/homebrew/include
    DOC "Folder that holds ${folder}/${header}")
  mark_as_advanced(${variable})
  set(origin "${${variable}}")
  if(NOT origin)
    augur_package_missing(${pin})
    augur_source(${pin} sources)
    set(origin "${sources}/${source_subfolder}")
  endif()
  set(links "${PROJECT_BINARY_DIR}/third-party/${pin}")
  file(REMOVE_RECURSE "${links}")
  file(MAKE_DIRECTORY "${links}")
  file(CREATE_LINK "${origin}/${folder}" "${links}/${folder}" SYMBOLIC COPY_ON_ERROR)
  add_library(${target} INTERFACE IMPORTED GLOBAL)
  set_target_properties(${target} PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${links}" INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${links}")
endfunction()

function(augur_need_doctest)
  _augur_headers(doctest::doctest doctest doctest doctest.h "")
endfunction()

function(augur_need_cli11)
  _augur_headers(CLI11::CLI11 cli11 CLI CLI.hpp include)
  # Reading the command line runs once, and optimising it takes half of the compile time.
  set_property(TARGET CLI11::CLI11 PROPERTY INTERFACE_COMPILE_OPTIONS $<$<CONFIG:Release>:-O1>)
endfunction()

function(augur_need_nlohmann_json)
  _augur_headers(nlohmann_json::nlohmann_json nlohmann nlohmann json.hpp include)
endfunction()

# -------------------------------------------------------------------------------------------- FlatBuffers

# Sets <out> to the version that flatbuffers/base.h declares.
function(_augur_flatbuffers_header_version folder out)
  set(version "")
  file(STRINGS "${folder}/flatbuffers/base.h" lines REGEX "FLATBUFFERS_VERSION_(MAJOR|MINOR|REVISION) [0-9]+")
  foreach(part IN ITEMS MAJOR MINOR REVISION)
    string(REGEX MATCH "FLATBUFFERS_VERSION_${part} ([0-9]+)" match "${lines}")
    list(APPEND version "${CMAKE_MATCH_1}")
  endforeach()
  list(JOIN version "." version)
  set(${out} "${version}" PARENT_SCOPE)
endfunction()

_augur_headers(augur_flatbuffers flatbuffers flatbuffers flatbuffers.h include)

# flatc runs on this machine, in cross builds too.
find_program(AUGUR_FLATC flatc NO_CMAKE_FIND_ROOT_PATH DOC "FlatBuffers' schema compiler")
if(NOT AUGUR_FLATC)
  augur_package_missing(flatbuffers)
  augur_source(flatbuffers flatbuffers_sources)
  augur_pin(flatbuffers)
  set(flatc_prefix "${AUGUR_CACHE}/built/flatc-${flatbuffers_version}-${CMAKE_HOST_SYSTEM_NAME}-${CMAKE_HOST_SYSTEM_PROCESSOR}")
  if(NOT EXISTS "${flatc_prefix}/bin/flatc")
    message(STATUS "Building flatc ${flatbuffers_version} (once)")
    # Built for this machine, so without this configuration's compiler and toolchain settings.
    set(work "${flatc_prefix}.work")
    file(REMOVE_RECURSE "${work}")
    execute_process(
      COMMAND "${CMAKE_COMMAND}" -G "${CMAKE_GENERATOR}" "-DCMAKE_MAKE_PROGRAM=${CMAKE_MAKE_PROGRAM}"
              -S "${flatbuffers_sources}" -B "${work}" -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS=-w
              -DFLATBUFFERS_BUILD_TESTS=OFF -DCMAKE_POLICY_VERSION_MINIMUM=3.5
      RESULT_VARIABLE result OUTPUT_VARIABLE text ERROR_VARIABLE text)
    if(result EQUAL 0)
      execute_process(COMMAND "${CMAKE_COMMAND}" --build "${work}" --target flatc --config Release --parallel
        RESULT_VARIABLE result OUTPUT_VARIABLE text ERROR_VARIABLE text)
    endif()
    if(NOT result EQUAL 0)
      message(FATAL_ERROR "Building flatc failed:\n${text}")
    endif()
    find_program(_augur_built_flatc flatc PATHS "${work}" PATH_SUFFIXES Release
      NO_DEFAULT_PATH NO_CACHE REQUIRED NO_CMAKE_FIND_ROOT_PATH)
    file(COPY "${_augur_built_flatc}" DESTINATION "${flatc_prefix}/bin")
    file(REMOVE_RECURSE "${work}")
  endif()
  set(AUGUR_FLATC "${flatc_prefix}/bin/flatc" CACHE FILEPATH "FlatBuffers' schema compiler" FORCE)
endif()

execute_process(COMMAND "${AUGUR_FLATC}" --version OUTPUT_VARIABLE flatc_version RESULT_VARIABLE result)
string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+" flatc_version "${flatc_version}")
_augur_flatbuffers_header_version("${PROJECT_BINARY_DIR}/third-party/flatbuffers" headers_version)
if(NOT result EQUAL 0 OR NOT flatc_version VERSION_EQUAL headers_version)
  message(FATAL_ERROR
    "FlatBuffers' compiler and headers must be of one version, but ${AUGUR_FLATC} is '${flatc_version}' and the "
    "headers are '${headers_version}'.\n"
    "Set AUGUR_FLATC to the matching flatc, or AUGUR_flatbuffers_INCLUDE_DIR to the folder of the matching "
    "headers (on Debian: packages flatbuffers-compiler and libflatbuffers-dev).")
endif()
message(STATUS "FlatBuffers ${flatc_version}: ${AUGUR_FLATC}")

# ------------------------------------------------------------------------------------------------ XNNPACK

# The target's headers, whose warnings are not this project's.
function(_augur_set_headers target folder)
  set_target_properties(${target} PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${folder}" INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${folder}")
endfunction()

function(_augur_import_archive target file)
  add_library(${target} STATIC IMPORTED GLOBAL)
  set_target_properties(${target} PROPERTIES IMPORTED_LOCATION "${file}" IMPORTED_LINK_INTERFACE_LANGUAGES C)
endfunction()

augur_source(xnnpack AUGUR_XNNPACK_SOURCE)
augur_source(cpuinfo _augur_cpuinfo)
augur_source(fxdiv _augur_fxdiv)
augur_source(pthreadpool _augur_pthreadpool)
augur_cached_build(xnnpack AUGUR_XNNPACK_PREFIX
  SOURCE "${AUGUR_THIRD_PARTY_DIR}/xnnpack"
  PINS cpuinfo fxdiv pthreadpool
  OPTIONS "-DXNNPACK_SOURCE=${AUGUR_XNNPACK_SOURCE}" "-DCPUINFO_SOURCE_DIR=${_augur_cpuinfo}"
          "-DFXDIV_SOURCE_DIR=${_augur_fxdiv}" "-DPTHREADPOOL_SOURCE_DIR=${_augur_pthreadpool}")

# In link order.
set(AUGUR_XNNPACK_ARCHIVES "")
add_library(augur_xnnpack INTERFACE IMPORTED GLOBAL)
foreach(library IN ITEMS XNNPACK microkernels-prod pthreadpool cpuinfo)
  set(archive "${AUGUR_XNNPACK_PREFIX}/lib/lib${library}.a")
  _augur_import_archive(augur_archive_${library} "${archive}")
  target_link_libraries(augur_xnnpack INTERFACE augur_archive_${library})
  list(APPEND AUGUR_XNNPACK_ARCHIVES "${archive}")
endforeach()
_augur_set_headers(augur_xnnpack "${AUGUR_XNNPACK_PREFIX}/include")
target_link_libraries(augur_xnnpack INTERFACE m Threads::Threads)

# ------------------------------------------------------------------------------------------------ Highway

# Only the headers are used. Highway's library, which needs the C++ standard library, is not needed, because the runtime
# chooses among instruction sets itself. Debian 12's package is too old.
function(augur_need_highway)
  if(TARGET augur_highway)
    return()
  endif()
  augur_source(highway sources)
  add_library(augur_highway INTERFACE IMPORTED GLOBAL)
  set_target_properties(augur_highway PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${sources}" INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${sources}"
    AUGUR_SOURCE "${sources}")
endfunction()

# --------------------------------------------------------------------------- ------ zlib, libzip, Google Benchmark

function(augur_need_zlib)
  if(TARGET ZLIB::ZLIB)
    return()
  endif()
  if(NOT CMAKE_CROSSCOMPILING AND NOT AUGUR_WHEEL)
    find_package(ZLIB QUIET GLOBAL)
    if(TARGET ZLIB::ZLIB)
      return()
    endif()
    augur_package_missing(zlib)
  endif()
  augur_source(zlib sources)
  augur_cached_build(zlib prefix SOURCE "${AUGUR_THIRD_PARTY_DIR}/zlib" OPTIONS "-DZLIB_SOURCE=${sources}")
  _augur_import_archive(ZLIB::ZLIB "${prefix}/lib/libz.a")
  _augur_set_headers(ZLIB::ZLIB "${prefix}/include")
endfunction()

# _augur_system_library(<target> <pin> <header> <library>): the machine's own library, unless this is a cross build or
# for a wheel; there is no such target afterwards if it has none.
function(_augur_system_library target pin header library)
  if(CMAKE_CROSSCOMPILING OR AUGUR_WHEEL)
    return()
  endif()
  find_path(AUGUR_${pin}_INCLUDE_DIR "${header}" DOC "Folder that holds ${header}")
  find_library(AUGUR_${pin}_LIBRARY "${library}" DOC "The library ${library}")
  mark_as_advanced(AUGUR_${pin}_INCLUDE_DIR AUGUR_${pin}_LIBRARY)
  if(NOT AUGUR_${pin}_INCLUDE_DIR OR NOT AUGUR_${pin}_LIBRARY)
    augur_package_missing(${pin})
    return()
  endif()
  add_library(${target} UNKNOWN IMPORTED GLOBAL)
  set_target_properties(${target} PROPERTIES IMPORTED_LOCATION "${AUGUR_${pin}_LIBRARY}")
  _augur_set_headers(${target} "${AUGUR_${pin}_INCLUDE_DIR}")
endfunction()

# libzip reads .npz files. Its package's own CMake files want the package of its tools.
function(augur_need_libzip)
  if(NOT TARGET augur_libzip)
    _augur_system_library(augur_libzip libzip zip.h zip)
  endif()
  if(TARGET augur_libzip)
    return()
  endif()
  augur_need_zlib()
  get_target_property(zlib ZLIB::ZLIB IMPORTED_LOCATION)
  get_target_property(zlib_headers ZLIB::ZLIB INTERFACE_INCLUDE_DIRECTORIES)
  augur_source(libzip sources)
  set(off COMMONCRYPTO GNUTLS MBEDTLS OPENSSL WINDOWS_CRYPTO BZIP2 LZMA)
  list(TRANSFORM off REPLACE "(.+)" "-DENABLE_\\1=OFF")
  augur_cached_build(libzip prefix SOURCE "${sources}" PINS zlib
    OPTIONS "-DZLIB_LIBRARY=${zlib}" "-DZLIB_INCLUDE_DIR=${zlib_headers}" ${off} -DBUILD_TOOLS=OFF
            -DBUILD_REGRESS=OFF -DBUILD_EXAMPLES=OFF -DBUILD_DOC=OFF)
  _augur_import_archive(augur_libzip "${prefix}/lib/libzip.a")
  _augur_set_headers(augur_libzip "${prefix}/include")
  set_target_properties(augur_libzip PROPERTIES INTERFACE_LINK_LIBRARIES ZLIB::ZLIB)
endfunction()

function(augur_need_benchmark)
  if(TARGET benchmark::benchmark)
    return()
  endif()
  if(NOT CMAKE_CROSSCOMPILING AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    find_package(benchmark QUIET GLOBAL)
    if(TARGET benchmark::benchmark)
      return()
    endif()
    augur_package_missing(benchmark)
  endif()
  augur_source(benchmark sources)
  augur_cached_build(benchmark prefix SOURCE "${sources}"
    OPTIONS -DBENCHMARK_ENABLE_TESTING=OFF -DBENCHMARK_ENABLE_GTEST_TESTS=OFF -DBENCHMARK_INSTALL_DOCS=OFF
            -DBENCHMARK_ENABLE_WERROR=OFF -DHAVE_STD_REGEX=1 -DRUN_HAVE_STD_REGEX=1
            -DHAVE_STEADY_CLOCK=1 -DRUN_HAVE_STEADY_CLOCK=1)
  _augur_import_archive(benchmark::benchmark "${prefix}/lib/libbenchmark.a")
  set_target_properties(benchmark::benchmark PROPERTIES
    IMPORTED_LINK_INTERFACE_LANGUAGES CXX
    INTERFACE_COMPILE_DEFINITIONS BENCHMARK_STATIC_DEFINE
    INTERFACE_LINK_LIBRARIES Threads::Threads)
  _augur_set_headers(benchmark::benchmark "${prefix}/include")
endfunction()
