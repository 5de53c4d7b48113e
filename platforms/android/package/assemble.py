"""Puts the Android packages together of what was compiled before: the AAR, the symbols, and a folder that is a Maven
repository. Run by CMakeLists.txt of this folder.

    out/augur-VERSION.aar            what an app depends on
    out/augur-VERSION-symbols.zip    libraries with debug information, for crash reports
    out/augur-VERSION.spdx.json      SBOM
    out/maven/                       the same as a Maven repository, with sources and documentation

The same inputs give the same bytes.
"""
import argparse
import hashlib
import json
import pathlib
import re
import shutil
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "scripts"))
import make_zip  # noqa: E402
import maven  # noqa: E402
import pins  # noqa: E402
import sbom  # noqa: E402

API = 21
MANIFEST = f"""<?xml version="1.0" encoding="utf-8"?>
<manifest xmlns:android="http://schemas.android.com/apk/res/android" package="dev.augur">
    <uses-sdk android:minSdkVersion="{API}" />
</manifest>
"""
# What the Android Gradle Plugin of an app checks: nothing newer is needed than any that reads AARs.
METADATA = """aarFormatVersion=1.0
aarMetadataVersion=1.0
minCompileSdk=1
minCompileSdkExtension=0
minAndroidGradlePluginVersion=1.0.0
"""


def to_json(value):
    return (json.dumps(value, indent=2) + "\n").encode()


def ndk_major(ndk, version):
    """The NDK's major version, from its source.properties; 0 for the stand-in, whose packages must say -unverified."""
    properties = pathlib.Path(ndk) / "source.properties"
    text = properties.read_text() if properties.is_file() else ""
    if ("stand-in" in text) != version.endswith("-unverified"):
        sys.exit(f"assemble.py: the version is {version}, but the NDK is {ndk}: a package's version ends with -unverified if "
                 "the stand-in was used, and only then")
    found = re.search(r"Pkg\.Revision\s*=\s*(\d+)", text)
    if not found and "stand-in" not in text:
        sys.exit(f"assemble.py: {properties} does not say Pkg.Revision, the NDK's version")
    return int(found.group(1)) if found else 0


def prefab(version, slices, ndk):
    """The entries of prefab/: headers and the library for C and C++ code in apps, as augur::augur_shared."""
    module = "prefab/modules/augur_shared"  # the name that the CMake target has everywhere
    numbers = re.match(r"\d+\.\d+\.\d+", version).group(0)  # prefab wants numbers alone
    entries = {"prefab/prefab.json": to_json({"schema_version": 2, "name": "augur", "version": numbers,
                                              "dependencies": []}),
               f"{module}/module.json": to_json({"export_libraries": [], "library_name": "libaugur", "android": {}})}
    for header in sorted((ROOT / "runtime/include/augur").iterdir()):
        entries[f"{module}/include/augur/{header.name}"] = header
    for abi, build in slices.items():
        folder = f"{module}/libs/android.{abi}"
        entries[f"{folder}/abi.json"] = to_json({"abi": abi, "api": API, "ndk": ndk, "stl": "none", "static": False})
        entries[f"{folder}/libaugur.so"] = build / "stripped/libaugur.so"
    return entries


def aar(arguments, slices):
    """The entries of the AAR: name -> bytes or path."""
    entries = {"AndroidManifest.xml": MANIFEST.encode(), "classes.jar": arguments.classes, "R.txt": b"",
               "proguard.txt": arguments.rules, "NOTICE": ROOT / "NOTICE", "LICENSE": ROOT / "LICENSE",
               "META-INF/com/android/build/gradle/aar-metadata.properties": METADATA.encode(),
               **prefab(arguments.version, slices, ndk_major(arguments.ndk, arguments.version))}
    for abi, build in slices.items():
        for name in ("libaugur.so", "libaugur_jni.so"):
            entries[f"jni/{abi}/{name}"] = build / "stripped" / name
    return entries


def build_id(path):
    """The build ID of an ELF file, in hexadecimal: the note of the name GNU and the type 3."""
    data = path.read_bytes()
    at = data.find(b"\x04\x00\x00\x00\x14\x00\x00\x00\x03\x00\x00\x00GNU\x00")
    if at < 0:
        sys.exit(f"assemble.py: {path} has no build ID; it must be linked with --build-id=sha1")
    size = int.from_bytes(data[at + 4:at + 8], "little")
    return data[at + 16:at + 16 + size].hex()


def symbols(slices):
    """The entries of the symbols' ZIP file, which Play takes as native debug symbols."""
    entries, lines = {}, []
    for abi, build in sorted(slices.items()):
        for name in ("libaugur.so", "libaugur_jni.so"):
            linked = build / "lib" / name
            entries[f"{abi}/{name}"] = linked
            lines.append(f"{build_id(linked)}  {abi}/{name}\n")
    entries["build-ids.txt"] = "".join(lines).encode()
    return {name: source.read_bytes() if isinstance(source, pathlib.Path) else source for name, source in entries.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--version", required=True)
    parser.add_argument("--ndk", required=True, help="the NDK's folder")
    parser.add_argument("--slice", action="append", required=True, help="ABI=BUILD FOLDER, with lib/ and stripped/")
    for name in ("classes", "sources", "javadoc", "rules", "build", "out"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    for name in ("ktx", "ktx-sources"):
        parser.add_argument(f"--{name}", type=pathlib.Path)
    arguments = parser.parse_args()
    slices = {}
    for value in arguments.slice:
        abi, build = value.split("=", 1)
        slices[abi] = pathlib.Path(build)

    out, version = arguments.out, arguments.version
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    package = out / f"augur-{version}.aar"
    make_zip.write(package, aar(arguments, slices))
    make_zip.write(out / f"augur-{version}-symbols.zip", symbols(slices))
    bill = out / f"augur-{version}.spdx.json"
    bill.write_text(json.dumps(sbom.sbom(pins.read(), sbom.version_of_augur(), sbom.created(), arguments.build, [package]),
                               indent=2) + "\n")

    repository = out / "maven"
    maven.publish(repository, maven.augur_pom(version), {".aar": package, "-sources.jar": arguments.sources,
                                                         "-javadoc.jar": arguments.javadoc, ".spdx.json": bill})
    if arguments.ktx:
        maven.publish(repository, maven.ktx_pom(version), {".jar": arguments.ktx, "-sources.jar": arguments.ktx_sources})
    for path in sorted(out.glob("augur-*")):
        print(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}  {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
