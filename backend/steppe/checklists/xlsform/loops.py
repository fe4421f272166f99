"""`begin loop over list`: XLSForm's old way to ask the same questions about every choice of a list.

A loop is written out before anything else reads the survey: a group for the loop, in it a group per choice with the
loop's rows, `%(label)s` and `%(name)s` in their texts replaced. Names then repeat from group to group.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from steppe.checklists.problems import CellProblem
from steppe.checklists.xlsform.choice_sources import ListedChoice
from steppe.checklists.xlsform.xlsform import Row, Sheet

_BEGIN: Final = re.compile(r"begin[ _]+loop(?:[ _]+over)?[ _]+(?P<list>\S+)", re.IGNORECASE)
_EDGE: Final = re.compile(r"(?P<edge>begin|end)[ _]+loop\b.*", re.IGNORECASE)
_SLOT: Final = re.compile(r"%\((?P<part>label|name)\)s")


def without_loops(sheet: Sheet, lists: Mapping[str, Sequence[ListedChoice]], problems: list[CellProblem]) -> Sheet:
    """The sheet with every loop written out; a loop over a list that does not exist becomes a problem."""
    if not any(_EDGE.fullmatch(row.cells.get("type", "")) for row in sheet.rows):
        return sheet
    return replace(sheet, rows=list(_written_out(sheet, sheet.rows, lists, problems)))


def _written_out(
    sheet: Sheet, rows: Sequence[Row], lists: Mapping[str, Sequence[ListedChoice]], problems: list[CellProblem]
) -> Iterator[Row]:
    at = 0
    while at < len(rows):
        row = rows[at]
        begun = _BEGIN.fullmatch(row.cells.get("type", ""))
        if begun is None:
            yield row
            at += 1
            continue
        end = _end_of(rows, at)
        inside = list(_written_out(sheet, rows[at + 1 : end], lists, problems))
        held = lists.get(begun["list"])
        if held is None:
            message = f"There is no choice list '{begun['list']}' to loop over."
            problems.append(CellProblem(sheet.name, row.number, sheet.header("type"), message, "Name a choice list."))
        yield _typed(row, "begin group")
        for listed in held or ():
            label = dict(listed.row.texts.get("label", {}))
            yield Row(
                row.number, {"type": "begin group", "name": listed.choice.name}, {"label": label} if label else {}
            )
            yield from (_filled(one, listed) for one in inside)
            yield Row(row.number, {"type": "end group"})
        yield from (_typed(last, "end group") for last in rows[end : end + 1])
        at = end + 1


def _end_of(rows: Sequence[Row], begin: int) -> int:
    """The place of the row that ends a loop; one behind the last row when none does."""
    depth = 0
    for at in range(begin, len(rows)):
        edge = _EDGE.fullmatch(rows[at].cells.get("type", ""))
        if edge is not None:
            depth += 1 if edge["edge"].lower() == "begin" else -1
        if depth == 0:
            return at
    return len(rows)


def _typed(row: Row, kind: str) -> Row:
    return replace(row, cells={**row.cells, "type": kind})


def _filled(row: Row, listed: ListedChoice) -> Row:
    labels = listed.row.texts.get("label", {})

    def said(language: str, text: str) -> str:
        parts = {"name": listed.choice.name, "label": labels.get(language) or next(iter(labels.values()), "")}
        return _SLOT.sub(lambda slot: parts[slot["part"]], text)

    texts = {
        column: {language: said(language, text) for language, text in written.items()}
        for column, written in row.texts.items()
    }
    return replace(row, texts=texts)
