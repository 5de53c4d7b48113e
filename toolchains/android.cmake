# Android: finds the NDK and includes its own toolchain file. The preset sets ANDROID_ABI and ANDROID_PLATFORM.
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES AUGUR_ANDROID_NDK)
include("${CMAKE_CURRENT_LIST_DIR}/android-sdk.cmake")
include("${AUGUR_ANDROID_NDK}/build/cmake/android.toolchain.cmake")
