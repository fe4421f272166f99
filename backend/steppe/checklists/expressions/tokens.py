"""The words of an XLSForm expression, each with its place, and what to write instead of signs that are none."""

import re
from dataclasses import dataclass
from typing import Final

NAME: Final = r"[^\W\d][\w.\-]*"
"""A name of XML without its colon: a letter or underscore first, then letters, digits, `_`, `-` and `.`."""
_TOKEN: Final = re.compile(
    r"(?P<space>[ \t\r\n\u00a0]+|\(:.*?:\))"
    rf"|(?P<ref>\$\{{\s*(?:last-saved#)?{NAME}\s*\}})"
    r"|(?P<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
    r"|(?P<text>'[^']*'|\"[^\"]*\")"
    rf"|(?P<name>{NAME}(?::{NAME})?)"
    r"|(?P<op><=|>=|!=|\.\.|//|::|[=<>+\-*(),./\[\]|@])",
    re.DOTALL,
)
CURLY: Final = ("‘", "’", "“", "”")  # quotes are what this is about
STRAIGHT: Final = str.maketrans(dict(zip(CURLY, ("'", "'", '"', '"'), strict=True)))
"""Curly quotes → the straight ones that mark text."""
UNCLOSED: Final = "This quote is never closed."
_NO_SIGN: Final = "Remove it, or put the text it belongs to in quotes."
_REFUSED: Final = {
    "&": ("'&' is not an operator.", "Write 'and'."),
    "$": ("A reference is written ${name}.", "Close the name in braces: ${name}."),
    "#": ("'#' is not part of an expression.", "Only ${last-saved#name} has it."),
    "!": ("'!' is not an operator.", "Write not(…), or != to compare."),
    "%": ("'%' is not an operator.", "Write 'mod' for a remainder."),
    "‘": ("Curly quotes do not mark text.", "Use straight quotes: 'yes'."),
    "’": ("Curly quotes do not mark text.", "Use straight quotes: 'yes'."),
    "“": ("Curly quotes do not mark text.", "Use straight quotes: 'yes'."),
    "”": ("Curly quotes do not mark text.", "Use straight quotes: 'yes'."),
    "'": (UNCLOSED, "Add the closing quote."),
    '"': (UNCLOSED, "Add the closing quote."),
    "≤": ("'≤' is not an operator.", "Write <=."),
    "≥": ("'≥' is not an operator.", "Write >=."),
    "≠": ("'≠' is not an operator.", "Write !=."),
}


class ExpressionError(ValueError):
    """An expression that cannot be read: the 0-based `position` and a `suggestion` of what to write instead."""

    def __init__(self, message: str, position: int, suggestion: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.position = position
        self.suggestion = suggestion


@dataclass(frozen=True, slots=True)
class Token:
    """One word: its `kind` (`ref`, `number`, `text`, `name`, `op` or `end`), text and 0-based place."""

    kind: str
    text: str
    position: int


def tokens_of_expression(expression: str) -> list[Token]:
    """The words of an expression, the last one of kind `end`; white space and `(: comments :)` left out.

    Raises:
        ExpressionError: at the first sign that is no word.
    """
    tokens: list[Token] = []
    position = 0
    while position < len(expression):
        match = _TOKEN.match(expression, position)
        if match is None:
            character = expression[position]
            message, suggestion = _REFUSED.get(character, (f"'{character}' is not part of an expression.", _NO_SIGN))
            raise ExpressionError(message, position, suggestion)
        kind = str(match.lastgroup)
        if kind != "space":
            tokens.append(Token(kind, match[0], position))
        position = match.end()
    tokens.append(Token("end", "", len(expression)))
    return tokens


class TokenReader:
    """Takes the words of an expression one after the other."""

    def __init__(self, expression: str) -> None:
        self._tokens = tokens_of_expression(expression)
        self._at = 0

    def peek(self, ahead: int = 0) -> Token:
        """The word that comes next, or some words later; at the end always the `end`."""
        return self._tokens[min(self._at + ahead, len(self._tokens) - 1)]

    def take(self) -> Token:
        """The next word, which is then behind."""
        token = self.peek()
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def takes(self, *signs: str) -> bool:
        """Whether the next words are these signs; they are then behind."""
        for ahead, sign in enumerate(signs):
            token = self.peek(ahead)
            if token.text != sign or token.kind == "text":
                return False
        for _ in signs:
            self.take()
        return True


def unexpected(token: Token) -> ExpressionError:
    """The error of a word that cannot stand where it does."""
    if token.kind == "end":
        return ExpressionError("The expression ends too early.", token.position, "Finish it, or remove the last sign.")
    if token.text == "=":
        return ExpressionError("'=' has nothing to compare on its left.", token.position, "A single = compares.")
    if token.text in {")", "]"}:
        return ExpressionError("This bracket closes nothing.", token.position, "Remove it, or open it further left.")
    if token.text == "@":
        return ExpressionError("Attributes are not read.", token.position, "Name a question or a column.")
    return ExpressionError(f"'{token.text}' is not expected here.", token.position, "An operator may be missing.")
