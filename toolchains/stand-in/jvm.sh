#!/bin/sh
# Fetches what compiles and tests platforms/android without the Android SDK, and prints the folder: the framework's classes
# of Android 5.0 (API 21) as android.jar, Kotlin's compiler, kotlinx-coroutines, JUnit 5.
#
#   javac --release 8 -cp "$(sh toolchains/stand-in/jvm.sh)/android.jar" …
#
# They come from Maven Central through mvn: jvm/pom.xml has the versions, jvm/SHA256SUMS what the files must be. The folder
# is in the cache, named after a hash of these two files; then neither mvn nor the network is needed.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
cache=${AUGUR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/augur}

fail() {
  printf '%s\n' "toolchains/stand-in/jvm.sh: $*" >&2
  exit 1
}

hash=$(cd "$here" && cat jvm.sh jvm/pom.xml jvm/SHA256SUMS | sha256sum | cut -c 1-12)
folder=$cache/stand-in/jvm-$hash
if [ -d "$folder" ]; then
  echo "$folder"
  exit 0
fi

command -v mvn >/dev/null 2>&1 || fail "mvn is missing. As root: apt-get install --no-install-recommends maven"
mkdir -p "$cache/stand-in"
part=$(mktemp -d "$cache/stand-in/jvm-$hash.XXXXXX")
trap 'rm -rf "$part"' EXIT
trap 'exit 130' INT TERM
mvn -B -q -f "$here/jvm/pom.xml" dependency:copy-dependencies -DoutputDirectory="$part/jars" >&2 ||
  fail "mvn could not fetch the files that jvm/pom.xml names. Its messages are above; it needs Maven Central, or a mirror
of it in ~/.m2/settings.xml."
(cd "$part/jars" && sha256sum --check --quiet "$here/jvm/SHA256SUMS" >&2) ||
  fail "a file is not the pinned one (jvm/SHA256SUMS)"
[ "$(ls "$part/jars" | wc -l)" -eq "$(wc -l <"$here/jvm/SHA256SUMS")" ] ||
  fail "mvn fetched files that jvm/SHA256SUMS does not list: $(ls "$part/jars" | tr '\n' ' ')"
mv "$part/jars/"android-all-*.jar "$part/jars/android.jar"
chmod 755 "$part/jars"
mv -T "$part/jars" "$folder" 2>/dev/null || [ -d "$folder" ] || fail "cannot write $folder"
echo "$folder"
