# Finds the Android NDK: AUGUR_ANDROID_NDK, else ANDROID_NDK_HOME, ANDROID_NDK_ROOT or ANDROID_NDK of the
# environment, else the newest below the SDK (ANDROID_HOME/ndk).
set(_augur_ndk_file build/cmake/android.toolchain.cmake)

if(NOT AUGUR_ANDROID_NDK)
  set(_augur_candidates "$ENV{ANDROID_NDK_HOME}" "$ENV{ANDROID_NDK_ROOT}" "$ENV{ANDROID_NDK}")
  foreach(_augur_sdk IN ITEMS "$ENV{ANDROID_HOME}" "$ENV{ANDROID_SDK_ROOT}")
    if(_augur_sdk)
      file(GLOB _augur_installed "${_augur_sdk}/ndk/*")
      list(SORT _augur_installed COMPARE NATURAL ORDER DESCENDING)
      list(APPEND _augur_candidates ${_augur_installed})
    endif()
  endforeach()
  foreach(_augur_candidate IN LISTS _augur_candidates)
    if(_augur_candidate AND EXISTS "${_augur_candidate}/${_augur_ndk_file}")
      set(AUGUR_ANDROID_NDK "${_augur_candidate}" CACHE PATH "The Android NDK")
      break()
    endif()
  endforeach()
endif()

if(NOT EXISTS "${AUGUR_ANDROID_NDK}/${_augur_ndk_file}")
  message(FATAL_ERROR
    "The Android NDK was not found, which the android-* presets need.\n"
    "Install NDK r25 or newer (Android Studio's SDK manager, or sdkmanager 'ndk;27.2.12479018') and set "
    "ANDROID_NDK_HOME in the environment, or -DAUGUR_ANDROID_NDK=..., to its folder: the one that holds "
    "${_augur_ndk_file}.\n"
    "ANDROID_NDK_HOME is now '$ENV{ANDROID_NDK_HOME}'. See docs/porting.md.")
endif()

