"""Makes an xcframework of libaugur's builds for iOS, and a zip of it for SwiftPM.

    assemble.py --name NAME --xcrun XCRUN --out FOLDER --device BUILD --simulator BUILD...

BUILD is the build folder of an ios-* preset, in which augur_shared was built. Writes FOLDER/NAME.xcframework,
FOLDER/NAME.xcframework.zip and FOLDER/NAME.xcframework.zip.sha256, replacing what is there:

    NAME.xcframework/
        Info.plist, LICENSE, NOTICE
        ios-arm64/
            CAugur.framework/       CAugur, Info.plist, PrivacyInfo.xcprivacy, Headers/, Modules/
            dSYMs/CAugur.framework.dSYM
        ios-arm64_x86_64-simulator/ the same

The same is written with Xcode and with the stand-in. xcodebuild -create-xcframework is not called: it lists the slices
in an order of its own, so that the bytes differ from run to run.
"""
import argparse
import hashlib
import pathlib
import plistlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import make_zip  # noqa: E402

FRAMEWORK = "CAugur"
LIBRARY = "libaugur.dylib"
IDENTIFIER = "dev.augur.CAugur"
PLATFORMS = {"": "iPhoneOS", "simulator": "iPhoneSimulator"}  # by the slice's variant
PHONE_AND_PAD = [1, 2]


class Failure(Exception):
    pass


def version_of_augur():
    text = (ROOT / "runtime/include/augur/augur.h").read_text()
    number = int(re.search(r"^#define AUGUR_VERSION (\d+)", text, re.MULTILINE).group(1))
    return f"{number // 10000}.{number // 100 % 100}.{number % 100}"


def setting(build, name):
    """The value of a variable in the CMake cache of the build folder."""
    cache = build / "CMakeCache.txt"
    if not cache.is_file():
        raise Failure(f"{build} is not a configured build. Build an ios-* preset first.")
    match = re.search(rf"^{name}:[A-Z]+=(.*)$", cache.read_text(), re.MULTILINE)
    if not match:
        raise Failure(f"{cache} has no {name}. It must be the build of an ios-* preset.")
    return match.group(1)


