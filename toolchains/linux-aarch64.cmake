# Linux on 64-bit ARM: clang 19 with the libraries of Debian's g++-aarch64-linux-gnu; programs run under qemu-user.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(AUGUR_CROSS_TRIPLE aarch64-linux-gnu)
set(AUGUR_CROSS_EMULATOR qemu-aarch64)
include("${CMAKE_CURRENT_LIST_DIR}/linux-cross.cmake")
