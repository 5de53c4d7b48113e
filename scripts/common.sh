# Shared by the scripts of this folder (read it with "."; it runs nothing by itself):
#
#   augur_start LOG_NAME            go to the project's root, open build/logs/LOG_NAME.log
#   augur_install_packages GROUP... install Debian packages, only what is missing
#   augur_build PRESET [TARGET...]  configure and build
#   augur_phase LABEL COMMAND...    run a command into the log; print one line with its duration
#
# Everything works without a terminal and without standard input.

augur_root=$(cd "$(dirname "$0")/${augur_up:-..}" && pwd)  # augur_up: for a script that lies deeper
augur_lists_are_fresh=no
augur_sudo="sudo -n"  # ask for no password where nobody can answer
[ ! -t 0 ] || augur_sudo=sudo

augur_start() {
  cd "$augur_root"
  mkdir -p build/logs
  AUGUR_LOG=$augur_root/build/logs/$1.log
  : >"$AUGUR_LOG"
  augur_jobs=${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}
}

augur_fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

# Debian packages, by what they are needed for.
augur_packages_of() {
  case $1 in
    build)
      echo g++ cmake ninja-build python3 ca-certificates flatbuffers-compiler libflatbuffers-dev \
        libcli11-dev nlohmann-json3-dev libhdf5-dev zlib1g-dev ;;
    test) echo doctest-dev libbenchmark-dev python3-numpy python3-h5py ;;
    cross) echo g++-aarch64-linux-gnu g++-arm-linux-gnueabihf qemu-user ;;
    fuzz) echo clang libclang-rt-14-dev llvm ;;
    lint) echo clang-format clang-tidy ;;
    npm) echo npm ;;
    compare) echo python3-numpy python3-onnx python3-torch libtorch-dev libopenblas0-pthread ;;
    python) echo python3 python3-numpy python3-torch libopenblas0-pthread ;;
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

# augur_phase LABEL COMMAND...: 0 if the command succeeded. On failure shows the end of its log.
augur_phase() {
  augur_label=$1
  shift
  printf '  %-46s ' "$augur_label"
  augur_begin=$(date +%s)
  augur_from=$(wc -c <"$AUGUR_LOG")
  printf '\n===== %s\n' "$augur_label" >>"$AUGUR_LOG"
  if "$@" >>"$AUGUR_LOG" 2>&1 </dev/null; then
    printf 'ok     %4d s\n' $(($(date +%s) - augur_begin))
    return 0
  fi
  printf 'FAILED %4d s\n' $(($(date +%s) - augur_begin))
  printf '%s\n' "----- end of the log of this phase (all of it: $AUGUR_LOG)"
  tail -c +$((augur_from + 1)) "$AUGUR_LOG" | tail -n "${AUGUR_LOG_LINES:-60}"
  printf '%s\n' '-----'
  return 1
}

# augur_build PRESET [TARGET...]
augur_build() {
  augur_preset=$1
  shift
  cmake --preset "$augur_preset" || return 1
  if [ $# -gt 0 ]; then
    cmake --build --preset "$augur_preset" --parallel "$augur_jobs" --target "$@"
  else
    cmake --build --preset "$augur_preset" --parallel "$augur_jobs"
  fi
}
