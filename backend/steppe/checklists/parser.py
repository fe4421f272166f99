"""XLSForm expressions → AST (docs/checklists.md §3): a Pratt parser that says where and why it stops.

The language is the part of XPath 1.0 and ODK XForms that form authors write: ``${question}``, ``.``, literals,
operators and functions. Paths, predicates and axes are refused with a suggestion, not misread.
"""

import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final

from steppe.checklists.definition import Ast
from steppe.checklists.functions import SIGNATURES
from steppe.checklists.pattern_reader import PatternError
from steppe.checklists.patterns import compile_pattern

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
_DEEPEST: Final = 100
_NAME: Final = r"[A-Za-z_][A-Za-z0-9_.\-]*"
_TOKEN: Final = re.compile(
    r"(?P<space>[ \t\r\n\u00a0]+)"
    rf"|(?P<ref>\$\{{[ ]*{_NAME}[ ]*\}})"
    r"|(?P<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
    r"|(?P<text>'[^']*'|\"[^\"]*\")"
    rf"|(?P<name>{_NAME}(?::{_NAME})?)"
    r"|(?P<op><=|>=|!=|\.\.|[=<>+\-*(),.])"
)
_REFUSED: Final = {
    "/": ("Paths are not read here.", "Write ${question} with the question's name."),
    "[": ("Predicates are not supported.", "Compare with ${question} instead."),
    "|": ("Unions are not supported.", "Combine conditions with 'or'."),
    "&": ("'&' is not an operator.", "Write 'and'."),
    "$": ("A reference is written ${name}.", "Close the name in braces: ${name}."),
    "#": ("'#' is not supported; ${last-saved#…} neither.", "Refer to a question of this checklist."),
    "!": ("'!' is not an operator.", "Write not(…), or != to compare."),
    "%": ("'%' is not an operator.", "Write 'mod' for a remainder."),
    "‘": ("Curly quotes do not mark text.", "Use straight quotes: 'yes'."),
    "’": ("Curly quotes do not mark text.", "Use straight quotes: 'yes'."),
    "“": ("Curly quotes do not mark text.", "Use straight quotes: 'yes'."),
    "”": ("Curly quotes do not mark text.", "Use straight quotes: 'yes'."),
    "'": ("This quote is never closed.", "Add the closing quote."),
    '"': ("This quote is never closed.", "Add the closing quote."),
    "≤": ("'≤' is not an operator.", "Write <=."),
    "≥": ("'≥' is not an operator.", "Write >=."),
    "≠": ("'≠' is not an operator.", "Write !=."),
}


