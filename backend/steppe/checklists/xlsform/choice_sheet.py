"""The choices sheet as lists."""

from __future__ import annotations

from steppe.checklists.definition import Choice
from steppe.checklists.expressions.outputs import outputs_of
from steppe.checklists.problems import CellProblem
from steppe.checklists.xlsform.attachments import MediaFiles
from steppe.checklists.xlsform.choice_sources import ListedChoice
from steppe.checklists.xlsform.outline import Outline, Unresolved
from steppe.checklists.xlsform.texts import Languages
from steppe.checklists.xlsform.xlsform import Row, Sheet


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
        """``may_repeat``: whether a list may hold a name twice, as filtered lists do."""
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
            self._fault(row, "name", f"'{name}' is already in the list '{list_name}'.", "Rename one.")
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
        """Notes every ``${question}`` in a label that names none."""
        for held in self.lists.values():
            for listed in held:
                for name in dict.fromkeys(outputs_of(listed.choice.label)):
                    try:
                        outline.named(name)
                    except Unresolved as unresolved:
                        self._fault(listed.row, "label", unresolved.message, unresolved.suggestion)