def write_plist(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(plistlib.dumps(content, sort_keys=True))


def framework_plist(variant, minimum, version):
    return {
        "CFBundleDevelopmentRegion": "en",
        "CFBundleExecutable": FRAMEWORK,
        "CFBundleIdentifier": IDENTIFIER,
        "CFBundleInfoDictionaryVersion": "6.0",
        "CFBundleName": FRAMEWORK,
        "CFBundlePackageType": "FMWK",
        "CFBundleShortVersionString": version,
        "CFBundleSupportedPlatforms": [PLATFORMS[variant]],
        "CFBundleVersion": version,
        "MinimumOSVersion": minimum,
        "UIDeviceFamily": PHONE_AND_PAD,
    }


def symbols_plist():
    return {
        "CFBundleDevelopmentRegion": "English",
        "CFBundleIdentifier": f"com.apple.xcode.dsym.{IDENTIFIER}",
        "CFBundleInfoDictionaryVersion": "6.0",
        "CFBundlePackageType": "dSYM",
        "CFBundleShortVersionString": "1.0",
        "CFBundleSignature": "????",
        "CFBundleVersion": "1",
    }


class Assembly:
    def __init__(self, xcrun, folder, version):
        self.xcrun = xcrun
        self.folder = folder
        self.version = version
        self.slices = []

    def run(self, *command):
        result = subprocess.run([self.xcrun, *map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                text=True)
        if result.returncode != 0:
            raise Failure(f"{' '.join(map(str, command))}:\n{result.stdout}")

    def merge(self, parts, out):
        """Makes one file of those of each architecture."""
        out.parent.mkdir(parents=True, exist_ok=True)
        if len(parts) == 1:
            shutil.copyfile(parts[0], out)
        else:
            self.run("lipo", "-create", *parts, "-output", out)

    def add(self, variant, builds):
        """Adds the slice of one platform: "" is the device, else the variant's name."""
        builds = sorted(builds, key=lambda build: setting(build, "CMAKE_OSX_ARCHITECTURES"))
        architectures = [setting(build, "CMAKE_OSX_ARCHITECTURES") for build in builds]
        minimums = {setting(build, "CMAKE_OSX_DEPLOYMENT_TARGET") for build in builds}
        if len(minimums) != 1:
            raise Failure(f"the builds of a slice must have one CMAKE_OSX_DEPLOYMENT_TARGET, not {sorted(minimums)}")
        expected = "iphonesimulator" if variant else "iphoneos"
        for build in builds:
            if setting(build, "AUGUR_IOS_SDK") != expected:
                raise Failure(f"{build} is not a build for {expected}, but for {setting(build, 'AUGUR_IOS_SDK')}")
            if not (build / "stripped" / LIBRARY).is_file():
                raise Failure(f"{build}/stripped has no {LIBRARY}. Build the target augur_shared first.")
        identifier = f"ios-{'_'.join(architectures)}" + (f"-{variant}" if variant else "")
        framework = self.folder / identifier / f"{FRAMEWORK}.framework"
        binary = framework / FRAMEWORK
        self.merge([build / "stripped" / LIBRARY for build in builds], binary)
        self.run("install_name_tool", "-id", f"@rpath/{FRAMEWORK}.framework/{FRAMEWORK}", binary)
        binary.chmod(0o755)
        write_plist(framework / "Info.plist", framework_plist(variant, minimums.pop(), self.version))
        shutil.copyfile(HERE / "PrivacyInfo.xcprivacy", framework / "PrivacyInfo.xcprivacy")
        for name, source in (("Headers/augur.h", ROOT / "runtime/include/augur/augur.h"),
                             ("Headers/CAugur.h", HERE / "CAugur.h"),
                             ("Modules/module.modulemap", HERE / "module.modulemap")):
            (framework / name).parent.mkdir(exist_ok=True)
            shutil.copyfile(source, framework / name)
        symbols = self.folder / identifier / f"dSYMs/{FRAMEWORK}.framework.dSYM/Contents"
        self.merge([build / f"stripped/{LIBRARY}.dSYM/Contents/Resources/DWARF" / LIBRARY for build in builds],
                   symbols / "Resources/DWARF" / FRAMEWORK)
        write_plist(symbols / "Info.plist", symbols_plist())
        entry = {
            "BinaryPath": f"{FRAMEWORK}.framework/{FRAMEWORK}",
            "DebugSymbolsPath": "dSYMs",
            "LibraryIdentifier": identifier,
            "LibraryPath": f"{FRAMEWORK}.framework",
            "SupportedArchitectures": architectures,
            "SupportedPlatform": "ios",
        }
        if variant:
            entry["SupportedPlatformVariant"] = variant
        self.slices.append(entry)

    def finish(self):
        write_plist(self.folder / "Info.plist", {
            "AvailableLibraries": self.slices,
            "CFBundlePackageType": "XFWK",
            "XCFrameworkFormatVersion": "1.0",
        })
        for name in ("LICENSE", "NOTICE"):
            shutil.copyfile(ROOT / name, self.folder / name)


def assemble(name, xcrun, out, device, simulators):
    """Returns the SHA-256 of the zip, which is what SwiftPM calls its checksum."""
    out.mkdir(parents=True, exist_ok=True)
    part = out / f"{name}.xcframework.part"
    shutil.rmtree(part, ignore_errors=True)
    assembly = Assembly(xcrun, part, version_of_augur())
    assembly.add("", [device])
    assembly.add("simulator", simulators)
    assembly.finish()
    folder = out / f"{name}.xcframework"
    shutil.rmtree(folder, ignore_errors=True)
    part.rename(folder)
    archive = out / f"{name}.xcframework.zip"
    make_zip.write(archive, dict(make_zip.entries_of(folder.name, folder)))
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    archive.with_name(archive.name + ".sha256").write_text(f"{digest}  {archive.name}\n")
    return digest


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--name", required=True)
    parser.add_argument("--xcrun", required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--device", type=pathlib.Path, required=True)
    parser.add_argument("--simulator", type=pathlib.Path, nargs="+", required=True)
    arguments = parser.parse_args()
    try:
        print(assemble(arguments.name, arguments.xcrun, arguments.out, arguments.device, arguments.simulator))
    except Failure as failure:
        sys.exit(f"assemble.py: {failure}")


if __name__ == "__main__":
    main()
