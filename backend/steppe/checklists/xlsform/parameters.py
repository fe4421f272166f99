"""The parameters column: `start=0 end=10`, `rows=5`, `randomize=true, seed=${q}`."""

import re
from typing import Final

from steppe.checklists.definition import QuestionType
from steppe.checklists.xlsform.cells import Cells
from steppe.checklists.xlsform.question_types import TypeEntry

_PARAMETER: Final = re.compile(r"(?P<name>[\w-]+)\s*=\s*(?P<value>\"[^\"]*\"|'[^']*'|[^\s,;]+)")
_SEPARATORS: Final = re.compile(r"[\s,;]*")
_NUMBER: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_RANGE: Final = {"start": 1, "end": 10, "step": 1}
_ABOUT_COLUMNS: Final = frozenset({"value", "label"})

Parameters = dict[str, str | int | float]


def parameters_of(cells: Cells, kind: QuestionType, entry: TypeEntry) -> Parameters | None:
    """The parameters of a question; None without any. A range always has its start, end and step."""
    written = cells.text("parameters")
    found: Parameters = dict(_RANGE) if kind == "range" else {}
    for match in _PARAMETER.finditer(written):
        name = match["name"].lower()
        if name not in entry.parameters:
            near = cells.nearest(name, entry.parameters)
            cells.fault(
                "parameters",
                f"There is no parameter '{name}' for this type.",
                f"Did you mean '{near}'?" if near else "Remove it.",
            )
        elif name not in _ABOUT_COLUMNS:
            found[name] = _value(match["value"])
    if _SEPARATORS.fullmatch(_PARAMETER.sub("", written)) is None:
        cells.fault("parameters", "Parameters are written as name=value.", "Separate them with spaces.")
    if kind == "range":
        _check_range(cells, found)
    if isinstance(found.get("seed"), str):
        ast = cells.parsed("parameters", str(found["seed"]))
        if ast is not None and ast[0] == "ref":
            found["seed"] = f"${{{ast[1]}}}"
    return found or None


def _value(written: str) -> str | int | float:
    text = written.strip("\"'")
    if _NUMBER.fullmatch(text) is None:
        return text
    number = float(text)
    return int(number) if number == int(number) else number


def _check_range(cells: Cells, found: Parameters) -> None:
    start, end, step = found["start"], found["end"], found["step"]
    if isinstance(start, str) or isinstance(end, str) or isinstance(step, str):
        cells.fault("parameters", "start, end and step of a range are numbers.", "Write start=0 end=10 step=1.")
    elif step == 0 or start == end or abs(step) > abs(end - start):
        cells.fault("parameters", "No step fits between start and end.", "Write start=0 end=10 step=1.")
