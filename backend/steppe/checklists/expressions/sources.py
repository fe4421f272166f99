"""What expressions read rows from, a choice list or a table, with an index by column.

`pwa/src/engine/sources.ts` is the twin.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from steppe.checklists.definition import Choice, Definition, Question, Table

PLACE: Final = "position()"
"""The column that every source has: the 1-based places of its rows."""

CHOSEN_FILES: Final = "chosen-files"
"""The table of all rows of the files that an answer chooses among."""
FILE: Final = "file"
"""Its column that says which file a row is of, without `.csv`."""


class Source:
    """Rows with named columns, every cell a string. Columns and their hashes are made when first asked for."""

    __slots__ = ("_column", "_columns", "_places", "size")

    def __init__(self, size: int, column: Callable[[str], list[str]]) -> None:
        self.size = size
        self._column = column
        self._columns: dict[str, list[str]] = {}
        self._places: dict[str, dict[str, list[int]]] = {}

    def column(self, name: str) -> list[str]:
        """The cells of a column in order; of an unknown column, empty ones. `position()` holds the rows' places."""
        cells = self._columns.get(name)
        if cells is None:
            places = map(str, range(1, self.size + 1)) if name == PLACE else self._column(name)
            cells = self._columns[name] = list(places)
        return cells

    def places(self, name: str, text: str) -> Sequence[int]:
        """The 0-based places of the rows with this text in a column, found by hash: a table may have 20,000 rows."""
        places = self._places.get(name)
        if places is None:
            places = self._places[name] = {}
            for at, cell in enumerate(self.column(name)):
                places.setdefault(cell, []).append(at)
        return places.get(text, ())


NO_SOURCES: Final[Mapping[str, Source]] = {}
"""For expressions that stand in no form."""


def sources_of(definition: Definition) -> dict[str, Source]:
    """Every choice list and table by name; a list goes before a table of the same name."""
    sources = {name: of_table(table) for name, table in (definition.tables or {}).items()}
    language = definition.default_language
    sources.update({name: _of_choices(choices, language) for name, choices in definition.choices.items()})
    return sources


def of_table(table: Table) -> Source:
    """A table's rows; cells missing at a row's end are empty."""

    def column(name: str) -> list[str]:
        if name not in table.columns:
            return [""] * len(table.rows)
        at = table.columns.index(name)
        return [row[at] if at < len(row) else "" for row in table.rows]

    return Source(len(table.rows), column)


def _of_choices(choices: tuple[Choice, ...], language: str) -> Source:
    def cell(choice: Choice, name: str) -> str:
        if name == "name":
            return choice.name
        if choice.columns is not None and name in choice.columns:
            return choice.columns[name]
        return choice.label.get(language, "") if name == "label" else ""

    return Source(len(choices), lambda name: [cell(choice, name) for choice in choices])


def offered_labels(definition: Definition, question: Question) -> dict[str, str]:
    """Every choice a question has, before any filter, in order: name → label in the form's default language.

    A table's label stands in `label::English (en)` or `label::en` where there is such a column, else in `label`.
    The first of two choices of the same name counts.
    """
    if question.table is None:
        choices = definition.choices.get(question.list or "", ())
        pairs = [(choice.name, choice.label.get(definition.default_language, "")) for choice in choices]
    else:
        table = (definition.tables or {}).get(question.table)
        if table is None:
            return {}
        source = of_table(table)
        text = _label_column(table, question.text or "label", definition.default_language)
        pairs = list(zip(source.column(question.value or "name"), source.column(text), strict=True))
    labels: dict[str, str] = {}
    for name, label in pairs:
        labels.setdefault(name, label)
    return labels


def _label_column(table: Table, text: str, language: str) -> str:
    for column in table.columns:
        spoken = column.removeprefix(f"{text}::").strip()
        if column.startswith(f"{text}::") and (spoken == language or spoken.endswith(f"({language})")):
            return column
    return text
