#!/bin/sh
# Makes a folder that answers to the interface of an Android NDK, from Debian's packages of clang 19, and prints its path.
#
#   ANDROID_NDK_HOME=$(sh toolchains/stand-in/ndk.sh) cmake --preset android-arm64
#
# It is a check without Google's NDK, not a way to ship: README.md says what is Android's and what is not. The folder is
# in the cache, named after a hash of this script, of the files in ndk/ and of the packages' versions. It is made once;
# two runs at the same time do not disturb each other.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
cache=${AUGUR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/augur}
llvm=/usr/lib/llvm-19
packages="clang-19 lld-19 llvm-19 libclang-common-19-dev libc++-19-dev libc++abi-19-dev libunwind-19-dev libc6-dev
  linux-libc-dev libc6-dev-arm64-cross linux-libc-dev-arm64-cross libc6-dev-armhf-cross linux-libc-dev-armhf-cross
  libgcc-12-dev libgcc-12-dev-arm64-cross libgcc-12-dev-armhf-cross"

fail() {
  printf '%s\n' "toolchains/stand-in/ndk.sh: $*" >&2
  exit 1
}

command -v dpkg-query >/dev/null 2>&1 ||
  fail "it needs Debian 12 or a system derived from it. Elsewhere install an NDK and set ANDROID_NDK_HOME to its folder."
versions=$(dpkg-query -W -f '${Package} ${Version} ${db:Status-Status}\n' $packages 2>/dev/null | grep ' installed$') || true
missing=
for package in $packages; do
  printf '%s\n' "$versions" | grep -q "^$package " || missing="$missing $package"
done
[ -z "$missing" ] || fail "packages are missing. As root: apt-get install --no-install-recommends$missing"

hash=$({ cd "$here" && find ndk.sh ndk -type f | LC_ALL=C sort | xargs sha256sum; printf '%s\n' "$versions"; } |
  sha256sum | cut -c 1-12)
folder=$cache/stand-in/ndk-$hash
if [ -d "$folder" ]; then
  echo "$folder"
  exit 0
fi

mkdir -p "$cache/stand-in" "$cache/downloads"
part=$(mktemp -d "$cache/stand-in/ndk-$hash.XXXXXX")
trap 'rm -rf "$part"' EXIT
trap 'exit 130' INT TERM
toolchain=toolchains/llvm/prebuilt/linux-x86_64
bin=$part/$toolchain/bin sysroot=$part/$toolchain/sysroot resources=$part/$toolchain/lib/clang/19
mkdir -p "$part/build/cmake" "$bin" "$sysroot/usr/include/c++" "$resources/lib/linux" "$part/work/debian"

cp "$here/ndk/cmake/android.toolchain.cmake" "$part/build/cmake/"
echo "Pkg.Desc = Augur's stand-in for an NDK: for checks, not for shipping" >"$part/source.properties"

# ---------------------------------------------------------------------------------------------------------- programs

# The folder's final path is written into the scripts, because the compiler's path is in every command.
for tool in clang clang++; do
  defines=
  [ $tool = clang++ ] || defines="-D_GNU_SOURCE"  # bionic's headers show everything; clang++ defines it anyway
  cat >"$bin/$tool" <<END
#!/bin/sh
exec $llvm/bin/$tool --start-no-unused-arguments -resource-dir $folder/$toolchain/lib/clang/19 -rtlib=compiler-rt \\
  -unwindlib=libunwind -fuse-ld=lld $defines -isystem $folder/$toolchain/sysroot/stand-in \\
  --end-no-unused-arguments "\$@"
END
  chmod +x "$bin/$tool"
done
for tool in ld.lld llvm-addr2line llvm-ar llvm-dwarfdump llvm-nm llvm-objcopy llvm-objdump llvm-ranlib llvm-readelf \
  llvm-readobj llvm-size llvm-strip llvm-symbolizer; do
  ln -s "$llvm/bin/$tool" "$bin/$tool"
done

# ----------------------------------------------------------------------------------------------------------- headers

# unpack FILE-PATTERN FOLDER: extracts the pinned packages whose name fits the pattern.
unpack() {
  grep -v '^#' "$here/ndk/pins.txt" | while read -r pool_path sha256; do
    name=$(basename "$pool_path")
    case $name in $1) ;; *) continue ;; esac
    deb=$cache/downloads/$name
    [ -f "$deb" ] || sh "$here/../third-party/fetch-debian.sh" "$pool_path" "$sha256" "$part/work/$name" ||
      fail "cannot fetch $name from Debian's archive. Put the file at $deb (its SHA-256: $sha256)."
    [ -f "$deb" ] || mv "$part/work/$name" "$deb"
    echo "$sha256  $deb" | sha256sum --check --status || fail "$deb is not the pinned file: delete it."
    dpkg-deb -x "$deb" "$part/work/debian/$2"
  done
}

