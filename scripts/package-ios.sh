#!/bin/sh
# Makes CAugur.xcframework and its zip, for apps on iOS: see docs/ios.md.
set -u

. "$(dirname "$0")/common.sh"

usage() {
  cat <<END
usage: sh scripts/package-ios.sh [--stand-in]

Needs a Mac with Xcode 14 or newer, CMake, Ninja and Python 3. Writes into build/ios:

  CAugur.xcframework             what Package.swift of this checkout uses
  CAugur.xcframework.zip         the same for a release; its SwiftPM checksum is printed, and is in the file .zip.sha256
  CAugur.xcframework.spdx.json   what is inside, with versions and hashes (SBOM)

  --stand-in   Builds with toolchains/stand-in/ios_sdk.py, made of Debian's clang, in place of Xcode. This checks the
               packaging; it is not a way to ship. The name becomes CAugur-unverified.
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

presets="ios-arm64 ios-simulator-arm64 ios-simulator-x86_64"
name=CAugur
if [ $stand_in = yes ]; then
  name=CAugur-unverified
elif ! xcrun --sdk iphoneos --show-sdk-path >/dev/null 2>&1; then
  augur_fail "Xcode was not found.
On a Mac, install Xcode 14 or newer and choose it with: sudo xcode-select -s /Applications/Xcode.app
Elsewhere, --stand-in makes a package that can be checked but not shipped."
fi
augur_start package-ios
echo "Augur: packages for iOS (log: build/logs/package-ios.log)"
if [ $stand_in = yes ]; then
  augur_install_packages build ios || exit 1
  augur_use_stand_in_xcode || exit 1
fi
xcrun=$(command -v xcrun)
augur_use_ccache

for preset in $presets; do
  augur_phase "$preset" augur_build "$preset" augur_shared || exit 1
  # What a build folder was configured with stays in it, whatever the environment says now.
  used=$(sed -n 's/^CMAKE_OSX_SYSROOT:[A-Z]*=//p' "build/$preset/CMakeCache.txt")
  if grep -q "stand-in" "$used/SDKSettings.json"; then is_stand_in=yes; else is_stand_in=no; fi
  [ $is_stand_in = $stand_in ] || augur_fail "build/$preset is configured with $used.
Remove the folder, or $([ $stand_in = yes ] && echo "leave out --stand-in" || echo "give --stand-in")."
done

package() {
  python3 -B platforms/ios/package/assemble.py --name $name --xcrun "$xcrun" --out build/ios --device build/ios-arm64 \
    --simulator build/ios-simulator-arm64 build/ios-simulator-x86_64 &&
    python3 -B scripts/sbom.py --out "build/ios/$name.xcframework.spdx.json" --build build/ios-arm64 \
      --package "build/ios/$name.xcframework.zip"
}
augur_phase "$name.xcframework" package || exit 1
echo "  build/ios/$name.xcframework"
echo "  build/ios/$name.xcframework.zip, SwiftPM checksum:"
echo "    $(cut -d' ' -f1 "build/ios/$name.xcframework.zip.sha256")"
