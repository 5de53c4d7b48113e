"""Checks a wheel of augur-rank: what is in it, its tags and metadata, and that its binaries need nothing from outside.

    python3 tests/platforms/wheel/wheel_check.py FILE.whl

prints what is wrong, a line each, and exits with 1 if there is something. It needs readelf (on Debian: binutils).
"""

import base64
import csv
import email
import hashlib
import io
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "scripts"))
import pins  # noqa: E402
import sbom  # noqa: E402

COMMANDS = ("augur-bench", "augur-convert", "augur-inspect", "augur-rank")
BINARIES = ("augur_rank/lib/libaugur.so", *(f"augur_rank/bin/{name}" for name in COMMANDS))
# Libraries of glibc itself.
ALLOWED = re.compile(r"lib(c|m|dl|pthread|rt)\.so\.[0-9]+|ld-linux-.*\.so\.[0-9]+")
EXTRAS = {"torch", "tensorflow", "train"}


def check(path):
    """What is wrong with the wheel, a list of texts."""
    match = re.fullmatch(r"(augur_rank-([0-9.]+))-py3-none-(linux|manylinux_(\d+)_(\d+))_(\w+)\.whl", path.name)
    if not match:
        return [f"{path.name}: expected augur_rank-VERSION-py3-none-PLATFORM.whl"]
    with zipfile.ZipFile(path) as archive:
        wrong = check_names(archive, match[1]) + check_record(archive, match[1])
        if not wrong:
            wrong = check_metadata(archive, match[1], match[2], f"{match[3]}_{match[6]}") + check_licences(
                archive, match[1]
            )
            wrong += check_binaries(archive, (int(match[4]), int(match[5])) if match[4] else None)
    return wrong


