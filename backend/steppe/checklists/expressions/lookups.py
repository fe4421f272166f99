"""Evaluating `instance(…)/root/item[…]` and choice filters: which rows a predicate leaves.

`pwa/src/engine/lookups.ts` is the twin.

An equality of a column and something that no row changes is found by hash; what else a predicate asks is asked of the
rows found. Most lookups are such an equality, and a table may have 20,000 rows.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from steppe.checklists.definition import Ast
from steppe.checklists.expressions.chains import operands_of, size_of
from steppe.checklists.expressions.env import Closure, Env, Item, Truth
from steppe.checklists.expressions.sources import Source
from steppe.checklists.expressions.values import truth_of

Narrowing: TypeAlias = Callable[[Source, Sequence[int] | None, Env], Sequence[int]]
"""The places of a source's rows that a predicate leaves of those left so far; None stands for all."""


def choosing(predicates: Iterable[Ast], value: Callable[[Ast], Closure], truth: Callable[[Ast], Truth]) -> Narrowing:
    """Predicates one after the other, compiled by `value` and `truth`.

    A predicate that is a number chooses by 1-based place among the rows left so far.
    """
    steps = [_step(predicate, value, truth) for predicate in predicates]

    def chosen(source: Source, left: Sequence[int] | None, env: Env) -> Sequence[int]:
        outer = env.item
        for step in steps:
            left = step(source, left, env)
        env.item = outer
        return range(source.size) if left is None else left

    return chosen


def _step(predicate: Ast, value: Callable[[Ast], Closure], truth: Callable[[Ast], Truth]) -> Narrowing:
    holds, size = value(predicate), size_of(predicate)
    parts = _conjuncts(predicate)
    hashed = [
        (column, value(wanted), [truth(other) for other in parts if other is not part])
        for part in parts
        for column, wanted in _sides(part)
    ]

    def narrowed(source: Source, left: Sequence[int] | None, env: Env) -> Sequence[int]:
        if left is None:
            for column, wanted, rest in hashed:
                text = wanted(env)
                if isinstance(text, str | list):
                    places = _places(source, column, text)
                    env.spend(size * len(places) if rest else 0)
                    return _where(source, places, rest, env)
        kept: list[int] = []
        tested = range(source.size) if left is None else left
        env.spend(size * len(tested))
        for place, at in enumerate(tested, 1):
            env.item = Item(source, at)
            found = holds(env)
            if found == place if isinstance(found, float) else truth_of(found):
                kept.append(at)
        return kept

    return narrowed


def _where(source: Source, places: Sequence[int], conditions: list[Truth], env: Env) -> Sequence[int]:
    if not conditions:
        return places
    kept: list[int] = []
    for at in places:
        env.item = Item(source, at)
        if all(condition(env) for condition in conditions):
            kept.append(at)
    return kept


def _places(source: Source, column: str, wanted: str | list[str]) -> Sequence[int]:
    if isinstance(wanted, str):
        return source.places(column, wanted)
    return sorted(at for text in set(wanted) for at in source.places(column, text))


def _conjuncts(ast: Ast) -> list[Ast]:
    """`a and b and c` as its parts."""
    if ast[0] != "and":
        return [ast]
    return [part for operand in operands_of(ast, "and") for part in _conjuncts(operand)]


def _sides(ast: Ast) -> list[tuple[str, Ast]]:
    """A column and what it must equal, when the AST is such an equality."""
    if ast[0] != "=":
        return []
    if ast[1][0] == "col" and not _reads_column(ast[2]):
        return [(ast[1][1], ast[2])]
    if ast[2][0] == "col" and not _reads_column(ast[1]):
        return [(ast[2][1], ast[1])]
    return []


def _reads_column(ast: Ast) -> bool:
    """Whether an AST reads a column of the row at hand; predicates of a lookup inside it have rows of their own."""
    if ast[0] == "col":
        return True
    return ast[0] != "items" and any(isinstance(part, list) and _reads_column(part) for part in ast)
