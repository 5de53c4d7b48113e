"""Makes NOTICE: the licences of the third-party code that is in libaugur, for apps that ship it.

    notice.py --licences FOLDER            fails if NOTICE is not what these texts give
    notice.py --licences FOLDER --write    writes NOTICE

FOLDER is build/PRESET/licences, which every configuration makes of the licence files of what it builds.
"""
import argparse
import difflib
import pathlib
import sys

import pins

ROOT = pathlib.Path(__file__).resolve().parent.parent
APACHE = "Apache-2.0"
# Highway's licence file is the text of Apache-2.0 alone; its sources have the names.
HIGHWAY = "Copyright 2019-2024 Google LLC and the other authors of Highway\nSPDX-License-Identifier: Apache-2.0"
RULE = "-" * 80


def notice(components, licences):
    """The text of NOTICE. Raises ValueError if a licence text is missing, or belongs to nothing in libaugur.

    components: pins.Component of everything; those in libaugur are listed
    licences: name -> text, with "LICENSE" for the text of Apache-2.0
    """
    inside = [component for component in components if component.where == "libaugur"]
    names = {component.name for component in inside}
    missing = sorted(names - licences.keys())
    unknown = sorted(licences.keys() - names - {"LICENSE"})
    if missing:
        raise ValueError(f"no licence text of {', '.join(missing)}: let toolchains/modules/AugurLibraries.cmake copy it")
    if unknown:
        raise ValueError(f"a licence of {', '.join(unknown)}, which is not in libaugur by toolchains/third-party/pins.txt")
    parts = ["Augur\n\n"
             "Augur has the licence Apache-2.0, whose text stands at the end. libaugur, and with it libaugur_jni.so and\n"
             "Augur.framework, contains code of the projects below. An app that ships it must state their licences.\n"]
    width = max(len(component.name) for component in inside)
    parts.append("".join(f"    {component.name:<{width}}  {component.version:<9} {component.licence}\n"
                         for component in inside))
    for component in inside:
        text = HIGHWAY if component.name == "Highway" else licences[component.name]
        parts.append(f"{RULE}\n{component.name} {component.version}\n\n{text.strip()}\n")
    parts.append(f"{RULE}\nThe Apache License, for Augur and for what names it above\n\n{licences['LICENSE'].strip(chr(10))}\n")
    return "\n".join(parts)


def read_licences(folder):
    files = sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []
    if not files:
        raise ValueError(f"{folder} has no licences; configure first (cmake --preset host)")
    licences = {path.name: path.read_text() for path in files}
    if "LICENSE" not in licences:
        raise ValueError(f"{folder} has no LICENSE, the text of Apache-2.0")
    if licences.get("Highway", "").split() != licences["LICENSE"].split():
        raise ValueError("Highway's licence is not the text of Apache-2.0 any more: see HIGHWAY in scripts/notice.py")
    return licences


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--licences", type=pathlib.Path, required=True)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    try:
        text = notice(pins.read(), read_licences(arguments.licences))
    except ValueError as error:
        sys.exit(f"notice.py: {error}")
    path = ROOT / "NOTICE"
    if arguments.write:
        path.write_text(text)
    old = path.read_text() if path.exists() else ""
    if old != text:
        sys.stdout.writelines(difflib.unified_diff(old.splitlines(True), text.splitlines(True), "NOTICE", "expected"))
        sys.exit(f"NOTICE does not have the licences of what is in libaugur. Write it with\n"
                 f"  python3 scripts/notice.py --licences {arguments.licences} --write")


if __name__ == "__main__":
    main()
