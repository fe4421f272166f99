"""The page of the tables says what the models say."""

import re

from steppe.tables import metadata
from tests.house.files import ROOT

PAGE = ROOT / "docs/data.md"
KINDS = {"fact", "derived", "setting", "bookkeeping"}
ROW = re.compile(
    r"^\| `(?P<table>\w+)` \| (?P<purpose>[^|]+) \| (?P<columns>[^|]+) \| (?P<kind>[^|]+) \| (?P<grows>[^|]+) \|$",
    re.MULTILINE,
)


def told(page: str) -> dict[str, list[str]]:
    """Tables of the page with their columns, in the order written."""
    return {match["table"]: re.findall(r"`(\w+)`", match["columns"]) for match in ROW.finditer(page)}


def differences(page: str, schema: dict[str, list[str]]) -> list[str]:
    """What page and schema do not say alike."""
    page_tables = told(page)
    return [
        f"{table}: the page says {page_tables.get(table)}, the models say {schema.get(table)}"
        for table in sorted(page_tables.keys() | schema.keys())
        if page_tables.get(table) != schema.get(table)
    ]


def schema() -> dict[str, list[str]]:
    return {table.name: [column.name for column in table.columns] for table in metadata.sorted_tables}


def test_every_table_stands_on_the_page_once_with_every_column() -> None:
    page = PAGE.read_text()
    assert differences(page, schema()) == []
    assert len(ROW.findall(page)) == len(schema())


def test_every_table_is_said_to_be_fact_derived_setting_or_bookkeeping() -> None:
    assert {match["kind"] for match in ROW.finditer(PAGE.read_text())} <= KINDS


def test_the_picture_draws_only_tables() -> None:
    picture = PAGE.read_text().partition("erDiagram\n")[2].partition("```")[0]
    drawn = {
        name for line in picture.splitlines() for name in re.findall(r"^\s*(\w+) \S+ (\w+) :", line) for name in name
    }
    assert drawn
    assert drawn <= schema().keys()


def test_a_column_too_many_and_a_table_too_few_are_found() -> None:
    page = "| `team` | a pair | `id` `code` | setting | nothing |\n"
    assert differences(page, {"team": ["id", "code"]}) == []
    assert len(differences(page, {"team": ["id"], "tally": ["n"]})) == 2
