"""A checklist longer than any in the field: a thousand questions in ten sections, ten more in every row of a repeat."""

from pathlib import Path

SECTIONS = 10
PER_SECTION = 100
IN_A_ROW = 10
MARKED = (3, 50)

HEAD = "| | type | name | label::English (en) | label::Russian (ru) | hint::English (en) | hint::Russian (ru) | "
COLUMNS = "relevant | negative | appearance | short_form |"


def _row(*cells: str) -> str:
    return "| | " + " | ".join(cells) + " |"


def _question(section: int, number: int) -> str:
    name = f"q{section}_{number}"
    kind = ("select_one yno", "integer", "text")[number % 3]
    negative = "no:3" if kind.startswith("select") else ""
    marked = "yes" if section == 1 and number in MARKED else ""
    texts = (f"Question {number} of part {section}", f"Вопрос {number} части {section}")
    hints = ("Ballot boxes", "Ящики для бюллетеней") if number == PER_SECTION else ("", "")
    return _row(kind, name, *texts, *hints, "", negative, "", marked)


def _section(section: int) -> list[str]:
    names = (f"part{section}", f"Part {section}", f"Часть {section}")
    return [
        _row("begin_group", *names, "", "", "", "", "", ""),
        *(_question(section, number) for number in range(1, PER_SECTION + 1)),
        _row("end_group", *[""] * 9),
    ]


def _repeat() -> list[str]:
    inside = [
        _row("text", f"o{number}", f"Detail {number}", f"Деталь {number}", *[""] * 6)
        for number in range(1, IN_A_ROW + 1)
    ]
    return [
        _row("begin_group", "people", "People", "Люди", *[""] * 6),
        _row("begin_repeat", "officer", "Officer", "Сотрудник", *[""] * 6),
        *inside,
        _row("end_repeat", *[""] * 9),
        _row("text", "comment", "Comment", "Комментарий", "", "", "", "", "multiline", ""),
        _row("end_group", *[""] * 9),
    ]


def write_long_form(folder: Path) -> Path:
    """Write the checklist as a spreadsheet of Markdown tables; returns its path."""
    choices = [
        ("yno", "yes", "Yes", "Да"),
        ("yno", "no", "No", "Нет"),
        ("yno", "not_observed", "Not observed", "Не наблюдалось"),
    ]
    lines = [
        "| survey |",
        HEAD + COLUMNS,
        *(line for section in range(1, SECTIONS + 1) for line in _section(section)),
        *_repeat(),
        "",
        "| choices |",
        _row("list_name", "name", "label::English (en)", "label::Russian (ru)"),
        *(_row(*choice) for choice in choices),
        "",
        "| settings |",
        _row("form_title", "form_id", "version", "default_language", "kind", "form_title::Russian (ru)")
        + " short_title::English (en) | short_title::Russian (ru) |",
        _row("Long checklist", "long_checklist", "1", "English (en)", "other", "Длинный лист") + " Long | Длинный |",
    ]
    path = folder / "long_checklist.md"
    path.write_text("\n".join(lines) + "\n")
    return path
