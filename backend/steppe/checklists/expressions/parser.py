"""XLSForm expressions → AST (docs/checklists.md §3): a Pratt parser that says where and why it stops.

The language is XPath 1.0 as form authors write it with the functions of ODK XForms: `${question}`, `.`, paths to
questions and to rows of lists and tables, literals, operators and calls. What is outside it is refused with a
suggestion, not misread.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final, TypeAlias

from steppe.checklists.definition import Ast
from steppe.checklists.expressions.calls import REWRITTEN, checked_call
from steppe.checklists.expressions.chains import CHAINED, chain, depth_of
from steppe.checklists.expressions.functions import SIGNATURES
from steppe.checklists.expressions.limits import EXPRESSION_DEPTH, EXPRESSION_LENGTH
from steppe.checklists.expressions.paths import (
    ITEM_PLACE,
    NOTHING,
    Lookup,
    PathReader,
    Reference,
    Route,
    nodes_of_ast,
)
from steppe.checklists.expressions.signatures import Signature
from steppe.checklists.expressions.tokens import ExpressionError, Token, unexpected

__all__ = ["BINDING", "UNARY", "ExpressionError", "Parsed", "Reference", "parse"]

BINDING: Final = {
    "or": 1,
    "and": 2,
    "=": 3,
    "!=": 3,
    "<": 4,
    "<=": 4,
    ">": 4,
    ">=": 4,
    "+": 5,
    "-": 5,
    "*": 6,
    "div": 6,
    "mod": 6,
}
"""How strongly each operator binds; all are left-associative (XPath 1.0 §3)."""
UNARY: Final = 7
"""How strongly unary minus binds."""
_UNION: Final = 8
_DEEP: Final = "Calculate a part of it in a row of its own and refer to that."
_WITHOUT_BRACKETS: Final = {"true", "false"}
_TOLERATED: Final[dict[str, tuple[Ast, str, str]]] = {
    "null": (NOTHING, "no value", "Write '' for no value."),
    "true": (NOTHING, "a path to nothing, which is never true", "Write true()."),
    "false": (NOTHING, "a path to nothing", "Write false()."),
    "TRUE": (["b", True], "true()", "Write true()."),
    "FALSE": (["b", False], "false()", "Write false()."),
}
"""Words that ODK's tools let pass: what each is taken as, for the warning, and what to write."""
_OVER_ROWS: Final = frozenset({"max", "min", "sum"})
"""Functions that make no sense of one answer alone: in a row, `sum(${q})` means the answers of all rows."""
_NEVER_WRITTEN: Final = "last-saved"
"""A function of the AST that authors write as `${last-saved#name}`."""

Arguments: TypeAlias = list[tuple[Ast, int]]
"""The arguments of a call, each with its 0-based place."""


@dataclass(slots=True)
class Parsed:
    """An expression read.

    Attributes:
        ast: the expression; references by path are not resolved yet.
        references: the questions it names, in order of appearance.
        lookups: the lists and tables it reads.
        columns: the columns of the choice at hand that it reads, with their 0-based places; for filters only.
        notes: what was understood although it is written otherwise: message, suggestion, 0-based place.
    """

    ast: Ast
    references: list[Reference] = field(default_factory=list)
    lookups: list[Lookup] = field(default_factory=list)
    columns: list[tuple[str, int]] = field(default_factory=list)
    notes: list[tuple[str, str, int]] = field(default_factory=list)


def parse(expression: str, *, in_rows: bool = False) -> Parsed:
    """The AST of an expression.

    Args:
        expression: what the cell says.
        in_rows: whether it is asked of every choice or table row, as a choice filter is: bare names are its columns.

    Raises:
        ExpressionError: at the first place that is not in the language, with a suggestion where one is known.
    """
    if len(expression) > EXPRESSION_LENGTH:
        raise ExpressionError(
            f"The expression is longer than {EXPRESSION_LENGTH} characters.", EXPRESSION_LENGTH, _DEEP
        )
    reader = _Parser(expression, in_rows=in_rows)
    ast = reader.expression(0)
    rest = reader.peek()
    if rest.kind != "end":
        raise unexpected(rest)
    # A chain of minus or div nests without brackets, which the count of the reader does not see.
    if depth_of(ast) > EXPRESSION_DEPTH:
        raise ExpressionError("The expression is nested too deeply.", 0, _DEEP)
    if any(node[0] == "|" for node in nodes_of_ast(ast)):
        raise ExpressionError(
            "'|' joins answers only inside count(), sum(), min(), max(), concat() and join().",
            expression.index("|"),
            "Combine conditions with 'or'.",
        )
    return Parsed(ast, reader.references, reader.lookups, reader.columns or [], reader.notes)


