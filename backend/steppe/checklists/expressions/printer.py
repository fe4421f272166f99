"""ASTs written as expressions again, for the way back to XLSForm and for messages."""

from collections.abc import Callable
from typing import Any, Final

from steppe.checklists.definition import Ast
from steppe.checklists.expressions.chains import CHAINED, operands_of
from steppe.checklists.expressions.parser import BINDING, UNARY
from steppe.checklists.expressions.paths import ITEM_PLACE, NOTHING, repeat_of
from steppe.checklists.expressions.values import text_of_number

_LEAVES: Final[dict[str, Callable[[Any], str]]] = {
    "n": lambda number: text_of_number(float(number)),
    "s": lambda text: f'"{text}"' if "'" in text else f"'{text}'",
    "b": lambda truth: "true()" if truth else "false()",
    "ref": lambda name: f"${{{name}}}",
    "col": str,
}


def print_expression(ast: Ast, *, in_rows: bool = False) -> str:
    """An AST as an expression that `parse` reads back to the same AST.

    Text that holds both kinds of quotes cannot be written in XPath; the parser never makes such text.
    `in_rows` as for `parse`: the expression is asked of every choice.
    """
    return _printed(ast, 0, in_rows=in_rows)


def _printed(ast: Ast, least: int, *, in_rows: bool) -> str:
    kind = ast[0]
    if kind == "self":
        return "current()/." if in_rows else "."
    if kind in _LEAVES:
        return _LEAVES[kind](ast[1])
    if kind == "call":
        return _call(ast, in_rows=in_rows)
    if kind == "items":
        if ast == NOTHING:
            return "null"
        predicates = "".join(f"[{_printed(predicate, 0, in_rows=True)}]" for predicate in ast[2])
        rows = ast[1] if repeat_of(ast[1]) else f"instance('{ast[1]}')/root/item"
        return f"{rows}{predicates}{f'/{ast[3]}' if ast[3] else ''}"
    if kind == "neg":
        return f"-{_printed(ast[1], UNARY, in_rows=in_rows)}"
    power = BINDING[kind]
    first, *others = operands_of(ast, kind) if kind in CHAINED else ast[1:]
    written = [_printed(first, power - 1, in_rows=in_rows)]
    written += [_printed(other, power, in_rows=in_rows) for other in others]
    text = f" {kind} ".join(written)
    return f"({text})" if power <= least else text


def _call(ast: Ast, *, in_rows: bool) -> str:
    name = ast[1]
    if ast == ITEM_PLACE:
        return "position()"
    if name == "last-saved":
        return f"${{last-saved#{ast[2][1]}}}"
    if name == "position":
        rows = int(ast[2][1]) if len(ast) > 2 else 0
        return f"position(..{'/..' * rows})"
    inner = [_printed(argument, 0, in_rows=in_rows) for argument in ast[2:]]
    if name == "jr:choice-name":
        inner[1] = f"'${{{ast[3][1]}}}'"
    return f"{name}({', '.join(inner)})"
