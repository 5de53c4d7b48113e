"""Links a program of a build directory again, with the fused kernels compiled by clang instead of GCC.

The compilers for phones are clang. The rest of the program stays as the build made it.
"""
import json
import pathlib
import re
import shlex

from emulate import run

KERNELS = "runtime/src/kernels/simd/kernels.cc"


def program_with(clang, build, target, triple, out):
    build = pathlib.Path(build).resolve()
    commands = json.loads((build / "compile_commands.json").read_text())
    found = [c for c in commands if c["file"].endswith(KERNELS)]
    if not found:
        raise SystemExit(f"{build}/compile_commands.json: {KERNELS} is not compiled there")
    words = shlex.split(found[0]["command"])
    while not re.search(r"(g\+\+|clang\+\+)[-0-9.]*$", words[0]):
        words.pop(0)  # a launcher such as ccache
    at = words.index("-o")
    kernels = out.with_suffix(".kernels.o")
    words[at + 1] = str(kernels)
    run([clang, f"--target={triple}"] + words[1:], directory=build)
    link = run(["ninja", "-t", "commands", target], directory=build).splitlines()[-1]
    # Stands before the libraries, so that the linker takes these kernels and not those in the library.
    link, count = re.subn(rf" -o bin/{target} ", f" {kernels} -o {out} ", link)
    if count != 1:
        raise SystemExit(f"{build}: how {target} is linked was not understood: {link}")
    run(["sh", "-c", link], directory=build)
    return out
