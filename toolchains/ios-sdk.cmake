# Finds Xcode's SDK for AUGUR_IOS_SDK (iphoneos or iphonesimulator).
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
