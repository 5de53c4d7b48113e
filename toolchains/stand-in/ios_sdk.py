#!/usr/bin/env python3
"""Makes a folder that answers to the part of Xcode's interface that Augur's build uses, and prints its path.

    python3 toolchains/stand-in/ios_sdk.py
    PATH=$(python3 toolchains/stand-in/ios_sdk.py)/bin:$PATH cmake --preset ios-arm64

It is a check without Apple's SDK, not a way to ship: what it builds has never run on a device.

    <cache>/stand-in/ios-<hash of what it is made of>/
        bin/xcrun               the only program that has to be on the PATH; finds the SDKs and the tools
        resources/              the compiler's own headers and library
        tools/                  clang, clang++, libtool, lipo, otool, install_name_tool, strip, dsymutil, ...
        iPhoneOS.sdk/           Darwin's headers and stubs of its libraries
        iPhoneSimulator.sdk/

The compiler, the linker and the C++ headers are Debian's (clang-19, lld-19, llvm-19, libc++-19-dev). Darwin's
headers and the list of functions in libSystem come from the PyPI package ziglang; they are those of macOS, marked
with the availability of each function on iOS. A second run finds the folder and does nothing.
"""

import hashlib
import json
import os
from pathlib import Path
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

LLVM = Path('/usr/lib/llvm-19')
PACKAGE = 'ziglang'
VERSION = '0.17.1'
WHEEL = (f'{PACKAGE}-{VERSION}-py3-none-manylinux_2_12_x86_64.manylinux2010_x86_64.'
         'musllinux_1_1_x86_64.whl')
WHEEL_SHA256 = 'ea6cc5d87b033cf0aedfbc8f9549a908cae6c50ac31f1698188fa48a74524b54'
WHEEL_HEADERS = 'ziglang/lib/libc/include/any-darwin-any/'
WHEEL_LIBRARY = 'ziglang/lib/libc/darwin/libSystem.tbd'
WHEEL_SETTINGS = 'ziglang/lib/libc/darwin/SDKSettings.json'

# Apple's name of each tool: LLVM's name.
TOOLS = {
    'ar': 'llvm-ar', 'dsymutil': 'dsymutil', 'dwarfdump': 'llvm-dwarfdump',
    'install_name_tool': 'llvm-install-name-tool', 'libtool': 'llvm-libtool-darwin',
    'lipo': 'llvm-lipo', 'nm': 'llvm-nm', 'objdump': 'llvm-objdump', 'otool': 'llvm-otool',
    'ranlib': 'llvm-ranlib', 'size': 'llvm-size', 'strip': 'llvm-strip', 'strings': 'llvm-strings',
}
SDKS = {'iphoneos': 'iPhoneOS', 'iphonesimulator': 'iPhoneSimulator'}
# What each architecture of macOS in libSystem.tbd stands for. arm64e: the newest libraries have no arm64 on macOS.
TARGETS = {
    'x86_64-macos': ['x86_64-ios-simulator'],
    'arm64-macos': ['arm64-ios', 'arm64-ios-simulator'],
    'arm64e-macos': ['arm64-ios', 'arm64-ios-simulator'],
}

COMPILER = '''#!/bin/sh
# The system and its oldest version are chosen by -isysroot and -m...-version-min, as with Apple's clang.
root=$(cd "$(dirname "$0")/.." && pwd)
exec {llvm}/bin/{name} --start-no-unused-arguments --target=arm64-apple-darwin -mlinker-version=907 \\
  -fuse-ld={llvm}/bin/ld64.lld -resource-dir "$root/resources" --end-no-unused-arguments "$@"
'''

LINKER = '''#!/bin/sh
# lld takes itself for the linker of ELF files if its name is ld.
exec {llvm}/bin/ld64.lld "$@"
'''

# What code for x86-64 asks the compiler's own library: which instructions the processor has. The answer is: none.
RUNTIME = '''
__attribute__((visibility("hidden"))) struct { unsigned vendor, type, subtype, features; } __cpu_model = { 0, 0, 0, 0 };
__attribute__((visibility("hidden"))) unsigned __cpu_features2[3] = { 0, 0, 0 };
__attribute__((visibility("hidden"))) int __cpu_indicator_init(void) { return 0; }
'''

