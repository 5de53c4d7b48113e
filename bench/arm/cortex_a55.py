"""Counts the cycles that a Cortex-A55 takes for a sequence of instructions.

The core issues in order, at most two instructions a cycle. Latencies, throughputs and which instructions may be first
and second of a pair are those of Arm's "Cortex-A55 Software Optimization Guide", issue 4.0 (document EPM128372),
sections 3.2 and 4.2 to 4.19. docs/arm-estimate.md says how the guide's tables were read.
"""
import dataclasses
import functools
import re

FIRST, SECOND = 1, 2  # which place of a pair an instruction may take
EITHER = FIRST | SECOND


@dataclasses.dataclass(frozen=True)
class Timing:
    """How the core handles one instruction."""
    unit: str
    latency: int  # from its first cycle until a dependent instruction can begin
    busy: int = 1  # cycles during which nothing else begins, apart from a second one in the last of them
    pair: int = EITHER
    step: int = 0  # of loads of several registers: how much later each further register is ready
    accumulate: int = 0  # latency to an instruction of the same kind that adds to the result; 0: the same latency
    hold: int = 0  # cycles during which the unit takes no other instruction


@dataclasses.dataclass(frozen=True)
class Instruction:
    timing: Timing
    reads: tuple[str, ...]
    addresses: tuple[str, ...]  # registers that an address is made of
    accumulator: str  # the register that is read and added to, or ""
    writes: tuple[str, ...]
    updated: str  # the base register that a load or store advances, or ""


REGISTER = re.compile(r"\b(?:([xw])(\d+|zr)|(w?sp)|([vqdshb])(\d+))(?![\w])")
VECTOR = re.compile(r"\bv\d+\.(\d*)([bhsd])(\[\d+\])?")
BITS = {"b": 8, "h": 16, "s": 32, "d": 64}
LISTS = re.compile(r"\{[^}]*\}(\[\d+\])?")

# Instructions that also read the register that they write.
DESTRUCTIVE = re.compile(r"(fml[as]l?2?|ml[as]|[su]ml[as]l2?|[su]dot|usdot|sqrdml[as]h|[su]abal?2?|bsl|bit|bif|sli|sri|"
                         r"[su]r?sra|[su]adalp|tbx|movk|bfi|bfxil|bfm|ins|sqdml[as]l2?|"
                         r"(?:fcvt|sqxt|uqxt|sqxtu|x)t?n2|sqxtun2|r?shrn2|(?:sq|uq)r?shru?n2|r?(?:add|sub)hn2)$")
ACCUMULATES = re.compile(r"(ml[as]|[su]ml[as]l2?|[su]dot|fml[as]|madd|msub|[su]maddl)$")
READS_FLAGS = re.compile(r"(b\.\w+|cs\w+|c(inc|inv|neg)|fcsel|ccm[np]|fccmpe?|adcs?|sbcs?|ngcs?)$")
WRITES_FLAGS = re.compile(r"(cmp|cmn|tst|adds|subs|ands|bics|negs|adcs|sbcs|ccm[np]|fccmpe?|fcmpe?)$")
NO_RESULT = re.compile(r"(cmp|cmn|tst|ccm[np]|fccmpe?|fcmpe?|b|br|bl|blr|ret|b\.\w+|t?cbn?z|tbn?z|nop|prfum?|prfm|"
                       r"hint|bti|dmb)$")
SHIFTED = re.compile(r", (lsl|lsr|asr|ror|[us]xt[bhwx])\b")

INTEGER = [  # mnemonics, timing (sections 4.2 to 4.7)
    (r"b|bl|b\.\w+|cbn?z|tbn?z", Timing("branch", 1)),
    (r"br|blr|ret", Timing("branch", 1, pair=SECOND)),
    (r"add|adds|sub|subs|and|ands|orr|orn|eor|eon|bics?|cmp|cmn|tst|mov|mvn|negs?|mov[znk]|adrp?|adcs?|sbcs?|ngcs?|"
     r"ccm[np]|cs(el|inc|inv|neg|et|etm)|c(inc|inv|neg)|lslv?|lsrv?|asrv?|rorv?|clz|cls|rev\d*|nop|bti|hint|"
     r"[us]xt[bh]",
     Timing("alu", 1)),
    (r"[us]?bfm|[us]?bfi|[us]bfiz|[us]bfx|bfxil|extr|rbit|sxtw|uxtw", Timing("alu", 2)),
    (r"udiv|sdiv", Timing("divide", 12, pair=FIRST, hold=12)),
    (r"[us]maddl|[us]msubl|[us]mull|[us]mnegl", Timing("multiply", 3, accumulate=1)),
    (r"[us]mulh", Timing("multiply", 6, busy=3)),
    (r"prfum?|prfm", Timing("load", 1)),
    (r"fmov|[su]cvtf|fcvt[amnpz][su]|umov|smov|mov|dup|ins", Timing("transfer", 2)),  # between register files
    (r"fcmpe?|fccmpe?", Timing("vector", 1)),
]
MULTIPLY = {"w": Timing("multiply", 3, accumulate=1), "x": Timing("multiply", 4, busy=2, accumulate=2)}

