#!/bin/sh
# Makes the Android packages: augur-VERSION.aar, its symbols, its SBOM, and a Maven repository folder with all of it.
set -u

. "$(dirname "$0")/common.sh"

usage() {
  cat <<END
usage: sh scripts/package-android.sh [--stand-in]

Needs an Android NDK (ANDROID_NDK_HOME, ANDROID_NDK_ROOT or ANDROID_HOME/ndk/*), CMake, Ninja and JDK 17. Writes into
build/package/android/out. docs/android.md says how an app uses what is there.

  --stand-in   Builds with toolchains/stand-in, made of Debian's clang, in place of an NDK. This checks the packaging;
               it is not a way to ship. The version, and so every file's name, ends with -unverified.

The Java API is compiled against the newest android.jar below ANDROID_HOME/platforms; without one, against the classes
of Android 5 that the tests fetch, too. These bring Kotlin's compiler, without which augur-ktx is left out.
END
}

stand_in=no
while [ $# -gt 0 ]; do
  case $1 in
    --stand-in) stand_in=yes; shift ;;
    -h | --help) usage; exit 0 ;;
    *) echo "There is no option '$1'." >&2; usage >&2; exit 2 ;;
  esac
done

presets="android-arm64 android-armv7 android-x86_64"
augur_start package-android
echo "Augur: Android packages (log: build/logs/package-android.log)"
if [ $stand_in = yes ]; then
  augur_install_packages build phones java || exit 1
  augur_use_stand_in_ndk || exit 1
fi
command -v javac >/dev/null 2>&1 || augur_fail "javac was not found. Install JDK 17; on Debian: apt-get install openjdk-17-jdk-headless"
augur_use_ccache

# The framework's classes, and Kotlin's compiler.
jvm=$(sh toolchains/stand-in/jvm.sh 2>>"$AUGUR_LOG") || jvm=
android_jar=
if [ $stand_in = no ] && [ -n "${ANDROID_HOME-}" ]; then
  android_jar=$(ls -d "$ANDROID_HOME"/platforms/android-*/android.jar 2>/dev/null | sort -t- -k2 -V | tail -n 1)
fi
[ -n "$android_jar" ] || [ -z "$jvm" ] || android_jar=$jvm/android.jar
[ -n "$android_jar" ] || augur_fail "The framework's classes were not found. Set ANDROID_HOME to an Android SDK that has
platforms/android-*/android.jar (sdkmanager 'platforms;android-35'), or let toolchains/stand-in/jvm.sh fetch those of the tests
(the log says what kept it from this)."
[ -n "$jvm" ] || echo "  augur-ktx is left out: toolchains/stand-in/jvm.sh did not bring Kotlin's compiler (see the log)."

version=$(sed -n 's/^#define AUGUR_VERSION \([0-9]*\).*/\1/p' runtime/include/augur/augur.h)
version=$((version / 10000)).$((version / 100 % 100)).$((version % 100))

builds=
for preset in $presets; do
  augur_phase "$preset" augur_build "$preset" augur_shared augur_jni || exit 1
  # What a build folder was configured with stays in it, whatever the environment says now.
  ndk=$(sed -n 's/^AUGUR_ANDROID_NDK:[A-Z]*=//p' "build/$preset/CMakeCache.txt")
  if grep -q "stand-in" "$ndk/source.properties"; then is_stand_in=yes; else is_stand_in=no; fi
  [ $is_stand_in = $stand_in ] || augur_fail "build/$preset is configured with $ndk.
$([ $stand_in = yes ] && echo "Remove the folder, or leave out --stand-in." || echo "Remove the folder and set ANDROID_NDK_HOME, or give --stand-in.")"
  builds="$builds${builds:+;}$augur_root/build/$preset"
done
[ $stand_in = no ] || version=$version-unverified

package() {
  cmake -S platforms/android/package -B build/package/android -G Ninja "-DAUGUR_BUILDS=$builds" \
    "-DAUGUR_PACKAGE_VERSION=$version" "-DAUGUR_ANDROID_JAR=$android_jar" "-DAUGUR_KOTLIN=$jvm" &&
    cmake --build build/package/android
}
augur_phase "packages" package || exit 1
for file in build/package/android/out/augur-*; do
  printf '  %9d  %s\n' "$(stat -c %s "$file" 2>/dev/null || stat -f %z "$file")" "$file"
done
echo "  Maven repository: build/package/android/out/maven"
