#!/bin/sh
# Shows Augur at work. Installs packages (as root or with sudo; a fresh Debian 12 is enough), builds what the demo
# needs and nothing else, converts the checkpoints of examples/shop, and ranks offers for a visitor.
set -u

. "$(dirname "$0")/common.sh"

usage() {
  cat <<END
usage: sh scripts/demo.sh [--visitor N]
  --visitor N   another visitor of the shop: 1 (the default), 2 or 3

Converts a trained DIEN and two BaseModels into .augur files (kept in build/demo) and runs
build/host/bin/augur-demo, which is quick to run again by itself (--help).
NO_COLOR=1 prints without colour; COLUMNS sets the width (80 to 100).
END
}

visitor=1
while [ $# -gt 0 ]; do
  case $1 in
    --visitor) [ $# -gt 1 ] || { usage >&2; exit 2; }; visitor=$2; shift 2 ;;
    --visitor=*) visitor=${1#--visitor=}; shift ;;
    -h | --help) usage; exit 0 ;;
    *) echo "There is no option '$1'." >&2; usage >&2; exit 2 ;;
  esac
done

augur_start demo
bin=build/host/bin
models=build/demo
mkdir -p "$models"

convert() {
  "$bin/augur-convert" --weights "examples/shop/$1.safetensors" --layout augur-reference \
    --set "kind=$2" --set max_history=50 --vocabulary item=examples/shop/item_keys.txt --out "$models/$1.augur"
}

# The demo is configured without tests and benchmarks, which need more packages. If they are configured already, that
# configuration stays.
configure() {
  if [ -f build/host/build.ninja ] && grep -q '^AUGUR_BUILD_TESTS:BOOL=ON' build/host/CMakeCache.txt; then
    cmake build/host
  else
    cmake --preset demo
  fi
}

convert_all() {
  convert dien dien && convert base base && convert blind base
}

echo "Augur: demo (log: build/logs/demo.log)"
augur_install_packages build || exit 1
[ -f build/host/build.ninja ] || echo "  The first time takes minutes: XNNPACK is built from source, and kept for later builds."
augur_phase "configuring, with XNNPACK" configure || exit 1
augur_phase "building the converter and the demo" \
  cmake --build --preset host --parallel "$augur_jobs" --target augur-convert augur-demo || exit 1
augur_phase "converting three checkpoints" convert_all || exit 1
exec "$bin/augur-demo" "$models" --shop examples/shop --visitor "$visitor"
