"""Small XLSForms for tests, written as rows."""

from collections.abc import Mapping, Sequence

from steppe.checklists.definition import Definition
from steppe.checklists.xlsform.compiler import compile_checklist

Rows = Sequence[Mapping[str, str]]

SETTINGS: Mapping[str, str] = {"form_title": "A form", "form_id": "a_form", "version": "1"}
YES_NO: Rows = (
    {"list_name": "yn", "name": "yes", "label": "Yes"},
    {"list_name": "yn", "name": "no", "label": "No"},
)


def markdown(survey: Rows, choices: Rows = YES_NO, settings: Mapping[str, str] = SETTINGS) -> bytes:
    """An XLSForm in Markdown with these rows; a question without a label gets its name as one."""
    labelled = [
        row if any(key.startswith("label") for key in row) else {**row, "label": row.get("name", "")} for row in survey
    ]
    sheets = {"survey": labelled, "choices": choices, "settings": [settings]}
    return "\n".join(line for name, rows in sheets.items() if rows for line in _sheet(name, rows)).encode()


def _sheet(name: str, rows: Rows) -> list[str]:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    lines = [f"| {name} |", f"| | {' | '.join(columns)} |"]
    for row in rows:
        cells = [row.get(column, "").replace("|", "\\|") for column in columns]
        lines.append(f"| | {' | '.join(cells)} |")
    return lines


def compiled(survey: Rows, choices: Rows = YES_NO, settings: Mapping[str, str] = SETTINGS) -> Definition:
    """The definition of such a form."""
    return compile_checklist(markdown(survey, choices, settings), "a_form.md")


def group(name: str, *rows: Mapping[str, str], **cells: str) -> list[Mapping[str, str]]:
    """Rows inside a group."""
    return [{"type": "begin group", "name": name, **cells}, *rows, {"type": "end group", "label": ""}]


def repeat(name: str, *rows: Mapping[str, str], **cells: str) -> list[Mapping[str, str]]:
    """Rows inside a repeat."""
    return [{"type": "begin repeat", "name": name, **cells}, *rows, {"type": "end repeat", "label": ""}]