unpack 'android-*' android
unpack '*_arm64.deb' arm64
unpack '*_armhf.deb' armhf
android=$part/work/debian/android/usr/include/android
cp -R "$here/ndk/include" "$sysroot/stand-in"
cp "$android/nativehelper/jni.h" "$sysroot/usr/include/"
mkdir "$sysroot/usr/include/android"
cp "$android/android/log.h" "$android/android/asset_manager.h" "$android/android/asset_manager_jni.h" \
  "$sysroot/usr/include/android/"
ln -s "$llvm/lib/clang/19/include" "$resources/include"
ln -s "$llvm/include/c++/v1" "$sysroot/usr/include/c++/v1"

# c_headers TRIPLE PACKAGE...: links the C headers of these packages into the triple's folder.
c_headers() {
  headers=$sysroot/usr/include/$1
  mkdir -p "$headers"
  shift
  dpkg -L "$@" | grep -E '^(/usr/include|/usr/include/x86_64-linux-gnu|/usr/[a-z0-9-]*-linux-gnu[a-z]*/include)/[^/]+$' |
    grep -v -x /usr/include/x86_64-linux-gnu | while read -r header; do
      [ -e "$headers/${header##*/}" ] || ln -s "$header" "$headers/"
    done
}

# --------------------------------------------------------------------------------------------------------- libraries

# symbols ABI LIBRARY: prints "function NAME" or "variable NAME" for all that the library has.
symbols() {
  awk -v abi="$1" '
    /^#/ { next }
    /:$/ { section = substr($0, 1, length($0) - 1); next }
    section == "all" || section == abi || (section == "64-bit" && abi != "armv7") {
      for (i = 1; i <= NF; i++) print "function", $i
    }
    section == "variables" { for (i = 1; i <= NF; i++) print "variable", $i }' "$here/ndk/symbols/$2.txt"
}

# stub_library TARGET ABI LIBRARY OUT-FOLDER: a shared library that has exactly the listed names.
stub_library() {
  symbols "$2" "$3" | awk '
    $1 == "function" { print "void " $2 "(void) {}" }
    $1 == "variable" { print "char " $2 "[256];" }' >"$part/work/stub.c"
  "$llvm/bin/clang" --target="$1" -w -ffreestanding -fno-builtin -fno-stack-protector -fPIC -nostdlib -shared -fuse-ld=lld \
    "-Wl,-soname,$3.so" "$part/work/stub.c" -o "$4/$3.so"
}

# start_files TARGET OUT-FOLDER: the objects that stand before and after a program's or a library's own.
start_files() {
  cat >"$part/work/start.c" <<'END'
extern void __cxa_finalize(void*);
extern int __cxa_atexit(void (*)(void*), void*, void*);
__attribute__((visibility("hidden"))) void* __dso_handle = &__dso_handle;
__attribute__((visibility("hidden"))) int atexit(void (*function)(void)) {
  return __cxa_atexit((void (*)(void*))function, 0, &__dso_handle);
}
__attribute__((destructor)) static void finalize(void) { __cxa_finalize(&__dso_handle); }
#ifdef PROGRAM
extern void __libc_init(void*, void (*)(void), int (*)(void), void*);
extern int main(void);
void _start(void) { __libc_init(0, 0, main, 0); }
#endif
END
  compile="$llvm/bin/clang --target=$1 -w -Os -fPIC -c"
  $compile "$part/work/start.c" -o "$2/crtbegin_so.o"
  $compile -DPROGRAM "$part/work/start.c" -o "$2/crtbegin_dynamic.o"
  $compile -x c /dev/null -o "$2/crtend_so.o"
  cp "$2/crtend_so.o" "$2/crtend_android.o"
}

