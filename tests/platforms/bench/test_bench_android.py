"""scripts/bench-android.sh on phones that a fake adb provides."""
import os
import shutil
import unittest

from phone import BUILD, CORES, MODEL, Phone
import bench_json


class Base(unittest.TestCase):
    def phone(self, **state):
        phone = Phone(**state)
        self.addCleanup(phone.close)
        return phone

    def refused(self, phone, *expected, arguments=(), **more):
        """The script fails with these texts in its message, writes no result and leaves nothing on the phone."""
        status, out, err = phone.run(*arguments, **more)
        self.assertEqual(status, 1, out + err)
        for text in expected:
            self.assertIn(text, err)
        self.assertEqual(phone.documents(), {})
        self.assertEqual(phone.left_behind(), [])
        return err


class Runs(Base):
    def check_document(self, document):
        bench_json.check(document, "document")
        self.assertEqual(document["program"], "augur-bench")
        self.assertEqual(document["device"], {
            "system": "Android", "system_version": "14", "api": 34, "build": "UQ1A.240105.004",
            "manufacturer": "Google", "model": "Pixel 8", "soc": "Google Tensor G3", "cores": 2,
            "core_kinds": [{"name": "little", "cores": [CORES[0]], "max_khz": 1700000},
                           {"name": "big", "cores": [CORES[1]], "max_khz": 2900000}],
            "emulator": False, "abi": document["device"]["abi"]})
        runs = [(run["core_kind"], run["affinity"], run["pace_ms"]) for run in document["runs"]]
        self.assertEqual(runs, [("little", [CORES[0]], 2), ("little", [CORES[0]], 0),
                                ("big", [CORES[1]], 2), ("big", [CORES[1]], 0)])
        for run in document["runs"]:
            for when in ("before", "after"):
                conditions = run[when]
                self.assertEqual(conditions["thermal"], "none")
                self.assertEqual(conditions["battery"], {"percent": 80, "source": "usb", "celsius": 30.1})
                self.assertEqual(conditions["clocks"][1], {"core": CORES[1], "governor": "schedutil", "khz": 2900000})
                self.assertEqual(conditions["zones"], [{"type": "battery", "celsius": 30.1}, {"type": "skin", "celsius": 31}])
                self.assertEqual(conditions["low_power"], False)
            self.assertEqual([(case["history"], case["candidates"]) for case in run["cases"]], [(4, 3), (4, 20)])
            for case in run["cases"]:
                self.assertEqual(case["rank"]["calls"] == 3, run["pace_ms"] > 0)

    @unittest.skipIf(len(CORES) < 2, "needs two processor cores")
    def test_each_kind_of_core_is_measured_at_a_pace_and_back_to_back(self):
        phone = self.phone()
        status, out, err = phone.run()
        self.assertEqual((status, err), (0, ""), out)
        (name, document), = phone.documents().items()
        self.assertRegex(name, r"^google-pixel-8-[0-9a-f]{8}\.json$")
        self.check_document(document)
        self.assertNotIn("SECRET", (phone.out / name).read_text())
        self.assertIn("Augur on Google Pixel 8, Android 14 (API 34), arm64-v8a", out)
        self.assertIn(f"little cores {CORES[0]} (1700 MHz), paced", out)
        self.assertIn("| Google Pixel 8 | big | 2 ms | 4 | 20 | 1 |", out)
        self.assertEqual(out.count("same bits"), 8)
        self.assertEqual(phone.left_behind(), [])
        bench_json.load(str(phone.out / "reference/host.json"))

    @unittest.skipIf(len(CORES) < 2, "needs two processor cores")
    def test_an_old_adb_and_an_old_phone(self):
        phone = self.phone(old=True)
        # Android 5: ls prints no number of links, thermalservice is not there.
        phone.command("ls", 'for name; do :; done; [ -e "$name" ] || exit 1; '
                      'echo "-rw-rw-rw- shell shell $(stat -c %s "$name") 2015-01-01 00:00 ${name##*/}"')
        phone.command("dumpsys", '[ "$1" != battery ] || cat "$AUGUR_FAKE_PHONE/battery"')
        phone.set_properties(ro_build_version_sdk="21", ro_build_version_release="5.0", ro_soc_model=None,
                             ro_soc_manufacturer=None)
        status, out, err = phone.run()
        self.assertEqual((status, err), (0, ""), out)
        document, = phone.documents().values()
        self.assertEqual(document["device"]["api"], 21)
        self.assertNotIn("soc", document["device"])
        self.assertEqual(len(document["runs"]), 4)
        self.assertNotIn("thermal", document["runs"][0]["before"])
        self.assertEqual(document["runs"][0]["before"]["clocks"][0]["governor"], "schedutil")
        self.assertEqual(phone.left_behind(), [])

    def test_a_phone_that_does_not_tell_its_clocks_is_measured_on_any_core(self):
        phone = self.phone()
        for file in (phone.files / "sys").rglob("cpuinfo_max_freq"):
            file.unlink()
        status, out, err = phone.run()
        self.assertEqual((status, err), (0, ""), out)
        document, = phone.documents().values()
        self.assertEqual([(run["core_kind"], "affinity" in run) for run in document["runs"]], [("all", False)] * 2)

    @unittest.skipIf(len(CORES) < 2, "needs two processor cores")
    def test_cores_that_the_phone_does_not_give_are_named_and_left_out(self):
        phone = self.phone()
        phone.set_core(1000, 3200000, 3200000)
        status, out, err = phone.run()
        self.assertEqual((status, err), (0, ""), out)
        document, = phone.documents().values()
        self.assertEqual([run["core_kind"] for run in document["runs"]], ["little", "little", "middle", "middle"])
        self.assertIn("not measured: augur-bench: --cores 1000: the system does not give these cores", out)

    def test_a_core_that_is_switched_off_is_left_out(self):
        phone = self.phone()
        phone.set_core(1000, 3200000, 3200000)
        phone.write("files/sys/devices/system/cpu/cpu1000/online", "0\n")
        status, out, _ = phone.run()
        self.assertEqual(status, 0, out)
        document, = phone.documents().values()
        self.assertNotIn(1000, [core for kind in document["device"]["core_kinds"] for core in kind["cores"]])

    def test_scores_that_differ_from_the_hosts_fail(self):
        phone = self.phone()
        phone.write("liar", '#!/bin/sh\n"$AUGUR_TRUE_BENCH" "$@" >"$AUGUR_FAKE_PHONE/true" || exit 1\n'
                    """sed -e 's/"bits": "./"bits": "x/; s/"bits": "x/"bits": "0/; s/"sum": /"sum": 9/' """
                    '"$AUGUR_FAKE_PHONE/true"\n')
        (phone.folder / "liar").chmod(0o755)
        status, out, err = phone.run("--host", phone.folder / "liar",
                                     environment={"AUGUR_TRUE_BENCH": str(BUILD / "bin/augur-bench")})
        self.assertEqual(status, 1, out + err)
        self.assertIn("**DIFFER by", out)
        self.assertIn("differ by more than 1e-06", err)

    def test_without_the_hosts_program_scores_are_not_compared(self):
        phone = self.phone()
        status, out, err = phone.run("--host", phone.folder / "none")
        self.assertEqual((status, err), (0, ""), out)
        self.assertIn(f"Scores are not compared: {phone.folder}/none is missing", out)

    def test_one_of_several_phones_is_chosen_by_its_serial(self):
        phone = self.phone(devices=[["FIRST", "device"], ["SECOND", "unauthorized"]])
        status, out, err = phone.run(environment={"ANDROID_SERIAL": "FIRST"})
        self.assertEqual((status, err), (0, ""), out)
        self.assertEqual(phone.run("--serial", "FIRST")[0], 0)
        self.assertEqual(len(phone.documents()), 1)

    def test_another_abi_of_the_phone(self):
        phone = self.phone()
        status, out, _ = phone.run("--abi", "armeabi-v7a", "--build", phone.folder / "android-armv7")
        self.assertEqual(status, 0, out)
        self.assertIn("armeabi-v7a", out.splitlines()[0])

    def test_nothing_of_the_phone_is_changed(self):
        phone = self.phone()
        self.assertEqual(phone.run()[0], 0)
        for line in phone.calls().splitlines():
            for word in ("root", "remount", "reboot", "settings put", "svc ", "setprop", "su "):
                self.assertNotIn(word, line.replace(str(phone.folder), ""))