def check_names(archive, stem):
    """The modules of the checkout, the binaries, licences and metadata, and nothing else."""
    names = {info.filename for info in archive.infolist() if not info.is_dir()}
    source = ROOT / "converter/python"
    modules = {
        str(file.relative_to(source))
        for file in (source / "augur_rank").rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    expected = (
        modules
        | set(BINARIES)
        | {f"{stem}.dist-info/{name}" for name in ("METADATA", "WHEEL", "RECORD", "entry_points.txt")}
    )
    licences = {name for name in names if name.startswith(f"{stem}.dist-info/licenses/")}
    wrong = [f"{name} is missing" for name in sorted(expected - names)]
    wrong += [f"{name} does not belong in the wheel" for name in sorted(names - expected - licences)]
    modes = {info.filename: info.external_attr >> 16 for info in archive.infolist()}
    return wrong + [
        f"augur_rank/bin/{name} is not executable"
        for name in COMMANDS
        if modes.get(f"augur_rank/bin/{name}", 0o111) & 0o111 != 0o111
    ]


def check_record(archive, stem):
    """RECORD has the hash of every other file."""
    try:
        rows = list(csv.reader(io.StringIO(archive.read(f"{stem}.dist-info/RECORD").decode())))
    except KeyError:
        return []  # check_names has said so
    recorded = {row[0]: row[1] for row in rows}
    wrong = []
    for name in archive.namelist():
        digest = base64.urlsafe_b64encode(hashlib.sha256(archive.read(name)).digest()).rstrip(b"=").decode()
        if not name.endswith(("/", ".dist-info/RECORD")) and recorded.get(name) != f"sha256={digest}":
            wrong.append(f"RECORD does not have the hash of {name}")
    return wrong


def check_metadata(archive, stem, version, platform):
    """Name, version, tags, dependencies, licences and console scripts."""
    metadata = email.message_from_bytes(archive.read(f"{stem}.dist-info/METADATA"))
    wheel = email.message_from_bytes(archive.read(f"{stem}.dist-info/WHEEL"))
    entries = archive.read(f"{stem}.dist-info/entry_points.txt").decode()
    wrong = []
    expected = {"Name": "augur-rank", "Version": version, "Requires-Python": ">=3.9"}
    wrong += [
        f"METADATA: {key} is {metadata[key]!r}, expected {value!r}"
        for key, value in expected.items()
        if metadata[key] != value
    ]
    if version != sbom.version_of_augur():
        wrong.append(f"the version is {version}, but that of augur.h is {sbom.version_of_augur()}")
    if wheel["Root-Is-Purelib"] != "false" or wheel.get_all("Tag") != [f"py3-none-{platform}"]:
        wrong.append(
            f"WHEEL: Root-Is-Purelib {wheel['Root-Is-Purelib']}, Tag {wheel.get_all('Tag')}; expected false and "
            f"py3-none-{platform}"
        )
    always = [text for text in metadata.get_all("Requires-Dist", []) if "extra ==" not in text]
    if len(always) != 1 or not always[0].startswith("numpy"):
        wrong.append(f"METADATA: required are {always}, expected NumPy alone")
    if not EXTRAS <= set(metadata.get_all("Provides-Extra", [])):
        wrong.append(f"METADATA: the extras are {metadata.get_all('Provides-Extra')}")
    licences = {component.licence for component in pins.read() if component.where != "tests"} | {"Apache-2.0"}
    if set(str(metadata["License-Expression"]).split(" AND ")) != licences:
        wrong.append(f"METADATA: License-Expression is {metadata['License-Expression']}, expected {sorted(licences)}")
    wrong += [
        f"entry_points.txt has no {name}"
        for name in COMMANDS
        if not re.search(rf"^{name} *= *augur_rank\.commands\.\w+:main$", entries, re.MULTILINE)
    ]
    return wrong


def check_licences(archive, stem):
    """The licences of Augur, of what is in libaugur, and of what is in the commands."""
    folder = f"{stem}.dist-info/licenses/"
    files = {name[len(folder) :]: archive.read(name) for name in archive.namelist() if name.startswith(folder)}
    wrong = [
        f"the licence file {name} is missing, or is not that of the checkout"
        for name in ("LICENSE", "NOTICE")
        if files.get(name) != (ROOT / name).read_bytes()
    ]
    return wrong + [
        f"the licence file of {component.key} is missing"
        for component in pins.read()
        if component.where == "tools" and len(files.get(f"converter/licences/{component.key}", b"")) < 500
    ]


def check_binaries(archive, glibc):
    """Needed libraries, symbols, paths; with glibc=(2, 28) no newer symbol of glibc."""
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        for name in BINARIES:
            path = pathlib.Path(archive.extract(name, folder))
            wrong += [f"{name}: {text}" for text in check_binary(path, glibc)]
    return wrong


def check_binary(path, glibc):
    """What is wrong with one ELF file."""
    needs = readelf("--dynamic", path)
    wrong = [
        f"needs {needed}, which is not in the wheel"
        for needed in re.findall(r"\(NEEDED\).*\[(.*)\]", needs)
        if not ALLOWED.fullmatch(needed)
    ]
    wrong += [f"has the search path {found}" for found in re.findall(r"\((?:RPATH|RUNPATH)\).*\[(.*)\]", needs)]
    if ".symtab" in readelf("--sections", path):
        wrong.append("is not stripped")
    symbols = readelf("--dyn-syms", path)
    versions = [tuple(map(int, found.split("."))) for found in re.findall(r"GLIBC_([0-9.]+)", symbols)]
    if glibc and max(versions, default=(0,))[:2] > glibc:
        wrong.append(f"needs glibc {'.'.join(map(str, max(versions)))}")
    if path.name == "libaugur.so":
        shown = re.findall(r"(?:GLOBAL|WEAK) +DEFAULT +\d+ (\S+)", symbols)
        if "augur_rank" not in shown or not all(name.startswith("augur_") for name in shown):
            wrong.append(f"shows {[name for name in shown if not name.startswith('augur_')] or 'no augur_rank'}")
    data = path.read_bytes()
    return wrong + [
        f"has the path {folder} in it"
        for folder in (str(ROOT), str(pathlib.Path.home() / ".cache"))
        if folder.encode() in data
    ]


def readelf(option, path):
    """The output of readelf."""
    return subprocess.run(
        ["readelf", "--wide", option, str(path)], check=True, stdout=subprocess.PIPE, text=True
    ).stdout


def main():
    """The command line."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    found = check(pathlib.Path(sys.argv[1]))
    print("\n".join(found) or f"{sys.argv[1]} is as it should be")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
