"""The regular expressions of ``regex()``: a small language matched in time linear in the text.

Python's and JavaScript's own engines differ in a hundred corners and can be made to run for hours by a careless
pattern. This one has what validation needs (literals, ``.``, classes, groups, alternation, ``? * + {n,m}``, ``^ $``),
matches the **whole** text as ODK documents it, and walks all alternatives at once (Thompson's construction).
``pwa/src/checklists/patterns.ts`` is the twin.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, TypeAlias

_LARGEST: Final = 2000
_DEEPEST: Final = 50
_NO_LIMIT: Final = -1

Ranges: TypeAlias = tuple[tuple[int, int], ...]

_CLASSES: Final[dict[str, Ranges]] = {
    "d": ((48, 57),),
    "w": ((48, 57), (65, 90), (95, 95), (97, 122)),
    "s": ((9, 13), (32, 32)),
}
_CONTROLS: Final = {"n": 10, "r": 13, "t": 9}
_LINE_ENDS: Final[Ranges] = ((10, 10), (13, 13))
_SPECIAL: Final = frozenset("\\^$.|?*+()[]{}")


class PatternError(ValueError):
    """A pattern outside the language; ``position`` is the 0-based place in it."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


@dataclass(slots=True)
class Step:
    """One instruction: consume a character of a set, go on at other places, or test an edge of the text."""

    kind: Literal["set", "fork", "jump", "start", "stop", "end"]
    ranges: Ranges = ()
    negated: bool = False
    first: int = 0
    second: int = 0


@dataclass(frozen=True, slots=True)
class _Node:
    kind: Literal["set", "all", "any", "times", "start", "stop"]
    ranges: Ranges = ()
    negated: bool = False
    parts: "tuple[_Node, ...]" = ()
    least: int = 0
    most: int = 0


def compile_pattern(pattern: str) -> list[Step]:
    """The matching program of a pattern.

    Raises:
        PatternError: for anything outside the language, with the place.
    """
    reader = _Reader(pattern)
    node = reader.alternatives(0)
    if reader.at < len(pattern):
        raise PatternError("this bracket closes nothing", reader.at)
    program: list[Step] = []
    _emit(node, program)
    program.append(Step("end"))
    return program


@lru_cache(maxsize=512)
def _cached(pattern: str) -> list[Step] | None:
    try:
        return compile_pattern(pattern)
    except PatternError:
        return None


def matches(text: str, pattern: str) -> bool:
    """Whether the whole text matches; a pattern outside the language matches nothing."""
    program = _cached(pattern)
    if program is None:
        return False
    last = len(text)
    places = _follow(program, [0], at_start=True, at_end=last == 0)
    for index, character in enumerate(text):
        code = ord(character)
        ahead = [place + 1 for place in places if _consumes(program[place], code)]
        if not ahead:
            return False
        places = _follow(program, ahead, at_start=False, at_end=index + 1 == last)
    return any(program[place].kind == "end" for place in places)


def _consumes(step: Step, code: int) -> bool:
    return step.kind == "set" and any(low <= code <= high for low, high in step.ranges) != step.negated


def _follow(program: list[Step], places: list[int], *, at_start: bool, at_end: bool) -> set[int]:
    seen: set[int] = set()
    while places:
        place = places.pop()
        if place in seen:
            continue
        seen.add(place)
        step = program[place]
        if step.kind == "jump":
            places.append(step.first)
        elif step.kind == "fork":
            places += (step.first, step.second)
        elif (step.kind == "start" and at_start) or (step.kind == "stop" and at_end):
            places.append(place + 1)
    return seen


def _emit(node: _Node, program: list[Step]) -> None:
    if len(program) > _LARGEST:
        raise PatternError("the pattern is too large", 0)
    if node.kind == "set":
        program.append(Step("set", node.ranges, node.negated))
    elif node.kind == "start":
        program.append(Step("start"))
    elif node.kind == "stop":
        program.append(Step("stop"))
    elif node.kind == "all":
        if not node.parts:  # costs a step, so that a repeated empty group cannot spin below the size limit
            program.append(Step("jump", first=len(program) + 1))
        for part in node.parts:
            _emit(part, program)
    elif node.kind == "any":
        _emit_alternatives(node.parts, program)
    else:
        _emit_times(node, program)


def _emit_alternatives(parts: tuple[_Node, ...], program: list[Step]) -> None:
    jumps: list[Step] = []
    for part in parts[:-1]:
        fork = Step("fork", first=len(program) + 1)
        program.append(fork)
        _emit(part, program)
        jumps.append(Step("jump"))
        program.append(jumps[-1])
        fork.second = len(program)
    _emit(parts[-1], program)
    for jump in jumps:
        jump.first = len(program)


def _emit_times(node: _Node, program: list[Step]) -> None:
    for _ in range(node.least):
        _emit(node.parts[0], program)
    if node.most == _NO_LIMIT:
        start = len(program)
        fork = Step("fork", first=start + 1)
        program.append(fork)
        _emit(node.parts[0], program)
        program.append(Step("jump", first=start))
        fork.second = len(program)
        return
    forks: list[Step] = []
    for _ in range(node.most - node.least):
        forks.append(Step("fork", first=len(program) + 1))
        program.append(forks[-1])
        _emit(node.parts[0], program)
    for fork in forks:
        fork.second = len(program)


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 3


