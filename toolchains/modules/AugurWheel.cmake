# The Python package's compiled parts alone: libaugur and the commands, as they lie in the wheel. CMakeLists.txt includes
# this file before project() if AUGUR_WHEEL is set, which pyproject.toml does.
#
#   augur_wheel_library(<target>)    installs a library into augur_rank/lib
#   augur_wheel_command(<target>)    installs a program into augur_rank/bin
#
# What is installed needs only libc, libm and the loader: zlib and libzip are linked statically, of the pinned sources, and
# so is the C++ standard library, because that of an older machine would lack symbols of this compiler's.

# Nobody but the commands uses libaugur.a here, so that its symbols need not be hidden.
set(AUGUR_ISOLATE_SYMBOLS OFF CACHE BOOL "Hide all names in libaugur.a but augur_*")
foreach(_augur_option IN ITEMS AUGUR_BUILD_TESTS AUGUR_BUILD_BENCH AUGUR_BUILD_EXAMPLES AUGUR_BUILD_JNI AUGUR_INSTALL
    AUGUR_WARNINGS_AS_ERRORS)  # the last: the compiler may be newer than this code
  set(${_augur_option} OFF CACHE STRING "Off in a wheel")
endforeach()

# What is missing, before project() and the search for each library fail with one message after the other.
set(_augur_missing "")
set(_augur_packages "")
foreach(_augur_language IN ITEMS "C++:CXX:c++:g++:clang++" "C:CC:cc:gcc:clang")
  string(REPLACE ":" ";" _augur_names "${_augur_language}")
  list(POP_FRONT _augur_names _augur_language _augur_variable)
  if(NOT "$ENV{${_augur_variable}}" STREQUAL "")  # scikit-build-core names the one that Python was built with
    separate_arguments(_augur_names UNIX_COMMAND "$ENV{${_augur_variable}}")
    list(GET _augur_names 0 _augur_names)
  endif()
  unset(_augur_compiler)
  find_program(_augur_compiler NAMES ${_augur_names} NO_CACHE)
  if(NOT _augur_compiler AND NOT CMAKE_C_COMPILER AND NOT CMAKE_CXX_COMPILER AND NOT CMAKE_TOOLCHAIN_FILE)
    list(JOIN _augur_names ", " _augur_names)
    list(APPEND _augur_missing "a compiler for ${_augur_language} (${_augur_names})")
    list(APPEND _augur_packages g++)
  endif()
endforeach()
if(EXISTS /etc/debian_version)  # elsewhere pinned sources are taken
  foreach(_augur_header IN ITEMS flatbuffers/flatbuffers.h:flatbuffers:libflatbuffers-dev CLI/CLI.hpp:cli11:libcli11-dev
      nlohmann/json.hpp:nlohmann:nlohmann-json3-dev)
    string(REPLACE ":" ";" _augur_header "${_augur_header}")
    list(GET _augur_header 0 _augur_file)
    list(GET _augur_header 1 _augur_pin)
    list(GET _augur_header 2 _augur_package)
    if(NOT EXISTS "/usr/include/${_augur_file}" AND NOT EXISTS "/usr/local/include/${_augur_file}"
        AND NOT AUGUR_${_augur_pin}_INCLUDE_DIR AND NOT AUGUR_${_augur_pin}_SOURCE_DIR)
      list(APPEND _augur_missing "${_augur_file}")
      list(APPEND _augur_packages ${_augur_package})
    endif()
  endforeach()
  unset(_augur_flatc)
  find_program(_augur_flatc flatc NO_CACHE)
  if(NOT _augur_flatc AND NOT AUGUR_FLATC AND NOT AUGUR_flatbuffers_SOURCE_DIR)
    list(APPEND _augur_missing flatc)
    list(APPEND _augur_packages flatbuffers-compiler)
  endif()
endif()
if(_augur_missing)
  list(JOIN _augur_missing ", " _augur_missing)
  list(REMOVE_DUPLICATES _augur_packages)
  list(JOIN _augur_packages " " _augur_packages)
  message(FATAL_ERROR "To build Augur's Python package, this is missing: ${_augur_missing}.\n"
    "On Debian and Ubuntu, install it with\n  apt-get install ${_augur_packages}\n"
    "and run pip again. Elsewhere, install a compiler for C++17. A wheel that somebody has built needs none of this.")
endif()

# _augur_link_alone(<target>): without a shared C++ standard library. Zig links its own statically.
function(_augur_link_alone target)
  if(NOT APPLE AND NOT AUGUR_COMPILER_IS_ZIG)
    target_link_options(${target} PRIVATE -static-libgcc $<$<LINK_LANGUAGE:CXX>:-static-libstdc++>)
  endif()
endfunction()

function(augur_wheel_library target)
  _augur_link_alone(${target})
  install(TARGETS ${target} LIBRARY DESTINATION augur_rank/lib COMPONENT wheel)
endfunction()

function(augur_wheel_command target)
  _augur_link_alone(${target})
  install(TARGETS ${target} RUNTIME DESTINATION augur_rank/bin COMPONENT wheel)
endfunction()
