#!/bin/sh
# Runs clang-tidy on the runtime's and the converter's sources, by the compile commands of the host build.
# A file whose result was clean is not looked at again while it, the headers and .clang-tidy stay the same.
set -u

. "$(dirname "$0")/common.sh"
cd "$augur_root"
export tidy_build=build/host
export tidy_clean=build/tidy
mkdir -p "$tidy_clean"

# Everything that a result may depend on beside the file itself.
tidy_common=$({ clang-tidy --version; cat .clang-tidy schema/augur.fbs
  find runtime converter bench -type f \( -name '*.h' -o -name '*.hpp' \) | LC_ALL=C sort | xargs cat; } | sha256sum)
export tidy_common

find runtime/src converter/src bench -name '*.cc' | LC_ALL=C sort |
  xargs -P "${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}" -n 1 sh -c '
    grep -q "/$1\"" "$tidy_build/compile_commands.json" || exit 0  # not built here
    key=$({ echo "$tidy_common"; cat "$1"; } | sha256sum | cut -c 1-24)
    stamp=$tidy_clean/$(echo "$1" | tr / _)-$key
    [ ! -f "$stamp" ] || exit 0
    if clang-tidy --quiet -p "$tidy_build" "$1" 2>"$stamp.errors" >"$stamp.output"; then
      rm -f "$tidy_clean/$(echo "$1" | tr / _)"-*
      : >"$stamp"
    else
      cat "$stamp.output" "$stamp.errors"
      rm -f "$stamp.output" "$stamp.errors"
      exit 1
    fi' tidy
