"""How expressions reach answers and table rows: `${x}`, `../x`, `/data/x`, `instance('l')/root/item[…]/col`.

Paths are read here and resolved later, when the form's outline is known: a `Reference` keeps the AST node that
waits for the id of what it names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from steppe.checklists.definition import Ast
from steppe.checklists.expressions.sources import PLACE
from steppe.checklists.expressions.tokens import ExpressionError, Token, TokenReader, unexpected

LAST_SAVED: Final = "__last-saved"
"""The instance that holds the answers of the form finished last."""
ITEM_PLACE: Final[Ast] = ["call", "number", ["col", PLACE]]
"""`position()` inside square brackets: the 1-based place of the choice or row at hand, a column of every source."""
_NUMERIC: Final = frozenset({"n", "neg", "+", "-", "*", "div", "mod"})


@dataclass(frozen=True, slots=True)
class Step:
    """One name of a path, and which row of it is meant (an expression giving a 1-based number)."""

    name: str
    row: Ast | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """A path as written: from the question itself, from the form's root or from a named row, up, then down."""

    start: Literal["here", "root", "named"]
    ups: int = 0
    steps: tuple[Step, ...] = ()


@dataclass(slots=True)
class Reference:
    """A question or container named in an expression.

    Attributes:
        id: the name as written, the last one of a path; empty for `..`.
        position: 0-based place in the expression.
        node: the AST node that waits for the id: `["ref", name]`, `["s", name]`, or a call that holds one.
        route: how a path reaches it; None for `${name}`.
        is_earlier: whether the answer of the report before is meant; the node is the call of `last-saved`.
    """

    id: str
    position: int
    node: Ast
    route: Route | None = None
    is_earlier: bool = False


@dataclass(slots=True)
class Lookup:
    """A choice list or table that an expression reads: the columns named, each with its 0-based place."""

    source: str
    position: int
    columns: list[tuple[str, int]] = field(default_factory=list)


