#!/bin/sh
# Shows that a commit gives the same bytes wherever it is built: builds two clones of this checkout, in folders with paths
# of different lengths, without a compiler cache, and compares the libraries and packages byte by byte.
set -u

. "$(dirname "$0")/common.sh"

usage() {
  cat <<END
usage: sh scripts/prove-reproducible.sh [--stand-in] [--quick] [--all-code]

Builds what is committed, not what is changed since. Packages for iOS are left out where they cannot be built.

  --stand-in   with toolchains/stand-in in place of an NDK and of Xcode
  --quick      only libaugur and libaugur_jni for Android arm64, and libaugur for iOS arm64: Augur's own code, against
               the XNNPACK that the cache has. Without it: all ABIs, the AAR with its Maven folder, the xcframework
  --all-code   XNNPACK too: each clone has a cache of its own, with a path of its own
END
}

stand_in= quick=no all_code=no
while [ $# -gt 0 ]; do
  case $1 in
    --stand-in) stand_in=--stand-in; shift ;;
    --quick) quick=yes; shift ;;
    --all-code) all_code=yes; shift ;;
    -h | --help) usage; exit 0 ;;
    *) echo "There is no option '$1'." >&2; usage >&2; exit 2 ;;
  esac
done

augur_start prove-reproducible
echo "Augur: the same bytes in two folders (log: build/logs/prove-reproducible.log)"
git rev-parse --verify -q HEAD >/dev/null || augur_fail "This checkout is not a git repository; its clones are what is built."
[ -z "$(git status --porcelain)" ] || echo "  Changes that are not committed are not part of this."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
one=$work/a
two=$work/another-folder/with/a/longer/path
kept=$(augur_cache_folder)
export CCACHE_DISABLE=1

ios=no
if [ -n "$stand_in" ] || command -v xcrun >/dev/null 2>&1; then ios=yes; fi

build_quickly() {
  cmake --preset android-arm64 || return 1
  cmake --build build/android-arm64 --parallel "$augur_jobs" --target augur_shared augur_jni || return 1
  [ $ios = yes ] || return 0
  cmake --preset ios-arm64 && cmake --build build/ios-arm64 --parallel "$augur_jobs" --target augur_shared
}

build_packages() {
  sh scripts/package-android.sh $stand_in || return 1
  [ $ios = yes ] || return 0
  sh scripts/package-ios.sh $stand_in
}

# build_clone FOLDER: clones, and builds there.
build_clone() (
  git clone -q "$augur_root" "$1" && cd "$1" || exit 1
  if [ $all_code = yes ]; then
    # A cache of its own, which starts with what was fetched and not with what was built.
    AUGUR_CACHE=$1/../cache-$(basename "$1")
    mkdir -p "$AUGUR_CACHE"
    for part in downloads stand-in; do [ ! -d "$kept/$part" ] || cp -R "$kept/$part" "$AUGUR_CACHE/"; done
    export AUGUR_CACHE
  fi
  if [ $quick = yes ]; then
    if [ -n "$stand_in" ]; then
      ANDROID_NDK_HOME=$(sh toolchains/stand-in/ndk.sh) && export ANDROID_NDK_HOME || exit 1
      PATH=$(python3 toolchains/stand-in/ios_sdk.py)/bin:$PATH && export PATH || exit 1
    fi
    build_quickly
  else
    build_packages
  fi
)

augur_phase "first folder" build_clone "$one" || exit 1
augur_phase "second folder" build_clone "$two" || exit 1

# What is compared: libraries as linked and stripped, and packages.
products() {
  (cd "$1" && find build \( -path 'build/*/lib/libaugur*.so' -o -path 'build/*/lib/libaugur*.dylib' -o -path 'build/*/stripped/*.so' \
    -o -path 'build/package/*/out/*' -o -name '*.xcframework.zip' \) -type f | LC_ALL=C sort)
}

products "$one" >"$work/one.txt"
products "$two" >"$work/two.txt"
[ -s "$work/one.txt" ] || augur_fail "Nothing was built that could be compared."
cmp -s "$work/one.txt" "$work/two.txt" || augur_fail "The two folders have different files:
$(diff "$work/one.txt" "$work/two.txt")"
count=0 different=0
while read -r file; do
  count=$((count + 1))
  if ! cmp -s "$one/$file" "$two/$file"; then
    different=$((different + 1))
    echo "  different: $file"
  elif grep -q -a -F -e "$work" "$one/$file"; then
    different=$((different + 1))
    echo "  names the folder where it was built: $file"
  fi
done <"$work/one.txt"
if [ $different -ne 0 ]; then
  kept_clones=$augur_root/build/not-reproducible
  rm -rf "$kept_clones"
  mkdir -p "$kept_clones"
  while read -r file; do
    for side in one two; do
      [ $side = one ] && clone=$one || clone=$two
      mkdir -p "$kept_clones/$side/$(dirname "$file")"
      cp "$clone/$file" "$kept_clones/$side/$file"
    done
  done <"$work/one.txt"
  augur_fail "$different of $count files differ. Both are in build/not-reproducible: compare them with diffoscope, or with
llvm-readelf --all."
fi
echo "$count files are the same, byte by byte"
