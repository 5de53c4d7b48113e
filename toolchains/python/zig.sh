#!/bin/sh
# Makes the compilers zig-cc and zig-c++ of a Python environment that has the package ziglang, and prints their folder.
# Each is a script, because CMake and ccache want a compiler to be one program.
#
#   sh toolchains/python/zig.sh PYTHON
set -eu

python=$1
target=x86_64-linux-gnu.2.28
[ "$(uname -m)" = x86_64 ] || { echo "The manylinux wheel is built on x86-64 only; this machine is $(uname -m)." >&2; exit 1; }
zig=$("$python" -c 'import os, ziglang; print(os.path.join(os.path.dirname(ziglang.__file__), "zig"))')
folder=$(dirname "$(dirname "$python")")/zig-2.28
mkdir -p "$folder/cache"
for language in cc c++; do
  cat >"$folder/zig-$language.$$" <<END
#!/bin/sh
# Zig compiles its C++ library once for each target, into this folder.
ZIG_GLOBAL_CACHE_DIR='$folder/cache'
export ZIG_GLOBAL_CACHE_DIR
exec '$zig' $language -target $target "\$@"
END
  chmod +x "$folder/zig-$language.$$"
  # An unchanged compiler keeps its date, by which ccache knows it.
  if cmp -s "$folder/zig-$language.$$" "$folder/zig-$language"; then
    rm "$folder/zig-$language.$$"
  else
    mv "$folder/zig-$language.$$" "$folder/zig-$language"
  fi
done
echo "$folder"