XCRUN = '''#!/bin/sh
# The part of xcrun that Augur's build uses.
root=$(cd "$(dirname "$0")/.." && pwd)
sdk=iphoneos find=no
while [ $# -gt 0 ]; do
  case $1 in
    --sdk | -sdk) sdk=$2; shift 2 ;;
    --find | -find | -f) find=yes; shift ;;
    *) break ;;
  esac
done
case $sdk in
  iphoneos | */iPhoneOS.sdk) folder=$root/iPhoneOS.sdk ;;
  iphonesimulator | */iPhoneSimulator.sdk) folder=$root/iPhoneSimulator.sdk ;;
  *) echo "xcrun (stand-in): there is no SDK '$sdk', only iphoneos and iphonesimulator" >&2; exit 1 ;;
esac
case ${{1-}} in
  --show-sdk-path | -show-sdk-path) echo "$folder"; exit ;;
  --show-sdk-version | -show-sdk-version) echo {version}; exit ;;
esac
tool=${{1-}}
if [ -z "$tool" ] || [ ! -x "$root/tools/$tool" ]; then
  echo "xcrun (stand-in): there is no tool '$tool'" >&2
  exit 72
fi
if [ $find = yes ]; then echo "$root/tools/$tool"; exit; fi
shift
exec "$root/tools/$tool" "$@"
'''


def fail(message):
    sys.exit(f'ios_sdk.py: {message}')


def cache_folder():
    """The folder of scripts/common.sh's augur_cache_folder and AugurCache.cmake."""
    if os.environ.get('AUGUR_CACHE'):
        return Path(os.environ['AUGUR_CACHE'])
    base = os.environ.get('XDG_CACHE_HOME')
    return (Path(base) if base else Path.home() / '.cache') / 'augur'


def sha256(path):
    digest = hashlib.sha256()
    with open(path, 'rb') as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def wheel_in_cache():
    """Returns the wheel in the cache, fetched by pip if it is not there. pip checks its SHA-256."""
    wheel = cache_folder() / 'downloads' / WHEEL
    if wheel.exists():
        found = sha256(wheel)
        if found != WHEEL_SHA256:
            fail(f"{wheel}: SHA-256 is {found}, expected {WHEEL_SHA256}. Delete the file and run again.")
        return wheel
    wheel.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=wheel.parent) as folder:
        wanted = Path(folder) / 'wanted.txt'
        wanted.write_text(f'{PACKAGE}=={VERSION} --hash=sha256:{WHEEL_SHA256}\n')
        command = [sys.executable, '-m', 'pip', '--disable-pip-version-check', 'download', '--quiet', '--no-deps',
                   '--require-hashes', '--only-binary=:all:', '--platform=manylinux_2_12_x86_64', '--dest', folder,
                   '--requirement', str(wanted)]
        result = subprocess.run(command, capture_output=True, text=True)
        if result.returncode != 0 or not (Path(folder) / WHEEL).exists():
            fail(f'cannot fetch {PACKAGE} {VERSION} with pip (on Debian: apt-get install python3-pip):\n'
                 f'{result.stdout}{result.stderr}'
                 f'Without a network, put {WHEEL} into {wheel.parent}.')
        os.replace(Path(folder) / WHEEL, wheel)
    return wheel


def check_llvm():
    needed = ['clang', 'clang++', 'ld64.lld', *TOOLS.values()]
    missing = [name for name in needed if not (LLVM / 'bin' / name).exists()]
    if not (LLVM / 'include/c++/v1/__config').exists():
        missing.append('the headers of libc++')
    if missing:
        fail(f"{LLVM} lacks {', '.join(missing)}. On Debian: apt-get install "
             'clang-19 lld-19 llvm-19 libc++-19-dev libc++abi-19-dev')


def for_ios(stub):
    """libSystem.tbd with the targets of iOS in place of those of macOS."""
    def replace(match):
        targets = []
        for name in re.split(r'[\s,]+', match.group(2).strip()):
            targets += [target for target in TARGETS.get(name, []) if target not in targets]
        return f"{match.group(1)}[ {', '.join(targets or ['arm64-ios-simulator'])} ]"
    return re.sub(r'(targets:\s*)\[([^\]]*)\]', replace, stub)


def cxx_stub():
    """A stub of libc++ with the symbols of Debian's libc++ and libc++abi, for programs that use it."""
    symbols = set()
    for library in ('libc++.so.1', 'libc++abi.so.1'):
        listing = subprocess.run([LLVM / 'bin/llvm-nm', '--dynamic', '--defined-only', '--format=just-symbols',
                                  LLVM / 'lib' / library], check=True, capture_output=True, text=True).stdout
        symbols.update(line.split('@')[0] for line in listing.split())
    names = ', '.join(f"'_{name}'" for name in sorted(symbols))
    targets = 'arm64-ios, arm64-ios-simulator, x86_64-ios-simulator'
    return (f"--- !tapi-tbd\ntbd-version: 4\ntargets: [ {targets} ]\ninstall-name: '/usr/lib/libc++.1.dylib'\n"
            f"current-version: 1\nexports:\n  - targets: [ {targets} ]\n    symbols: [ {names} ]\n...\n")