class Heat(Base):
    def test_a_hot_phone_is_refused(self):
        phone = self.phone()
        phone.write("thermal", "3\n")
        self.refused(phone, "the phone SECRET is hot (thermal status 3 of 6)", "--hot measures it as it is")

    def test_a_warm_phone_is_measured(self):
        phone = self.phone()
        phone.write("thermal", "1\n")
        status, out, err = phone.run()
        self.assertEqual((status, err), (0, ""), out)
        self.assertEqual(list(phone.documents().values())[0]["runs"][0]["before"]["thermal"], "light")
        self.assertNotIn("hot", out)

    def test_a_hot_phone_may_cool_down(self):
        phone = self.phone()
        phone.write("thermal", "2\n2\n0\n")
        status, out, err = phone.run("--wait", "3")
        self.assertEqual((status, err), (0, ""), out)
        self.assertEqual(out.count("the phone is hot (thermal status 2 of 6): waiting up to 3 s"), 1)
        self.assertNotIn("hot before", out)

    def test_a_phone_that_gets_hot_during_a_run(self):
        phone = self.phone()
        for core in CORES[:2]:  # one kind of cores
            phone.set_core(core, 1700000, 1700000)
        # Read before all, before and after the first run; then it cools down.
        phone.write("thermal", "0\n0\n3\n0\n")
        status, out, err = phone.run()
        self.assertEqual((status, err), (0, ""), out)
        first, second = list(phone.documents().values())[0]["runs"]
        self.assertEqual([run[when]["thermal"] for run in (first, second) for when in ("before", "after")],
                         ["none", "severe", "none", "none"])
        self.assertIn("hot after: severe", out)

    def test_hot_measures_a_hot_phone_and_the_table_says_so(self):
        phone = self.phone()
        phone.write("thermal", "4\n")
        status, out, err = phone.run("--hot")
        self.assertEqual((status, err), (0, ""), out)
        self.assertIn("hot before: critical, hot after: critical", out)


