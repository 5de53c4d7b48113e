# Shared by the Linux cross toolchains, which set AUGUR_CROSS_TRIPLE and AUGUR_CROSS_EMULATOR: clang, which compiles for
# phones too, with the headers and libraries of Debian's cross GCC (below /usr/<triple>), and the emulator that runs the
# tests.
set(_augur_llvm /usr/lib/llvm-19/bin)
set(_augur_packages "")
if(NOT IS_DIRECTORY "/usr/${AUGUR_CROSS_TRIPLE}/include/c++")
  list(APPEND _augur_packages g++-${AUGUR_CROSS_TRIPLE})
endif()
foreach(_augur_tool IN ITEMS clang clang++ ld.lld llvm-ar)
  if(NOT EXISTS "${_augur_llvm}/${_augur_tool}")
    string(REGEX REPLACE "^(clang|lld|llvm).*" "\\1-19" _augur_package "${_augur_tool}")
    string(REPLACE "ld.lld" "lld-19" _augur_package "${_augur_package}")
    list(APPEND _augur_packages ${_augur_package})
  endif()
endforeach()
if(_augur_packages)
  list(REMOVE_DUPLICATES _augur_packages)
  list(JOIN _augur_packages " " _augur_packages)
  message(FATAL_ERROR
    "Packages for cross builds for ${AUGUR_CROSS_TRIPLE} are not installed. On Debian: "
    "apt-get install ${_augur_packages} qemu-user")
endif()

set(CMAKE_C_COMPILER "${_augur_llvm}/clang")
set(CMAKE_CXX_COMPILER "${_augur_llvm}/clang++")
foreach(_augur_language IN ITEMS C CXX ASM)
  set(CMAKE_${_augur_language}_COMPILER_TARGET ${AUGUR_CROSS_TRIPLE})
endforeach()
foreach(_augur_kind IN ITEMS EXE SHARED MODULE)
  set(CMAKE_${_augur_kind}_LINKER_FLAGS_INIT "-fuse-ld=lld")
endforeach()

set(CMAKE_FIND_ROOT_PATH "/usr/${AUGUR_CROSS_TRIPLE}")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

find_program(AUGUR_CROSS_EMULATOR_PROGRAM NAMES ${AUGUR_CROSS_EMULATOR} ${AUGUR_CROSS_EMULATOR}-static)
if(AUGUR_CROSS_EMULATOR_PROGRAM)
  set(CMAKE_CROSSCOMPILING_EMULATOR "${AUGUR_CROSS_EMULATOR_PROGRAM};-L;/usr/${AUGUR_CROSS_TRIPLE}")
endif()
