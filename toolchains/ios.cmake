# iOS devices and the simulator, with Xcode's compiler or the stand-in's. The preset sets AUGUR_IOS_SDK (iphoneos or
# iphonesimulator) and CMAKE_OSX_ARCHITECTURES (arm64 if it does not).
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES AUGUR_IOS_SDK AUGUR_XCRUN CMAKE_OSX_ARCHITECTURES)
include("${CMAKE_CURRENT_LIST_DIR}/ios-sdk.cmake")

set(CMAKE_SYSTEM_NAME iOS)
set(CMAKE_OSX_SYSROOT "${_augur_sdk_path}" CACHE PATH "")
set(CMAKE_OSX_ARCHITECTURES arm64 CACHE STRING "")
set(CMAKE_OSX_DEPLOYMENT_TARGET 13.0 CACHE STRING "")
set(CMAKE_SYSTEM_PROCESSOR "${CMAKE_OSX_ARCHITECTURES}")
set(CMAKE_C_COMPILER "${_augur_clang}")
set(CMAKE_CXX_COMPILER "${_augur_clangxx}")

# Those of the SDK, not others that are on the PATH.
foreach(_augur_tool IN ITEMS AR:ar RANLIB:ranlib STRIP:strip NM:nm INSTALL_NAME_TOOL:install_name_tool
    LIBTOOL:libtool DSYMUTIL:dsymutil)
  string(REGEX MATCH "^(.+):(.+)$" _augur_tool "${_augur_tool}")
  set(_augur_variable CMAKE_${CMAKE_MATCH_1})
  _augur_ask_xcrun(_augur_path --find ${CMAKE_MATCH_2})
  set(${_augur_variable} "${_augur_path}" CACHE FILEPATH "")
endforeach()

# A function that the oldest supported iOS lacks is an error, not a symbol that is missing on the phone.
set(CMAKE_C_FLAGS_INIT "-Werror=unguarded-availability")
set(CMAKE_CXX_FLAGS_INIT "-Werror=unguarded-availability")
