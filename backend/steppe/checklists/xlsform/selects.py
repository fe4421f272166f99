"""A row of type select: what its type cell names (list, file, table), its `choice_filter`, its `search()`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import PurePath
from typing import Final

from steppe.checklists.definition import Ast, Choice, QuestionType, Texts
from steppe.checklists.expressions.chains import chain
from steppe.checklists.expressions.paths import nodes_of_ast
from steppe.checklists.expressions.sources import CHOSEN_FILES, FILE, PLACE
from steppe.checklists.xlsform.cells import Cells
from steppe.checklists.xlsform.choice_sources import EXTERNAL_CHOICES, ListedChoice
from steppe.checklists.xlsform.outline import Place, Unresolved
from steppe.checklists.xlsform.question_types import EXTERNAL, FROM_FILE, SELECT_ENTRIES, TypeEntry
from steppe.checklists.xlsform.tables import SUFFIXES
from steppe.checklists.xlsform.xlsform import Row
from steppe.missions.texts import FALLBACK, catalogue_text

_SELECT: Final = re.compile(
    rf"(?P<kind>{'|'.join(sorted(map(re.escape, SELECT_ENTRIES), key=len, reverse=True))})\s+(?P<list>\S+)(?P<rest>.*)",
    re.IGNORECASE,
)
_OTHER: Final = re.compile(r"\s+(?:or[ _]other|or[ _]specify[ _]other)\s*", re.IGNORECASE)
_SEARCH: Final = re.compile(r"search\s*\((?P<inside>.*)\)\s*$", re.IGNORECASE | re.DOTALL)
_LISTING: Final = frozenset({"select_multiple", "rank"})
_TESTS: Final = {"contains": "contains", "startswith": "starts-with", "endswith": "ends-with", "matches": "="}


@dataclass(slots=True)
class Selecting:
    """A select's type and the parts of its question that say what is offered.

    Attributes:
        names: the names of its choices; empty when a table holds them.
        parts: fields of the question: list or table, value, text, filter.
        has_other: whether a text question for other answers follows.
    """

    kind: QuestionType
    entry: TypeEntry
    names: frozenset[str] = frozenset()
    parts: dict[str, object] = field(default_factory=dict)
    has_other: bool = False


def selecting(cells: Cells) -> Selecting | None:
    """What a select row offers; None when the row is no select with a list."""
    match = _SELECT.fullmatch(cells.text("type"))
    if match is None:
        return None
    written = match["kind"].lower()
    entry = SELECT_ENTRIES[written]
    found = Selecting(entry.becomes or "select_one", entry)
    rest = match["rest"]
    if rest.strip() and not _OTHER.fullmatch(rest):
        cells.fault("type", f"'{rest.strip()}' after the list's name is not understood.", "Write or_other, or nothing.")
    if "${" in match["list"]:
        _from_rows(cells, match["list"], found)
    elif written in EXTERNAL:
        _external(cells, match["list"], found)
    elif written in FROM_FILE or PurePath(match["list"]).suffix.lower() in SUFFIXES:
        _from_file(cells, match["list"], found)
    elif not _searched(cells, match["list"], found):
        _from_list(cells, match["list"], found, has_other=_OTHER.fullmatch(rest) is not None)
    return found


def _filter(cells: Cells, source: str, *, of_list: bool = False) -> Ast | None:
    written = cells.text("choice_filter")
    parsed = cells.read("choice_filter", written, in_rows=True) if written else None
    if parsed is None:
        return None
    # The sheet of external choices is a list too: a column that it lacks reads as empty.
    if source == EXTERNAL_CHOICES:
        known = cells.form.sources.tables[source].columns
        for name, position in parsed.columns:
            if name not in known:
                cells.warn("choice_filter", f"The sheet has no column '{name}'.", "Add it.", position + 1)
        return parsed.ast
    cells.check_columns("choice_filter", source, parsed.columns, of_list=of_list)
    return parsed.ast


def spoken(cells: Cells, key: str) -> Texts:
    """A text the author did not write, by language of the form; in English, with a warning, where we have none."""
    fallback = catalogue_text(key, FALLBACK) or ""
    found = {code: catalogue_text(key, code) for code in cells.form.languages.codes}
    if missing := [code for code, text in found.items() if text is None]:
        cells.warn(
            "type",
            f"'{fallback}' stands in English: there is no text of ours in {', '.join(missing)}.",
            "Write the choice 'other' and a text question after it yourself, in every language.",
        )
    return {code: text or fallback for code, text in found.items()}


def _from_list(cells: Cells, name: str, found: Selecting, *, has_other: bool) -> None:
    held = cells.form.sources.lists.get(name)
    if held is None:
        near = cells.nearest(name, cells.form.sources.lists)
        cells.fault(
            "type",
            f"There is no choice list '{name}'.",
            f"Did you mean '{near}'?" if near else "Add its choices to the choices sheet.",
        )
        return
    listing = cells.form.sources.names(name) if found.kind in _LISTING else ()
    spaced = min((one for one in listing if re.search(r"\s", one)), default=None)
    if spaced is not None:
        cells.fault("type", f"The choice '{spaced}' of '{name}' has a space in its name.", "Write _ instead.")
    if has_other and "other" not in cells.form.sources.names(name):
        labels = spoken(cells, "other")
        held.append(ListedChoice(Choice(name="other", label=labels), Row(0)))
    found.has_other = has_other
    found.names = cells.form.sources.names(name)
    found.parts = {"list": name, "filter": _filter(cells, name, of_list=True)}


def _from_file(cells: Cells, name: str, found: Selecting) -> None:
    cells.attach("type", name)
    stem, suffix = PurePath(name).stem, PurePath(name).suffix.lower()
    written = dict(re.findall(r"\b(value|label)\s*=\s*([^\s,;]+)", cells.text("parameters")))
    usual = ("id", "title") if suffix == ".geojson" else ("name", "label")
    value, text = written.get("value", usual[0]), written.get("label", usual[1])
    table = cells.form.sources.tables.get(stem)
    if table is not None:
        cells.check_columns("type", stem, [(value, -1)], of_list=False)
        if stem in cells.form.sources.absent:
            cells.check_columns("type", stem, [(text, -1)], of_list=False)
            table = cells.form.sources.tables[stem]
        if not any(column.split("::")[0].strip() == text for column in table.columns):
            near = get_close_matches(text, table.columns, n=1)
            advice = f"Did you mean '{near[0]}'?" if near else "Name it in the parameters: label=column."
            cells.fault("type", f"The table '{stem}' has no column '{text}' to show.", advice)
    found.parts = {
        "table": stem,
        "value": None if value == "name" else value,
        "text": None if text == "label" else text,
        "filter": _filter(cells, stem),
    }


def _from_rows(cells: Cells, written: str, found: Selecting) -> None:
    """`select_one ${name}`: what the rows of a repeat answered; their questions are the columns of the filter."""
    try:
        asked = cells.form.outline.named(written.strip("${} "))
    except Unresolved as unresolved:
        cells.fault("type", unresolved.message, unresolved.suggestion)
        return
    repeat = next(iter(asked.repeats()), None)
    if asked.kind != "question" or repeat is None:
        cells.fault("type", f"'{asked.name}' is no question of a repeat.", "Name a question that rows answer.")
        return
    if found.kind != "select_one":
        cells.fault("type", "Several answers of a repeat's rows cannot be chosen.", "Write select_one.")
    found.parts = {"rows": asked.id, "filter": _row_filter(cells, repeat)}


def _row_filter(cells: Cells, repeat: Place) -> Ast | None:
    written = cells.text("choice_filter")
    parsed = cells.read("choice_filter", written, in_rows=True) if written else None
    if parsed is None:
        return None
    for reference in parsed.references:
        place = cells.form.outline.place(str(reference.node[1]))
        if reference.route is None and place is not None and place.repeats()[:1] == [repeat]:
            reference.node[:] = ["col", place.id]
    inside = {place.name: place for place in cells.form.outline.inside(repeat)}
    for node in nodes_of_ast(parsed.ast):
        if node[0] == "col" and node[1] in inside:
            node[1] = inside[node[1]].id
    for name, position in parsed.columns:
        if name not in inside and name != PLACE:
            near = cells.nearest(name, inside)
            advice = f"Did you mean '{near}'?" if near else "Write ${question}."
            cells.fault("choice_filter", f"The rows of '{repeat.name}' have no '{name}'.", advice, position + 1)
    return parsed.ast


def _external(cells: Cells, name: str, found: Selecting) -> None:
    table = cells.form.sources.tables.get(EXTERNAL_CHOICES)
    if table is None or "list_name" not in table.columns:
        cells.fault("type", "There is no external_choices sheet with a list_name column.", "Add it to the file.")
        return
    at = table.columns.index("list_name")
    lists = {row[at] for row in table.rows}
    if name not in lists:
        near = cells.nearest(name, lists)
        cells.fault(
            "type",
            f"There is no external choice list '{name}'.",
            f"Did you mean '{near}'?" if near else "Add it to the external_choices sheet.",
        )
    own: Ast = ["=", ["col", "list_name"], ["s", name]]
    written = _filter(cells, EXTERNAL_CHOICES)
    found.parts = {"table": EXTERNAL_CHOICES, "filter": own if written is None else chain("and", [own, written])}


def _searched(cells: Cells, list_name: str, found: Selecting) -> bool:
    """`search('file', …)`: the list's one row names the columns of the file that hold names and labels."""
    match = _SEARCH.search(cells.text("appearance"))
    held = cells.form.sources.lists.get(list_name)
    if match is None or held is None:
        return False
    # concat( is as long as search( is, so that places in the cell stay right.
    start = match.start()
    call = cells.parsed("appearance", " " * start + "concat(" + match[0].partition("(")[2])
    if call is None:
        return True
    arguments = call[2:]
    if len(arguments) not in {1, 4, 6}:
        cells.fault("appearance", "This search() is not understood.", "Write search('file', 'matches', 'column', …).")
        return True
    is_named = arguments[0][0] == "s"
    file = str(arguments[0][1]).removesuffix(".csv") if is_named else CHOSEN_FILES
    if is_named:
        cells.attach("appearance", f"{file}.csv")
    named = next((one.choice for one in held if not re.fullmatch(r"-?\d+", one.choice.name)), None)
    if named is None:
        cells.fault("type", f"The list '{list_name}' names no columns of '{file}.csv'.", "Write them as a choice.")
        return True
    label = named.label[cells.form.languages.default].split(",")[0].strip()
    if not is_named:
        cells.choose_file("appearance", [named.name, label, *_columns_searched(arguments)])
    cells.check_columns("appearance", file, [(named.name, -1), (label, -1)], of_list=False)
    if len(held) > 1:
        cells.warn("type", f"Only choices of '{file}.csv' are offered, not the others of '{list_name}'.")
    tests = _search_filter(cells, file, arguments)
    found.parts = {"table": file, "value": named.name, "text": label, "filter": tests}
    if not is_named:
        of_file: Ast = ["=", ["col", FILE], arguments[0]]
        found.parts["filter"] = of_file if tests is None else chain("and", [of_file, tests])
    return True


def _columns_searched(arguments: list[Ast]) -> list[str]:
    written = [str(argument[1]) for argument in (*arguments[2:3], *arguments[4:5])]
    return [name.strip() for names in written for name in names.split(",")]


def _search_filter(cells: Cells, file: str, arguments: list[Ast]) -> Ast | None:
    if len(arguments) == 1:
        return None
    test = _TESTS.get(str(arguments[1][1]).lower())
    if test is None:
        cells.fault("appearance", f"search() has no '{arguments[1][1]}'.", f"Write {', '.join(_TESTS)}.")
        return None
    filtered = _tested(cells, file, test, arguments[2], arguments[3])
    if len(arguments) == 6:
        filtered = chain("and", [filtered, _tested(cells, file, "=", arguments[4], arguments[5])])
    return filtered


def _tested(cells: Cells, file: str, test: str, columns: Ast, value: Ast) -> Ast:
    names = [name.strip() for name in str(columns[1]).split(",")]
    cells.check_columns("appearance", file, [(name, -1) for name in names], of_list=False)
    tests: list[Ast] = [
        ["=", ["col", name], value] if test == "=" else ["call", test, ["col", name], value] for name in names
    ]
    return chain("or", tests)
