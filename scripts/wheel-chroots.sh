#!/bin/sh
# Tries the wheels on the Pythons of Debian 11 (3.9, glibc 2.31), 12 (3.11) and 13 (3.13): in each system, which has NumPy and
# nothing else of ours, pip installs the wheel without a network, and tests/platforms/wheel/smoke.py converts two checkpoints,
# ranks with the commands and with augur_rank.Model, and compares with the library's own scores.
#
#   sh scripts/wheel-chroots.sh [SUITE...]      bullseye bookworm trixie, if none is given
#
# Both wheels are built first, which takes seconds where nothing has changed. The manylinux wheel is tried on all systems,
# that of this machine where the system's glibc is not older.
#
# The systems are made once, by mmdebstrap with this machine's apt configuration, and kept in the cache (0.4 GB each).
#
# Exit status: 0 passed, 1 failed, or 77 with the reason as the last line, if such systems cannot be made or used here.
set -u

. "$(dirname "$0")/common.sh"
cd "$augur_root" || exit 1

skip() {
  echo "$1"
  exit 77
}

[ $# -gt 0 ] || set -- bullseye bookworm trixie
[ "$(id -u)" -eq 0 ] || skip "making a chroot needs root"
unshare --mount --net chroot / true 2>/dev/null || skip "mounting or chroot is not allowed here"

packages="python3 python3-numpy python3-pip python3-venv"
systems=$(augur_cache_folder)/wheel-systems
mkdir -p "$systems" || exit 1

# system SUITE: makes the system beside its place and moves it there when it is complete; sets `system` to its folder.
system() {
  system=$systems/$1-$(echo "$1 $packages" | sha256sum | cut -c 1-16)
  [ ! -d "$system" ] || return 0
  command -v mmdebstrap >/dev/null 2>&1 || skip "mmdebstrap is not installed"
  rm -rf --one-file-system "$systems/new.$1".*
  new=$(mktemp -d "$systems/new.$1.XXXXXX")
  trap 'rm -rf --one-file-system "$new"' EXIT
  trap 'exit 130' INT TERM
  mkdir "$new/root"
  chmod 755 "$new" "$new/root"
  apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' |
    sort -u | sed -n "s/ bookworm / $1 /p" >"$new/sources.list"
  [ -s "$new/sources.list" ] || skip "apt has no lists of Debian 12's archive here (apt-get update makes them)"
  apt-config dump | grep '^Acquire::.*::\(Proxy\|CaInfo\|Verify-Peer\)' >"$new/99acquire" || true
  echo "== Debian $1, made once"
  unshare --mount mmdebstrap --mode=root --variant=apt --aptopt="$new/99acquire" --dpkgopt=force-unsafe-io \
    --aptopt='APT::Install-Recommends "false"' --include="$(echo "$packages" | tr ' ' ,)" \
    "$1" "$new/root" "$new/sources.list" >"$new/log" 2>&1 || {
    cat "$new/log"
    skip "apt here cannot make a Debian $1; the log has what mmdebstrap said"
  }
  mkdir -p "$new/root/srv/augur"
  mv "$new/root" "$system" || exit 1
  rm -rf --one-file-system "$new"
  trap - EXIT
}

# in_system COMMAND...: runs a command as root of the system, with the checkout at /srv/augur, which it cannot change, and
# without a network. What it starts ends with it.
in_system() {
  unshare --mount --net --pid --fork --kill-child timeout -k 10 600 sh -c '
    system=$1 checkout=$2
    shift 2
    mount -t proc proc "$system/proc" && mount --rbind /dev "$system/dev" && mount -t tmpfs -o exec tmpfs "$system/tmp" &&
      mount --bind "$checkout" "$system/srv/augur" && mount -o remount,bind,ro "$system/srv/augur" || exit 1
    exec chroot "$system" env -i HOME=/tmp PATH=/usr/bin:/bin LC_ALL=C.UTF-8 sh -c "cd /tmp && exec \"\$@\"" sh "$@"' \
    sh "$system" "$augur_root" "$@"
}

# try WHEEL
try() {
  in_system sh -ec '
    python3 -m venv --system-site-packages environment
    environment/bin/pip --disable-pip-version-check install --quiet --no-index "/srv/augur/build/wheel/$1"
    mkdir work
    environment/bin/python -B /srv/augur/tests/platforms/wheel/smoke.py /srv/augur/tests/layouts/libraries work' sh "$1"
}

for suite in "$@"; do
  system "$suite"
done
number=$(sed -n 's/^#define AUGUR_VERSION \([0-9]*\).*/\1/p' runtime/include/augur/augur.h)
stem=augur_rank-$((number / 10000)).$((number / 100 % 100)).$((number % 100))-py3-none
many=$stem-manylinux_2_28_x86_64.whl own=$stem-linux_$(uname -m).whl
sh scripts/wheel.sh --manylinux && sh scripts/wheel.sh || exit 1
for wheel in "$many" "$own"; do
  /usr/bin/python3 -B tests/platforms/wheel/wheel_check.py "build/wheel/$wheel" || exit 1
done

# glibc ROOT: its version, as one number: 2.36 is 2036.
glibc() {
  chroot "$1" ldd --version 2>/dev/null | sed -n '1s/.* 2\.\([0-9]*\)$/\1/p' | awk '{ print 2000 + $1 }'
}

passed=0 failed=0
for suite in "$@"; do
  system "$suite"
  wheels=$many
  [ "$(glibc "$system")" -lt "$(glibc /)" ] || wheels="$wheels $own"
  for wheel in $wheels; do
    echo "== Debian $suite: $wheel"
    if try "$wheel"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
  done
done
echo "$passed passed, $failed failed, 0 skipped"
[ $failed -eq 0 ]
