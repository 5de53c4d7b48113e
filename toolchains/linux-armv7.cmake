# Linux on 32-bit ARM: clang 19 with the libraries of Debian's g++-arm-linux-gnueabihf; programs run under qemu-user.
# NEON is taken for granted, as it is on Android.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR armv7)
set(AUGUR_CROSS_TRIPLE arm-linux-gnueabihf)
set(AUGUR_CROSS_EMULATOR qemu-arm)
set(CMAKE_C_FLAGS_INIT "-march=armv7-a -mfpu=neon -mfloat-abi=hard")
set(CMAKE_CXX_FLAGS_INIT "-march=armv7-a -mfpu=neon -mfloat-abi=hard")
include("${CMAKE_CURRENT_LIST_DIR}/linux-cross.cmake")
