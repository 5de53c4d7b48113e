#!/bin/sh
# Runs clang-tidy on the runtime's, the converter's and the benchmarks' sources, by the compile commands of the host
# build. Clean results are kept in the cache folder, by content: see tidy.py.
#
#   sh scripts/tidy.sh [--all]     --all looks at every file again
set -u

. "$(dirname "$0")/common.sh"
cd "$augur_root"
exec python3 scripts/tidy.py --build build/host --cache "$(augur_cache_folder)/tidy" \
  --jobs "${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}" "$@"
