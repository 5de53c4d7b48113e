"""Checks an xcframework of libaugur: everything that docs/ios.md and platforms/ios/README.md promise of it.

    xcframework_check.py FOLDER.xcframework

Prints what is wrong, a line each, and exits with 1 if there is anything. problems() is the same for tests.
"""
import pathlib
import plistlib
import re
import sys

import macho

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "scripts"))
import pins  # noqa: E402

FRAMEWORK = "CAugur"
IDENTIFIER = "dev.augur.CAugur"
MINIMUM = "13.0"
# The slices: its folder, platform, architectures with the oldest system of each (there is no arm64 simulator before 14).
SLICES = {
    "ios-arm64": ("ios", {"arm64": MINIMUM}),
    "ios-arm64_x86_64-simulator": ("ios-simulator", {"arm64": "14.0", "x86_64": MINIMUM}),
}
FILES = {"CAugur", "Info.plist", "PrivacyInfo.xcprivacy", "Headers/augur.h", "Headers/CAugur.h", "Modules/module.modulemap"}
MODULE_MAP = 'framework module CAugur { umbrella header "CAugur.h" export * }'
LIBRARIES = ["/usr/lib/libSystem.B.dylib"]
HOOKS = ROOT / "runtime/src/kernels/isa.h"  # what augur-bench may call beside the C API
# Functions for whose use Apple wants a reason, by the name of the reason's category in PrivacyInfo.xcprivacy.
REASONED = {
    "FileTimestamp": {"stat", "fstat", "fstatat", "lstat", "getattrlist", "fgetattrlist", "getattrlistbulk", "getattrlistat"},
    "SystemBootTime": {"mach_absolute_time"},
    "DiskSpace": {"statfs", "statvfs", "fstatfs", "fstatvfs"},
}
REASONS = {"FileTimestamp": ["C617.1"]}


def version_of_augur():
    text = (ROOT / "runtime/include/augur/augur.h").read_text()
    number = int(re.search(r"^#define AUGUR_VERSION (\d+)", text, re.MULTILINE).group(1))
    return f"{number // 10000}.{number // 100 % 100}.{number % 100}"


def declared_functions(header):
    """The names of the C API's functions as the linker has them."""
    return {f"_{name}" for name in re.findall(r"^AUGUR_API [^;(]*?\b(augur_\w+)\(", header, re.MULTILINE)}


def differences(what, found, expected):
    """A line for each key of two dictionaries that differs."""
    return [f"{what}: {key} is {found.get(key)!r}, expected {expected.get(key)!r}"
            for key in sorted(found.keys() | expected.keys()) if found.get(key) != expected.get(key)]


