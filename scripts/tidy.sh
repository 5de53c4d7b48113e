#!/bin/sh
# Runs clang-tidy on the sources of the runtime, the converter and the benchmarks, with the compile commands of the
# host build. Which files were clean is kept in the cache folder; see tidy.py.
#
#   sh scripts/tidy.sh [--all]     --all checks every file again
set -u

. "$(dirname "$0")/common.sh"
cd "$augur_root"
exec python3 scripts/tidy.py --build build/host --cache "$(augur_cache_folder)/tidy" \
  --jobs "${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}" "$@"
