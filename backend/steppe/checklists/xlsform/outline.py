"""The outline of a survey sheet: which row opens, closes or asks what, and what every name and path means there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final, Literal, TypeAlias

from steppe.checklists.definition import Ast
from steppe.checklists.expressions.paths import NOTHING, Reference, Route, RowCell, Step, rows_of_repeat
from steppe.checklists.expressions.tokens import NAME
from steppe.checklists.problems import CellProblem
from steppe.checklists.xlsform.xlsform import Row, Sheet

Kind: TypeAlias = Literal["root", "group", "repeat", "question"]

_BRACKET: Final = re.compile(
    r"(?P<edge>begin|end)[ _]+(?P<kind>group|lgroup|repeat|looped group|loop)(?:[ _]+(?P<rest>.+))?", re.IGNORECASE
)
_OR_OTHER: Final = re.compile(r"^\s*\w+.*\s(?:or[ _]other|or[ _]specify[ _]other)\s*$", re.IGNORECASE)
YES: Final = frozenset({"yes", "true", "true()", "1"})
"""What an author may write for yes."""
_NO_QUESTION: Final = "Write the name of a row of the survey sheet."
_ONE_ROW: Final = "Write rep[2]/question."
_SOME_ROWS: Final = "Write ${repeat}[condition]/question."
_NAMELESS: Final = frozenset({"audit"})


@dataclass(slots=True)
class Place:
    """A named thing of the survey: the form, a group, a repeat or a question. `id` is unique, `name` as written."""

    id: str
    name: str
    kind: Kind
    row: Row
    parent: Place | None = None
    children: dict[str, Place] = field(default_factory=dict)

    def repeats(self) -> list[Place]:
        """The repeats around this place, the innermost first; a repeat is not around itself."""
        found: list[Place] = []
        above = self.parent
        while above is not None:
            if above.kind == "repeat":
                found.append(above)
            above = above.parent
        return found


@dataclass(frozen=True, slots=True)
class OutlineRow:
    """A survey row understood: it begins or ends a container, or asks."""

    row: Row
    edge: Literal["begin", "end", "ask"]
    place: Place


class Unresolved(ValueError):
    """A reference that means nothing here; `message` and `suggestion` for its author."""

    def __init__(self, message: str, suggestion: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.suggestion = suggestion


class PathToNothing(Unresolved):
    """A path that leads nowhere: other tools read it as empty, so a form with it works, if not as meant."""


class Outline:
    """The rows of a survey sheet in order, and every name in it."""

    def __init__(self, sheet: Sheet, problems: list[CellProblem]) -> None:
        """Reads types and names only; faults of names and of containers are noted."""
        self.root = Place("", "", "root", Row(0))
        self.rows: list[OutlineRow] = []
        self._sheet = sheet
        self._problems = problems
        self._named: dict[str, list[Place]] = {}
        self._ids: dict[str, Place] = {}
        stack = [self.root]
        for row in sheet.rows:
            self._read(row, stack)
        for place in stack[1:]:
            self._fault(place.row, "type", f"This {place.kind} is never ended.", f"Write a row end_{place.kind}.")

    def _read(self, row: Row, stack: list[Place]) -> None:
        written = row.cells.get("type", "")
        if row.cells.get("disabled", "").lower() in YES:
            return
        if written == "":
            self._untyped(row)
            return
        bracket = _BRACKET.fullmatch(written)
        if bracket is None:
            place = self._name(row, "question", stack[-1])
            self.rows.append(OutlineRow(row, "ask", place))
            if _OR_OTHER.match(written):
                self._add(f"{place.name}_other", "question", row, stack[-1])
            return
        kind: Kind = "group" if bracket["kind"].lower() == "group" else "repeat"
        if bracket["edge"].lower() == "begin":
            stack.append(self._name(row, kind, stack[-1]))
            self.rows.append(OutlineRow(row, "begin", stack[-1]))
        elif len(stack) > 1 and stack[-1].kind == kind:
            self.rows.append(OutlineRow(row, "end", stack.pop()))
        else:
            self._fault(
                row, "type", f"This ends a {kind} that is not open here.", "Remove it or begin the group above."
            )

    def _untyped(self, row: Row) -> None:
        if "name" in row.cells or "label" in row.texts:
            self._fault(row, "type", "This row has no type.", "Write what kind of question it is.")

    def _fault(self, row: Row, column: str, message: str, suggestion: str = "") -> None:
        self._problems.append(
            CellProblem(self._sheet.name, row.number, self._sheet.header(column), message, suggestion)
        )

    def _name(self, row: Row, kind: Kind, parent: Place) -> Place:
        name = row.cells.get("name", "")
        type_name = row.cells.get("type", "").lower()
        if name == "" and (kind == "group" or type_name == "note"):
            return self._add(f"{'group' if kind == 'group' else 'note'}-{row.number}", kind, row, parent)
        if name == "" and type_name in _NAMELESS:
            return self._add(type_name, kind, row, parent)
        if name == "":
            self._fault(row, "name", f"This {kind} has no name.", "Give it a short name in Latin letters.")
            return self._add(f"row-{row.number}", kind, row, parent)
        if name.lower() == "meta" and parent is self.root:
            message = f"'{name}' is kept for what XForms notes about a report itself."
            self._fault(row, "name", message, "Rename the row, and whatever refers to it: about, for example.")
        if not re.fullmatch(NAME, name):
            self._fault(
                row, "name", f"'{name}' is no valid name.", "Use letters, digits, '_', '-' and '.', a letter first."
            )
        return self._add(name, kind, row, parent)

    def _add(self, name: str, kind: Kind, row: Row, parent: Place) -> Place:
        first = parent.children.get(name)
        if first is not None:
            self._fault(
                row,
                "name",
                f"'{name}' is the name of another row in row {first.row.number}.",
                "Names are unique in a group.",
            )
        id_ = self._unique(name, parent)
        place = Place(id_, name, kind, row, parent)
        parent.children.setdefault(name, place)
        self._named.setdefault(name, []).append(place)
        self._ids[id_] = place
        return place

    def _unique(self, name: str, parent: Place) -> str:
        """The name itself, or, when another group has it already, with the groups around it before it."""
        id_, above = name, parent
        while id_ in self._ids and above.parent is not None:
            id_, above = f"{above.name}.{id_}", above.parent
        number = 2
        whole = id_
        while id_ in self._ids:
            id_, number = f"{whole}.{number}", number + 1
        return id_

    def place(self, id_: str) -> Place | None:
        """The place of an id."""
        return self._ids.get(id_)

    def inside(self, repeat: Place) -> Iterator[Place]:
        """The questions that are asked once per row of a repeat, those in groups included."""
        for place in self._ids.values():
            if place.kind == "question" and place.repeats()[:1] == [repeat]:
                yield place

    def below(self, container: Place) -> set[str]:
        """The ids of all that stands in a group, in whatever depth."""
        found: set[str] = set()
        ahead = [container]
        while ahead:
            children = ahead.pop().children.values()
            found.update(child.id for child in children)
            ahead += children
        return found

    def renamed(self) -> Iterator[Place]:
        """Questions and repeats whose name stands in another group too, so that their id had to differ."""
        for place in self._ids.values():
            if place.id != place.name and place.kind in {"question", "repeat"}:
                yield place

    def find(self, reference: Reference, here: Place) -> Place:
        """What a reference written in a row of `here` names: a question, a repeat or a group.

        Raises:
            Unresolved: when it names nothing, or several things.
        """
        if reference.route is None:
            return self.named(reference.id)
        route = reference.route
        steps = route.steps[1 if route.start in {"root", "named"} else 0 :]
        try:
            return self.follow(self._start(route, here), route.ups, [step.name for step in steps])
        except PathToNothing:
            if not reference.is_bare:
                raise
            name = "/".join(step.name for step in steps)
            known = f"${{{name}}} for the question or " if name in self._named else ""
            raise PathToNothing(
                f"'{name}' alone is a path to what stands inside this row, which is nothing: it is always empty.",
                f"Write {known}'{name}' for the text.",
            ) from None

    def follow(self, place: Place, ups: int, names: Iterable[str]) -> Place:
        """Where a path leads from a place: up, then down by names. Raises PathToNothing."""
        for _ in range(ups):
            if place.parent is None:
                raise PathToNothing("This path leads out of the form: it is always empty.", "Write ${question}.")
            place = place.parent
        for name in names:
            child = place.children.get(name)
            if child is None:
                raise self._no_child(name, place)
            place = child
        return place

    def _start(self, route: Route, here: Place) -> Place:
        return {"here": here, "root": self.root}.get(route.start) or self.named(route.steps[0].name)

    def _no_child(self, name: str, place: Place) -> PathToNothing:
        where = f"in '{place.name}'" if place.name else "at the top of the form"
        elsewhere = self._named.get(name)
        near = name if elsewhere else _nearest(name, place.children)
        return PathToNothing(
            f"There is no '{name}' {where}: this path is always empty.",
            f"Write ${{{near}}}." if near else "Write ${question}.",
        )

    def named(self, name: str) -> Place:
        """The one thing of a name. Raises Unresolved."""
        found = self._named.get(name, [])
        if len(found) == 1:
            return found[0]
        if found:
            rows = ", ".join(str(place.row.number) for place in found)
            message = f"'{name}' is the name of rows {rows}."
            raise Unresolved(message, "Rename all but one, and write here which is meant.")
        near = _nearest(name, [name for name, held in self._named.items() if held[0].kind == "question"])
        raise Unresolved(f"There is no question '{name}'.", f"Did you mean ${{{near}}}?" if near else _NO_QUESTION)


def _nearest(name: str, names: Iterable[str]) -> str:
    return next(iter(get_close_matches(name, list(names), n=1)), "")


def choose_rows(reference: Reference, place: Place, outline: Outline) -> None:
    """Turns the node of a path that chooses rows into `indexed-repeat` or a look-up among the rows; others stay.

    `place` is what the path names. Raises Unresolved where rows are chosen of what has none.
    """
    steps = reference.route.steps if reference.route else ()
    if any(step.where for step in steps):
        _by_conditions(reference.node, steps, place, outline)
    elif chosen := {step.name: step.row for step in steps if step.row}:
        _by_number(reference.node, chosen, place, is_set=reference.is_set)


def _by_number(node: Ast, chosen: dict[str, Ast], place: Place, *, is_set: bool) -> None:
    """`/data/rep[2]/q` → `indexed-repeat(${q}, ${rep}, 2)`; where a node-set is wanted, one with that row or none."""
    levels = [repeat for repeat in reversed(place.repeats()) if repeat.name in chosen]
    if place.kind != "question" or len(levels) != len(chosen):
        raise Unresolved("A row is chosen of a repeat, then one of its questions.", _ONE_ROW)
    if is_set and levels == place.repeats():
        node[:] = answers_in_rows(levels[0], place, [["call", "number", chosen[levels[0].name]]])
        return
    pairs = [part for level in levels for part in (["ref", level.id], chosen[level.name])]
    node[:] = ["call", "indexed-repeat", ["ref", place.id], *pairs]


def _by_conditions(node: Ast, steps: tuple[Step, ...], place: Place, outline: Outline) -> None:
    """`${rep}[v > 3]/q` → the answers of `q` in the rows of the repeat that its conditions let through."""
    [step, *others] = [step for step in steps if step.where or step.row]
    if others:
        raise Unresolved("Rows are chosen at one place of a path only.", _SOME_ROWS)
    asked = next((one for one in _upwards(place) if one.name == step.name), place)
    around = [asked] if asked.kind == "repeat" else asked.repeats()
    repeat = next(iter(around), None)
    inner = [place] if place.kind == "repeat" else place.repeats()
    if repeat is None or asked.kind == "group" or inner[:1] != [repeat]:
        raise Unresolved("Conditions choose rows of a repeat, then one of the questions in them.", _SOME_ROWS)
    if asked.kind == "question" and _asks_place(step):
        raise Unresolved(
            f"position() of an answer is always 1: it counts the answers '{asked.name}' has in one row.",
            f"Write ${{{repeat.name}}}[position() …]/{asked.name}.",
        )
    for cell in step.cells:
        _resolve(cell, asked, repeat, outline)
    node[:] = answers_in_rows(repeat, place, step.where)


def answers_in_rows(repeat: Place, place: Place, where: Iterable[Ast] = ()) -> Ast:
    """The AST of a question's answers in the rows that conditions let through; of the repeat itself, of its rows."""
    return ["items", rows_of_repeat(repeat.id), [*where], "" if place is repeat else place.id]


def _upwards(place: Place) -> list[Place]:
    found = [place]
    while found[-1].parent is not None:
        found.append(found[-1].parent)
    return found


def _asks_place(step: Step) -> bool:
    return any("position()" in str(predicate) for predicate in step.where)


def _resolve(cell: RowCell, asked: Place, repeat: Place, outline: Outline) -> None:
    """What a condition reads: a question of the row at hand, or one outside the repeat."""
    try:
        place = outline.follow(asked, cell.ups, cell.names)
    except PathToNothing:
        cell.node[:] = NOTHING
        raise
    if place.kind != "question" or place.repeats()[:1] not in ([repeat], repeat.repeats()[:1]):
        raise Unresolved(
            f"'{place.name or 'The form'}' is no question of these rows.", "Name a question of the same repeat."
        )
    cell.node[:] = ["col", place.id] if place.repeats()[:1] == [repeat] else ["ref", place.id]
