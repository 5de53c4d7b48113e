"""A phone that tests attach to the fake adb, and the script run against it."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
SCRIPTS = ROOT / "scripts"
BUILD = pathlib.Path(os.environ.get("AUGUR_BUILD_FOLDER", ROOT / "build/host"))
MODEL = ROOT / "tests/golden/format4.augur"
CORES = sorted(os.sched_getaffinity(0))
sys.path.insert(0, str(SCRIPTS))

PROPERTIES = {
    "ro.build.version.release": "14", "ro.build.version.sdk": "34", "ro.build.id": "UQ1A.240105.004",
    "ro.product.manufacturer": "Google", "ro.product.model": "Pixel 8", "ro.soc.manufacturer": "Google",
    "ro.soc.model": "Tensor G3", "ro.product.cpu.abi": "arm64-v8a",
    "ro.product.cpu.abilist": "arm64-v8a,armeabi-v7a,armeabi", "ro.serialno": "SECRET"}
BATTERY = """Current Battery Service state:
  AC powered: false
  USB powered: true
  Wireless powered: false
  level: 80
  scale: 100
  temperature: 301
"""


class Phone:
    """A phone with the cores of this machine, each of another kind: two at most."""

    def __init__(self, **state):
        self._temporary = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self._temporary.name)
        self.files = self.folder / "files"
        self.out = self.folder / "out"
        self.state = {"devices": [["SECRET", "device"]], **state}
        (self.files / "data/local/tmp").mkdir(parents=True)
        (self.folder / "bin").mkdir()
        self.command("adb", f'exec "{sys.executable}" -IBS "{HERE / "fake_adb.py"}" "$@"')
        self.command("getprop", 'cat "$AUGUR_FAKE_PHONE/properties"')
        # The thermal status is the first line of `thermal`; as long as there are more, it goes away after it was read.
        self.command("dumpsys", 'case $1 in battery) cat "$AUGUR_FAKE_PHONE/battery" ;; thermalservice) '
                     'echo "IsStatusOverride: false"; echo "Thermal Status: $(head -n 1 "$AUGUR_FAKE_PHONE/thermal")"; '
                     'if [ "$(wc -l <"$AUGUR_FAKE_PHONE/thermal")" -gt 1 ]; then sed -i 1d "$AUGUR_FAKE_PHONE/thermal"; fi ;; esac')
        self.command("settings", '[ "$*" = "get global low_power" ] && echo 0')
        self.set_properties()
        self.write("battery", BATTERY)
        self.write("thermal", "0\n")
        for core, highest in zip(CORES[:2], (1700000, 2900000)):
            self.set_core(core, highest, highest)
        self.zone(0, "battery", 30100)
        self.zone(1, "skin", 31)
        for name in ("android-arm64", "android-armv7"):
            (self.folder / name / "bin").mkdir(parents=True)
            shutil.copy(BUILD / "bin/augur-bench", self.folder / name / "bin")

    def close(self):
        self._temporary.cleanup()

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def command(self, name, text):
        self.write(f"bin/{name}", f"#!/bin/sh\n{text}\n")
        (self.folder / "bin" / name).chmod(0o755)

    def set_properties(self, **changes):
        known = {**PROPERTIES, **{name.replace("_", "."): value for name, value in changes.items()}}
        self.write("properties", "".join(f"[{name}]: [{value}]\n" for name, value in known.items() if value is not None))

    def set_core(self, core, highest, now, governor="schedutil"):
        where = f"files/sys/devices/system/cpu/cpu{core}/cpufreq"
        for name, value in (("cpuinfo_max_freq", highest), ("scaling_cur_freq", now), ("scaling_governor", governor)):
            self.write(f"{where}/{name}", f"{value}\n")

    def zone(self, number, kind, value):
        self.write(f"files/sys/class/thermal/thermal_zone{number}/type", f"{kind}\n")
        self.write(f"files/sys/class/thermal/thermal_zone{number}/temp", f"{value}\n")

    def calls(self):
        path = self.folder / "calls"
        return path.read_text() if path.exists() else ""

    def run(self, *arguments, environment=None, model=MODEL):
        """Runs the script, quickly unless told otherwise. Returns its exit status, output and errors."""
        (self.folder / "state.json").write_text(json.dumps(self.state))
        known = {name: value for name, value in os.environ.items() if not name.startswith("ANDROID_")}
        known.update({"ADB": str(self.folder / "bin/adb"), "AUGUR_FAKE_PHONE": str(self.folder), **(environment or {})})
        defaults = ["--out", self.out, "--build", self.folder / "android-arm64", "--host", BUILD / "bin/augur-bench",
                    "--candidates", "3,20", "--history", "4", "--seconds", "0.002", "--pace", "2", "--calls", "3",
                    "--wait", "0"]
        command = ["sh", SCRIPTS / "bench-android.sh", *([model] if model else []), *defaults, *arguments]
        done = subprocess.run([str(part) for part in command], env=known, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, timeout=60)
        return done.returncode, done.stdout, done.stderr

    def left_behind(self):
        """What is still in the phone's folder for such files."""
        return sorted(path.name for path in (self.files / "data/local/tmp").iterdir())

    def documents(self):
        return {path.name: json.loads(path.read_text()) for path in sorted(self.out.glob("*.json"))}
