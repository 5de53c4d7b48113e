"""Writes a ZIP file whose bytes depend on its entries' names and contents alone: entries in the order of their names, all
with one time, one of two modes, and one compression.

    make_zip.py OUT.zip NAME=PATH...

PATH is a file or a folder; of a folder, everything below it gets into the ZIP file below NAME ("" for the top). Symbolic
links stay links, because the frameworks of an xcframework may need them.
"""
import os
import pathlib
import stat
import sys
import zipfile

TIME = (1980, 1, 1, 0, 0, 0)  # the first that the format has
LEVEL = 9


def entries_of(name, path):
    """Yields (name, path) of the files and links at `path`, a file, a link or a folder."""
    if path.is_symlink() or not path.is_dir():
        yield name, path
        return
    for child in path.iterdir():
        yield from entries_of(f"{name}/{child.name}" if name else child.name, child)


def write(out, entries):
    """Writes `out`, replacing it. `entries` is name -> bytes, or the path of a file or link. Raises ValueError for a name
    that would lie outside of the folder where the ZIP file is extracted."""
    part = out.with_name(out.name + ".part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive:
        for name in sorted(entries):
            if not name or name.startswith("/") or ".." in name.split("/"):
                raise ValueError(f"'{name}' is not a name for an entry of {out.name}")
            source = entries[name]
            info = zipfile.ZipInfo(name, TIME)
            info.create_system = 3  # Unix, which gives the mode below its meaning
            info.compress_type = zipfile.ZIP_DEFLATED
            mode = stat.S_IFREG | 0o644
            if isinstance(source, pathlib.Path) and source.is_symlink():
                mode, data = stat.S_IFLNK | 0o777, os.readlink(source).encode()
            elif isinstance(source, pathlib.Path):
                data = source.read_bytes()
                if source.stat().st_mode & stat.S_IXUSR:
                    mode = stat.S_IFREG | 0o755
            else:
                data = source
            info.external_attr = mode << 16
            archive.writestr(info, data, compresslevel=LEVEL)
    part.replace(out)


def main(arguments):
    if len(arguments) < 2 or any("=" not in argument for argument in arguments[1:]):
        sys.exit("usage: make_zip.py OUT.zip NAME=PATH...")
    entries = {}
    for argument in arguments[1:]:
        name, path = argument.split("=", 1)
        if not os.path.lexists(path):
            sys.exit(f"make_zip.py: there is no {path}")
        for entry, source in entries_of(name.strip("/"), pathlib.Path(path)):
            if entry in entries:
                sys.exit(f"make_zip.py: {source} and {entries[entry]} would both be {entry}")
            entries[entry] = source
    write(pathlib.Path(arguments[0]), entries)


if __name__ == "__main__":
    main(sys.argv[1:])
