"""A small form as its author writes it: with mistakes, mended, and changed for a second version."""

from pathlib import Path

from openpyxl import Workbook

HEADER = [
    "type",
    "name",
    "label::English (en)",
    "label::Russian (ru)",
    "label::Kazakh (kk)",
    "relevant",
    "constraint",
    "calculation",
    "negative",
]
YES_NO = [["yn", "yes", "Yes", "Да", "Иә"], ["yn", "no", "No", "Нет", "Жоқ"]]
NOT_OBSERVED = ["yn", "not_observed", "Not observed", "Не наблюдалось", "Байқалмады"]


def _write(path: Path, version: str, survey: list[list[str]], choices: list[list[str]]) -> Path:
    book = Workbook()
    book.remove(book.worksheets[0])
    named = {
        "survey": [HEADER, *survey],
        "choices": [["list_name", "name", *HEADER[2:5]], *choices],
        "settings": [
            [*(column.replace("label", "form_title") for column in HEADER[2:5]), "form_id", "version", "kind"],
            ["Door check", "Проверка двери", "Есікті тексеру", "door_check", version, "meeting"],
        ],
    }
    for name, rows in named.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def _survey(
    *, opened: str = "Did it open on time?", why: str = "${opened} = 'no'", accepted: str = ". >= 0"
) -> list[list[str]]:
    return [
        ["begin_group", "door", "The door", "Дверь", "Есік"],
        ["select_one yn", "opened", opened, "Открылся вовремя?", "Уақытында ашылды ма?", "", "", "", "no:2"],
        ["text", "why", "Why not?", "Почему нет?", "Неге?", why],
        ["integer", "women", "Women", "Женщин", "Әйелдер", "", ". >= 0"],
        ["integer", "men", "Men", "Мужчин", "Ерлер", "", accepted],
        ["calculate", "members", "", "", "", "", "", "coalesce(${women}, 0) + coalesce(${men}, 0)"],
        ["end_group"],
    ]


def faulty_form(folder: Path) -> Path:
    """Write the form with a misspelt reference in row 4 and half a constraint in row 6; returns the .xlsx."""
    return _write(folder / "door_check.xlsx", "1", _survey(why="${opend} = 'no'", accepted=". >="), YES_NO)


def mended_form(folder: Path) -> Path:
    """Write the form as it is published first."""
    return _write(folder / "door_check.xlsx", "1", _survey(), YES_NO)


def second_form(folder: Path) -> Path:
    """Write the second version: another wording and another choice for `opened`."""
    survey = _survey(opened="Did the station open on time?")
    return _write(folder / "door_check.xlsx", "2", survey, [*YES_NO, NOT_OBSERVED])