# cxx_libraries TARGET ABI FOLDER-OF-ARCHIVES OUT-FOLDER: Debian's static libc++, libc++abi and libunwind. They call some
# functions that only glibc has. These names get a prefix in the archives and are defined in libstand-in.a; so a program
# links, while its own code must still do with what is in Android's libraries. The attributes of 32-bit objects go, because
# Debian's pass floats in registers of the vector unit, and Android's in general ones; .deplibs names glibc's libraries.
cxx_libraries() {
  work=$part/work/cxx-$2
  mkdir "$work"
  for archive in libc++ libc++abi libunwind; do
    "$llvm/bin/llvm-objcopy" --strip-debug --remove-section=.ARM.attributes --remove-section=.deplibs "$3/$archive.a" \
      "$work/$archive.a"
  done
  { for library in libc libm libdl; do symbols "$2" $library; done | cut -d ' ' -f 2
    "$llvm/bin/llvm-nm" --defined-only --format=just-symbols --quiet "$work"/*.a "$builtins"
  } | sort -u >"$work/known"
  "$llvm/bin/llvm-nm" --undefined-only --format=just-symbols --quiet "$work"/*.a |
    grep -v -e ':$' -e '^$' -e '^_GLOBAL_OFFSET_TABLE_$' | sort -u | comm -23 - "$work/known" >"$work/unknown"
  sed 's/.*/& augur_stand_in_&/' "$work/unknown" >"$work/names"
  for archive in libc++ libc++abi libunwind; do
    "$llvm/bin/llvm-objcopy" "--redefine-syms=$work/names" "$work/$archive.a"
  done
  sed 's/.*/void augur_stand_in_&(void) { __builtin_trap(); }/' "$work/unknown" >"$work/stand-in.c"
  "$llvm/bin/clang" --target="$1" -w -Os -fPIC -ffunction-sections -c "$work/stand-in.c" -o "$work/stand-in.o"
  "$llvm/bin/llvm-ar" rcs "$4/libstand-in.a" "$work/stand-in.o"
  mv "$work/libc++.a" "$4/libc++_static.a"
  mv "$work/libc++abi.a" "$work/libunwind.a" "$4/"
  echo 'INPUT(-lc++_static -lc++abi -lstand-in)' >"$4/libc++.a"
  "$llvm/bin/llvm-ar" rcs "$4/libatomic.a"
  "$llvm/bin/clang" --target="$1" -nostdlib -shared -fuse-ld=lld -Wl,-soname,libc++_shared.so -x c /dev/null \
    -o "$4/libc++_shared.so"
  echo 'INPUT(-lc++_shared)' >"$4/libc++.so"
}

# abi ABI TRIPLE TARGET NAME-OF-BUILTINS LIBGCC-FOLDER FOLDER-OF-ARCHIVES: all libraries of one ABI.
abi() {
  libraries=$sysroot/usr/lib/$2
  mkdir -p "$libraries/21"
  # GCC's support functions in place of compiler-rt's: of the same names, for what a processor has no instruction for,
  # and for thread-local variables.
  builtins=$resources/lib/linux/libclang_rt.builtins-$4-android.a
  "$llvm/bin/llvm-objcopy" --redefine-sym __getauxval=getauxval --remove-section=.ARM.attributes "$5/libgcc.a" "$builtins"
  (cd "$part/work" && "$llvm/bin/llvm-ar" x "$5/libgcc_eh.a" emutls.o)
  "$llvm/bin/llvm-objcopy" --remove-section=.ARM.attributes "$part/work/emutls.o"
  "$llvm/bin/llvm-ar" rs "$builtins" "$part/work/emutls.o" 2>/dev/null
  if [ "$1" = armv7 ]; then
    "$llvm/bin/clang" "--target=$3" -Os -fPIC -fno-builtin -ffunction-sections -w -c "$here/ndk/aeabi.c" \
      -o "$part/work/aeabi.o"
    "$llvm/bin/llvm-ar" rs "$builtins" "$part/work/aeabi.o" 2>/dev/null
  fi
  for library in libc libm libdl liblog libandroid; do
    stub_library "$3" "$1" $library "$libraries/21"
  done
  start_files "$3" "$libraries/21"
  cxx_libraries "$3" "$1" "$6" "$libraries"
}

c_headers aarch64-linux-android libc6-dev-arm64-cross linux-libc-dev-arm64-cross
c_headers arm-linux-androideabi libc6-dev-armhf-cross linux-libc-dev-armhf-cross
c_headers x86_64-linux-android libc6-dev linux-libc-dev
debian=$part/work/debian
abi arm64 aarch64-linux-android aarch64-linux-android21 aarch64 /usr/lib/gcc-cross/aarch64-linux-gnu/12 \
  "$debian/arm64$llvm/lib"
abi armv7 arm-linux-androideabi armv7a-linux-androideabi21 arm /usr/lib/gcc-cross/arm-linux-gnueabihf/12 \
  "$debian/armhf$llvm/lib"
abi x86_64 x86_64-linux-android x86_64-linux-android21 x86_64 /usr/lib/gcc/x86_64-linux-gnu/12 "$llvm/lib"

rm -rf "$part/work"
chmod 755 "$part"
mv -T "$part" "$folder" 2>/dev/null || [ -d "$folder" ] || fail "cannot make $folder"
echo "$folder"