class _Reader:
    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self.at = 0

    def _next(self) -> str:
        return self._pattern[self.at : self.at + 1]

    def alternatives(self, depth: int) -> _Node:
        if depth > _DEEPEST:
            raise PatternError("the pattern is nested too deeply", self.at)
        parts = [self._sequence(depth)]
        while self._next() == "|":
            self.at += 1
            parts.append(self._sequence(depth))
        return parts[0] if len(parts) == 1 else _Node("any", parts=tuple(parts))

    def _sequence(self, depth: int) -> _Node:
        parts: list[_Node] = []
        while self._next() not in {"", "|", ")"}:
            parts.append(self._repeated(self._atom(depth)))
        return _Node("all", parts=tuple(parts))

    def _repeated(self, node: _Node) -> _Node:
        place = self.at
        limits = self._limits()
        if limits is None:
            return node
        if node.kind in {"start", "stop"}:
            raise PatternError("an edge of the text cannot be repeated", place)
        if self._next() == "?":
            self.at += 1  # a reluctant quantifier matches the same whole texts
        if self._next() in {"*", "+", "?"} or self._limits() is not None:
            raise PatternError("a quantifier follows a quantifier", self.at - 1)
        return _Node("times", parts=(node,), least=limits[0], most=limits[1])

    def _limits(self) -> tuple[int, int] | None:
        sign = self._next()
        if sign in {"*", "+", "?"}:
            self.at += 1
            return {"*": (0, _NO_LIMIT), "+": (1, _NO_LIMIT), "?": (0, 1)}[sign]
        if sign != "{":
            return None
        closing = self._pattern.find("}", self.at)
        inner = self._pattern[self.at + 1 : closing] if closing > 0 else ""
        low, comma, high = inner.partition(",")
        if not _is_count(low) or (high and not _is_count(high)):
            raise PatternError("a quantifier is {n}, {n,} or {n,m} with numbers up to 999", self.at)
        least = int(low)
        most = int(high) if high else (_NO_LIMIT if comma else least)
        if most != _NO_LIMIT and most < least:
            raise PatternError("the quantifier's limits are the wrong way round", self.at)
        self.at = closing + 1
        return least, most

    def _atom(self, depth: int) -> _Node:
        place = self.at
        character = self._next()
        self.at += 1
        if character == "(":
            return self._group(depth, place)
        if character == "[":
            return self._set(place)
        if character == ".":
            return _Node("set", _LINE_ENDS, negated=True)
        if character == "^":
            return _Node("start")
        if character == "$":
            return _Node("stop")
        if character == "\\":
            ranges, negated = self._escape(place)
            return _Node("set", ranges, negated)
        if character in _SPECIAL:
            raise PatternError(f"'{character}' needs a backslash here", place)
        return _Node("set", ((ord(character), ord(character)),))

    def _group(self, depth: int, place: int) -> _Node:
        if self._next() == "?":
            if self._pattern[self.at : self.at + 2] != "?:":
                raise PatternError("looking ahead, looking behind and names are not supported", self.at)
            self.at += 2
        node = self.alternatives(depth + 1)
        if self._next() != ")":
            raise PatternError("this bracket is never closed", place)
        self.at += 1
        return node

    def _escape(self, place: int) -> tuple[Ranges, bool]:
        letter = self._next()
        self.at += 1
        if letter.lower() in _CLASSES:
            return _CLASSES[letter.lower()], letter.isupper()
        if letter in _CONTROLS:
            return ((_CONTROLS[letter], _CONTROLS[letter]),), False
        if letter == "" or letter.isalnum() or not letter.isascii():
            raise PatternError(f"'\\{letter}' is not supported", place)
        return ((ord(letter), ord(letter)),), False

    def _set(self, place: int) -> _Node:
        negated = self._next() == "^"
        self.at += negated
        ranges: list[tuple[int, int]] = []
        while self._next() != "]":
            low, single = self._member(place)
            if self._next() == "-" and self._pattern[self.at + 1 : self.at + 2] not in {"]", ""}:
                if not single:
                    raise PatternError("a class cannot begin a range", self.at)
                self.at += 1
                high, single = self._member(place)
                if not single or high[0][1] < low[0][0]:
                    raise PatternError("this range runs the wrong way", self.at - 1)
                ranges.append((low[0][0], high[0][1]))
            else:
                ranges += low
        self.at += 1
        if not ranges:
            raise PatternError("an empty set matches nothing", place)
        return _Node("set", tuple(ranges), negated)

    def _member(self, place: int) -> tuple[Ranges, bool]:
        character = self._next()
        here = self.at
        self.at += 1
        if character == "":
            raise PatternError("this set is never closed", place)
        if character == "[":
            raise PatternError("'[' needs a backslash inside a set", here)
        if character != "\\":
            return ((ord(character), ord(character)),), True
        letter = self._next()
        ranges, negated = self._escape(here)
        if negated:
            raise PatternError(f"'\\{letter}' cannot stand inside a set", here)
        return ranges, letter not in _CLASSES
