"""ASTs written as expressions again, for the way back to XLSForm and for messages."""

from steppe.checklists.definition import Ast
from steppe.checklists.parser import BINDING, UNARY
from steppe.checklists.values import text_of_number


def print_expression(ast: Ast) -> str:
    """An AST as an expression that :func:`parse` reads back to the same AST.

    Text that holds both kinds of quotes cannot be written in XPath; the parser never makes such text.
    """
    return _printed(ast, 0)


def _printed(ast: Ast, least: int) -> str:
    kind = ast[0]
    if kind == "n":
        return text_of_number(float(ast[1]))
    if kind == "s":
        return f'"{ast[1]}"' if "'" in ast[1] else f"'{ast[1]}'"
    if kind == "b":
        return "true()" if ast[1] else "false()"
    if kind == "ref":
        return f"${{{ast[1]}}}"
    if kind == "self":
        return "."
    if kind == "call":
        inner = [_printed(argument, 0) for argument in ast[2:]]
        if ast[1] == "jr:choice-name":
            inner[1] = f"'${{{ast[3][1]}}}'"
        return f"{ast[1]}({', '.join(inner)})"
    if kind == "neg":
        return f"-{_printed(ast[1], UNARY)}"
    power = BINDING[kind]
    text = f"{_printed(ast[1], power - 1)} {kind} {_printed(ast[2], power)}"
    return f"({text})" if power <= least else text
