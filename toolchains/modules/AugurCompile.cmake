# How Augur's own code is compiled: the language, warnings, sections, sanitizers. Applies to the directory
# that includes it and those below.

include(AugurCache)

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)

# No -march: the code must run on every processor of the architecture. No -ffast-math: sums must be computed in the
# order in which they are written.
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -ffunction-sections
                    -fdata-sections)
if(AUGUR_WARNINGS_AS_ERRORS)
  add_compile_options(-Werror)
endif()
# The same commit gives the same bytes in every folder: debug information and __FILE__ name files without the folders of
# the checkout, the cache and the NDK. ccache may make paths relative to the build folder, so that these get the same names.
# Release builds only, so that a debugger finds the sources of the others.
file(RELATIVE_PATH _augur_way_to_sources "${PROJECT_BINARY_DIR}" "${PROJECT_SOURCE_DIR}/.")
set(_augur_maps "${PROJECT_SOURCE_DIR}=augur")
if(_augur_way_to_sources MATCHES "^(.+)/$")
  list(APPEND _augur_maps "${CMAKE_MATCH_1}=augur")
endif()
cmake_path(IS_PREFIX PROJECT_SOURCE_DIR "${PROJECT_BINARY_DIR}" _augur_build_is_inside)
if(NOT _augur_build_is_inside)
  list(APPEND _augur_maps "${PROJECT_BINARY_DIR}=augur-build")
endif()
augur_prefix_maps(_augur_prefix_maps ${_augur_maps} "${PROJECT_BINARY_DIR}/=")
foreach(map IN LISTS _augur_prefix_maps)
  add_compile_options("$<$<CONFIG:Release>:${map}>")
endforeach()
if(CMAKE_SIZEOF_VOID_P EQUAL 4)
  add_compile_definitions(_FILE_OFFSET_BITS=64)  # files larger than 2 GiB
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Wno-psabi>)  # a note on 32-bit ARM, about functions that are not public
  # A false warning: with -Os or the sanitizers, GCC 12 takes FlatBuffers' offsets, which lead out of the (empty) C++ type
  # of a table, for reads beyond the end of an object.
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Wno-stringop-overread>)
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang" AND CMAKE_SYSTEM_NAME STREQUAL "Linux")
  # std::stable_sort of GCC 12's library calls a function that the same library declares deprecated.
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Wno-deprecated-declarations>)
endif()
if(ANDROID)
  # Unwind tables that are exact at calls, and from a function's first lines to its last. Those that are exact at every
  # instruction are an eighth larger, and a crash report hardly ever needs them.
  add_compile_options(-fno-asynchronous-unwind-tables)
  add_compile_options(-faddrsig)  # for the linker's --icf=safe (AugurExports.cmake)
endif()
if(APPLE)
  add_link_options(-Wl,-dead_strip)
  if(IOS)
    add_compile_options($<$<CONFIG:Release>:-gline-tables-only>)  # for crash reports; packages are stripped
    set(CMAKE_MACOSX_BUNDLE OFF)  # programs are for a simulator's command line, not apps
  endif()
else()
  add_link_options(-Wl,--gc-sections)
endif()
# To a library that is linked as C, CMake adds the C++ standard library if a file of it is C++. Augur's need none; in an
# APK it would be one more library. What is linked as C++ gets it from the compiler.
if(NOT AUGUR_SANITIZE)
  set(CMAKE_CXX_IMPLICIT_LINK_LIBRARIES "")
endif()
if(AUGUR_WHEEL)  # nor libgcc_s, to programs with an archive of C in them (AugurWheel.cmake)
  set(CMAKE_C_IMPLICIT_LINK_LIBRARIES "")
endif()
if(ANDROID)
  add_link_options(LINKER:--as-needed)
  if(CMAKE_SIZEOF_VOID_P EQUAL 8)
    add_link_options(LINKER:-z,max-page-size=16384)  # Android 15 may have pages of 16 KB
  endif()
endif()

if(AUGUR_SANITIZE)
  string(REPLACE ";" "," sanitizers "${AUGUR_SANITIZE}")
  add_compile_options(-fsanitize=${sanitizers} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${sanitizers})
endif()
if(AUGUR_BUILD_FUZZERS)
  add_compile_options(-fsanitize=fuzzer-no-link)  # libFuzzer needs to know which code of the libraries was reached
endif()
