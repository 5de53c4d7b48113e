"""Writes the SBOM of a release: what is in libaugur, and what only in its tools and tests, with versions, hashes and
licences. The format is SPDX 2.3 in JSON.

    sbom.py --out FILE [--build BUILD_FOLDER] [--package FILE...]

BUILD_FOLDER is a configured build, such as build/android-arm64: the tarballs that it used, and its FlatBuffers headers,
are stated in place of those of pins.txt where they differ. --package names a file that is shipped (an AAR, the ZIP file
of an xcframework), whose SHA-256 is stated. Without packages the same commit gives the same file everywhere.
"""
import argparse
import datetime
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

import pins

ROOT = pathlib.Path(__file__).resolve().parent.parent
NONE = "NOASSERTION"
# What contains a component, and how it is related to it, by the last column of pins.txt.
OWNERS = {"libaugur": ("SPDXRef-libaugur", "STATIC_LINK"), "tools": ("SPDXRef-tools", "DEPENDS_ON"),
          "tests": ("SPDXRef-tests", "DEPENDS_ON")}


def version_of_augur():
    text = (ROOT / "runtime/include/augur/augur.h").read_text()
    number = int(re.search(r"^#define AUGUR_VERSION (\d+)", text, re.MULTILINE).group(1))
    return f"{number // 10000}.{number // 100 % 100}.{number % 100}"


def created():
    """The time of the commit, or SOURCE_DATE_EPOCH if that is set."""
    seconds = os.environ.get("SOURCE_DATE_EPOCH")
    if not seconds:
        done = subprocess.run(["git", "-C", str(ROOT), "log", "-1", "--format=%ct"], stdout=subprocess.PIPE, text=True)
        seconds = done.stdout.strip() if done.returncode == 0 else "0"
    return datetime.datetime.fromtimestamp(int(seconds), datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def as_built(component, build):
    """(version, where the source came from) of what `build` used of the component; of pins.txt if build is None."""
    version, origin = component.version, component.note
    if component.archive:
        origin = f"{component.archive} of Debian's archive has the SHA-256 {component.archive_sha256}."
    if build is None:
        return version, origin
    cache = re.search(r"^AUGUR_CACHE:PATH=(.*)$", (build / "CMakeCache.txt").read_text(), re.MULTILINE).group(1)
    tarball = pathlib.Path(cache) / "downloads" / component.archive
    if component.archive and tarball.exists() and sha256(tarball) != component.archive_sha256:
        return NONE, f"Built from a newer tarball of Debian's archive, with the SHA-256 {sha256(tarball)}."
    header = build / "third-party/flatbuffers/flatbuffers/base.h"
    if component.key == "flatbuffers" and header.exists():
        used = ".".join(re.findall(r"#define FLATBUFFERS_VERSION_(?:MAJOR|MINOR|REVISION) (\d+)", header.read_text()))
        if used != version:
            return used, "Built with the headers of the machine, which are not those that the repository names."
    return version, origin


def package(name, reference, version, licence, **more):
    return {"SPDXID": f"SPDXRef-{reference}", "name": name, "versionInfo": version, "downloadLocation": NONE,
            "filesAnalyzed": False, "licenseConcluded": licence, "licenseDeclared": licence, "copyrightText": NONE,
            "supplier": NONE, **more}


def sbom(components, version, time, build=None, packages=()):
    """The document as a dictionary."""
    own = "Apache-2.0"
    listed = [package("libaugur", "libaugur", version, own, primaryPackagePurpose="LIBRARY"),
              package("augur-tools", "tools", version, own, primaryPackagePurpose="APPLICATION",
                      comment="augur-convert and the other commands, as built without packages of the system."),
              package("augur-tests", "tests", version, own, primaryPackagePurpose="OTHER")]
    relations = [("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-libaugur"), ("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-tools"),
                 ("SPDXRef-tools", "STATIC_LINK", "SPDXRef-libaugur"), ("SPDXRef-tests", "TEST_OF", "SPDXRef-libaugur")]
    for component in components:
        used, origin = as_built(component, build)
        more = {"downloadLocation": component.url, "primaryPackagePurpose": "LIBRARY"}
        if component.url_hash and used == component.version:
            algorithm, digest = component.url_hash.split("=")
            more["checksums"] = [{"algorithm": algorithm, "checksumValue": digest}]
        if origin:
            more["sourceInfo"] = origin
        reference = "third-party-" + component.key
        listed.append(package(component.name, reference, NONE if used == "-" else used, component.licence, **more))
        owner, relation = OWNERS[component.where]
        relations.append((owner, relation, f"SPDXRef-{reference}"))
    for path in packages:
        reference = "package-" + re.sub(r"[^A-Za-z0-9.-]", "-", path.name)
        listed.append(package(path.name, reference, version, own, packageFileName=path.name,
                              checksums=[{"algorithm": "SHA256", "checksumValue": sha256(path)}],
                              primaryPackagePurpose="ARCHIVE"))
        relations += [("SPDXRef-DOCUMENT", "DESCRIBES", f"SPDXRef-{reference}"),
                      (f"SPDXRef-{reference}", "CONTAINS", "SPDXRef-libaugur")]
        if path.suffix == ".whl":
            relations.append((f"SPDXRef-{reference}", "CONTAINS", "SPDXRef-tools"))
    document = {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": f"augur-{version}",
        "creationInfo": {"created": time, "creators": ["Tool: augur-scripts/sbom.py"]},
        "packages": listed,
        "relationships": [{"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}
                          for one, kind, other in relations]}
    digest = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
    document["documentNamespace"] = f"https://spdx.org/spdxdocs/augur-{version}-{digest[:32]}"
    return document


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--build", type=pathlib.Path)
    parser.add_argument("--package", type=pathlib.Path, nargs="*", default=[])
    arguments = parser.parse_args()
    if arguments.build and not (arguments.build / "CMakeCache.txt").is_file():
        sys.exit(f"sbom.py: {arguments.build} is not a configured build; expected a folder such as build/android-arm64")
    for path in arguments.package:
        if not path.is_file():
            sys.exit(f"sbom.py: there is no file {path}")
    document = sbom(pins.read(), version_of_augur(), created(), arguments.build, arguments.package)
    arguments.out.write_text(json.dumps(document, indent=2) + "\n")


if __name__ == "__main__":
    main()
