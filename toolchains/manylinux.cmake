# The wheel for Linux with glibc 2.28 or newer (manylinux_2_28), compiled by Zig: clang with glibc's headers and symbols of
# that version, and with its own C++ standard library, linked statically. scripts/wheel.sh --manylinux uses this file.
#
# AUGUR_ZIG names the folder with the compilers zig-cc and zig-c++ (toolchains/python/zig.sh). They are for x86-64.
if("$ENV{AUGUR_ZIG}" STREQUAL "")
  message(FATAL_ERROR "AUGUR_ZIG is not set: build this wheel with sh scripts/wheel.sh --manylinux")
endif()
set(CMAKE_C_COMPILER "$ENV{AUGUR_ZIG}/zig-cc")
set(CMAKE_CXX_COMPILER "$ENV{AUGUR_ZIG}/zig-c++")
set(AUGUR_COMPILER_IS_ZIG ON)
