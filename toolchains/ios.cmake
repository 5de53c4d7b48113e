# iOS devices and the simulator, with Xcode's compiler. The preset sets AUGUR_IOS_SDK (iphoneos or iphonesimulator).
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES AUGUR_IOS_SDK)
include("${CMAKE_CURRENT_LIST_DIR}/ios-sdk.cmake")

set(CMAKE_SYSTEM_NAME iOS)
set(CMAKE_SYSTEM_PROCESSOR arm64)
set(CMAKE_OSX_SYSROOT "${_augur_sdk_path}" CACHE PATH "")
set(CMAKE_OSX_ARCHITECTURES arm64 CACHE STRING "")
set(CMAKE_OSX_DEPLOYMENT_TARGET 13.0 CACHE STRING "")
