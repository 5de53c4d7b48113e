"""NOTICE and the SBOM: they agree with pins.txt and with the licence texts of this build; what is wrong is reported."""
import copy
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import notice  # noqa: E402
import pins  # noqa: E402
import sbom  # noqa: E402

INSIDE = {"XNNPACK", "pthreadpool", "FXdiv", "cpuinfo", "Highway", "FlatBuffers", "FarmHash"}


class Notice(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.licences = notice.read_licences(pathlib.Path(os.environ["AUGUR_BUILD_FOLDER"]) / "licences")

    def test_notice_is_what_the_licence_texts_of_this_build_give(self):
        self.assertEqual((ROOT / "NOTICE").read_text(), notice.notice(pins.read(), self.licences),
                         "python3 scripts/notice.py --licences build/host/licences --write")

    def test_every_text_is_in_notice_as_a_whole(self):
        text = (ROOT / "NOTICE").read_text()
        self.assertEqual({component.name for component in pins.read() if component.where == "libaugur"}, INSIDE)
        for name, licence in self.licences.items():
            self.assertIn(licence.strip(), text, name)

    def test_a_missing_text_and_one_too_many_are_reported(self):
        less = {name: text for name, text in self.licences.items() if name != "cpuinfo"}
        with self.assertRaisesRegex(ValueError, "no licence text of cpuinfo"):
            notice.notice(pins.read(), less)
        with self.assertRaisesRegex(ValueError, "a licence of KleidiAI, which is not in libaugur"):
            notice.notice(pins.read(), {**self.licences, "KleidiAI": "text"})

    def test_a_pin_without_its_last_fields_is_reported_with_its_line(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "pins.txt"
            line = f"# comment\nzlib 1 - - https://x SHA256={'0' * 64} -"
            for text, message in ((line, "pins.txt:2: expected 9 fields, found 7"),
                                  (line + " Zlib app", "pins.txt:2: the last field is 'app'"),
                                  (line.replace("SHA256", "MD5") + " Zlib tools", "pins.txt:2: 'MD5=.* is not a hash")):
                path.write_text(text)
                with self.assertRaisesRegex(ValueError, message):
                    pins.read(path)


def check_spdx(document):
    """What SPDX 2.3 asks of a document: a list of what is wrong."""
    wrong = [f"no {key}" for key in ("spdxVersion", "dataLicense", "SPDXID", "name", "documentNamespace", "creationInfo")
             if not document.get(key)]
    if document.get("dataLicense") != "CC0-1.0" or document.get("spdxVersion") != "SPDX-2.3":
        wrong.append("version or data licence")
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", document["creationInfo"]["created"]):
        wrong.append("created")
    if not all(re.match(r"(Tool|Person|Organization): .", creator) for creator in document["creationInfo"]["creators"]):
        wrong.append("creators")
    known = {"SPDXRef-DOCUMENT"}
    for package in document["packages"]:
        identifier = package["SPDXID"]
        if identifier in known or not re.fullmatch(r"SPDXRef-[A-Za-z0-9.-]+", identifier):
            wrong.append(f"identifier {identifier}")
        known.add(identifier)
        wrong += [f"{identifier}: no {key}" for key in ("name", "versionInfo", "downloadLocation", "licenseConcluded",
                                                        "licenseDeclared", "copyrightText") if not package.get(key)]
        lengths = {"SHA256": 64, "SHA512": 128}
        wrong += [f"{identifier}: checksum" for checksum in package.get("checksums", [])
                  if not re.fullmatch("[0-9a-f]{%d}" % lengths[checksum["algorithm"]], checksum["checksumValue"])]
    for relation in document["relationships"]:
        wrong += [f"relationship with {relation[key]}" for key in ("spdxElementId", "relatedSpdxElement")
                  if relation[key] not in known]
    return wrong


class Licences(unittest.TestCase):
    def test_each_part_of_the_tools_has_its_licence_in_the_wheel(self):
        files = {path.name: path.read_text() for path in (ROOT / "converter/licences").iterdir()}
        self.assertEqual(set(files), {component.key for component in pins.read() if component.where == "tools"})
        for name, text in files.items():
            self.assertRegex(text, "(?i)copyright", name)
            self.assertRegex(text, "(?i)as.is", name)


class Sbom(unittest.TestCase):
    def make(self, *arguments):
        with tempfile.TemporaryDirectory() as folder:
            out = pathlib.Path(folder) / "sbom.json"
            subprocess.run([sys.executable, "-B", str(ROOT / "scripts/sbom.py"), "--out", str(out), *arguments],
                           check=True, timeout=60, env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000"})
            return json.loads(out.read_text())

    def test_it_has_what_spdx_asks_for(self):
        self.assertEqual(check_spdx(self.make()), [])
        self.assertEqual(check_spdx(self.make("--build", os.environ["AUGUR_BUILD_FOLDER"])), [])

    def test_it_says_what_is_inside_and_what_is_not(self):
        document = self.make()
        names = {package["SPDXID"]: package["name"] for package in document["packages"]}
        of = {owner: {names[relation["relatedSpdxElement"]] for relation in document["relationships"]
                      if relation["spdxElementId"] == f"SPDXRef-{owner}"} for owner in ("libaugur", "tools")}
        self.assertEqual(of["libaugur"], INSIDE)
        self.assertEqual(of["tools"], {"libaugur", "zlib", "libzip", "CLI11", "JSON for Modern C++"})
        package = next(package for package in document["packages"] if package["name"] == "XNNPACK")
        self.assertEqual(package["licenseDeclared"], "BSD-3-Clause")
        self.assertEqual(package["checksums"][0]["algorithm"], "SHA512")

    def test_a_shipped_file_is_named_with_its_hash(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "augur-1.aar"
            path.write_bytes(b"abc")
            package = self.make("--package", str(path))["packages"][-1]
        self.assertEqual(package["name"], "augur-1.aar")
        self.assertTrue(package["checksums"][0]["checksumValue"].startswith("ba7816bf8f01cfea"))

    def test_an_aar_contains_the_library_and_a_wheel_the_tools_too(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, inside in (("augur-1.aar", {"libaugur"}), ("augur_rank-1.whl", {"libaugur", "tools"})):
                path = pathlib.Path(folder) / name
                path.write_bytes(b"abc")
                relations = self.make("--package", str(path))["relationships"]
                self.assertEqual({relation["relatedSpdxElement"] for relation in relations
                                  if relation["relationshipType"] == "CONTAINS"}, {f"SPDXRef-{part}" for part in inside})

    def test_the_same_commit_gives_the_same_document(self):
        self.assertEqual(self.make(), self.make())

    def test_the_check_notices_what_is_wrong(self):
        good = self.make()
        for change, message in ((lambda d: d.pop("documentNamespace"), "no documentNamespace"),
                                (lambda d: d["packages"][3].pop("licenseDeclared"), "no licenseDeclared"),
                                (lambda d: d["packages"][3]["checksums"][0].update(checksumValue="12"), "checksum"),
                                (lambda d: d["relationships"][2].update(relatedSpdxElement="SPDXRef-x"), "relationship")):
            document = copy.deepcopy(good)
            change(document)
            self.assertEqual(len([line for line in check_spdx(document) if message in line]), 1, message)


if __name__ == "__main__":
    unittest.main()
