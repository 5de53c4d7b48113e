#!/bin/sh
# Compares Augur with onnxruntime and PyTorch on this machine (Debian 12, x86-64 or arm64), one thread,
# interleaved in one process. Installs what it needs; onnxruntime's library comes from npm's
# onnxruntime-node, its header from Debian, both pinned.
#
#   sh bench/compare/run.sh [augur-compare's flags, such as --candidates 1,100 --rounds 5]
#
# Writes build/compare/{results.json,table.md,chart.svg}.
set -eu

augur_up=../..
. "$(dirname "$0")/../../scripts/common.sh"
augur_start compare
augur_install_packages build compare
command -v npm >/dev/null || augur_install_packages npm

version=1.30.0
header=o/onnxruntime/libonnxruntime-dev_1.21.0+dfsg-1_amd64.deb
header_sha256=14f7d959d5deacbcf1504830d4189f91fc67382b399ed9ae9d3aa9c4050ced08
work=$augur_root/build/compare
runtime=$work/onnxruntime
case $(uname -m) in
  x86_64) node_arch=x64 ;;
  aarch64) node_arch=arm64 ;;
  *) augur_fail "onnxruntime-node has no library for $(uname -m)." ;;
esac

fetch_onnxruntime() (
  mkdir -p "$runtime" && cd "$runtime" &&
    npm pack --silent "onnxruntime-node@$version" &&
    tar -xf "onnxruntime-node-$version.tgz" --strip-components=5 \
      --wildcards "package/bin/*/linux/$node_arch/libonnxruntime.so.1" &&
    sh "$augur_root/toolchains/third-party/fetch-debian.sh" "$header" "$header_sha256" header.deb &&
    dpkg-deb -x header.deb headers
)

if [ ! -f "$runtime/libonnxruntime.so.1" ] || [ ! -d "$runtime/headers" ]; then
  augur_phase "onnxruntime $version" fetch_onnxruntime
fi
build() {
  cmake --preset host -DAUGUR_ONNXRUNTIME="$runtime" &&
    cmake --build --preset host --parallel "$augur_jobs" --target augur-compare augur-convert
}
augur_phase "building" build
augur_phase "models" /usr/bin/python3 -B bench/compare/make_models.py "$work/models" \
  build/host/bin/augur-convert
build/host/bin/augur-compare "$work/models/cases.json" --out "$work/results.json" "$@"
/usr/bin/python3 -B bench/compare/report.py "$work/results.json" "$work/table.md" "$work/chart.svg"