def files_below(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


def read_plist(path, found):
    try:
        return plistlib.loads(path.read_bytes())
    except (OSError, ValueError, plistlib.InvalidFileException) as error:
        found.append(f"{path}: {error}")
        return {}


def image_problems(image, platform, minimum, functions):
    """What is wrong with one architecture of the library."""
    found = []
    stripped = sorted(image.locals)[:3]
    unknown = image.exports - functions - declared_functions(HOOKS.read_text())
    for text, wrong in (
            (f"is a {image.file_type}, expected a dylib", image.file_type != "dylib"),
            (f"is for {image.platform or 'no platform'}, expected {platform}", image.platform != platform),
            (f"needs version {image.minimum}, expected {minimum}", image.minimum != minimum),
            (f"has the install name {image.install_name}",
             image.install_name != f"@rpath/{FRAMEWORK}.framework/{FRAMEWORK}"),
            (f"has version {image.version}, expected {version_of_augur()}", image.version != version_of_augur()),
            (f"loads {image.loads}, expected {LIBRARIES}", image.loads != LIBRARIES),
            (f"has rpaths {image.rpaths}", image.rpaths),
            (f"exports {sorted(unknown)}, which neither augur.h nor isa.h declares", unknown),
            (f"does not export {sorted(functions - image.exports)}", functions - image.exports),
            (f"is not stripped: it has {stripped}", image.locals),
            ("has no UUID", image.uuid is None),
            (f"has {image.relocations} relocations that dyld could apply to code", image.relocations),
            ("allows code on the stack", "ALLOW_STACK_EXECUTION" in image.flags),
            ("has undefined symbols that no library is named for", not {"NOUNDEFS", "TWOLEVEL"} <= image.flags),
            ("re-exports a library", "NO_REEXPORTED_DYLIBS" not in image.flags),
            (f"has a signature that {image.signature}", image.signature not in ("", "valid")),
            ("is not signed, which Macs with Apple silicon want of a simulator's code",
             (image.platform, image.architecture) == ("ios-simulator", "arm64") and not image.signature),
            ("has no range that the App Store can encrypt", platform == "ios" and image.encryption is None)):
        if wrong:
            found.append(text)
    for segment in image.segments:
        if segment.protection & macho.WRITE and segment.protection & macho.EXECUTE:
            found.append(f"has a segment {segment.name} that can be written and executed")
        if segment.name in ("__LLVM", "__DWARF") or "__bitcode" in segment.sections:
            found.append(f"has a segment {segment.name}: bitcode or debug information")
    return found


def privacy_problems(path, imports):
    found = []
    manifest = read_plist(path, found)
    used = {category for category, names in REASONED.items() if imports & {f"_{name}" for name in names}}
    expected = {
        "NSPrivacyTracking": False, "NSPrivacyTrackingDomains": [], "NSPrivacyCollectedDataTypes": [],
        "NSPrivacyAccessedAPITypes": [
            {"NSPrivacyAccessedAPIType": f"NSPrivacyAccessedAPICategory{category}",
             "NSPrivacyAccessedAPITypeReasons": REASONS.get(category, ["a reason"])} for category in sorted(used)]}
    return found + differences("PrivacyInfo.xcprivacy", manifest, expected)


def framework_plist(platform):
    return {
        "CFBundleDevelopmentRegion": "en", "CFBundleExecutable": FRAMEWORK, "CFBundleIdentifier": IDENTIFIER,
        "CFBundleInfoDictionaryVersion": "6.0", "CFBundleName": FRAMEWORK, "CFBundlePackageType": "FMWK",
        "CFBundleShortVersionString": version_of_augur(), "CFBundleVersion": version_of_augur(),
        "CFBundleSupportedPlatforms": ["iPhoneSimulator" if platform == "ios-simulator" else "iPhoneOS"],
        "MinimumOSVersion": MINIMUM, "UIDeviceFamily": [1, 2]}


def symbols_problems(folder, uuids):
    """The dSYM must have the same UUIDs as the library."""
    path = folder / f"dSYMs/{FRAMEWORK}.framework.dSYM/Contents/Resources/DWARF" / FRAMEWORK
    if not path.is_file():
        return [f"there is no {path.relative_to(folder)}"]
    images = macho.read(path.read_bytes())
    found = []
    if {image.architecture: image.uuid for image in images} != uuids:
        found.append("dSYM: its UUIDs are not those of the library")
    if not all(any("__debug_line" in segment.sections for segment in image.segments) for image in images):
        found.append("dSYM: it has no line numbers")
    return found


def slice_problems(folder, platform, architectures):
    framework = folder / f"{FRAMEWORK}.framework"
    found = [f"{name}: expected in the framework" for name in sorted(FILES - files_below(framework))]
    found += [f"{name}: not expected in the framework" for name in sorted(files_below(framework) - FILES)]
    if found:
        return found
    found += differences("Info.plist", read_plist(framework / "Info.plist", found), framework_plist(platform))
    header = (framework / "Headers/augur.h").read_text()
    if header != (ROOT / "runtime/include/augur/augur.h").read_text():
        found.append("Headers/augur.h is not that of the runtime")
    if "#include <CAugur/augur.h>" not in (framework / "Headers/CAugur.h").read_text():
        found.append("Headers/CAugur.h does not include augur.h")
    if (framework / "Modules/module.modulemap").read_text().split() != MODULE_MAP.split():
        found.append(f"Modules/module.modulemap is not: {MODULE_MAP}")

    images = macho.read((framework / FRAMEWORK).read_bytes())
    if sorted(image.architecture for image in images) != list(architectures):
        return found + [f"has {sorted(image.architecture for image in images)}, expected {list(architectures)}"]
    for image in images:
        functions = declared_functions(header)
        found += [f"{image.architecture}: {problem}"
                  for problem in image_problems(image, platform, architectures[image.architecture], functions)]
    found += privacy_problems(framework / "PrivacyInfo.xcprivacy", set().union(*(image.imports for image in images)))
    return found + symbols_problems(folder, {image.architecture: image.uuid for image in images})


def plist_of_xcframework():
    libraries = []
    for name, (platform, architectures) in SLICES.items():
        library = {"BinaryPath": f"{FRAMEWORK}.framework/{FRAMEWORK}", "DebugSymbolsPath": "dSYMs",
                   "LibraryIdentifier": name, "LibraryPath": f"{FRAMEWORK}.framework",
                   "SupportedArchitectures": list(architectures), "SupportedPlatform": "ios"}
        if platform == "ios-simulator":
            library["SupportedPlatformVariant"] = "simulator"
        libraries.append(library)
    return {"AvailableLibraries": libraries, "CFBundlePackageType": "XFWK", "XCFrameworkFormatVersion": "1.0"}


def licence_problems(folder):
    found = []
    if (folder / "LICENSE").read_bytes() != (ROOT / "LICENSE").read_bytes():
        found.append("LICENSE is not that of Augur")
    notice = (folder / "NOTICE").read_text()
    return found + [f"NOTICE does not name {component.name}" for component in pins.read()
                    if component.where == "libaugur" and component.name not in notice]


def problems(folder, paths=()):
    """Everything that is wrong with the xcframework in `folder`, as a list of lines. paths: folders of the machine that
    built it, which must stand in no file."""
    top = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    expected = {"Info.plist", "LICENSE", "NOTICE", *SLICES}
    if top != expected:
        return [f"{folder} has {sorted(top)}, expected {sorted(expected)}"]
    found = []
    found += differences("Info.plist", read_plist(folder / "Info.plist", found), plist_of_xcframework())
    found += licence_problems(folder)
    for name, (platform, architectures) in SLICES.items():
        try:
            found += [f"{name}: {problem}" for problem in slice_problems(folder / name, platform, architectures)]
        except ValueError as error:
            found.append(f"{name}: {error}")
    for name in sorted(files_below(folder)):
        data = (folder / name).read_bytes()
        found += [f"{name} has the path {path}" for path in paths if str(path).encode() in data]
    return found


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    found = problems(pathlib.Path(sys.argv[1]))
    print("\n".join(found))
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
