"""The choices sheet read into lists, the external_choices sheet and attached files into tables: all a form may read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import PurePath
from typing import Final, TypeAlias

from steppe.checklists.definition import Choice, Table
from steppe.checklists.expressions.reads import outputs_of
from steppe.checklists.expressions.sources import CHOSEN_FILES, FILE, PLACE
from steppe.checklists.problems import CellProblem
from steppe.checklists.xlsform.attachments import Beside, MediaFiles
from steppe.checklists.xlsform.outline import Outline, Unresolved
from steppe.checklists.xlsform.tables import BYTES, ROWS, SUFFIXES, TableFault, read_table, weight
from steppe.checklists.xlsform.texts import Languages
from steppe.checklists.xlsform.xlsform import Row, Sheet

EXTERNAL_CHOICES: Final = "external_choices"
"""The table that holds the external_choices sheet."""
_TWICE: Final = "Rename one; if a choice_filter tells them apart, set allow_choice_duplicates to yes in the settings."
_OF_EVERY_LIST: Final = ("name", "label", PLACE)

Fault: TypeAlias = tuple[str, str]
"""What is wrong, and what to do."""


@dataclass(slots=True)
class ListedChoice:
    """A choice with the row it was written in."""

    choice: Choice
    row: Row


class ChoiceReader:
    """Reads the rows of the choices sheet once, noting every fault and going on."""

    def __init__(
        self,
        sheet: Sheet,
        languages: Languages,
        media: MediaFiles,
        problems: list[CellProblem],
        *,
        may_repeat: bool,
    ) -> None:
        """`may_repeat`: whether a list may hold a name twice, as filtered lists do."""
        self.lists: dict[str, list[ListedChoice]] = {}
        self._sheet = sheet
        self._languages = languages
        self._media = media
        self._problems = problems
        self._may_repeat = may_repeat
        self._names: set[tuple[str, str]] = set()
        for row in sheet.rows:
            self._read(row)

    def _read(self, row: Row) -> None:
        list_name, name = row.cells.get("list_name", ""), row.cells.get("name", "")
        if list_name == "":
            if name:
                self._fault(row, "list_name", "This choice belongs to no list.", "Write its list_name.")
            return
        held = self.lists.setdefault(list_name, [])
        label = self._languages.texts(self._sheet, row, "label", self._problems)
        media = self._media.of_row(self._sheet, row, self._languages.codes, self._languages.default, self._problems)
        if name == "":
            self._fault(row, "name", "This choice has no name.", "Write a short name.")
        elif not self._may_repeat and (list_name, name) in self._names:
            self._fault(row, "name", f"'{name}' is already in the list '{list_name}'.", _TWICE)
        elif label is None and media is None:
            self._fault(row, "label", "This choice has no label: its name is shown.", "Write a label.", "warning")
        self._names.add((list_name, name))
        held.append(ListedChoice(Choice(name=name, label=label or self._languages.same(name), media=media), row))

    def _fault(self, row: Row, column: str, message: str, suggestion: str, severity: str = "problem") -> None:
        self._problems.append(
            CellProblem(
                self._sheet.name,
                row.number,
                self._sheet.header(column),
                message,
                suggestion,
                severity="warning" if severity == "warning" else "problem",
            )
        )

    def check_outputs(self, outline: Outline) -> None:
        """Notes every `${question}` in a label that names none."""
        for held in self.lists.values():
            for listed in held:
                for name in dict.fromkeys(outputs_of(listed.choice.label)):
                    try:
                        outline.named(name)
                    except Unresolved as unresolved:
                        self._fault(listed.row, "label", unresolved.message, unresolved.suggestion)


@dataclass(frozen=True, slots=True)
class ChosenFiles:
    """The files that an answer may choose among, what is wrong with others (told once), and with all of it."""

    files: tuple[str, ...]
    left_out: tuple[Fault, ...]
    fault: Fault | None


@dataclass(slots=True)
class Sources:
    """The lists and tables of one form.

    Attributes:
        lists: choice list → its choices in order.
        tables: table → its rows; those attached are read when something first asks for them.
        needed: choice list → columns that filters and lookups read.
        used: choice lists that lookups read.
        absent: tables that something stands in for until their file is attached.
    """

    sheet: Sheet
    beside: Beside
    lists: dict[str, list[ListedChoice]] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    needed: dict[str, set[str]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    absent: set[str] = field(default_factory=set)
    _files: dict[str, Table | Fault] | None = None
    _chosen_by: list[frozenset[str]] = field(default_factory=list)
    _refused: set[str] = field(default_factory=set)
    _names: dict[str, tuple[int, frozenset[str]]] = field(default_factory=dict)

    def names(self, list_name: str) -> frozenset[str]:
        """The names of a list's choices, gathered once: two hundred questions may share a list of thousands."""
        held = self.lists[list_name]
        size, names = self._names.get(list_name, (-1, frozenset()))
        if size != len(held):
            names = frozenset(one.choice.name for one in held)
            self._names[list_name] = len(held), names
        return names

    def add_external(self, sheet: Sheet) -> None:
        """The external_choices sheet as a table, its headers kept as written but for the name of the list."""
        if not sheet.rows:
            return
        known = {"list_name": "list_name", "name": "name"}
        names = {column.header: known.get(column.name, column.header) for column in sheet.columns}
        rows = tuple(tuple(row.raw.get(header, "") for header in names) for row in sheet.rows)
        self.tables[EXTERNAL_CHOICES] = Table(columns=tuple(names.values()), rows=rows)

    def attach(self, name: str) -> Fault | None:
        """Reads an attached table, once; what is wrong with it, also once."""
        stem = PurePath(name).stem
        if stem in self.tables or stem in self._refused:
            return None
        self._refused.add(stem)
        content = self.beside.read(name)
        if content is None:
            if self.beside.stands_in:
                self.absent.add(stem)
                self.tables[stem] = Table(columns=("name", "label"), rows=((name, name),))
            return self.beside.missing(name)
        try:
            table = read_table(name, content)
        except TableFault as fault:
            return fault.message, fault.suggestion
        return self._keep(name, table)

    def _keep(self, name: str, table: Table) -> Fault | None:
        rows = len(table.rows) + sum(len(held.rows) for held in self.tables.values())
        size = weight(table) + sum(weight(held) for held in self.tables.values())
        if rows > ROWS or size > BYTES:
            return (
                f"With '{name}' the tables have {rows} rows and {size} bytes; {ROWS} rows and {BYTES} bytes fit.",
                "Leave out rows and columns that nobody needs.",
            )
        self.tables[PurePath(name).stem] = table
        return None

    def choose_file(self, columns: Sequence[str]) -> ChosenFiles:
        """Puts the rows of all attached CSV files with these columns into one table."""
        self._chosen_by.append(frozenset(columns))
        attached = self._attached()
        held = {
            name: table
            for name, table in attached.items()
            if isinstance(table, Table) and any(wanted.issubset(table.columns) for wanted in self._chosen_by)
        }
        # Nothing says that a file which cannot be read is meant: it may be another form's.
        left_out = [table for table in attached.values() if not isinstance(table, Table)]
        every = list(dict.fromkeys(column for wanted in self._chosen_by for column in sorted(wanted)))
        if not any(self._chosen_by[-1].issubset(table.columns) for table in held.values()):
            if self.beside.stands_in:
                self.absent.add(CHOSEN_FILES)
                self.tables[CHOSEN_FILES] = Table(columns=(FILE, *every), rows=(("", *every),))
            wanted = ", ".join(f"'{name}'" for name in columns)
            missing = f"No file with the columns {wanted} is attached.", "Attach every file that the answer may name."
            for message, suggestion in left_out[:1]:
                missing = f"No file with the columns {wanted} can be read. {message}", suggestion
            return ChosenFiles((), (), missing)
        self.tables.pop(CHOSEN_FILES, None)
        fault = self._keep(CHOSEN_FILES, Table(columns=(FILE, *every), rows=tuple(_rows_of(held, every))))
        told = () if len(self._chosen_by) > 1 else tuple(left_out)
        return ChosenFiles(tuple(held), told, fault)

    def _attached(self) -> Mapping[str, Table | Fault]:
        """Every attached CSV file by its name without ending, or what is wrong with it; read once."""
        if self._files is None:
            self._files = {}
            for name in self.beside.names():
                content = self.beside.read(name) if name.lower().endswith(".csv") else None
                if content is not None:
                    self._files[PurePath(name).stem] = _table_or_fault(name, content)
        return self._files

    def look_up(self, source: str) -> Fault | None:
        """Makes sure that a list or table that an expression reads is there."""
        if source in self.lists:
            self.used.add(source)
            return None
        if source in self.tables or source in self._refused:
            return None
        for suffix in SUFFIXES:
            if self.beside.read(f"{source}{suffix}") is not None:
                return self.attach(f"{source}{suffix}")
        near = get_close_matches(source, [*self.lists, *self.tables], n=1)
        if near:
            return f"There is no list or table '{source}'.", f"Did you mean '{near[0]}'?"
        return self.attach(f"{source}.csv")

    def list_column(self, source: str, name: str) -> Fault | None:
        """Keeps a column of a choice list in the definition; what is odd when no choice has it: it reads as empty."""
        if name in _OF_EVERY_LIST or source not in self.lists:
            return None
        self.needed.setdefault(source, set()).add(name)
        columns = [column.header for column in self.sheet.columns]
        return None if name in columns else _no_column("The choices sheet", name, columns)

    def table_column(self, source: str, name: str) -> Fault | None:
        """What is wrong with reading a column of a table; one that stands in for a file has every column asked for."""
        if source in self.absent and name not in {*self.tables[source].columns, PLACE}:
            held = self.tables[source]
            self.tables[source] = Table(columns=(*held.columns, name), rows=((*held.rows[0], held.rows[0][0]),))
        columns = (*self.tables[source].columns, PLACE) if source in self.tables else (name,)
        return None if name in columns else _no_column(f"The table '{source}'", name, columns)

    def choices(self, lists: set[str]) -> dict[str, tuple[Choice, ...]]:
        """The choices of these lists and of those that lookups read, with the columns that something reads."""
        found: dict[str, tuple[Choice, ...]] = {}
        for name, held in self.lists.items():
            if name in lists or name in self.used:
                needed = sorted(self.needed.get(name, ()))
                found[name] = tuple(_with_columns(listed, needed) for listed in held)
        return found


def _table_or_fault(name: str, content: bytes) -> Table | Fault:
    try:
        return read_table(name, content)
    except TableFault as fault:
        return fault.message, fault.suggestion


def _rows_of(held: Mapping[str, Table], columns: list[str]) -> Iterator[tuple[str, ...]]:
    """The rows of several tables one after the other, each behind the name of its table."""
    for stem, table in held.items():
        places = [table.columns.index(column) if column in table.columns else None for column in columns]
        for row in table.rows:
            yield stem, *("" if place is None else row[place] for place in places)


def _no_column(where: str, name: str, columns: Sequence[str]) -> Fault:
    near = get_close_matches(name, columns, n=1)
    return f"{where} has no column '{name}'.", (
        f"Did you mean '{near[0]}'?" if near else f"Its columns: {', '.join(columns)}."
    )


def _with_columns(listed: ListedChoice, needed: list[str]) -> Choice:
    columns = {column: listed.row.raw[column] for column in needed if column in listed.row.raw}
    return listed.choice.model_copy(update={"columns": columns}) if columns else listed.choice
