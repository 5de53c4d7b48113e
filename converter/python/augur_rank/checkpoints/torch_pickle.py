"""Reads a pickle without building what it describes.

A pickle is a program that imports, calls and sets attributes. This reader makes only plain values (None, numbers, text,
bytes, lists, tuples, dictionaries, sets). For everything else it makes a record of what the program asked for: it
imports no module and calls nothing. So it can read files whose classes are not installed, and a file that was made to
do harm does none.

    Global(module, name)            a name that the pickle would import
    Made(of, arguments, state, …)   what a call of it would have returned
"""

import pickletools
from dataclasses import dataclass, field
from typing import IO, Any, BinaryIO, Callable, cast

MAX_BYTES = 1 << 28  # of the pickle alone; tensors are not part of it
MAX_STEPS = 10_000_000  # each makes at most one small object
MAX_LINE = 1 << 16


class PickleError(ValueError):
    """The pickle is malformed, or asks for more than a checkpoint needs."""


@dataclass(frozen=True)
class Global:
    """A name that the pickle would import."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(eq=False, repr=False)  # a repr would recurse
class Made:
    """An object that was not built. `of` is a Global, or whatever the pickle called."""

    of: Any
    arguments: Any = ()
    state: Any = None
    elements: list[Any] = field(default_factory=list)
    pairs: dict[Any, Any] = field(default_factory=dict)

    def attribute(self, name: str) -> Any:
        """An attribute of the object's state: of its __dict__, or of the dictionary that goes with slots."""
        for state in self.state if isinstance(self.state, tuple) else (self.state,):
            if isinstance(state, dict) and name in state:
                return state[name]
        return None


class _Mark:
    pass


class _Bounded:
    """The file as pickletools reads it, up to MAX_BYTES."""

    def __init__(self, file: BinaryIO):
        self.file, self.left = file, MAX_BYTES

    def _spend(self, size: int) -> None:
        self.left -= size
        if size < 0 or self.left < 0:
            raise PickleError(f"the pickle is longer than {MAX_BYTES} bytes")

    def read(self, size: int) -> bytes:
        self._spend(size)
        return self.file.read(size)

    def readline(self) -> bytes:
        line = self.file.readline(MAX_LINE)
        self._spend(len(line))
        return line


def as_key(value: Any) -> Any:
    """A key for a dictionary. A tuple's hash would recurse; no weight is named by one."""
    plain = value is None or isinstance(value, (str, int, float, bytes))
    return value if plain or isinstance(value, Global) else Made(None, value)


