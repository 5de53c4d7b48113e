"""python3 -m augur_rank COMMAND …: the commands of the package, from any Python that has it.

    convert       a checkpoint into a .augur file (augur-convert)
    inspect       what is in a .augur file (augur-inspect)
    rank          rank the candidates of requests (augur-rank)
    bench         how fast a .augur file ranks (augur-bench)
    weights       the tensors of any checkpoint as .safetensors
    dump-script   prints augur_dump.py, the file for machines with an old Python; --path prints where it is
"""

import sys
from importlib import import_module
from pathlib import Path

COMMANDS = ("convert", "inspect", "rank", "bench", "weights")


def main() -> int:
    """Runs the command that the first argument names. Returns the exit status; 2 for a command that is not there."""
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name in COMMANDS:
        status: int = import_module(f"augur_rank.commands.{name}").main(sys.argv[2:])
        return status
    if name == "dump-script":
        script = Path(__file__).with_name("augur_dump.py")
        if sys.argv[2:] == ["--path"]:
            print(script)
        else:
            sys.stdout.write(script.read_text(encoding="utf-8"))
        return 0
    asked = name in ("-h", "--help")
    print((__doc__ or "").rstrip(), file=sys.stdout if asked else sys.stderr)
    return 0 if asked else 2


if __name__ == "__main__":
    sys.exit(main())
