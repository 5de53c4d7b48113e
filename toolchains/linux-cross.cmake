# Shared by the Linux cross toolchains, which set AUGUR_CROSS_TRIPLE and AUGUR_CROSS_EMULATOR: clang, which phones get
# too, with the headers and libraries of Debian's cross GCC (below /usr/<triple>), and the emulator that runs the tests.
set(AUGUR_CROSS_LLVM 19 CACHE STRING "The version of clang, lld and LLVM's tools that the Linux cross builds take")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES AUGUR_CROSS_LLVM)

set(_augur_missing "")
if(NOT IS_DIRECTORY "/usr/lib/gcc-cross/${AUGUR_CROSS_TRIPLE}" OR NOT IS_DIRECTORY "/usr/${AUGUR_CROSS_TRIPLE}/lib")
  list(APPEND _augur_missing g++-${AUGUR_CROSS_TRIPLE})
endif()
set(_augur_llvm_packages clang clang++ clang lld lld llvm-ar llvm llvm-objcopy llvm)
foreach(_augur_tool IN ITEMS clang clang++ ld.lld llvm-ar llvm-ranlib llvm-objcopy llvm-readelf llvm-strip llvm-nm)
  string(MAKE_C_IDENTIFIER "AUGUR_CROSS_${_augur_tool}" _augur_variable)
  find_program(${_augur_variable} NAMES ${_augur_tool}-${AUGUR_CROSS_LLVM}
    PATHS "/usr/lib/llvm-${AUGUR_CROSS_LLVM}/bin")
  mark_as_advanced(${_augur_variable})
endforeach()