def write_program(path, text):
    path.write_text(text)
    path.chmod(0o755)
    # ccache takes a compiler for another one if its time differs.
    time = (LLVM / 'bin/clang').stat().st_mtime
    os.utime(path, (time, time))


def make_resources(root):
    """The compiler's own headers, and a library in place of Apple's libclang_rt.iossim.a."""
    folder = root / 'resources'
    libraries = folder / 'lib/darwin'
    libraries.mkdir(parents=True)
    found = subprocess.run([LLVM / 'bin/clang', '-print-resource-dir'], check=True, capture_output=True, text=True)
    (folder / 'include').symlink_to(Path(found.stdout.strip()) / 'include')
    with tempfile.TemporaryDirectory() as work:
        source, compiled = Path(work) / 'runtime.c', Path(work) / 'runtime.o'
        source.write_text(RUNTIME)
        subprocess.run([root / 'tools/clang', '-arch', 'x86_64', '-mios-simulator-version-min=13.0', '-isysroot',
                        root / 'iPhoneSimulator.sdk', '-c', source, '-o', compiled], check=True)
        subprocess.run([root / 'tools/libtool', '-static', '-o', libraries / 'libclang_rt.iossim.a', compiled],
                       check=True)


def make(wheel, root):
    """Fills the folder `root`. Paths in it are either below LLVM or relative, so that it can be moved."""
    with zipfile.ZipFile(wheel) as archive:
        stub = for_ios(archive.read(WHEEL_LIBRARY).decode())
        version = json.loads(archive.read(WHEEL_SETTINGS))['Version']
        headers = {name[len(WHEEL_HEADERS):]: archive.read(name) for name in archive.namelist()
                   if name.startswith(WHEEL_HEADERS) and not name.endswith('/')}
    for sdk, folder in SDKS.items():
        include = root / f'{folder}.sdk/usr/include'
        for name, content in headers.items():
            path = include / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        (include / 'c++').mkdir()
        (include / 'c++/v1').symlink_to(LLVM / 'include/c++/v1')
        libraries = root / f'{folder}.sdk/usr/lib'
        libraries.mkdir()
        (libraries / 'libSystem.tbd').write_text(stub)
        for name in ('c', 'm', 'pthread', 'dl'):
            (libraries / f'lib{name}.tbd').symlink_to('libSystem.tbd')
        (libraries / 'libc++.tbd').write_text(cxx_stub())
        settings = {'CanonicalName': f'{sdk}{version}', 'DisplayName': f'stand-in {version}',
                    'MaximumDeploymentTarget': f'{version}.99', 'MinimalDisplayName': version, 'Version': version}
        (root / f'{folder}.sdk/SDKSettings.json').write_text(json.dumps(settings) + '\n')

    tools = root / 'tools'
    tools.mkdir()
    for name, program in TOOLS.items():
        (tools / name).symlink_to(LLVM / 'bin' / program)
    for name in ('clang', 'clang++'):
        write_program(tools / name, COMPILER.format(llvm=LLVM, name=name))
    write_program(tools / 'ld', LINKER.format(llvm=LLVM))
    make_resources(root)
    (root / 'bin').mkdir()
    write_program(root / 'bin/xcrun', XCRUN.format(version=version))


def main():
    if len(sys.argv) > 1:
        sys.exit(__doc__)
    check_llvm()
    compiler = subprocess.run([LLVM / 'bin/clang', '--version'], check=True, capture_output=True, text=True).stdout
    made_of = [Path(__file__).read_text(), WHEEL_SHA256, compiler.splitlines()[0]]
    key = hashlib.sha256('\0'.join(made_of).encode()).hexdigest()[:12]
    stand_ins = cache_folder() / 'stand-in'
    root = stand_ins / f'ios-{key}'
    if not root.exists():
        wheel = wheel_in_cache()
        stand_ins.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f'ios-{key}.', dir=stand_ins) as part:
            made = Path(part) / 'made'
            made.mkdir()
            make(wheel, made)
            try:
                os.rename(made, root)
            except OSError:
                if not root.exists():  # else another process has made it meanwhile
                    raise
    print(root)


if __name__ == '__main__':
    main()
