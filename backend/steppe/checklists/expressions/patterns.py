"""The regular expressions of `regex()`: a small language matched in time linear in the text.

Python's and JavaScript's own engines differ in a hundred corners and can be made to run for hours by a careless
pattern. This one has what validation needs (literals, `.`, classes, groups, alternation, `? * + {n,m}`, `^ $`),
matches the **whole** text as ODK documents it, and walks all alternatives at once (Thompson's construction).
`pwa/src/engine/functions/patterns.ts` is the twin.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from steppe.checklists.expressions.pattern_reader import NO_LIMIT, Node, PatternError, Ranges, read_pattern

_LARGEST: Final = 2000
_REMEMBERED: Final = 256
"""Characters of which a pattern remembers the steps that take them."""


@dataclass(slots=True)
class Step:
    """One instruction: consume a character of a set, go on at other places, or test an edge of the text."""

    kind: Literal["set", "fork", "jump", "start", "stop", "end"]
    ranges: Ranges = ()
    negated: bool = False
    first: int = 0
    second: int = 0


def compile_pattern(pattern: str) -> list[Step]:
    """The matching program of a pattern.

    Raises:
        PatternError: for anything outside the language, with the place.
    """
    program: list[Step] = []
    _emit(read_pattern(pattern), program)
    program.append(Step("end"))
    return program


class _Program:
    """A compiled pattern made ready to run: where each step leads, and which steps take a character."""

    __slots__ = ("_consuming", "_steps", "end", "leads")

    def __init__(self, steps: list[Step]) -> None:
        self._steps = steps
        self._consuming: dict[int, frozenset[int]] = {}
        self.end = len(steps) - 1
        self.leads: list[tuple[int, ...]] = [
            (step.first,) if step.kind == "jump" else (step.first, step.second) if step.kind == "fork" else ()
            for step in steps
        ]

    def __len__(self) -> int:
        return len(self._steps)

    def consuming(self, code: int) -> frozenset[int]:
        """The places of the sets that hold a character."""
        found = self._consuming.get(code)
        if found is None:
            found = frozenset(place for place, step in enumerate(self._steps) if _consumes(step, code))
            if len(self._consuming) < _REMEMBERED:
                self._consuming[code] = found
        return found

    def follow(self, places: list[int], *, at_start: bool, at_end: bool) -> set[int]:
        """Every place that is reached without a character."""
        edges = {"start"} if at_start else set()
        if at_end:
            edges.add("stop")
        seen: set[int] = set()
        leads, steps = self.leads, self._steps
        while places:
            place = places.pop()
            if place in seen:
                continue
            seen.add(place)
            places += leads[place]
            if edges and steps[place].kind in edges:
                places.append(place + 1)
        return seen


@lru_cache(maxsize=512)
def _cached(pattern: str) -> _Program | None:
    try:
        return _Program(compile_pattern(pattern))
    except PatternError:
        return None


def steps_of(pattern: str) -> int:
    """How many steps the program of a pattern has: times the length of a text, what a match costs at most."""
    program = _cached(pattern)
    return 0 if program is None else len(program)


def matches(text: str, pattern: str) -> bool:
    """Whether the whole text matches; a pattern outside the language matches nothing."""
    program = _cached(pattern)
    if program is None:
        return False
    last = len(text)
    places = program.follow([0], at_start=True, at_end=last == 0)
    for index, character in enumerate(text):
        ahead = [place + 1 for place in places & program.consuming(ord(character))]
        if not ahead:
            return False
        places = program.follow(ahead, at_start=False, at_end=index + 1 == last)
    return program.end in places


def _consumes(step: Step, code: int) -> bool:
    return step.kind == "set" and any(low <= code <= high for low, high in step.ranges) != step.negated


def _emit(node: Node, program: list[Step]) -> None:
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


def _emit_alternatives(parts: tuple[Node, ...], program: list[Step]) -> None:
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


def _emit_times(node: Node, program: list[Step]) -> None:
    for _ in range(node.least):
        _emit(node.parts[0], program)
    if node.most == NO_LIMIT:
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