class _Parser(PathReader):
    def __init__(self, expression: str, *, in_rows: bool) -> None:
        super().__init__(expression, in_rows=in_rows)
        self._depth = 0
        self.notes: list[tuple[str, str, int]] = []

    def expression(self, least: int) -> Ast:
        self._depth += 1
        if self._depth > EXPRESSION_DEPTH:
            raise ExpressionError("The expression is nested too deeply.", self.peek().position, _DEEP)
        left = self._operand()
        while True:
            token = self.peek()
            power = BINDING.get(token.text, 0) if token.kind in {"op", "name"} else 0
            if token.text == "|" and token.kind == "op":
                power = _UNION
            if power == 0 or power <= least:
                break
            self.take()
            if token.text in CHAINED:
                operands = [left, self.expression(power)]
                while self.peek().text == token.text and self.peek().kind == token.kind:
                    self.take()
                    operands.append(self.expression(power))
                left = chain(token.text, operands)
            else:
                left = [token.text, left, self.expression(power)]
        self._depth -= 1
        return left

    def _operand(self) -> Ast:
        token = self.take()
        if token.kind == "ref":
            return self.named(token)
        if token.kind == "number":
            return ["n", _literal(token)]
        if token.kind == "text":
            return ["s", token.text[1:-1]]
        if token.kind == "name":
            return self._name(token)
        if token.text in {".", ".."}:
            return self.relative(token)
        if token.text in {"/", "//"}:
            return self.absolute(token)
        if token.text == "-":
            return ["neg", self.expression(UNARY)]
        if token.text == "(":
            inner = self.expression(0)
            self._close(token)
            return inner
        raise unexpected(token)

    def _close(self, opened: Token) -> None:
        token = self.peek()
        if token.text == ")" and token.kind == "op":
            self.take()
        elif token.kind == "end":
            raise ExpressionError("This bracket is never closed.", opened.position, "Add ) at the end.")
        else:
            raise unexpected(token)

    def _name(self, name: Token) -> Ast:
        following = self.peek()
        if following.text != "(" or following.kind != "op":
            if self.columns is None or name.text in _WITHOUT_BRACKETS or name.text in BINDING:
                return self._meant(name)
            if self.cells is not None:
                return self.cell(name)
            column = f"{name.text}::{self.take().text}" if self.takes("::") else self.column_from(name)
            self.columns.append((column, name.position))
            return ["col", column]
        if name.text == "current" and self.takes("(", ")"):
            return self.here(name)
        if name.text == "instance":
            return self.instance(name)
        return self._call(name)

    def _meant(self, name: Token) -> Ast:
        """`null` and `true`, paths to nothing, TRUE and FALSE as a spreadsheet shows them; other names as paths."""
        if name.text in BINDING:
            raise ExpressionError(f"'{name.text}' has nothing on its left.", name.position, "Compare two things.")
        if name.text not in _TOLERATED:
            return self.bare(name)
        ast, meaning, suggestion = _TOLERATED[name.text]
        self.notes.append((f"'{name.text}' is taken as {meaning}.", suggestion, name.position))
        return [*ast]

    def _call(self, name: Token) -> Ast:
        signature = SIGNATURES.get(name.text)
        if (signature is None and name.text not in REWRITTEN) or name.text == _NEVER_WRITTEN:
            raise _unknown_function(name)
        opened = self.take()
        if name.text == "position":
            return self._position(name, opened)
        arguments = self._arguments(opened)
        if signature is not None and not signature.accepts(len(arguments)):
            raise ExpressionError(
                f"{name.text}() takes {signature.wanted()}, not {len(arguments)}.",
                name.position,
                f"Write {name.text}({signature.shown}).",
            )
        if signature is not None:
            self._note_sets(name.text, signature, arguments)
        return checked_call(name, arguments, self.references, self.lookups)

    def _note_sets(self, function: str, signature: Signature, arguments: Arguments) -> None:
        """Tells the references that are asked for as node-sets, and as all there is, that they are."""
        for index, (argument, _) in enumerate(arguments):
            if argument[0] != "ref" or signature.kind(index) != "N":
                continue
            for reference in self.references:
                if reference.node is argument:
                    reference.is_set = True
                    reference.is_over_rows = function in _OVER_ROWS and len(arguments) == 1

    def _arguments(self, opened: Token) -> Arguments:
        arguments: Arguments = []
        if self.peek().text != ")" or self.peek().kind != "op":
            place = self.peek().position
            arguments.append((self.expression(0), place))
            while self.takes(","):
                place = self.peek().position
                arguments.append((self.expression(0), place))
        self._close(opened)
        return arguments

    def _position(self, name: Token, opened: Token) -> Ast:
        """`position(..)`: the number of this row; each further `..` that leaves a repeat is one row further out."""
        place = self.peek()
        route = self.container()
        if route is None and self.peek().text != ")":
            raise ExpressionError(
                "position() takes a path to a row.", place.position, "Write position(..), or position(../..)."
            )
        self._close(opened)
        if route is None and self.columns is not None:
            return list(ITEM_PLACE)
        route = route or Route("here", 1)
        node: Ast = ["call", "position", *([["n", route.ups - 1]] if route.ups > 1 else [])]
        self.references.append(Reference("", name.position, node, route))
        return node


def _literal(token: Token) -> float:
    number = float(token.text)
    if number > 1e300:
        raise ExpressionError("This number is too large.", token.position, "Write a number below 1e300.")
    return int(number) if number == int(number) and number < 2**53 else number


def _unknown_function(name: Token) -> ExpressionError:
    known = [*SIGNATURES, *REWRITTEN, "instance", "current"]
    near = get_close_matches(name.text.lower(), known, n=1, cutoff=0.6)
    suggestion = f"Did you mean {near[0]}()?" if near else "The functions there are stand in docs/checklists.md, §9."
    return ExpressionError(f"There is no function {name.text}().", name.position, suggestion)
