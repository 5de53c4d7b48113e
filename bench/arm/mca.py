"""Runs llvm-mca, which estimates the cycles that a sequence of instructions takes on a processor."""
import hashlib
import pathlib
import re
import subprocess

# Jumps and addresses lose their targets: the trace has the instructions in the order in which they ran.
CALL = re.compile(r"^(bl|blr|br|ret|b)\b(?!\.).*$")
BRANCH = re.compile(r"^(b\.\w+|cbn?z|tbn?z|adrp?|ldr\w*)( .*?)?[0-9a-f]+ <.*$")

# In llvm-mca a store that also advances its pointer does so only when its data is ready. Each round of a
# loop that works in place would then wait for the round before. Out-of-order processors do not wait, so
# the store is split in two instructions.
POST_INDEXED = re.compile(r"^(st[rp1]\w* .*\[(\w+)\]), #(\d+)$")
PRE_INDEXED = re.compile(r"^(st[rp1]\w* .*\[(\w+)), #(-?\d+)\]!$")


def arm_assembly(instructions):
    """The instructions as text for llvm-mca: without addresses, every jump to the place itself."""
    lines = []
    for text in instructions:
        text = CALL.sub("b .", text)
        text = BRANCH.sub(lambda m: f"{m[1]}{m[2] or ' '}.", text)
        text = POST_INDEXED.sub(r"\1\nadd \2, \2, #\3", text)
        text = PRE_INDEXED.sub(r"add \2, \2, #\3\n\1]", text)
        lines += text.split("\n")
    return lines


class Mca:
    """llvm-mca, with its answers kept in a directory."""

    def __init__(self, tool, directory):
        self.tool = tool
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.version = subprocess.run([tool, "--version"], capture_output=True, text=True, check=True).stdout

    def cycles(self, lines, arguments):
        """The cycles that these lines of assembly take, for a processor described by llvm-mca's arguments."""
        text = "\n".join(lines) + "\n"
        key = hashlib.sha256("\n".join([self.version, *arguments, text]).encode()).hexdigest()
        kept = self.directory / key[:32]
        if kept.exists():
            return int(kept.read_text())
        done = subprocess.run(
            [self.tool, *arguments, "-iterations=1", "-instruction-info=0", "-resource-pressure=0", "-"],
            input=text, capture_output=True, text=True)
        match = re.search(r"^Total Cycles:\s+(\d+)", done.stdout, re.MULTILINE)
        if done.returncode != 0 or match is None or "error:" in done.stderr:
            raise SystemExit(f"{self.tool} {' '.join(arguments)}: {done.stderr[:2000]}")
        read = int(re.search(r"^Instructions:\s+(\d+)", done.stdout, re.MULTILINE)[1])
        if read != len(lines):
            raise SystemExit(f"{self.tool}: {len(lines)} instructions given, {read} understood")
        kept.write_text(match[1])
        return int(match[1])
