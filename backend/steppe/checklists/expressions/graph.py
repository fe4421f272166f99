"""Which question reads which: evaluation order, dependants and cycles of a checklist.

Two kinds of reading differ. Relevance and calculation decide what an answer *is*, so they must be settled in order and
may not run in a circle. Constraints, soft checks and required look at settled answers and may read anything.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Final

from steppe.checklists.definition import Ast
from steppe.checklists.expressions.paths import ITEM_PLACE, parts_of, repeat_of
from steppe.checklists.expressions.sources import PLACE


@dataclass(slots=True)
class Reads:
    """What one section, repeat or question reads.

    Attributes:
        inside: the section and repeat it stands in, whose relevance decides over it.
        settles: ids read by its relevance, its calculation and the number of its rows.
        checks: ids read by its constraint, soft check, required, choice filter and texts.
        is_settled: whether it has a relevance, a calculation or a number of rows of its own.
    """

    inside: tuple[str, ...] = ()
    settles: set[str] = field(default_factory=set)
    checks: set[str] = field(default_factory=set)
    is_settled: bool = False


class Circle(ValueError):
    """Relevances or calculations that read each other in a circle; `path` begins and ends with the same id."""

    def __init__(self, path: list[str]) -> None:
        super().__init__(" → ".join(path))
        self.path = path


def references_of(ast: Ast) -> Iterator[str]:
    """Every id an AST reads; answers of the report before are no reading of this one."""
    if ast[0] == "ref":
        yield ast[1]
    elif ast[:2] != ["call", "last-saved"]:
        yield from _read_in_rows(ast)
        for part in parts_of(ast):
            yield from references_of(part)


def _read_in_rows(ast: Ast) -> Iterator[str]:
    """The repeat whose rows a node looks through, the question it takes from them, and those its conditions ask."""
    repeat = repeat_of(ast[1]) if ast[0] == "items" else None
    if repeat is None:
        return
    yield repeat
    if ast[3]:
        yield ast[3]
    for predicate in ast[2]:
        yield from columns_of(predicate)


def columns_of(ast: Ast) -> Iterator[str]:
    """The columns of the row at hand that a condition reads; look-ups inside it have rows of their own."""
    if ast[0] == "col":
        if ast[1] != PLACE:
            yield ast[1]
    elif ast[0] != "items":
        for part in parts_of(ast):
            yield from columns_of(part)


def reads_only_earlier_rows(ast: Ast, own: str, repeat: str, places: Container[str]) -> bool:
    """Whether a calculation reads its own question in rows before its own alone: no circle, rows settle in order.

    Seen in `indexed-repeat()` with a number below the row's own, and in conditions such as
    `${row}[position() < position(current()/..)]`. `places` are questions of the repeat that calculate `position(..)`.
    """
    if ast[:2] == ["ref", own]:
        return False
    parts = parts_of(ast)
    if ast[:3] == ["call", "indexed-repeat", ["ref", own]]:
        if len(ast) != 5 or ast[3] != ["ref", repeat] or not _is_before(ast[4], places, 1):
            return False
        parts = [ast[4]]
    elif ast[0] == "items" and own in _read_in_rows(ast):
        conditions = [*_conjuncts(ast[2][0])] if ast[2] else []
        if repeat_of(ast[1]) != repeat or not any(_asks_earlier(condition, places) for condition in conditions):
            return False
    return all(reads_only_earlier_rows(part, own, repeat, places) for part in parts)


def _conjuncts(ast: Ast) -> Iterator[Ast]:
    if ast[0] != "and":
        yield ast
    else:
        for part in ast[1:]:
            yield from _conjuncts(part)


_MIRRORED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "="}


def _asks_earlier(condition: Ast, places: Container[str]) -> bool:
    """Whether a condition on rows, or the number of one, lets through only rows before the one that asks."""
    if condition[:2] == ["call", "number"]:
        return _is_before(condition, places, 1)
    operator = condition[0]
    if operator not in _MIRRORED:
        return False
    left, right = condition[1], condition[2]
    if left != ITEM_PLACE:
        operator, left, right = _MIRRORED[operator], right, left
    return left == ITEM_PLACE and operator in {"<", "<=", "="} and _is_before(right, places, operator != "<")


def _is_before(ast: Ast, places: Container[str], least: float) -> bool:
    """Whether an expression is the number of the row at hand less at least so many."""
    if ast[:2] == ["call", "number"]:
        return _is_before(ast[2], places, least)
    if ast[0] == "-" and ast[2][0] == "n":
        return ast[2][1] >= least and _is_before(ast[1], places, 0)
    is_place = ast in (["call", "position"], ["call", "position", ["n", 0]]) or (ast[0] == "ref" and ast[1] in places)
    return is_place and least <= 0


def calls_of(ast: Ast) -> Iterator[str]:
    """Every function an AST calls."""
    if ast[0] == "call":
        yield ast[1]
    for part in parts_of(ast):
        yield from calls_of(part)


def reads_itself(ast: Ast) -> bool:
    """Whether an AST reads `.` outside `once()`, which alone gives a calculation its earlier value."""
    if ast[0] == "self":
        return True
    return ast[:2] != ["call", "once"] and any(reads_itself(part) for part in parts_of(ast))


def evaluation_order(reads: Mapping[str, Reads]) -> tuple[str, ...]:
    """The settled ids, each after everything it reads; ties keep document order.

    Raises:
        Circle: when there is no such order.
    """
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for id_, own in reads.items():
        sorter.add(id_, *own.inside, *sorted(own.settles))
    try:
        sorter.prepare()
    except CycleError as error:
        raise Circle(list(reversed(error.args[1]))) from error
    places = {id_: place for place, id_ in enumerate(reads)}
    order: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=lambda id_: places.get(id_, -1))
        order += [id_ for id_ in ready if id_ in reads and reads[id_].is_settled]
        sorter.done(*ready)
    return tuple(order)


def dependants_of(reads: Mapping[str, Reads], order: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Id → ids that must be looked at again when its answer or its rows change.

    Settled ids come first, in evaluation order; the rest follow in document order. Sections have no entry.
    """
    settled_by: dict[str, set[str]] = {}
    checked_by: dict[str, set[str]] = {}
    for id_, own in reads.items():
        for read in (*own.settles, *own.inside):
            settled_by.setdefault(read, set()).add(id_)
        for read in own.checks:
            checked_by.setdefault(read, set()).add(id_)
    places = {id_: place for place, id_ in enumerate(dict.fromkeys([*order, *reads]))}
    found: dict[str, tuple[str, ...]] = {}
    for id_, own in reads.items():
        if not own.inside:
            continue
        reached = _reached(id_, settled_by)
        readers = reached.union(*(checked_by.get(changed, set()) for changed in (id_, *reached))) - {id_}
        if readers:
            found[id_] = tuple(sorted(readers, key=lambda one: places[one]))
    return found


def _reached(start: str, settled_by: Mapping[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    ahead = [start]
    while ahead:
        for reader in settled_by.get(ahead.pop(), ()):
            if reader not in reached:
                reached.add(reader)
                ahead.append(reader)
    return reached
