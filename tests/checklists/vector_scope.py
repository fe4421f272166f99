"""Evaluates one expression as the shared vectors describe it: with answers, rows and a clock, without a form."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from steppe.checklists.definition import Ast, Table
from steppe.checklists.expressions.dates import Context
from steppe.checklists.expressions.env import Env, Reach
from steppe.checklists.expressions.expressions import compile_value
from steppe.checklists.expressions.sources import of_table
from steppe.checklists.expressions.values import Value, text_of_number


class VectorPlaces:
    """Questions under `rows` have many answers, all others one."""

    def __init__(self, rows: Mapping[str, list[str]]) -> None:
        self._rows = rows

    def chain(self, name: str) -> tuple[str, ...]:
        return (f"rows-of-{name}",) if name in self._rows else ()

    def shared(self, _: str) -> int:
        return 0

    def reach(self, name: str) -> Reach:
        return Reach("many", 0, self.chain(name)) if name in self._rows else Reach("one")


def run(ast: Ast, context: Mapping[str, Any]) -> dict[str, object]:
    """The value of an AST as the vectors write it: its type, and numbers as text."""
    return described(compile_value(ast, VectorPlaces(context.get("rows", {})))(env_of(context)))


def env_of(context: Mapping[str, Any]) -> Env:
    """What the vectors give an expression to be evaluated in."""
    rows: dict[str, list[str]] = context.get("rows", {})
    values: dict[str, object] = dict(context.get("answers", {}))
    for question, answers in rows.items():
        repeat = f"rows-of-{question}"
        values[repeat] = [str(place) for place in range(len(answers))]
        values.update({f"{repeat}/{place}/{question}": answer for place, answer in enumerate(answers)})
    clock = Context(datetime.fromisoformat(context["now"]), context["zone"])
    tables = {name: of_table(Table.model_validate(table)) for name, table in context.get("tables", {}).items()}
    env = Env(values, clock, context.get("choices", {}), tables, context.get("lastSaved", {}), "2021-01-05")
    env.self_value = context.get("self")
    env.positions = [*reversed(context.get("outer", [])), context.get("position", 0)]
    return env


def described(value: Value) -> dict[str, object]:
    """A value with its type; a number as its text, so that NaN and infinities fit into JSON."""
    if isinstance(value, bool):
        return {"type": "boolean", "value": "true" if value else "false"}
    if isinstance(value, float):
        return {"type": "number", "value": text_of_number(value)}
    if isinstance(value, str):
        return {"type": "string", "value": value}
    return {"type": "nodes", "value": value}
