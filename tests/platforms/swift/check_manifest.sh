#!/bin/sh
# Checks what Package.swift says on Apple's systems, where the framework is a binary target. Run by scripts/swift.sh.
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# manifest SED_COMMAND...: Package.swift as on a Mac, and what SwiftPM reads from it.
manifest() {
  mkdir -p "$work/package"
  sed -e 's/^#if os(Linux)/#if os(Windows)/' "$@" Package.swift >"$work/package/Package.swift"
  (cd "$work/package" && swift package --disable-sandbox dump-package 2>&1)
}

expect() {
  echo "$said" | grep -q -- "$1" || { echo "Package.swift: expected '$1', came:"; echo "$said"; exit 1; }
}

said=$(manifest || true)
expect 'build/ios/CAugur.xcframework is not there. Make it with: sh scripts/package-ios.sh'

mkdir -p "$work/package/build/ios/CAugur.xcframework"
said=$(manifest)
expect '"path" : "build/ios/CAugur.xcframework"'
expect '"type" : "binary"'
expect '"ios"'

said=$(manifest -e 's|^let release: .* = nil|let release: (url: String, checksum: String)? = ("https://example.com/CAugur.xcframework.zip", "00ff")|')
expect '"url" : "https://example.com/CAugur.xcframework.zip"'
expect '"checksum" : "00ff"'
