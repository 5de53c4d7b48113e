"""Checks the includes between the rooms (folders) of the sources against the table in scripts/rooms.txt.

Prints a line for each include that the table forbids, and fails if there is one:

    runtime/src/network/gru.cc:7: network/ must not include "loader/reader.h": <reason>

The check is on direct includes. An include is resolved as a compiler would: beside the including file, then below
INCLUDE_FOLDERS. If the file is not found, the first folders of the name decide.
"""
import argparse
import os.path
import pathlib
import re
import sys
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parent.parent
INCLUDE_FOLDERS = ["runtime/src", "runtime/include", "converter/src", "."]
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"]+)"|<([^>]+)>)')
SCHEMA = re.compile(r"(^|/)augur_generated\.h$|^flatbuffers/")
ENDINGS = {".c", ".cc", ".h", ".hpp"}


class Rule(NamedTuple):
    where: str  # "scripts/rooms.txt:12"
    room: str  # a folder below the root
    exceptions: list  # folders below the room that the rule leaves out
    forbidden: dict  # folder below the root, or "schema" -> its name in the table
    reason: str

    def applies_to(self, file):
        return below(file, self.room) and not any(below(file, folder) for folder in self.exceptions)

    def room_of(self, file):
        """What a message calls the room: the last folder of its name, with exceptions the file's own below it."""
        if not self.exceptions:
            return self.room.rsplit("/", 1)[-1]
        rest = file[len(self.room) + 1:].split("/")
        return rest[0] if len(rest) > 1 else self.room


def below(path, folder):
    return path == folder or path.startswith(folder + "/")


def read_rules(path, name):
    """The table's rules; ValueError for a line that is not one."""
    rules = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        columns = [column.strip() for column in line.split("|")]
        if len(columns) != 3 or not all(columns):
            raise ValueError(f"{name}:{number}: expected 'room | rooms | reason'")
        room, _, exceptions = columns[0].partition(" except ")
        parent = room.rpartition("/")[0]
        forbidden = {other if other == "schema" else os.path.normpath(os.path.join(parent, other)): other for other in columns[1].split()}
        rules.append(Rule(f"{name}:{number}", room, [f"{room}/{part}" for part in exceptions.split()], forbidden, columns[2]))
    if not rules:
        raise ValueError(f"{name}: no rules")
    return rules


def missing_folders(rules, root):
    for rule in rules:
        for folder in [rule.room, *rule.exceptions, *rule.forbidden]:
            if folder != "schema" and not (root / folder).is_dir():
                yield f"{rule.where}: there is no folder {folder}"


def resolve(name, file, root, rule):
    """The included file as a path below the root; where none is found, as if it stood beside the room."""
    for folder in [os.path.dirname(file), *INCLUDE_FOLDERS]:
        path = os.path.normpath(os.path.join(folder, name))
        if (root / path).is_file():
            return path
    return os.path.normpath(os.path.join(os.path.dirname(rule.room), name))


def offences(rules, root):
    """A line for each include that a rule forbids."""
    for rule in rules:
        for path in sorted((root / rule.room).rglob("*")):
            file = path.relative_to(root).as_posix()
            if path.suffix not in ENDINGS or not rule.applies_to(file):
                continue
            for number, line in enumerate(path.read_text().splitlines(), 1):
                match = INCLUDE.match(line)
                if not match:
                    continue
                name = match[1] or match[2]
                target = "schema" if SCHEMA.search(name) else resolve(name, file, root, rule) if match[1] else ""
                if any(below(target, folder) for folder in rule.forbidden):
                    written = f'"{name}"' if match[1] else f"<{name}>"
                    yield f"{file}:{number}: {rule.room_of(file)}/ must not include {written}: {rule.reason}"


def main():
    parser = argparse.ArgumentParser(description="checks the includes between the rooms of the sources")
    parser.add_argument("--root", type=pathlib.Path, default=ROOT, help="the checkout")
    parser.add_argument("--rules", type=pathlib.Path, help="the table (default: scripts/rooms.txt of the checkout)")
    options = parser.parse_args()
    table = options.rules or options.root / "scripts/rooms.txt"
    try:
        rules = read_rules(table, os.path.relpath(table, options.root))
    except ValueError as error:
        print(error)
        return 1
    found = [*missing_folders(rules, options.root)] or [*offences(rules, options.root)]
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
