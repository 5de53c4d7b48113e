# iOS devices and the simulator, with Xcode's compiler. AUGUR_IOS_SDK (iphoneos or iphonesimulator) comes from
# the preset.
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES AUGUR_IOS_SDK)
if(NOT AUGUR_IOS_SDK)
  set(AUGUR_IOS_SDK iphoneos)
endif()

find_program(AUGUR_XCRUN xcrun)
set(_augur_sdk_path "")
if(AUGUR_XCRUN)
  execute_process(COMMAND "${AUGUR_XCRUN}" --sdk ${AUGUR_IOS_SDK} --show-sdk-path
    OUTPUT_VARIABLE _augur_sdk_path OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(NOT _augur_sdk_path)
  message(FATAL_ERROR
    "The ${AUGUR_IOS_SDK} SDK was not found, which the ios-* presets need.\n"
    "They build on a Mac with Xcode 14 or newer: install it, and choose it with "
    "'sudo xcode-select -s /Applications/Xcode.app'; then 'xcrun --sdk ${AUGUR_IOS_SDK} --show-sdk-path' must "
    "print a folder. This machine runs ${CMAKE_HOST_SYSTEM_NAME}. See docs/porting.md.")
endif()

set(CMAKE_SYSTEM_NAME iOS)
set(CMAKE_SYSTEM_PROCESSOR arm64)
set(CMAKE_OSX_SYSROOT "${_augur_sdk_path}" CACHE PATH "")
set(CMAKE_OSX_ARCHITECTURES arm64 CACHE STRING "")
set(CMAKE_OSX_DEPLOYMENT_TARGET 13.0 CACHE STRING "")
