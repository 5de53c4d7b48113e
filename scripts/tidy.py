"""Runs clang-tidy on the sources of a build, and remembers which files were clean.

The result for a file depends on its content, the headers of this project that it can include, its compile command,
.clang-tidy, the schema (whose header is generated), the pinned sources and clang-tidy itself. A hash of all these is
stored when the file is clean; while the hash stays the same, the file is not checked again. The folder of the checkout
is not part of it. Called by scripts/tidy.sh.
"""
import argparse
import concurrent.futures
import hashlib
import json
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
COMMON = [".clang-tidy", "schema/augur.fbs", "toolchains/third-party/pins.txt"]
INCLUDE = re.compile(rb'^[ \t]*#[ \t]*include[ \t]*["<]([^">]+)[">]', re.MULTILINE)


class Headers:
    """Finds the project's headers that a file can include, also those within #if."""

    def __init__(self, root):
        self.root = root
        self.contents = {}

    def content(self, path):
        if path not in self.contents:
            self.contents[path] = path.read_bytes()
        return self.contents[path]

    def of(self, source, folders):
        """The paths of the source and of its headers. `folders` are those of the command's -I, in order."""
        found, todo = {source}, [source]
        while todo:
            file = todo.pop()
            for name in INCLUDE.findall(self.content(file)):
                for folder in [file.parent, *folders]:
                    header = (folder / name.decode()).resolve()
                    if header.is_file():
                        if header not in found and self.root in header.parents:
                            found.add(header)
                            todo.append(header)
                        break
        return found


def key_of(entry, headers, common, root=ROOT):
    """The hash of everything that the result for this entry of compile_commands.json depends on."""
    command = shlex.split(entry["command"])
    while command and not pathlib.Path(command[0]).name.rstrip("0123456789.-").endswith(("cc", "++", "clang")):
        command.pop(0)  # a launcher, such as ccache
    folders = [pathlib.Path(argument[2:]) for argument in command if argument.startswith("-I") and len(argument) > 2]
    digest = hashlib.sha256(common)
    digest.update(" ".join(command).replace(str(root), "").encode())
    for file in sorted(headers.of(pathlib.Path(entry["file"]).resolve(), folders)):
        digest.update(str(file.relative_to(root)).encode() + b"\0" + hashlib.sha256(headers.content(file)).digest())
    return digest.hexdigest()[:32]


def main():
    parser = argparse.ArgumentParser(description="clang-tidy, with clean results kept by content")
    parser.add_argument("--build", required=True, help="build folder with compile_commands.json")
    parser.add_argument("--cache", required=True, help="where clean results are kept")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--all", action="store_true", help="look at every file again")
    options = parser.parse_args()

    cache = pathlib.Path(options.cache)
    cache.mkdir(parents=True, exist_ok=True)
    version = subprocess.run(["clang-tidy", "--version"], capture_output=True, check=True).stdout
    common = version + b"".join((ROOT / name).read_bytes() for name in COMMON)
    headers = Headers(ROOT)
    todo = []
    known = 0
    looked_at = tuple(str(ROOT / folder) + "/" for folder in ("runtime/src", "converter/src", "bench", "platforms/android/jni"))
    for entry in json.loads((ROOT / options.build / "compile_commands.json").read_text()):
        if entry["file"].startswith(looked_at) and entry["file"].endswith(".cc"):
            stamp = cache / key_of(entry, headers, common)
            if stamp.exists() and not options.all:
                known += 1
            else:
                todo.append((entry["file"], stamp))
    print(f"{known} files are as they were when they were clean, {len(todo)} to look at", flush=True)

    def look_at(file):
        # The commands are GCC's, some of whose warnings clang does not know.
        return subprocess.run(["clang-tidy", "--quiet", "--extra-arg=-Wno-unknown-warning-option",
                               "-p", str(ROOT / options.build), file], cwd=ROOT,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    failed = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        running = {pool.submit(look_at, file): (file, stamp) for file, stamp in todo}
        for number, done in enumerate(concurrent.futures.as_completed(running), 1):
            file, stamp = running[done]
            print(f"[{number}/{len(todo)}] {pathlib.Path(file).relative_to(ROOT)}", flush=True)
            if done.result().returncode == 0:
                stamp.touch()
            else:
                failed += 1
                print(done.result().stdout, flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
