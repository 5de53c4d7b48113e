# Android, through the NDK's own toolchain file. ANDROID_ABI and ANDROID_PLATFORM come from the preset.
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES AUGUR_ANDROID_NDK)
include("${CMAKE_CURRENT_LIST_DIR}/android-sdk.cmake")
include("${AUGUR_ANDROID_NDK}/build/cmake/android.toolchain.cmake")
