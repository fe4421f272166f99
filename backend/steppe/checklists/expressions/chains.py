"""Long sums, products and conditions as one node: `a or b or c …` over 200 choices must not nest 200 deep.

Up to `PAIRED` operands are written as pairs, `["+", ["+", a, b], c]`, as they always were: a form that was
published before keeps its hash, and a phone that has not been updated reads it. Longer chains are flat,
`["+", a, b, c, …]`, and make a definition of format 2. Both shapes are read alike, from the left, whatever their
length: rounding is the same. `pwa/src/engine/chains.ts` is the twin.
"""

from collections.abc import Sequence
from typing import Final

from steppe.checklists.definition import Ast

CHAINED: Final = frozenset({"+", "*", "and", "or"})
"""The operators whose chains may be flat."""
PAIRED: Final = 32
"""Chains of so many operands are still written as pairs."""


def chain(operator: str, operands: Sequence[Ast]) -> Ast:
    """The AST of operands joined by one operator, from the left; `operands` are one or more."""
    spread: list[Ast] = [*operands_of(operands[0], operator), *operands[1:]]
    if len(spread) > PAIRED:
        return [operator, *spread]
    whole = spread[0]
    for operand in spread[1:]:
        whole = [operator, whole, operand]
    return whole


def operands_of(ast: Ast, operator: str) -> list[Ast]:
    """The operands of a chain of one operator, first to last; of any other AST itself alone."""
    behind: list[list[Ast]] = []
    while ast[0] == operator:
        behind.append(ast[2:])
        ast = ast[1]
    return [ast, *(operand for operands in reversed(behind) for operand in operands)]


def is_flat(ast: Ast) -> bool:
    """Whether an AST node is a chain of more than two operands, which phones of the first format cannot read."""
    return ast[0] in CHAINED and len(ast) > 3


def size_of(ast: Ast) -> int:
    """How many nodes an AST has, a chain counted by its operands alone: the same in both shapes."""
    size, ahead = 0, [ast]
    while ahead:
        node = ahead.pop()
        parts = node[2] if node[0] == "items" else node[1:]
        size += node[0] not in CHAINED
        ahead += [part for part in parts if isinstance(part, list)]
    return size


def depth_of(ast: Ast) -> int:
    """How many nodes stand one in the other. Needs no stack, whatever the depth."""
    deepest, ahead = 0, [(ast, 1)]
    while ahead:
        node, depth = ahead.pop()
        deepest = max(deepest, depth)
        parts = node[2] if node[0] == "items" else node[1:]
        ahead += [(part, depth + 1) for part in parts if isinstance(part, list)]
    return deepest
