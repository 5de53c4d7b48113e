#!/bin/sh
# Fetches one upstream tarball from the Debian archive that this machine's apt is configured for.
#
#   fetch-debian.sh [--rolling] POOL_PATH SHA256 OUT_FILE
#
# POOL_PATH is below pool/main/. The file is checked against SHA256 before it appears as OUT_FILE.
# --rolling: if the archive no longer has the file, takes the present tarball of the same source package in sid
# instead; its name and hash come from sid's signed index.
set -eu

rolling=no
if [ "${1-}" = --rolling ]; then rolling=yes; shift; fi
[ $# -eq 3 ] || { echo "usage: fetch-debian.sh [--rolling] POOL_PATH SHA256 OUT_FILE" >&2; exit 2; }
pool_path=$1 sha256=$2 out=$3

helper=/usr/lib/apt/apt-helper
[ -x "$helper" ] || { echo "no apt on this machine" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# Prints the archives that apt knows, Debian's own first. apt knows their labels only after apt-get update.
archives() {
  { apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian'
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages'; } 2>/dev/null |
    awk '!seen[$0]++'
}

# download URI-PATH SHA256: downloads the file from the first archive that has it with this hash.
download() {
  for uri in $(archives); do
    if "$helper" -o APT::Sandbox::User=root download-file "$uri$1" "$work/file" "SHA256:$2" \
        >"$work/log" 2>&1; then
      mv "$work/file" "$out"
      return 0
    fi
    sed -n 's/^E: //p' "$work/log" | head -n 1 >&2
  done
  return 1
}

# sid_tarball PACKAGE: prints "path sha256" of its upstream tarball in sid. apt fetches sid's index and verifies it with
# Debian's keyring, in a temporary state folder, so that the package lists of this machine stay as they are.
sid_tarball() {
  keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  for uri in $(archives); do
    state=$work/sid
    rm -rf "$state"
    mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
    echo "deb-src [signed-by=$keyring] ${uri%/} sid main" >"$state/sources.list"
    set -- "$1" -o Dir::State="$state" -o Dir::State::lists="$state/lists" -o Dir::Cache="$state/cache" \
      -o Dir::Etc::sourcelist="$state/sources.list" -o Dir::Etc::sourceparts=/dev/null \
      -o APT::Sandbox::User=root
    package=$1
    shift
    apt-get "$@" update >"$work/log" 2>&1 || continue
    index=$(apt-get "$@" indextargets --format '$(FILENAME)' 'Created-By: Sources' | head -n 1)
    "$helper" cat-file "$index" | awk -v package="$package" '
      BEGIN { RS = ""; FS = "\n" }
      $1 == "Package: " package {
        folder = ""; sums = 0
        for (i = 1; i <= NF; i++) {
          if ($i ~ /^[A-Z]/) sums = ($i ~ /^Checksums-Sha256:/)
          if ($i ~ /^Directory: /) folder = substr($i, 12)
          if (sums && $i ~ /\.orig\.tar\.(xz|gz|bz2)$/) { split($i, part, " "); hash = part[1]; file = part[3] }
        }
        found = folder "/" file " " hash
      }
      END { if (found != "") print found; else exit 1 }' && return 0
    set -- "$package"
  done
  return 1
}

download "pool/main/$pool_path" "$sha256" && exit 0
[ "$rolling" = yes ] || exit 1

package=$(basename "$(dirname "$pool_path")")
newer=$(sid_tarball "$package") || { echo "sid's index does not name a tarball of $package" >&2; exit 1; }
echo "taking ${newer% *} in place of the pinned $(basename "$pool_path")" >&2
download "${newer% *}" "${newer#* }"