class _Machine:
    """One pickle's stack and memo. resolve: see load."""

    def __init__(self, resolve: Callable[[Any, Any], Any], persistent: Callable[[Any], Any]):
        self.resolve, self.persistent = resolve, persistent
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def pop(self) -> Any:
        if not self.stack or self.stack[-1] is _Mark:
            raise PickleError("the pickle takes a value that is not there")
        return self.stack.pop()

    def top(self) -> Any:
        value = self.pop()
        self.stack.append(value)
        return value

    def to_mark(self) -> list[Any]:
        for at in range(len(self.stack) - 1, -1, -1):
            if self.stack[at] is _Mark:
                values = self.stack[at + 1:]
                del self.stack[at:]
                return values
        raise PickleError("the pickle closes what it never opened")

    def call(self, function: Any, arguments: Any) -> Any:
        return self.resolve(function, arguments)

    def remember(self, index: int) -> None:
        self.memo[index] = self.top()

    def recall(self, index: int) -> None:
        if index not in self.memo:
            raise PickleError(f"the pickle refers to value {index}, which it never made")
        self.stack.append(self.memo[index])

    def extend(self, values: list[Any]) -> None:
        target = self.top()
        if isinstance(target, (list, Made)):
            (target if isinstance(target, list) else target.elements).extend(values)
        elif isinstance(target, set):
            target.update(map(as_key, values))
        else:
            raise PickleError(f"the pickle appends to a {type(target).__name__}")

    def update(self, values: list[Any]) -> None:
        target = self.top()
        if not isinstance(target, (dict, Made)) or len(values) % 2:
            raise PickleError(f"the pickle sets items of a {type(target).__name__}")
        pairs = target if isinstance(target, dict) else target.pairs
        for at in range(0, len(values), 2):
            pairs[as_key(values[at])] = values[at + 1]

    def build(self, state: Any) -> None:
        """Attributes of plain values, such as a state dict's _metadata, are left out."""
        target = self.top()
        if isinstance(target, Made):
            target.state = state

    def run(self, name: str, argument: Any) -> None:  # one operation other than those of _PUSHED
        stack = self.stack
        if name == "MARK":
            stack.append(_Mark)
        elif name == "POP":
            if not stack:
                raise PickleError("the pickle takes a value that is not there")
            stack.pop()
        elif name == "POP_MARK":
            self.to_mark()
        elif name == "DUP":
            stack.append(self.top())
        elif name in _MAKERS:
            stack.append(_MAKERS[name]())
        elif name in ("TUPLE1", "TUPLE2", "TUPLE3"):
            values = [self.pop() for _ in range(int(name[-1]))]
            stack.append(tuple(reversed(values)))
        elif name == "TUPLE":
            stack.append(tuple(self.to_mark()))
        elif name == "LIST":
            stack.append(self.to_mark())
        elif name == "FROZENSET":
            stack.append(frozenset(map(as_key, self.to_mark())))
        elif name == "DICT":
            values = self.to_mark()
            stack.append({})
            self.update(values)
        elif name == "APPEND":
            self.extend([self.pop()])
        elif name in ("APPENDS", "ADDITEMS"):
            self.extend(self.to_mark())
        elif name == "SETITEM":
            value = self.pop()
            self.update([self.pop(), value])
        elif name == "SETITEMS":
            self.update(self.to_mark())
        elif name in ("PUT", "BINPUT", "LONG_BINPUT"):
            self.remember(argument)
        elif name == "MEMOIZE":
            self.remember(len(self.memo))
        elif name in ("GET", "BINGET", "LONG_BINGET"):
            self.recall(argument)
        elif name == "GLOBAL":
            stack.append(Global(*argument.split(" ", 1)))
        elif name == "STACK_GLOBAL":
            attribute, module = self.pop(), self.pop()
            if not isinstance(module, str) or not isinstance(attribute, str):
                raise PickleError("the pickle imports something that has no name")
            stack.append(Global(module, attribute))
        elif name in ("REDUCE", "NEWOBJ"):
            arguments = self.pop()
            stack.append(self.call(self.pop(), arguments))
        elif name == "NEWOBJ_EX":
            keywords, arguments = self.pop(), self.pop()
            stack.append(Made(self.pop(), (arguments, keywords)))
        elif name == "OBJ":
            values = self.to_mark()
            if not values:
                raise PickleError("the pickle builds an object of nothing")
            stack.append(self.call(values[0], tuple(values[1:])))
        elif name == "INST":
            stack.append(self.call(Global(*argument.split(" ", 1)), tuple(self.to_mark())))
        elif name == "BUILD":
            self.build(self.pop())
        elif name == "PERSID":
            stack.append(self.persistent(argument))
        elif name == "BINPERSID":
            stack.append(self.persistent(self.pop()))
        elif name not in ("PROTO", "FRAME"):
            raise PickleError(f"the pickle has the operation {name}, which no checkpoint needs")


_MAKERS: dict[str, Callable[[], Any]] = {
    "NONE": lambda: None, "NEWTRUE": lambda: True, "NEWFALSE": lambda: False,
    "EMPTY_LIST": list, "EMPTY_DICT": dict, "EMPTY_TUPLE": tuple, "EMPTY_SET": set,
}
# Operations whose argument is the value.
_PUSHED = frozenset((
    "INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT",
    "STRING", "BINSTRING", "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8",
    "BYTEARRAY8", "UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"))


def load(file: BinaryIO, resolve: Callable[[Any, Any], Any] = Made,
         persistent: Callable[[Any], Any] = lambda key: Made(None, key)) -> Any:
    """The value of the pickle that begins here; the file's position is then after it.

    resolve(function, arguments) gives the value of a call, by default a record of it; persistent(key)
    that of a reference out of the pickle. Raises PickleError.
    """
    machine, steps = _Machine(resolve, persistent), 0
    try:
        for operation, argument, _ in pickletools.genops(cast(IO[bytes], _Bounded(file))):
            steps += 1
            if steps > MAX_STEPS:
                raise PickleError(f"the pickle has more than {MAX_STEPS} steps")
            if operation.name == "STOP":
                return machine.pop()
            if operation.name in _PUSHED:
                machine.stack.append(argument)
            else:
                machine.run(operation.name, argument)
    except PickleError:
        raise
    except (ValueError, TypeError, KeyError, IndexError, OverflowError) as error:
        raise PickleError(f"the pickle is malformed ({error})") from error
    raise PickleError("the pickle has no end")
