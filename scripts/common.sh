# Functions that the scripts of this folder share. Read it with "."; it runs nothing by itself.
#
#   augur_start LOG_NAME            go to the project's root, open build/logs/LOG_NAME.log
#   augur_install_packages GROUP... install Debian packages, only what is missing
#   augur_build PRESET [TARGET...]  configure and build
#   augur_phase LABEL COMMAND...    run a command, its output into the log; print its progress and its duration
#   augur_use_ccache                compile through ccache, if it is there
#   augur_cache_folder              print the folder outside the checkout where builds and results are kept
#   augur_python_environment FILE   make the Python environment of these requirements, print the path of its Python
#
# They need neither a terminal nor standard input.

augur_root=$(cd "$(dirname "$0")/${augur_up:-..}" && pwd)  # augur_up: for a script that lies deeper
augur_lists_are_fresh=no
augur_sudo="sudo -n"  # ask for no password where nobody can answer
[ ! -t 0 ] || augur_sudo=sudo

augur_start() {
  cd "$augur_root"
  mkdir -p build/logs
  AUGUR_LOG=$augur_root/build/logs/$1.log
  : >"$AUGUR_LOG"
  augur_jobs=${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc 2>/dev/null || sysctl -n hw.ncpu)}  # sysctl: on a Mac
}

augur_fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

# Debian packages, by what they are needed for.
augur_packages_of() {
  case $1 in
    # What demo.sh needs, and every build.
    build)
      echo g++ cmake ninja-build python3 ca-certificates flatbuffers-compiler libflatbuffers-dev libcli11-dev \
        nlohmann-json3-dev libzip-dev zlib1g-dev ;;
    # lld-19 and llvm-19 merge and link libaugur.a in tests/consumer/isolation (216 MB).
    test) echo doctest-dev libbenchmark-dev python3-numpy python3-h5py ccache lld-19 llvm-19 ;;
    fresh) echo mmdebstrap ;;
    java) echo openjdk-17-jdk-headless maven ;;
    cross) echo clang-19 lld-19 llvm-19 g++-aarch64-linux-gnu g++-arm-linux-gnueabihf qemu-user ;;
    # The stand-in for an NDK, and what is built with it.
    phones)
      echo clang-19 lld-19 llvm-19 libc++-19-dev libc++abi-19-dev g++-aarch64-linux-gnu g++-arm-linux-gnueabihf doctest-dev ;;
    # The stand-in for Xcode, and what is built with it.
    ios) echo clang-19 lld-19 llvm-19 libc++-19-dev libc++abi-19-dev doctest-dev python3-pip ;;
    fuzz) echo clang libclang-rt-14-dev llvm ;;
    lint) echo clang-format clang-tidy python3 ;;
    compare) echo python3-numpy python3-venv python3-pip binutils ;;
    # The pinned environments of python-env.sh, for building wheels and for tests.
    wheel) echo python3 python3-venv python3-pip ;;
    python)
      echo python3 python3-venv python3-pip python3-numpy python3-torch python3-h5py python3-yaml libopenblas0-pthread ;;
    *) augur_fail "scripts/common.sh: no package group '$1'" ;;
  esac
}

augur_as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null 2>&1; then
    $augur_sudo "$@"
  else
    echo "Packages are missing, and neither root nor sudo is at hand." >&2
    return 1
  fi
}

# augur_install_packages GROUP...
augur_install_packages() {
  if ! command -v apt-get >/dev/null 2>&1; then
    augur_fail "This script sets up Debian 12 with apt-get, which is not here.
Elsewhere, install CMake 3.24, Ninja, Python 3 and a C++17 compiler, then:
  cmake --preset host && cmake --build --preset host && ctest --preset host"
  fi
  augur_missing=
  for augur_group in "$@"; do
    for augur_package in $(augur_packages_of "$augur_group"); do
      case $(dpkg-query -W -f '${db:Status-Status}' "$augur_package" 2>/dev/null) in
        installed) ;;
        *) augur_missing="$augur_missing $augur_package" ;;
      esac
    done
  done
  [ -n "$augur_missing" ] || return 0
  augur_phase "installing packages" augur_apt_install $augur_missing
}

augur_apt_install() {
  echo "packages: $*"
  set -- -o DPkg::Lock::Timeout=600 -q "$@"
  if [ $augur_lists_are_fresh = no ]; then
    augur_as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 -q update </dev/null || return 1
    augur_lists_are_fresh=yes
  fi
  augur_as_root env DEBIAN_FRONTEND=noninteractive apt-get -y --no-install-recommends install "$@" </dev/null
}

# augur_watch LABEL: prints the progress of the running phase every AUGUR_PROGRESS seconds, read from the log; on a
# terminal in place, otherwise as a line each. Runs in the background and ends with the script. Its sleep closes the
# script's streams, so that who reads the script's output does not wait for it.
augur_watch() {
  augur_tick=0
  while sleep 1 </dev/null >/dev/null 2>&1 && kill -0 $$ 2>/dev/null; do
    augur_tick=$((augur_tick + 1))
    [ $((augur_tick % augur_every)) -eq 0 ] || continue
    augur_far=$(augur_how_far)
    augur_far="${augur_far:-running}, $(($(date +%s) - augur_begin)) s"
    if [ -t 1 ]; then
      printf '\r  %-46s %s\033[K' "$1" "$augur_far"
    else
      printf '%s\n  %-46s ' "$augur_far" "$1"
    fi
  done
}

