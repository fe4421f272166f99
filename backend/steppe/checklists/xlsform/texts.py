"""Texts of a checklist in every language, with the gaps named."""

from dataclasses import dataclass
from typing import Final

from steppe.checklists.definition import Texts
from steppe.checklists.expressions.reads import OUTPUT
from steppe.checklists.problems import CellProblem
from steppe.checklists.xlsform.headers import TRANSLATED, language_code
from steppe.checklists.xlsform.xlsform import Row, Sheet, Workbook

_UNNAMED: Final = "en"
"""The language of columns that name none, in a form whose settings name none either."""


@dataclass(frozen=True, slots=True)
class Languages:
    """The languages of a form, the default first. Columns that name no language speak the default."""

    codes: tuple[str, ...]
    default: str

    def texts(self, sheet: Sheet, row: Row, name: str, problems: list[CellProblem]) -> Texts | None:
        """The texts of a translated cell; None when the row has none in any language.

        A language without its text becomes a warning; the default language's text stands in for it.
        """
        written = row.texts.get(name)
        if not written:
            return None
        found = {language or self.default: _tidied(text) for language, text in written.items()}
        fallback = found.get(self.default) or next(iter(found.values()))
        problems += [
            CellProblem(
                sheet.name,
                row.number,
                _header(sheet, name, code, self.default),
                f"The {name} is missing in '{code}'.",
                "Translate it; until then another language stands in.",
                severity="warning",
            )
            for code in self.codes
            if code not in found
        ]
        return {code: found.get(code, fallback) for code in self.codes}

    def same(self, text: str) -> Texts:
        """One text for every language: names that need no translation."""
        return dict.fromkeys(self.codes, text)


def _tidied(text: str) -> str:
    return OUTPUT.sub(lambda match: f"${{{match[1].strip()}}}", text)


def languages_of(workbook: Workbook) -> Languages:
    """The languages a form speaks: those of its text columns, the settings' default first."""
    codes: list[str] = []
    bare = False
    for sheet in (workbook.survey, workbook.choices):
        for column in sheet.columns:
            if column.name in TRANSLATED:
                bare = bare or column.language == ""
                if column.language and column.language not in codes:
                    codes.append(column.language)
    written = workbook.settings.cells.get("default_language", "")
    default = language_code(written) if written and written != "default" else ""
    if default == "":
        default = codes[0] if codes and not bare else _UNNAMED
    return Languages((default, *[code for code in codes if code != default]), default)


def title_texts(workbook: Workbook, languages: Languages, name: str, fallback: Texts) -> Texts:
    """A title of the settings sheet; a language without its own takes the untranslated one."""
    written = workbook.settings.texts.get(name, {})
    plain = written.get("") or written.get(languages.default)
    return {code: written.get(code) or plain or fallback[code] for code in languages.codes}


def _header(sheet: Sheet, name: str, code: str, default: str) -> str:
    """How the file heads the texts of one language; what it should write when it has no such column."""
    for column in sheet.columns:
        if column.name == name and (column.language or default) == code:
            return column.header
    return f"{name}::({code})"
