#!/bin/sh
# Shows that a commit gives the same bytes wherever it is built: builds it in two folders with paths of different lengths,
# and compares the libraries and packages byte by byte.
set -u

. "$(dirname "$0")/common.sh"

usage() {
  cat <<END
usage: sh scripts/prove-reproducible.sh [--stand-in] [--quick | --all-code]

Two clones of what is committed are built without a compiler cache: the libraries of all ABIs, the AAR with its Maven
folder, the xcframework. Packages for iOS are left out where neither Xcode nor --stand-in is there.

  --stand-in   with toolchains/stand-in in place of an NDK and of Xcode
  --quick      compares this checkout's own builds with those of one copy of it: libaugur and libaugur_jni for Android
               arm64, libaugur for iOS arm64; Augur's own code, with the XNNPACK that the cache has
  --all-code   XNNPACK too: each clone has a cache of its own, with a path of its own
END
}

stand_in='' quick=no all_code=no
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
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
one=$work/a
two=$work/another-folder/with/a/longer/path
ios=no
if [ -n "$stand_in" ] || command -v xcrun >/dev/null 2>&1; then ios=yes; fi

# ------------------------------------------------------------------------------------------------------ --quick

build_libraries() {
  [ -z "$stand_in" ] || { augur_use_stand_in_ndk && augur_use_stand_in_xcode; } || return 1
  augur_build android-arm64 augur_shared augur_jni || return 1
  [ $ios = no ] || augur_build ios-arm64 augur_shared
}

build_here() {
  augur_use_ccache
  build_libraries
}

# The files that git knows or would add, as they are now.
build_copy() {
  mkdir -p "$two" && git ls-files -z --cached --others --exclude-standard >"$work/files" || return 1
  tar --null -T "$work/files" -cf - | tar -C "$two" -xf - || return 1
  cd "$two" && CCACHE_DISABLE=1 build_libraries
}

# ------------------------------------------------------------------------------------------------- whole packages

# build_clone FOLDER
build_clone() {
  git clone -q "$augur_root" "$1" && cd "$1" || return 1
  if [ $all_code = yes ]; then  # a cache with what was fetched, but not what was built
    kept=$(augur_cache_folder)
    AUGUR_CACHE=$1/../cache-$(basename "$1")
    mkdir -p "$AUGUR_CACHE/stand-in"
    [ ! -d "$kept/downloads" ] || cp -R "$kept/downloads" "$AUGUR_CACHE/"
    for jvm in "$kept"/stand-in/jvm-*; do [ ! -d "$jvm" ] || cp -R "$jvm" "$AUGUR_CACHE/stand-in/"; done
    export AUGUR_CACHE
  fi
  export CCACHE_DISABLE=1
  sh scripts/package-android.sh $stand_in || return 1
  [ $ios = no ] || sh scripts/package-ios.sh $stand_in
}

in_shell() ( "$@" )  # what a phase sets and where it goes is forgotten with it

if [ $quick = yes ]; then
  one=$augur_root
  augur_phase "this checkout" in_shell build_here || exit 1
  augur_phase "a copy in another folder" in_shell build_copy || exit 1
else
  git rev-parse --verify -q HEAD >/dev/null || augur_fail "This checkout is not a git repository; its clones are what is built."
  [ -z "$(git status --porcelain)" ] || echo "  Changes that are not committed are not part of this."
  augur_phase "first folder" in_shell build_clone "$one" || exit 1
  augur_phase "second folder" in_shell build_clone "$two" || exit 1
fi

# -------------------------------------------------------------------------------------------------------- compare

# What is compared: libraries as linked and as stripped, and packages.
products() {
  cd "$1" || return 1
  if [ $quick = yes ]; then
    set -- build/android-arm64/lib build/android-arm64/stripped
    [ $ios = no ] || set -- "$@" build/ios-arm64/lib build/ios-arm64/stripped
  else
    set -- build
  fi
  find "$@" \( -path '*/lib/libaugur*.so' -o -path '*/lib/libaugur*.dylib' -o -path '*/stripped/*.so' \
    -o -path '*/stripped/*.dylib' \
    -o -path 'build/package/android/out/*' -o -name '*.xcframework.*' \) -type f | LC_ALL=C sort
}

in_shell products "$one" >"$work/one.txt"
in_shell products "$two" >"$work/two.txt"
[ -s "$work/one.txt" ] || augur_fail "Nothing was built that could be compared."
cmp -s "$work/one.txt" "$work/two.txt" || augur_fail "The two folders have different files:
$(diff "$work/one.txt" "$work/two.txt")"
rm -rf build/not-reproducible
count=0 wrong=0
while read -r file; do
  count=$((count + 1))
  if cmp -s "$one/$file" "$two/$file"; then
    ! grep -q -a -F -e "$two" "$two/$file" || { wrong=$((wrong + 1)); echo "  names the folder where it was built: $file"; }
    continue
  fi
  wrong=$((wrong + 1))
  echo "  different: $file"
  for side in one two; do
    [ $side = one ] && from=$one || from=$two
    mkdir -p "build/not-reproducible/$side/$(dirname "$file")"
    cp "$from/$file" "build/not-reproducible/$side/$file"
  done
done <"$work/one.txt"
[ $wrong -eq 0 ] || augur_fail "$wrong of $count files are not reproducible. Those that differ are in build/not-reproducible: compare
them with diffoscope, or with llvm-readelf --all."
echo "$count files are the same, byte by byte"
