# Finds the SDK for AUGUR_IOS_SDK (iphoneos or iphonesimulator) and its compilers by asking xcrun: Xcode's, or the
# stand-in's (toolchains/stand-in/ios_sdk.py).
if(NOT AUGUR_IOS_SDK)
  set(AUGUR_IOS_SDK iphoneos)
endif()

# _augur_ask_xcrun(<out> <argument>...): sets <out> to what xcrun prints, or to "".
function(_augur_ask_xcrun out)
  set(text "")
  if(AUGUR_XCRUN)
    execute_process(COMMAND "${AUGUR_XCRUN}" --sdk ${AUGUR_IOS_SDK} ${ARGN}
      OUTPUT_VARIABLE text OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  endif()
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

find_program(AUGUR_XCRUN xcrun DOC "Xcode's xcrun, or the stand-in's")
_augur_ask_xcrun(_augur_sdk_path --show-sdk-path)
_augur_ask_xcrun(_augur_clang --find clang)
_augur_ask_xcrun(_augur_clangxx --find clang++)
if(NOT _augur_sdk_path OR NOT _augur_clang OR NOT _augur_clangxx)
  message(FATAL_ERROR
    "The ${AUGUR_IOS_SDK} SDK was not found, which the ios-* presets need.\n"
    "They build on a Mac with Xcode 14 or newer: install it, and choose it with "
    "'sudo xcode-select -s /Applications/Xcode.app'; then 'xcrun --sdk ${AUGUR_IOS_SDK} --show-sdk-path' must "
    "print a folder. This machine runs ${CMAKE_HOST_SYSTEM_NAME}.\n"
    "On Debian a stand-in checks the build, though it makes nothing to ship: "
    "PATH=$(python3 toolchains/stand-in/ios_sdk.py)/bin:$PATH cmake --preset <preset>. See docs/porting.md.")
endif()
