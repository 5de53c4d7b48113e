#!/bin/sh
# Trains every mode of every library that is installed from its package, exports each model with augur_rank.export, and
# compares the file's scores with the library's own: at most 1e-5. It is not part of the quick tests: it takes some minutes,
# and the first time downloads packages (about 2 GB) into environments in the cache.
#
#   sh tests/real/run.sh [--only WORD] [--write] [GROUP...]
#
# GROUP: one of the scripts in tests/real/groups, such as "pytorch"; all of them if none is named.
# --only WORD: the cases whose library or mode has this word. --write: writes docs/libraries.md from the results.
# Results are in build/real/GROUP.jsonl. The commands must be built; AUGUR_BUILD names the build folder (build/host).
# The exit status is 1 if a case failed. The last line is "N passed, N failed".
set -u

augur_up=../..
. "$(dirname "$0")/../../scripts/common.sh"
cd "$augur_root" || exit 1

only= write=no groups=
while [ $# -gt 0 ]; do
  case $1 in
    --only) [ $# -gt 1 ] || augur_fail "--only needs a word"; only=$2; shift 2 ;;
    --write) write=yes; shift ;;
    -*) sed -n '2,/^set/p' "$0" | sed '/^set/d; s/^# \{0,1\}//' >&2; exit 2 ;;
    *) groups="$groups $1"; shift ;;
  esac
done
if [ -z "$groups" ]; then
  groups=$(for script in tests/real/groups/*.sh; do basename "$script" .sh; done)
fi

export AUGUR_BUILD="${AUGUR_BUILD:-$augur_root/build/host}" PYTHONPATH="$augur_root/converter/python:$augur_root/tests/real"
mkdir -p build/real
for group in $groups; do
  [ -f "tests/real/groups/$group.sh" ] || augur_fail "There is no group '$group' in tests/real/groups."
  rm -f "build/real/$group.jsonl"
  . "tests/real/groups/$group.sh"  # runs the cases, and writes build/real/$group.jsonl
done

set --
for group in $groups; do set -- "$@" "build/real/$group.jsonl"; done
if [ "$write" = yes ]; then
  /usr/bin/python3 tests/real/report.py "$@" --write docs/libraries.md
else
  /usr/bin/python3 tests/real/report.py "$@"
fi