VECTORS = [  # mnemonics, latency, and whether only one is issued a cycle whatever its width (4.11, 4.15 to 4.17)
    (r"and|bic|eor|orn|orr|mvn|not|movi|mvni", 1, False),
    (r"add|sub|neg|[su]r?hadd|[su]hsub|cm(eq|ge|gt|hi|hs|le|lt)|fac(ge|gt)|fcm(eq|ge|gt|le|lt)|[su](max|min)p?|mov|"
     r"ins|shl|shrn2?|sli|sri|[su]shr|[su]shl|bif|bit|bsl|clz|cnt|dup|ext|rbit|rev\d+|xtn2?|zip[12]|uzp[12]|"
     r"trn[12]", 2, False),
    (r"fcsel", 2, True),
    (r"[su]?shll2?|[su]xtl2?", 2, True),
    (r"[su]abd|abs|addp|[su]addlp|[su]q(add|sub)|sqneg|suqadd|usqadd|cmtst|pmul|[su]sra|rshrn2?|[su]rshr|[su]rshl|cls|"
     r"sqshrn2?|uqshrn2?", 3, False),
    (r"[su]abdl2?|[su](add|sub)[lw]2?|addhn2?|subhn2?|addv|[su]addlv|pmull2?", 3, True),
    (r"fmov|fabs|fneg|fabd|fadd|fsub|faddp|fnmul|fmulx?|fml[as]|fn?m(add|sub)|f(max|min)(nm)?p?|frint[aimnpxz]|"
     r"fcvt[amnpz][su]|[su]cvtf|frecp[exs]|frsqrt[es]|urecpe|ursqrte|fcvt|sqabs|mul|ml[as]|sqr?dmulh|[su]dot|usdot|"
     r"sqrshru?n2?|uqrshrn2?|sqshru?n2?|[su]qr?shl|sqshlu|sqxtu?n2?|uqxtn2?", 4, False),
    (r"fcvtx?n2?|fcvtl2?|f(max|min)(nm)?v|[su](max|min)v|[su]ml[as]l2?|[su]mull2?|sqdmull2?|sqdml[as]l2?|sqrdml[as]h",
     4, True),
]
BY_ELEMENT = re.compile(r"(fmulx?|fml[as]|mul|ml[as]|[su]dot|usdot|sqr?dmulh)$")
TWICE = re.compile(r"([su]abal?2?|[su]adalp|[su]rsra|raddhn2?|rsubhn2?)$")  # 4 cycles' latency, one in two cycles
DIVISIONS = {("fdiv", 16): (8, 5), ("fdiv", 32): (13, 10), ("fdiv", 64): (22, 19),
             ("fsqrt", 16): (8, 5), ("fsqrt", 32): (12, 9), ("fsqrt", 64): (22, 19)}  # latency, hold (table 4)
# Narrow results of Q-form sources and the like: no note of the guide limits these to the first place.
ALWAYS_EITHER = re.compile(r"(xtn2?|sqxtu?n2?|uqxtn2?|fmov)$")


def matches(pattern, name):
    return re.fullmatch(pattern, name) is not None


def canonical(match):
    """One name for all widths of a register; none for the zero register."""
    if match[1]:
        return None if match[2] == "zr" else "x" + match[2]
    return "sp" if match[3] else "v" + match[5]


def registers(text):
    return [name for name in map(canonical, REGISTER.finditer(text)) if name]


def element_bits(text):
    vector = VECTOR.search(text)
    if vector:
        return BITS[vector[2]]
    scalar = re.search(r"\b([hsdq])\d+\b", text)
    return BITS.get(scalar[1], 128) if scalar else 32


