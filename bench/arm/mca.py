"""Runs llvm-mca, which estimates the cycles that a sequence of instructions takes on a processor."""
import re
import subprocess

# Jumps and addresses lose their targets: the trace has the instructions in the order in which they ran.
CALL = re.compile(r"^(bl|blr|br|ret|b)\b(?!\.).*$")
BRANCH = re.compile(r"^(b\.\w+|cbn?z|tbn?z|adrp?|ldr\w*)( .*?)?[0-9a-f]+ <.*$")

# In llvm-mca a store that also advances its pointer does so only when its data is ready. Each round of a
# loop that works in place would then wait for the round before. Out-of-order processors do not wait, so
# for them the store is split in two instructions.
POST_INDEXED = re.compile(r"^(st[rp1]\w* .*\[(\w+)\]), #(\d+)$")
PRE_INDEXED = re.compile(r"^(st[rp1]\w* .*\[(\w+)), #(-?\d+)\]!$")
IN_ORDER = ("cortex-a55",)


def assembly(instructions, in_order):
    """The instructions as text for llvm-mca: without addresses, every jump to the place itself."""
    lines = []
    for text in instructions:
        text = CALL.sub("b .", text)
        text = BRANCH.sub(lambda m: f"{m[1]}{m[2] or ' '}.", text)
        if not in_order:
            text = POST_INDEXED.sub(r"\1\nadd \2, \2, #\3", text)
            text = PRE_INDEXED.sub(r"add \2, \2, #\3\n\1]", text)
        lines += text.split("\n")
    return lines


def cycles(instructions, cpu, tool):
    lines = assembly(instructions, cpu in IN_ORDER)
    done = subprocess.run(
        [tool, "-mtriple=aarch64", f"-mcpu={cpu}", "-mattr=+dotprod,+fullfp16", "-iterations=1",
         "-instruction-info=0", "-resource-pressure=0", "-"],
        input="\n".join(lines) + "\n", capture_output=True, text=True)
    match = re.search(r"^Total Cycles:\s+(\d+)", done.stdout, re.MULTILINE)
    if done.returncode != 0 or match is None or "error:" in done.stderr:
        raise SystemExit(f"{tool} -mcpu={cpu}: {done.stderr[:2000]}")
    read = int(re.search(r"^Instructions:\s+(\d+)", done.stdout, re.MULTILINE)[1])
    if read != len(lines):
        raise SystemExit(f"{tool}: {len(lines)} instructions given, {read} understood")
    return int(match[1])