class ExpressionError(ValueError):
    """An expression that cannot be read: the 0-based ``position`` and a ``suggestion`` of what to write instead."""

    def __init__(self, message: str, position: int, suggestion: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.position = position
        self.suggestion = suggestion


@dataclass(frozen=True, slots=True)
class Reference:
    """A question named in an expression, and where."""

    id: str
    position: int


@dataclass(slots=True)
class Parsed:
    """An expression's AST and the questions it names, in order of appearance."""

    ast: Ast
    references: list[Reference] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    position: int


def parse(expression: str) -> Parsed:
    """The AST of an expression.

    Raises:
        ExpressionError: at the first place that is not in the language, with a suggestion where one is known.
    """
    reader = _Parser(_tokens(expression))
    ast = reader.expression(0)
    rest = reader.peek()
    if rest.kind != "end":
        raise _unexpected(rest)
    return Parsed(ast, reader.references)


def _tokens(expression: str) -> list[_Token]:
    tokens: list[_Token] = []
    position = 0
    while position < len(expression):
        match = _TOKEN.match(expression, position)
        if match is None:
            character = expression[position]
            message, suggestion = _REFUSED.get(character, (f"'{character}' is not part of an expression.", ""))
            raise ExpressionError(message, position, suggestion)
        kind = str(match.lastgroup)
        if kind != "space":
            tokens.append(_Token(kind, match[0], position))
        position = match.end()
    tokens.append(_Token("end", "", len(expression)))
    return tokens


def _unexpected(token: _Token) -> ExpressionError:
    if token.kind == "end":
        return ExpressionError("The expression ends too early.", token.position)
    if token.text == "=":
        return ExpressionError("'=' has nothing to compare on its left.", token.position, "A single = compares.")
    if token.text == ")":
        return ExpressionError("This bracket closes nothing.", token.position)
    return ExpressionError(f"'{token.text}' is not expected here.", token.position, "An operator may be missing.")


class _Parser:
    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self.references: list[Reference] = []

    def peek(self) -> _Token:
        return self._tokens[self._at]

    def _take(self) -> _Token:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def expression(self, least: int) -> Ast:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ExpressionError("The expression is nested too deeply.", self.peek().position)
        left = self._operand()
        while True:
            token = self.peek()
            power = BINDING.get(token.text, 0) if token.kind in {"op", "name"} else 0
            if power == 0 or power <= least:
                break
            self._take()
            left = [token.text, left, self.expression(power)]
        self._depth -= 1
        return left

    def _operand(self) -> Ast:
        token = self._take()
        if token.kind == "ref":
            name = token.text[2:-1].strip()
            self.references.append(Reference(name, token.position))
            return ["ref", name]
        if token.kind == "number":
            return ["n", _literal(token)]
        if token.kind == "text":
            return ["s", token.text[1:-1]]
        if token.kind == "name":
            return self._call(token)
        if token.text == ".":
            return ["self"]
        if token.text == "-":
            return ["neg", self.expression(UNARY)]
        if token.text == "(":
            inner = self.expression(0)
            self._close(token)
            return inner
        if token.text == "..":
            raise ExpressionError("'..' is read only as position(..).", token.position, "Write ${question}.")
        raise _unexpected(token)

    def _close(self, opened: _Token) -> None:
        token = self.peek()
        if token.text == ")":
            self._take()
        elif token.kind == "end":
            raise ExpressionError("This bracket is never closed.", opened.position, "Add ) at the end.")
        else:
            raise _unexpected(token)

    def _call(self, name: _Token) -> Ast:
        opened = self.peek()
        if opened.text != "(":
            raise _bare(name)
        signature = SIGNATURES.get(name.text)
        if signature is None:
            near = get_close_matches(name.text.lower(), SIGNATURES, n=1, cutoff=0.6)
            suggestion = f"Did you mean {near[0]}()?" if near else ""
            raise ExpressionError(f"There is no function {name.text}().", name.position, suggestion)
        self._take()
        arguments: list[Ast] = []
        places: list[int] = []
        if self.peek().text == ".." and name.text == "position":
            self._take()
        elif self.peek().text != ")":
            places.append(self.peek().position)
            arguments.append(self.expression(0))
            while self.peek().text == ",":
                self._take()
                places.append(self.peek().position)
                arguments.append(self.expression(0))
        self._close(opened)
        if not signature.accepts(len(arguments)):
            raise ExpressionError(
                f"{name.text}() takes {signature.wanted()}, not {len(arguments)}.",
                name.position,
                f"Write {name.text}({signature.shown}).",
            )
        if name.text in {"true", "false"}:
            return ["b", name.text == "true"]
        if name.text == "regex":
            _check_pattern(arguments[1], places[1])
        if name.text == "jr:choice-name":
            arguments[1] = self._named_question(arguments[1], places[1])
        return ["call", name.text, *arguments]

    def _named_question(self, argument: Ast, position: int) -> Ast:
        """``jr:choice-name(${q}, '${q}')``: the second argument names the question whose choices are meant."""
        text = argument[1].strip() if argument[0] in {"s", "ref"} else ""
        name = text.removeprefix("${").removesuffix("}").strip()
        if not re.fullmatch(_NAME, name):
            raise ExpressionError(
                "jr:choice-name() needs the question's name as its second argument.", position, "Write '${question}'."
            )
        self.references.append(Reference(name, position))
        return ["s", name]


def _literal(token: _Token) -> float:
    number = float(token.text)
    if number > 1e300:
        raise ExpressionError("This number is too large.", token.position)
    return int(number) if number == int(number) and number < 2**53 else number


def _bare(name: _Token) -> ExpressionError:
    if name.text in {"true", "false"}:
        return ExpressionError(f"'{name.text}' needs brackets.", name.position, f"Write {name.text}().")
    if name.text in BINDING:
        return ExpressionError(f"'{name.text}' has nothing on its left.", name.position)
    return ExpressionError(
        f"'{name.text}' alone means nothing.",
        name.position,
        f"Write ${{{name.text}}} for the question or '{name.text}' for the text.",
    )


def _check_pattern(argument: Ast, position: int) -> None:
    if argument[0] != "s":
        raise ExpressionError("The pattern of regex() must be a text in quotes.", position, "Write regex(., '[0-9]+').")
    try:
        compile_pattern(argument[1])
    except PatternError as error:
        raise ExpressionError(f"The pattern is not supported: {error}", position + 1 + error.position) from error