class PathReader(TokenReader):
    """Reads paths; expressions inside their brackets are read by the parser that this is a part of."""

    def __init__(self, expression: str, *, in_rows: bool) -> None:
        """Begin at the first word; `in_rows`: bare names are columns of the choice or row at hand."""
        super().__init__(expression)
        self.references: list[Reference] = []
        self.lookups: list[Lookup] = []
        self.columns: list[tuple[str, int]] | None = [] if in_rows else None

    def expression(self, least: int) -> Ast:
        """An expression whose operators bind more strongly than `least`."""
        raise NotImplementedError

    def named(self, token: Token) -> Ast:
        """`${name}`, `${last-saved#name}` and paths that go on from a named question."""
        written = token.text[2:-1].strip()
        name = written.removeprefix("last-saved#")
        node: Ast = ["ref", name]
        if name != written:
            return self._earlier(token, name, None)
        if self.peek().text not in {"/", "["} or self.peek().kind != "op":
            self.references.append(Reference(name, token.position, node))
            return node
        first = Step(name, self._row())
        ups, steps = self._walk() if self.takes("/") else (0, ())
        return self._reference(token, Route("named", ups, (first, *steps)))

    def relative(self, token: Token) -> Ast:
        """`.`, `..` and what follows them."""
        if self.columns is not None:
            raise ExpressionError(
                f"'{token.text}' would be the choice here.", token.position, f"Write current()/{token.text}"
            )
        if token.text == ".":
            return self.here(token)
        ups, steps = self._walk() if self.takes("/") else (0, ())
        return self._reference(token, Route("here", ups + 1, steps))

    def here(self, token: Token) -> Ast:
        """What follows `.` or `current()`: nothing or `/.` is the question itself."""
        if not self.takes("/") or self.takes("."):
            return ["self"]
        ups, steps = self._walk()
        return self._reference(token, Route("here", ups, steps))

    def absolute(self, token: Token) -> Ast:
        """`/data/group/name`; the first name is the form's own."""
        if token.text == "//":
            raise ExpressionError("'//' searches the whole form.", token.position, "Write ${question}.")
        ups, steps = self._walk()
        if ups or not steps:
            raise ExpressionError("This path names nothing.", token.position, "Write ${question}.")
        return self._reference(token, Route("root", 0, steps))

    def container(self) -> Route | None:
        """The path `..`, `../..` or `current()/..` that an argument of `position()` is; None for others."""
        start = self.takes("current", "(", ")", "/")
        if self.peek().text != "..":
            if start:
                raise unexpected(self.peek())
            return None
        self.take()
        ups, steps = self._walk() if self.takes("/") else (0, ())
        return Route("here", ups + 1, steps)

    def _walk(self) -> tuple[int, tuple[Step, ...]]:
        """The rest of a path after a slash: how often it goes up, then the names it goes down by."""
        ups = 0
        while self.takes(".."):
            ups += 1
            if not self.takes("/"):
                return ups, ()
        steps: list[Step] = []
        while True:
            token = self.take()
            if token.text in {"*", "@"}:
                raise ExpressionError(f"'{token.text}' is not read in a path.", token.position, "Write ${question}.")
            if token.kind != "name":
                raise unexpected(token)
            if self.peek().text == "::":
                raise ExpressionError("Axes are not read.", token.position, "Write ${question}.")
            steps.append(Step(token.text, self._row()))
            if not self.takes("/"):
                return ups, tuple(steps)

    def _row(self) -> Ast | None:
        """`[2]` or `[position() = …]` behind a repeat's name; None when there is no bracket."""
        opened = self.peek()
        if not self.takes("["):
            return None
        columns: list[tuple[str, int]] = []
        wanted = position_wanted(self._inside(opened, columns))
        if wanted is None or columns:
            raise ExpressionError(
                "Rows of a repeat are chosen by their number only.",
                opened.position,
                "Write [position() = 2], or use indexed-repeat().",
            )
        return wanted

    def _inside(self, opened: Token, columns: list[tuple[str, int]]) -> Ast:
        """The expression in square brackets, its bare names collected as `columns`."""
        outer, self.columns = self.columns, columns
        inner = self.expression(0)
        self.columns = outer
        if not self.takes("]"):
            if self.peek().kind == "end":
                raise ExpressionError("This bracket is never closed.", opened.position, "Add ].")
            raise unexpected(self.peek())
        return inner

    def _reference(self, token: Token, route: Route) -> Ast:
        name = route.steps[-1].name if route.steps else ""
        node: Ast = ["ref", name]
        self.references.append(Reference(name, token.position, node, route))
        return node

    def _earlier(self, token: Token, name: str, route: Route | None) -> Ast:
        node: Ast = ["call", "last-saved", ["ref", name]]
        self.references.append(Reference(name, token.position, node, route, is_earlier=True))
        return node

    def instance(self, token: Token) -> Ast:
        """`instance('list')/root/item[…]/column`, or the answers of the report before."""
        self.take()
        name = self.take()
        if name.kind != "text" or not self.takes(")"):
            raise ExpressionError(
                "instance() needs the name of a list or file in quotes.", token.position, "Write instance('list')."
            )
        source = name.text[1:-1]
        if not self.takes("/"):
            raise unexpected(self.peek())
        if source == LAST_SAVED:
            _, steps = self._walk()
            return self._earlier(token, steps[-1].name, Route("root", 0, steps))
        root = self.take()
        if root.kind != "name" or not self.takes("/") or self.take().kind != "name":
            raise ExpressionError(
                "The rows of a list are its root/item.", root.position, f"Write instance('{source}')/root/item[…]."
            )
        return self._items(Lookup(source, name.position))

    def _items(self, lookup: Lookup) -> Ast:
        self.lookups.append(lookup)
        predicates: list[Ast] = []
        while self.peek().text == "[" and self.peek().kind == "op":
            opened = self.take()
            predicate = self._inside(opened, lookup.columns)
            place = _position_compared(predicate)
            if place is None and predicates and ITEM_PLACE in nodes_of_ast(predicate):
                raise ExpressionError(
                    "position() among rows that were chosen before is read only as [position() = number].",
                    opened.position,
                    "Write it in the first brackets.",
                )
            predicates.append(predicate if place is None else _as_number(place))
        column = ""
        if self.takes("/"):
            token = self.take()
            if token.kind != "name":
                raise unexpected(token)
            column = token.text
            lookup.columns.append((column, token.position))
        return ["items", lookup.source, predicates, column]


def position_wanted(predicate: Ast) -> Ast | None:
    """The row number that a predicate asks for: `[2]` and `[position() = 2]`; None when it asks something else."""
    place = _position_compared(predicate)
    if place is not None:
        return place
    return predicate if predicate[0] in _NUMERIC or predicate[:2] == ["call", "number"] else None


def _position_compared(predicate: Ast) -> Ast | None:
    if predicate[0] == "=":
        for one, other in ((predicate[1], predicate[2]), (predicate[2], predicate[1])):
            if one == ITEM_PLACE:
                return list(other)
    return None


def _as_number(place: Ast) -> Ast:
    return place if place[0] in _NUMERIC or place[:2] == ["call", "number"] else ["call", "number", place]


def parts_of(ast: Ast) -> list[Ast]:
    """The nodes an AST node is made of, those of predicates included."""
    if ast[0] == "items":
        return list(ast[2])
    if ast[0] in {"n", "s", "b", "ref", "self", "col"}:
        return []
    return ast[2:] if ast[0] == "call" else ast[1:]


def nodes_of_ast(ast: Ast) -> Iterator[Ast]:
    """Every node of an AST, the outermost first."""
    yield ast
    for part in parts_of(ast):
        yield from nodes_of_ast(part)
