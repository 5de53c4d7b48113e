#!/bin/sh
# Builds the wheel of the Python package augur-rank.
set -u

. "$(dirname "$0")/common.sh"

usage() {
  cat <<END
usage: sh scripts/wheel.sh [--manylinux] [--sdist]

  (nothing)    build/wheel/augur_rank-VERSION-py3-none-linux_MACHINE.whl, for this machine's glibc and newer ones
  --manylinux  build/wheel/augur_rank-VERSION-py3-none-manylinux_2_28_x86_64.whl, for every Linux since 2018: compiled by
               Zig (the package ziglang), checked by auditwheel. With a cold cache it takes 10 minutes on two cores.
  --sdist      build/wheel/augur_rank-VERSION.tar.gz, the sources from which pip builds the wheel
END
}

kind=host
while [ $# -gt 0 ]; do
  case $1 in
    --manylinux) kind=manylinux; shift ;;
    --sdist) kind=sdist; shift ;;
    -h | --help) usage; exit 0 ;;
    *) echo "There is no option '$1'." >&2; usage >&2; exit 2 ;;
  esac
done

augur_start "wheel-$kind"
echo "Augur: the Python package, $kind (log: build/logs/wheel-$kind.log)"
augur_install_packages build wheel || exit 1
augur_use_ccache
requirements=toolchains/python/wheel.txt
[ $kind != manylinux ] || requirements=toolchains/python/manylinux.txt
make_environment() {
  augur_python_environment "$requirements" >build/logs/wheel-python.txt
}
augur_phase "Python environment" make_environment || exit 1
python=$(cat build/logs/wheel-python.txt)
out=build/wheel/new-$kind
rm -rf "$out"
mkdir -p "$out"

# wheel [OPTION...]: pip, which calls scikit-build-core, with a build folder that is kept. The time in the archive is that
# of the commit, so that equal files make an equal wheel.
wheel() {
  CMAKE_BUILD_PARALLEL_LEVEL=$augur_jobs SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || echo 315532800) \
    "$python" -m pip --disable-pip-version-check wheel --verbose --no-build-isolation --no-deps --no-cache-dir \
    --wheel-dir "$out" --config-settings=build-dir="build/wheel/$kind" "$@" .
}

# The compiler has the name that other builds give it, so that XNNPACK's build in the cache serves both.
host() {
  CC=${CC-cc} CXX=${CXX-c++} wheel
}

manylinux() {
  AUGUR_ZIG=$(sh toolchains/python/zig.sh "$python") || return 1
  export AUGUR_ZIG
  wheel --config-settings=cmake.toolchain-file="$augur_root/toolchains/manylinux.cmake" || return 1
  # auditwheel finds the oldest platform that the files in the wheel allow, and names the wheel after it.
  PATH=$(dirname "$python"):$PATH "$python" -m auditwheel repair --plat manylinux_2_28_x86_64 --only-plat \
    --wheel-dir "$out/repaired" "$out"/*.whl || return 1
  rm "$out"/*-linux_*.whl && mv "$out"/repaired/*-manylinux_2_28_x86_64.whl "$out/" && rmdir "$out/repaired"
}

sdist() {
  "$python" -c "import sys, scikit_build_core.build as build; build.build_sdist(sys.argv[1])" "$out"
}

augur_phase "$kind" $kind || exit 1
case $kind in
  host) rm -f build/wheel/*-linux_*.whl* ;;
  manylinux) rm -f build/wheel/*-manylinux_*.whl* ;;
  sdist) rm -f build/wheel/*.tar.gz ;;
esac
for file in "$out"/*; do
  name=$(basename "$file")
  mv "$file" build/wheel/ || exit 1
  case $name in
    *.whl)
      /usr/bin/python3 -B scripts/sbom.py --out "build/wheel/$name.spdx.json" --build "build/wheel/$kind" \
        --package "build/wheel/$name" || exit 1 ;;
  esac
  printf '  %9d  %s\n' "$(stat -c %s "build/wheel/$name")" "build/wheel/$name"
done
rm -rf "$out"