class Refusals(Base):
    def test_no_adb(self):
        phone = self.phone()
        self.refused(phone, "ADB is '/none/adb', and there is no such program", environment={"ADB": "/none/adb"})
        path = phone.folder / "path"
        path.mkdir()
        for program in ("sh", "dirname", "python3", "mktemp", "rm", "env", "cat"):
            os.symlink(shutil.which(program), path / program)
        self.refused(phone, "adb is missing: it is neither on PATH nor in ANDROID_HOME/platform-tools",
                     environment={"ADB": "", "PATH": str(path)})

    def test_adb_of_the_sdk_is_found(self):
        phone = self.phone(devices=[])
        phone.write("sdk/platform-tools/adb", (phone.folder / "bin/adb").read_text())
        (phone.folder / "sdk/platform-tools/adb").chmod(0o755)
        self.refused(phone, "no phone is attached",
                     environment={"ADB": "", "ANDROID_HOME": str(phone.folder / "sdk")})

    def test_adb_that_fails(self):
        phone = self.phone()
        phone.command("adb", 'echo "cannot connect to daemon" >&2; exit 1')
        self.refused(phone, "devices' fails: cannot connect to daemon")

    def test_no_phone(self):
        self.refused(self.phone(devices=[]), "no phone is attached", "USB debugging")

    def test_several_phones(self):
        phone = self.phone(devices=[["A", "device"], ["B", "device"]])
        self.refused(phone, "several phones are attached: A B.\nChoose one: --serial A, or ANDROID_SERIAL=A")

    def test_a_serial_that_is_not_there(self):
        self.refused(self.phone(), "there is no phone 'OTHER'; attached are: SECRET", arguments=("--serial", "OTHER"))

    def test_states_of_a_phone(self):
        for state, expected in (("unauthorized", "accept 'Allow USB debugging?'"), ("offline", "is offline"),
                                ("no permissions (udev); see [http]", "add a udev rule"),
                                ("recovery", "is in the state 'recovery'")):
            with self.subTest(state=state):
                self.refused(self.phone(devices=[["SECRET", state]]), "the phone SECRET ", expected)

    def test_an_android_that_is_too_old(self):
        phone = self.phone()
        phone.set_properties(ro_build_version_sdk="19", ro_build_version_release="4.4")
        self.refused(phone, "has Android 4.4 (API 19);\nAugur needs Android 5.0 (API 21) or newer")
        self.assertNotIn("push", phone.calls())

    def test_a_phone_without_a_version(self):
        phone = self.phone()
        phone.set_properties(ro_build_version_sdk=None)
        self.refused(phone, "does not tell its Android version (ro.build.version.sdk is '')")

    def test_abis(self):
        phone = self.phone()
        self.refused(phone, "cannot run x86_64; it runs arm64-v8a,armeabi-v7a", arguments=("--abi", "x86_64"))
        phone.set_properties(ro_product_cpu_abi="mips", ro_product_cpu_abilist="mips")
        self.refused(phone, "has the ABI mips; there are builds for arm64-v8a, armeabi-v7a and x86_64")

    def test_a_missing_build(self):
        self.refused(self.phone(), "/none/bin/augur-bench is missing. Build it:",
                     "cmake --preset android-arm64 && cmake --build --preset android-arm64 --target augur-bench",
                     arguments=("--build", "/none"))

    def test_a_copy_that_fails(self):
        for name in ("augur-bench", "model.augur"):
            for old in (False, True):
                with self.subTest(name=name, old=old):
                    self.refused(self.phone(full=name, old=old), f"/{name} of the phone SECRET", "No space left")

    def test_a_lost_connection(self):
        for part in ("getprop", "mkdir", "./augur-bench"):
            with self.subTest(part=part):
                phone = self.phone(silent=part)
                status, _, err = phone.run()
                self.assertEqual(status, 1)
                self.assertIn("the connection to the phone SECRET is lost: error: device 'SECRET' not found", err)

    def test_a_program_that_fails_on_the_phone(self):
        for old in (False, True):
            with self.subTest(old=old):
                phone = self.phone(old=old)
                path = phone.folder / "android-arm64/bin/augur-bench"
                path.write_text("#!/bin/sh\necho 'CANNOT LINK EXECUTABLE' >&2\nexit 1\n")
                self.refused(phone, "augur-bench fails on the phone SECRET: CANNOT LINK EXECUTABLE")

    def test_a_program_that_prints_another_format(self):
        phone = self.phone()
        path = phone.folder / "android-arm64/bin/augur-bench"
        path.write_text("#!/bin/sh\necho '{\"cases\": []}'\n")
        self.refused(phone, "bench-android.sh: ", "format: is missing")

    def test_a_missing_model(self):
        self.refused(self.phone(), "/none.augur: there is no such file", model="/none.augur")

    def test_tables_that_are_wrong(self):
        for table, expected in (("items", "expected NAME=FILE"), ("items=/none", "there is no file /none"),
                                ("it'ems=x", "without a quote")):
            with self.subTest(table=table):
                self.refused(self.phone(), f"--table {table}: ", expected, arguments=("--table", table))

    def test_no_folder_for_temporary_files(self):
        self.refused(self.phone(), "no folder for temporary files can be made", environment={"TMPDIR": "/dev/null/none"})

    def test_wrong_usage(self):
        phone = self.phone()
        for arguments, expected in (((), "the model is missing"), ((MODEL, MODEL), "expected one model"),
                                    ((MODEL, "--fast"), "there is no option '--fast'"),
                                    ((MODEL, "--pace"), "--pace: a value is missing"),
                                    ((MODEL, "--calls", "many"), "--calls: expected numbers"),
                                    ((MODEL, "--wait", ".5"), "--wait: expected whole seconds"),
                                    ((MODEL, "--wait", "1000000"), "--wait: expected whole seconds")):
            with self.subTest(arguments=arguments):
                status, out, err = phone.run(*arguments, model=None)
                self.assertEqual((status, out), (2, ""))
                self.assertIn(expected, err)
                self.assertIn("usage: sh scripts/bench-android.sh MODEL", err)
        self.assertEqual(phone.calls(), "")
        self.assertEqual(phone.run("--help", model=None)[0], 0)


if __name__ == "__main__":
    unittest.main()
