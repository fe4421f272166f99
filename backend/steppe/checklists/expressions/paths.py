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
NOTHING: Final[Ast] = ["items", "", [], ""]
"""A path to nothing: a list that no form has, so no rows, as XPath finds no nodes."""
_NUMERIC: Final = frozenset({"n", "neg", "+", "-", "*", "div", "mod"})


@dataclass(frozen=True, slots=True)
class Step:
    """One name of a path, and which of its rows are meant.

    `row` is an expression giving a 1-based number, `where` are conditions asked of every row, and `cells` what these
    read of the row they are asked of.
    """

    name: str
    row: Ast | None = None
    where: tuple[Ast, ...] = ()
    cells: tuple[RowCell, ...] = ()


@dataclass(frozen=True, slots=True)
class RowCell:
    """An answer that a condition on rows reads in the row at hand: `ups` and `names` lead to it from there.

    `node` waits for the id, `["col", name]`; `position` is the 0-based place in the expression.
    """

    node: Ast
    ups: int
    names: tuple[str, ...]
    position: int


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
        is_bare: whether it is a name without `${}`, a path down from the row that says it.
        is_set: whether a node-set is wanted of it, which may have no nodes at all.
        is_over_rows: whether it is all that a function such as `sum()` is asked of.
    """

    id: str
    position: int
    node: Ast
    route: Route | None = None
    is_earlier: bool = False
    is_bare: bool = False
    is_set: bool = False
    is_over_rows: bool = False


def rows_of_repeat(repeat: str) -> str:
    """The source that the rows of a repeat are, in an `items` node; no list or file has such a name."""
    return f"${{{repeat}}}"


def repeat_of(source: str) -> str | None:
    """The repeat whose rows a source is; None for a list or table."""
    return source[2:-1] if source.startswith("${") else None


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
        self.cells: list[RowCell] | None = None

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
        first = self._step(name)
        ups, steps = self._walk() if self.takes("/") else (0, ())
        return self._reference(token, Route("named", ups, (first, *steps)))

    def bare(self, name: Token) -> Ast:
        """A name without `${}`: for XPath a path down from the row that says it, where a question has nothing."""
        steps = [self._step(name.text)]
        if self.takes("/"):
            steps += self._walk()[1]
        return self._reference(name, Route("here", 0, tuple(steps)), is_bare=True)

    def cell(self, first: Token) -> Ast:
        """What a condition on rows reads of the row at hand: `name`, `group/name`, `.`, `./name` or `../name`."""
        if self.cells is None:
            raise unexpected(first)
        names = [first.text] if first.kind == "name" else []
        ups = 1 if first.text == ".." else 0
        while self.takes("/"):
            step = self.take()
            if step.text == ".." and not names:
                ups += 1
            elif step.kind == "name":
                names.append(step.text)
            else:
                raise unexpected(step)
        node: Ast = ["col", "/".join(names)]
        self.cells.append(RowCell(node, ups, tuple(names), first.position))
        return node

    def relative(self, token: Token) -> Ast:
        """`.`, `..` and what follows them."""
        if self.cells is not None:
            return self.cell(token)
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
            steps.append(self._step(token.text))
            if not self.takes("/"):
                return ups, tuple(steps)

    def _step(self, name: str) -> Step:
        """A name with the brackets behind it: `[2]` and `[position() = …]` are a row, others conditions on rows."""
        predicates: list[Ast] = []
        cells: list[RowCell] = []
        first: Ast | None = None
        while self.peek().text == "[" and self.peek().kind == "op":
            opened = self.take()
            predicate = self._inside(opened, [], cells)
            first = first or predicate
            predicates.append(self._settled(opened, predicate, predicates))
        wanted = position_wanted(first) if first is not None and len(predicates) == 1 and not cells else None
        if wanted is not None:
            return Step(name, wanted)
        return Step(name, None, tuple(predicates), tuple(cells))

    def _inside(self, opened: Token, columns: list[tuple[str, int]], cells: list[RowCell] | None = None) -> Ast:
        """The expression in square brackets: bare names are `columns` of a list, or `cells` of a repeat's row."""
        outer, self.columns, self.cells = (self.columns, self.cells), columns, cells
        inner = self.expression(0)
        self.columns, self.cells = outer
        if not self.takes("]"):
            if self.peek().kind == "end":
                raise ExpressionError("This bracket is never closed.", opened.position, "Add ].")
            raise unexpected(self.peek())
        return inner

    def _settled(self, opened: Token, predicate: Ast, before: list[Ast]) -> Ast:
        """A predicate behind those `before` it, a place asked for written as a number."""
        place = _position_compared(predicate)
        if place is None and before and ITEM_PLACE in nodes_of_ast(predicate):
            raise ExpressionError(
                "position() among rows that were chosen before is read only as [position() = number].",
                opened.position,
                "Write it in the first brackets.",
            )
        return predicate if place is None else _as_number(place)

    def _reference(self, token: Token, route: Route, *, is_bare: bool = False) -> Ast:
        name = route.steps[-1].name if route.steps else ""
        node: Ast = ["ref", name]
        self.references.append(Reference(name, token.position, node, route, is_bare=is_bare))
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
            predicates.append(self._settled(opened, self._inside(opened, lookup.columns), predicates))
        column = ""
        if self.takes("/"):
            token = self.take()
            if token.kind != "name":
                raise unexpected(token)
            column = self.column_from(token)
            lookup.columns.append((column, token.position))
        return ["items", lookup.source, predicates, column]

    def column_from(self, first: Token) -> str:
        """The column that begins with a name: rows of an XML file hold elements in elements, `person/age`."""
        names = [first.text]
        while self.takes("/"):
            token = self.take()
            if token.kind != "name":
                raise unexpected(token)
            names.append(token.text)
        return "/".join(names)


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
