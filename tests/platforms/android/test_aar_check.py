"""Test of the test: every way in which an AAR can be wrong is reported by aar_check.py."""
import io
import json
import os
import pathlib
import tempfile
import unittest
import zipfile

import aar_check

PACKAGES = pathlib.Path(os.environ.get("AUGUR_ANDROID_PACKAGES", aar_check.ROOT / "build/package/android/out"))
ABIS = ("arm64-v8a", "armeabi-v7a", "x86_64")


def aar():
    found = sorted(PACKAGES.glob("augur-*.aar"))
    if not found:
        raise unittest.SkipTest(f"{PACKAGES} has no AAR; scripts/package-android.sh makes it")
    return found[-1]


def change(name, edit):
    """A change of one entry; edit(bytes) -> bytes."""
    return lambda entries: entries.update({name: edit(entries[name])})


def change_classes(edit):
    """A change of the entries of classes.jar."""
    def apply(entries):
        classes = aar_check.read_classes(entries["classes.jar"])
        edit(classes)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for name, data in classes.items():
                archive.writestr(name, data)
        entries["classes.jar"] = out.getvalue()
    return apply


def change_json(entry, **values):
    return change(entry, lambda data: json.dumps({**json.loads(data), **values}).encode())


PREFAB = "prefab/modules/augur_shared"
BROKEN = [
    ("R.txt is missing", lambda entries: entries.pop("R.txt")),
    ("jni/x86_64/libaugur_jni.so is missing", lambda entries: entries.pop("jni/x86_64/libaugur_jni.so")),
    ("jni/x86/libaugur.so is not expected", lambda entries: entries.update({"jni/x86/libaugur.so": b""})),
    ("minSdkVersion is not 21", change("AndroidManifest.xml", lambda data: data.replace(b'"21"', b'"24"'))),
    ("package is app", change("AndroidManifest.xml", lambda data: data.replace(b'"dev.augur"', b'"app"'))),
    ("<uses-permission> is not expected",
     change("AndroidManifest.xml", lambda data: data.replace(b"</manifest>", b"<uses-permission/></manifest>"))),
    ("META-INF/MANIFEST.MF is not a class", change_classes(lambda classes: classes.update({"META-INF/MANIFEST.MF": b""}))),
    ("Model.class is not there", change_classes(lambda classes: classes.pop("dev/augur/Model.class"))),
    ("has the version 61, expected 52",
     change_classes(lambda classes: classes.update({"dev/augur/Model.class": b"\xca\xfe\xba\xbe\0\0\0\x3d"
                                                    + classes["dev/augur/Model.class"][8:]}))),
    ("needs kotlin/Unit", change_classes(lambda classes: classes.update(
        {"dev/augur/Model.class": classes["dev/augur/Model.class"].replace(b"\x00\x10java/lang/Object", b"\x00\x0bkotlin/Unit")}))),
    ("dev/augur/Native, which libaugur_jni looks up, is not kept", change("proguard.txt", lambda data: b"")),
    ("there is no class dev/augur/Gone", change("proguard.txt", lambda data: data + b"-keep class dev.augur.Gone")),
    ("the native methods of dev/augur/Native are not kept",
     change("proguard.txt", lambda data: data.replace(b"native <methods>;", b""))),
    ("dev/augur/Native has no verify(I)I", change(
        "proguard.txt", lambda data: data.replace(b"verify(java.lang.Object, byte[], byte[], long, byte[], byte[])",
                                                  b"verify(int)"))),
    ("which libaugur_jni calls, is not kept",
     change("proguard.txt", lambda data: data.replace(b"static java.lang.Throwable failure(int, byte[], long);", b""))),
    ("three numbers", change_json("prefab/prefab.json", version="0.6.0-unverified")),
    ("expected schema 2", change_json("prefab/prefab.json", name="augur_jni")),
    ("module.json: expected", change_json(f"{PREFAB}/module.json", export_libraries=["-llog"])),
    ("abi.json: expected", change_json(f"{PREFAB}/libs/android.arm64-v8a/abi.json", stl="c++_shared")),
    ("is not the one in jni/arm64-v8a", change(f"{PREFAB}/libs/android.arm64-v8a/libaugur.so", lambda data: data[:-1])),
    ("augur.h is not the one", change(f"{PREFAB}/include/augur/augur.h", lambda data: data + b"\n")),
    ("nothing about cpuinfo", change("NOTICE", lambda data: data.replace(b"\ncpuinfo ", b"\n"))),
    ("aarFormatVersion", change("META-INF/com/android/build/gradle/aar-metadata.properties", lambda data: b"")),
]


class Broken(unittest.TestCase):
    def test_every_break_is_reported(self):
        with zipfile.ZipFile(aar()) as archive:
            good = {name: archive.read(name) for name in archive.namelist()}
        abis = sorted({name.split("/")[1] for name in good if name.startswith("jni/")})
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "broken.aar"
            for message, breaks in BROKEN:
                entries = dict(good)
                breaks(entries)
                with zipfile.ZipFile(path, "w") as archive:
                    for name in sorted(entries):
                        archive.writestr(zipfile.ZipInfo(name), entries[name])
                wrong = aar_check.check(path, abis)
                self.assertTrue(any(message in line for line in wrong), f"expected '{message}', found {wrong}")

    def test_entries_with_times_of_their_own_are_reported(self):
        with zipfile.ZipFile(aar()) as archive:
            good = {name: archive.read(name) for name in archive.namelist()}
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "now.aar"
            with zipfile.ZipFile(path, "w") as archive:
                for name, data in good.items():
                    archive.writestr(name, data)
            self.assertIn("times of their own", aar_check.check(path, ABIS)[0])


if __name__ == "__main__":
    unittest.main()
