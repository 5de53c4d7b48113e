"""Reads toolchains/third-party/pins.txt: the third-party code that Augur is built with, for NOTICE and the SBOM."""
import pathlib
import re
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parent.parent
PINS = ROOT / "toolchains/third-party/pins.txt"
WHERE = ("libaugur", "tools", "tests")
# The projects' own spelling of their names; licence texts are kept in files of these names.
NAMES = {"xnnpack": "XNNPACK", "fxdiv": "FXdiv", "highway": "Highway", "flatbuffers": "FlatBuffers",
         "benchmark": "Google Benchmark", "cli11": "CLI11", "nlohmann": "JSON for Modern C++"}


class Component(NamedTuple):
    key: str  # the name in pins.txt
    name: str  # the name that people know
    version: str
    licence: str  # SPDX identifier
    where: str  # one of WHERE
    url: str = ""
    url_hash: str = ""  # "SHA256=..." of the file at url
    archive: str = ""  # name of the tarball in Debian's archive, "" if none
    archive_sha256: str = ""
    note: str = ""


# Code that was copied into this repository, so that no tarball belongs to it.
COPIED = [Component("farmhash", "FarmHash", "-", "MIT", "libaugur", "https://github.com/google/farmhash",
                    note="common/farm_hash.h is derived from it.")]


def read(path=PINS):
    """The components of pins.txt and COPIED. Raises ValueError, with the line, for a line that is not complete."""
    components = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        fields = line.split()
        where = f"{path.name}:{number}"
        if len(fields) != 9:
            raise ValueError(f"{where}: expected 9 fields, found {len(fields)}; the first lines of the file name them")
        key, version, pool, pool_sha256, url, url_hash, _, licence, inside = fields
        if inside not in WHERE:
            raise ValueError(f"{where}: the last field is '{inside}'; expected {', '.join(WHERE)}")
        if not re.fullmatch(r"SHA(256|512)=[0-9a-f]{64,128}", url_hash):
            raise ValueError(f"{where}: '{url_hash}' is not a hash; expected SHA256=... or SHA512=...")
        archive = "" if pool == "-" else pool.rsplit("/", 1)[1]
        components.append(Component(key, NAMES.get(key, key), version, licence, inside, url, url_hash, archive,
                                    pool_sha256 if archive else ""))
    return components + COPIED
