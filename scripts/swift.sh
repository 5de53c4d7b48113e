#!/bin/sh
# Runs a command in a Debian 13 with Swift's compiler (swiftlang), because Debian 12 has none. The checkout is mounted
# there as /srv/augur, which is also the working folder. The command has no network.
#
#   sh scripts/swift.sh COMMAND...          for example: sh scripts/swift.sh swift build
#   sh scripts/swift.sh                     only makes the system
#
# The system is made once, by mmdebstrap with this machine's apt configuration, and kept in the cache (2.1 GB). Its folder's
# name is a hash of what it is made from.
#
# Exit status: the command's, or 77 with the reason as the last line, if such a system cannot be made or used here.
set -u

. "$(dirname "$0")/common.sh"

packages="swiftlang libc6-dev libstdc++-14-dev binutils-gold"
# What only a debugger or an editor needs, and libraries for static linking.
dropped="bin/lldb bin/lldb-server bin/lldb-dap bin/sourcekit-lsp bin/clangd bin/wasm-ld lib/liblldb.so.17.0.0
  lib/libsourcekitdInProc.so lib/swift_static"

skip() {
  echo "$1"
  exit 77
}

[ "$(id -u)" -eq 0 ] || skip "making a chroot needs root"
unshare --mount --net chroot / true 2>/dev/null || skip "mounting or chroot is not allowed here"

key=$(echo "trixie $packages $dropped" | sha256sum | cut -c 1-16)
systems=$(augur_cache_folder)/swift
system=$systems/trixie-$key
mkdir -p "$systems" || exit 1

# Makes the system beside its place and moves it there when it is complete. The lock lets one script alone make it.
make_system() {
  command -v mmdebstrap >/dev/null 2>&1 || skip "mmdebstrap is not installed"
  exec 9>"$systems/lock"
  flock 9 || exit 1
  [ ! -d "$system" ] || return 0
  rm -rf --one-file-system "$systems"/new.*
  new=$(mktemp -d "$systems/new.XXXXXX")
  trap 'rm -rf --one-file-system "$new"' EXIT
  trap 'exit 130' INT TERM
  mkdir "$new/root"
  chmod 755 "$new" "$new/root"
  apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' |
    sort -u | sed -n 's/ bookworm / trixie /p' >"$new/sources.list"
  [ -s "$new/sources.list" ] || skip "apt has no lists of Debian 12's archive here (apt-get update makes them)"
  apt-config dump | grep '^Acquire::.*::\(Proxy\|CaInfo\|Verify-Peer\)' >"$new/99acquire" || true
  unshare --mount mmdebstrap --mode=root --variant=apt --aptopt="$new/99acquire" --dpkgopt=force-unsafe-io \
    --aptopt='APT::Install-Recommends "false"' --include="$(echo "$packages" | tr ' ' ,)" \
    trixie "$new/root" "$new/sources.list" >&2 ||
    skip "apt here cannot make a Debian 13 (trixie) with swiftlang; the log has what mmdebstrap said"
  for file in $dropped; do
    rm -rf "$new/root/usr/libexec/swift/$file"
  done
  mkdir -p "$new/root/srv/augur"
  mv "$new/root" "$system" || exit 1
}

[ -d "$system" ] || make_system
[ $# -gt 0 ] || exit 0

home=$augur_root/build/swift/home  # keeps the compiler's module cache
mkdir -p "$home"
# With a process namespace of its own, so that whatever the command started ends with it.
exec unshare --mount --net --pid --fork --kill-child sh -c '
  system=$1 checkout=$2
  shift 2
  mount -t proc proc "$system/proc" && mount --rbind /dev "$system/dev" && mount -t tmpfs tmpfs "$system/tmp" &&
    mount --bind "$checkout" "$system/srv/augur" || exit 1
  exec chroot "$system" env -i HOME=/srv/augur/build/swift/home PATH=/usr/bin:/bin:/usr/libexec/swift/bin LC_ALL=C.UTF-8 \
    sh -c "cd /srv/augur && exec \"\$@\"" sh "$@"' sh "$system" "$augur_root" "$@"