def is_wide(operands):
    """Whether an operand is 128 bits of a vector register (Q-form)."""
    return any(v[1] and int(v[1]) * BITS[v[2]] == 128 for v in VECTOR.finditer(operands))


def memory_timing(name, operands, count):
    """Loads and stores: sections 4.8, 4.9, 4.13, 4.14, 4.18 and 4.19."""
    load = name.startswith("ld")
    if name.startswith(("ld1", "ld2", "ld3", "ld4", "st1", "st2", "st3", "st4")):
        elements = int(name[2])
        if name.endswith("r") or "}[" in operands:  # all lanes, or one lane
            wide = element_bits(operands) == 64
            busy = {1: 1, 2: 2 if wide else 1, 3: 3 if wide else 2, 4: 4 if wide else 2}[elements]
        else:
            wide = is_wide(operands)
            busy = count * (2 if wide else 1) if load else (count if wide else (count + 1) // 2)
            if elements > 2 and element_bits(operands) < 32:
                busy += 1
            if elements == 1 and count == 1:
                pair = FIRST if load and wide else EITHER
                return Timing("load", 2 + busy, busy, pair) if load else Timing("store", 1)
        return Timing("load", 2 + busy, busy, FIRST) if load else Timing("store", 1, busy, FIRST)
    kind = operands[0]  # of the first register
    pair = matches(r"(ld|st)n?p(sw)?", name)
    if not load:
        return Timing("store", 2, 2, FIRST) if pair and kind == "q" else Timing("store", 1)
    if kind in "wx":  # latencies are those to the ALU, to "ins", and by the fast path to an address (section 3.3)
        if not pair:
            return Timing("load", 2)
        updates = "]," in operands or operands.endswith("!")
        wide = kind == "x" and name != "ldpsw"
        return Timing("load", 2, 2, 0 if updates else FIRST, 1) if wide else Timing("load", 2, 1, 0)
    busy = {"q": 2}.get(kind, 1) * (2 if pair and kind != "s" else 1)
    first = pair or kind in "qbh"
    step = {"d": 1, "q": 2}.get(kind, 0) if pair else 0
    return Timing("load", 2 + busy - step, busy, FIRST if first else EITHER, step)


def vector_timing(name, operands):
    if name in ("tbl", "tbx"):
        count = len(registers(LISTS.search(operands)[0])) + (name == "tbx")
        return Timing("vector", 1 + count, count, FIRST)
    if (name, element_bits(operands)) in DIVISIONS:
        latency, hold = DIVISIONS[name, element_bits(operands)]
        return Timing("vector divide", latency, pair=FIRST, hold=hold)
    if TWICE.match(name):
        return Timing("vector", 4, 2, FIRST)
    for pattern, latency, single in VECTORS:
        if not matches(pattern, name):
            continue
        by_element = BY_ELEMENT.match(name) and "[" in operands.split(",")[-1]
        if name == "fmov":
            latency = 1
        if name in ("trn1", "trn2") and element_bits(operands) == 64:
            single = True
        if name in ("mov", "orr") and is_wide(operands):
            latency = 2 if name == "mov" else 1
        first = single or by_element or is_wide(operands) and not ALWAYS_EITHER.match(name)
        if name in ("mov", "ins") and "[" in operands:  # one element: not limited by the register's width
            first = False
        accumulate = 1 if ACCUMULATES.match(name) and not name.startswith("f") else 0
        return Timing("vector", latency, pair=FIRST if first else EITHER, accumulate=accumulate)
    return None


@functools.cache
def decode(text):
    """The instruction that a line of a disassembly contains."""
    text = re.sub(r"\s*(//|<).*$", "", text.strip())
    name, _, operands = text.partition(" ")
    operands = operands.strip()
    parts = re.split(r",\s*(?![^\[{]*[\]}])", operands) if operands else []
    if matches(r"(ld|st)(n?p|[1-4]r?|p?u?r|ur)?\w*", name) and "[" in operands:
        return decode_memory(name, operands)
    vector = bool(re.search(r"\b[vqdshb]\d+\b", operands))
    moves = vector and re.search(r"\b[xw](\d+|zr)\b", operands) is not None
    timing = None
    if name in ("mul", "madd", "msub", "mneg") and not vector:
        timing = MULTIPLY[operands[0]]
    elif vector and not moves and not matches(r"fc?cmpe?", name):
        timing = vector_timing(name, operands)
    else:
        for pattern, found in INTEGER:
            if (found.unit in ("vector", "transfer")) == vector and matches(pattern, name):
                timing = found
                break
    if timing is None:
        raise SystemExit(f"cortex_a55.py: nothing is known of the instruction: {text}")
    if moves and (name == "dup" or name.endswith("cvtf")):
        timing = dataclasses.replace(timing, latency={"dup": 3}.get(name, 5))
    if moves and name.startswith("fcvt"):
        timing = dataclasses.replace(timing, latency=3)
    if timing.unit == "alu" and SHIFTED.search(operands):
        timing = dataclasses.replace(timing, latency=2)
    writes, reads = [], registers(operands)
    if not NO_RESULT.match(name) and parts:
        writes = registers(LISTS.sub("", parts[0]) if "{" in parts[0] else parts[0])
        keeps = DESTRUCTIVE.match(name) or name in ("mov", "fmov") and re.search(r"\[\d\]", parts[0])
        if not keeps and writes:
            reads = registers(", ".join(parts[1:]))
    if name in ("bl", "blr"):
        writes = ["x30"]
    if name == "ret" and not reads:
        reads = ["x30"]
    accumulator = ""
    if timing.accumulate:
        accumulator = (registers(parts[3]) or [""])[0] if not vector and len(parts) > 3 else (writes or [""])[0]
    if READS_FLAGS.match(name) or name in ("cset", "csetm"):
        reads.append("flags")
    if WRITES_FLAGS.match(name):
        writes.append("flags")
    return Instruction(timing, tuple(reads), (), accumulator, tuple(writes), "")


def decode_memory(name, operands):
    at = operands.index("[", operands.find("}") + 1) if "{" in operands else operands.index("[")
    if "}[" in operands:
        at = operands.index("[", operands.index("]") + 1)
    data, address = registers(operands[:at]), registers(operands[at:])
    timing = memory_timing(name, operands, len(data))
    updates = address[0] if operands.endswith("!") or "]," in operands[at:] else ""
    keeps = "}[" in operands and name.startswith("ld")
    if timing.unit == "load":
        return Instruction(timing, tuple(data) if keeps else (), tuple(address), "", tuple(data), updates)
    return Instruction(timing, tuple(data), tuple(address), "", (), updates)


def cycles(instructions):
    """How many cycles this sequence takes; caches and the predictions of branches never fail."""
    ready = {}  # register -> first cycle in which it can be read
    adds = {}  # register -> (unit, cycle): when an instruction that adds to the register can begin
    held = {}  # unit -> first cycle in which it is free again
    last = -1  # the cycle in which the instruction before was issued, or ended to be
    first = None  # the instruction that takes the first place in that cycle, if a second may follow
    end = 0
    for text in instructions:
        this = decode(text)
        timing = this.timing
        when = held.get(timing.unit, 0)
        store = timing.unit == "store"
        vector_data = store and any(name[0] == "v" for name in this.reads)
        for name in this.reads:
            at = ready.get(name, 0)
            if name == this.accumulator and name in adds:
                at = adds[name]
            elif store:  # its data are needed later than its address: in wr, or in f2
                at -= 1 if vector_data else 2
            when = max(when, at)
        for name in this.addresses:
            when = max(when, ready.get("address " + name, ready.get(name, 0)))
        paired = (when <= last and first is not None and timing.pair & SECOND and timing.busy == 1
                  and can_pair(first, timing))
        if paired:
            start, first = last, None
        else:
            start = max(when, last + 1)
            last = start + timing.busy - 1
            first = timing if timing.pair & FIRST else None
        if timing.hold:
            held[timing.unit] = start + timing.hold
        for index, name in enumerate(this.writes):
            at = start + (1 if name == "flags" else timing.latency + index * timing.step)
            ready[name] = at
            ready["address " + name] = at + 1 if timing.unit == "alu" else at
            if timing.accumulate:
                adds[name] = start + timing.accumulate
            else:
                adds.pop(name, None)
            end = max(end, at)
        if this.updated:
            ready[this.updated] = ready["address " + this.updated] = start + timing.busy
        end = max(end, last + 1)
    return end


def can_pair(first, second):
    """Whether the units let both begin in a cycle. A Q-form occupies both 64-bit halves of the vector pipelines."""
    if first.unit != second.unit:
        return True
    return first.unit in ("alu", "transfer") or first.unit == "vector" and first.pair == EITHER
