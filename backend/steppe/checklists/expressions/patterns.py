"""The regular expressions of ``regex()``: a small language matched in time linear in the text.

Python's and JavaScript's own engines differ in a hundred corners and can be made to run for hours by a careless
pattern. This one has what validation needs (literals, ``.``, classes, groups, alternation, ``? * + {n,m}``, ``^ $``),
matches the **whole** text as ODK documents it, and walks all alternatives at once (Thompson's construction).
``pwa/src/engine/functions/patterns.ts`` is the twin.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from steppe.checklists.expressions.pattern_reader import NO_LIMIT, Node, PatternError, Ranges, read_pattern

_LARGEST: Final = 2000


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
