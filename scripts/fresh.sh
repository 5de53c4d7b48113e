#!/bin/sh
# Runs the first commands on a machine with nothing installed: a minimal Debian 12 made by mmdebstrap, with an
# empty cache, the apt configuration of this machine, and a copy of this checkout. `sh scripts/demo.sh` must print its
# table, then test.sh must get past its first configuration. Nothing may be fetched that Debian has as a package.
#
#   sh scripts/fresh.sh [--always]
#
# Exit status: 0 passed, 77 skipped, with the reason as the last line. It is skipped if a chroot is not possible, if apt
# does not reach Debian's archive, or if the scripts, CMake files and pins have not changed since it passed last (their
# hash is kept in the cache; --always runs it anyway).
set -u

. "$(dirname "$0")/common.sh"
cd "$augur_root"

skip() {
  echo "$1"
  exit 77
}

# One hash of all files that decide what the first commands do.
inputs=$({
  find scripts toolchains -type f
  find . -path ./build -prune -o -path ./.git -prune -o \( -name CMakeLists.txt -o -name '*.cmake' \) -type f -print
  echo CMakePresets.json
} | LC_ALL=C sort -u | xargs sha256sum | sha256sum | cut -c 1-24)
stamps=$(augur_cache_folder)/fresh
if [ "${1-}" != --always ] && [ -f "$stamps/$inputs" ]; then
  skip "the scripts, CMake files and pins are those of the last pass, whose demo took $(cat "$stamps/$inputs") s"
fi
[ "$(id -u)" -eq 0 ] || skip "making a chroot needs root"
command -v mmdebstrap >/dev/null 2>&1 || skip "mmdebstrap is not installed"
unshare --mount chroot / true 2>/dev/null || skip "mounting or chroot is not allowed here"

work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT
trap 'exit 130' INT TERM
bare=$work/bare
mkdir -p "$bare"
chmod 755 "$work" "$bare"
tar --exclude=./build --exclude=./.git -cf "$work/checkout.tar" . || exit 1  # with changes that are not committed

# This machine's apt configuration: Debian's archives among its sources, and its proxy and certificates.
apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' |
  sort -u >"$work/sources.list"
[ -s "$work/sources.list" ] || skip "apt has no lists of Debian's archive here (apt-get update makes them)"
apt-config dump | grep '^Acquire::.*::\(Proxy\|CaInfo\|Verify-Peer\)' >"$work/99acquire" || true
echo "== minimal Debian 12"  # force-unsafe-io: dpkg does not wait for the disk, as in Debian's container images
unshare --mount mmdebstrap --mode=root --variant=apt --aptopt="$work/99acquire" --dpkgopt=force-unsafe-io \
  bookworm "$bare" "$work/sources.list" ||
  skip "apt here cannot make a minimal Debian; the log has what mmdebstrap said"
for file in /etc/resolv.conf /etc/hosts; do
  [ ! -f "$file" ] || cp -L "$file" "$bare$file"
done
mkdir -p "$bare/srv/augur" "$bare/srv/home"
tar -xf "$work/checkout.tar" -C "$bare/srv/augur" --no-same-owner || exit 1

# bare COMMAND...: runs a command in the checkout's copy, for 20 minutes at most. The mounts end with it.
bare() {
  unshare --mount timeout -k 10 1200 sh -c '
    root=$1
    shift
    mount -t proc proc "$root/proc" && mount --rbind /dev "$root/dev" && mount -t tmpfs tmpfs "$root/tmp" || exit 1
    exec chroot "$root" env -i HOME=/srv/home PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C \
      ${CMAKE_BUILD_PARALLEL_LEVEL:+"CMAKE_BUILD_PARALLEL_LEVEL=$CMAKE_BUILD_PARALLEL_LEVEL"} \
      ${http_proxy:+"http_proxy=$http_proxy"} ${https_proxy:+"https_proxy=$https_proxy"} \
      ${no_proxy:+"no_proxy=$no_proxy"} sh -c "cd /srv/augur && exec \"\$@\"" sh "$@"' sh "$bare" "$@"
}

# Skips the test if the bare machine cannot reach the archive. Removes the package lists again that this fetches.
must_reach_debian() {
  reached=yes
  bare apt-get -q -o APT::Update::Error-Mode=any update >"$work/reach.txt" 2>&1 || reached=no
  rm -rf "$bare"/var/lib/apt/lists/*
  [ $reached = yes ] || skip "apt does not get to Debian's archive: $(grep -m 1 '^E: ' "$work/reach.txt")"
}

# tried COMMAND...: runs a command on the bare machine; its output is shown and kept in output.txt. If it fails, the
# script fails; but if the network is down, the script is skipped.
tried() {
  echo "== $*"
  {
    bare "$@" 2>&1
    echo $? >"$work/status"
  } | tee "$work/output.txt"
  [ "$(cat "$work/status")" -ne 0 ] || return 0
  must_reach_debian
  echo "'$*' failed on a bare machine."
  exit 1
}

must_reach_debian
begin=$(date +%s)
tried sh scripts/demo.sh
seconds=$(($(date +%s) - begin))
for row in '^ *DIEN .* 0\.[0-9]* ' '^ *the same user, ranked again  *[0-9]'; do
  grep -q "$row" "$work/output.txt" || { echo "scripts/demo.sh printed no line like '$row'."; exit 1; }
done
tried sh scripts/test.sh --only host --configure

for file in "$bare"/srv/home/.cache/augur/src/*; do
  case ${file##*/} in
    *.lock | xnnpack-* | cpuinfo-* | fxdiv-* | pthreadpool-* | highway-*) ;;
    *) echo "${file##*/} was fetched, though Debian has it as a package."; exit 1 ;;
  esac
done

mkdir -p "$stamps"
echo "$seconds" >"$stamps/$inputs"
echo "the demo took $seconds s on a bare machine"