# Prints how far the running phase is, from its part of the log. If the phase runs a build that has a log of its own,
# from that log.
augur_how_far() {
  augur_nested=$(tail -c +$((augur_from + 1)) "$AUGUR_LOG" | awk -v want=log -f "$augur_root/scripts/progress.awk")
  if [ -n "$augur_nested" ] && [ -f "$augur_nested" ]; then
    awk -f "$augur_root/scripts/progress.awk" "$augur_nested"
  else
    tail -c +$((augur_from + 1)) "$AUGUR_LOG" | awk -f "$augur_root/scripts/progress.awk"
  fi
}

# augur_phase LABEL COMMAND...: returns 0 if the command succeeds, else 1, after printing the end of its log.
augur_phase() {
  augur_label=$1
  shift
  augur_every=30
  [ ! -t 1 ] || augur_every=2
  augur_every=${AUGUR_PROGRESS:-$augur_every}
  printf '  %-46s ' "$augur_label"
  augur_begin=$(date +%s)
  augur_from=$(wc -c <"$AUGUR_LOG")
  printf '\n===== %s\n' "$augur_label" >>"$AUGUR_LOG"
  augur_watch "$augur_label" &
  augur_watcher=$!
  augur_status=0
  "$@" >>"$AUGUR_LOG" 2>&1 </dev/null || augur_status=1
  kill $augur_watcher 2>/dev/null
  wait $augur_watcher 2>/dev/null
  augur_seconds=$(($(date +%s) - augur_begin))
  [ ! -t 1 ] || printf '\r  %-46s \033[K' "$augur_label"
  if [ $augur_status -eq 0 ]; then
    printf 'ok     %4d s\n' $augur_seconds
    return 0
  fi
  printf 'FAILED %4d s\n' $augur_seconds
  printf '%s\n' "----- end of the log of this phase (all of it: $AUGUR_LOG)"
  tail -c +$((augur_from + 1)) "$AUGUR_LOG" | tail -n "${AUGUR_LOG_LINES:-60}"
  printf '%s\n' '-----'
  return 1
}

# The same folder as in AugurCache.cmake, where CMake keeps third-party sources and builds.
augur_cache_folder() {
  if [ -n "${AUGUR_CACHE-}" ]; then echo "$AUGUR_CACHE"; else echo "${XDG_CACHE_HOME:-$HOME/.cache}/augur"; fi
}

# augur_python_environment REQUIREMENTS: a virtual environment in the cache, over Debian's Python and its packages, with
# the pinned packages of the file. A folder without "complete" is one whose making was interrupted; it is made anew.
augur_python_environment() {
  augur_key=$({ /usr/bin/python3 --version; cat "$1"; } | sha256sum | cut -c 1-16)
  augur_venvs=$(augur_cache_folder)/python
  augur_venv=$augur_venvs/$(basename "$1" .txt)-$augur_key
  mkdir -p "$augur_venvs" || return 1
  [ -f "$augur_venv/complete" ] || augur_make_venv "$1" >&2 || return 1
  echo "$augur_venv/bin/python"
}

augur_make_venv() {
  (
    flock 9 || exit 1
    [ ! -f "$augur_venv/complete" ] || exit 0
    echo "making the Python environment $augur_venv"
    rm -rf "$augur_venv"
    /usr/bin/python3 -m venv --system-site-packages "$augur_venv" ||
      augur_fail "Python's module venv is not here (on Debian: apt-get install python3-venv python3-pip)."
    "$augur_venv/bin/python" -m pip --disable-pip-version-check install --quiet --no-deps --requirement "$1" ||
      augur_fail "The packages of $1 could not be installed: pip's message is above."
    touch "$augur_venv/complete"
  ) 9>"$augur_venv.lock"
}

# Makes CMake compile through ccache if it is installed and no other launcher is set. Paths are taken relative to the
# checkout's root, so that checkouts in different folders share their results.
augur_use_ccache() {
  command -v ccache >/dev/null 2>&1 || return 0
  export CMAKE_C_COMPILER_LAUNCHER="${CMAKE_C_COMPILER_LAUNCHER-ccache}"
  export CMAKE_CXX_COMPILER_LAUNCHER="${CMAKE_CXX_COMPILER_LAUNCHER-ccache}"
  export CCACHE_BASEDIR="${CCACHE_BASEDIR-$augur_root}" CCACHE_NOHASHDIR="${CCACHE_NOHASHDIR-1}"
}

# augur_use_stand_in_ndk, augur_use_stand_in_xcode: let CMake's toolchain files find toolchains/stand-in in place of the
# vendor's SDK.
augur_use_stand_in_ndk() {
  ANDROID_NDK_HOME=$(sh toolchains/stand-in/ndk.sh) || return 1
  export ANDROID_NDK_HOME
}

augur_use_stand_in_xcode() {
  augur_sdk=$(python3 toolchains/stand-in/ios_sdk.py) || return 1
  PATH=$augur_sdk/bin:$PATH
  export PATH
}

# augur_build PRESET [TARGET...]
augur_build() {
  augur_preset=$1
  shift
  # A folder that was configured with another NDK is configured anew.
  augur_cmake_cache=build/$augur_preset/CMakeCache.txt
  if [ -n "${ANDROID_NDK_HOME-}" ] && grep -q '^AUGUR_ANDROID_NDK:' "$augur_cmake_cache" 2>/dev/null &&
    ! grep -q "^AUGUR_ANDROID_NDK:[A-Z]*=$ANDROID_NDK_HOME\$" "$augur_cmake_cache"; then
    cmake --preset "$augur_preset" --fresh || return 1
  else
    cmake --preset "$augur_preset" || return 1
  fi
  if [ $# -gt 0 ]; then
    cmake --build --preset "$augur_preset" --parallel "$augur_jobs" --target "$@"
  else
    cmake --build --preset "$augur_preset" --parallel "$augur_jobs"
  fi
}
