"""Repeats in repeats as tables, and which questions have a column."""

from datetime import UTC, datetime
from uuid import UUID

from steppe.checklists.evaluation.answers import nested
from steppe.exports.cells import Cell
from steppe.exports.tables import FACTS, Line, tables
from tests.fixtures_nested import ANSWERS, DEFINITION

LINE = Line(UUID(int=1), ("LTO01-A001", *[""] * (len(FACTS) - 1)), ANSWERS, datetime(2021, 1, 10, tzinfo=UTC))


def rows(repeat: str | None) -> list[list[Cell]]:
    [table] = [one for one in tables([DEFINITION], "en") if one.repeat == repeat]
    whole = nested(DEFINITION, ANSWERS)
    return [list(table.header), *table.rows(LINE, DEFINITION, whole)]


def test_a_row_of_a_nested_repeat_names_every_row_it_stands_in() -> None:
    assert rows("person") == [
        ["report", "room", "row", "age"],
        ["LTO01-A001", 1, 1, 30],
        ["LTO01-A001", 1, 2, 40],
        ["LTO01-A001", 2, 1, 50],
    ]
    assert rows("paper") == [
        ["report", "room", "person", "row", "paper_title"],
        ["LTO01-A001", 1, 2, 1, "Passport"],
    ]
    assert rows("room")[1:] == [["LTO01-A001", 1, "Hall", 4.25], ["LTO01-A001", 2, "Cellar", None]]


def test_media_positions_sealed_answers_and_what_the_phone_notes_have_no_column() -> None:
    header, row = rows(None)
    assert header[len(FACTS) :] == ["remark", "wishes", "mood", "colour", "left_at", "seen_at", "seen"]
    assert row[header.index("wishes")] == "lamp table chair"
    assert row[header.index("mood")] == 7


def test_the_code_book_tells_the_words_of_a_styled_text() -> None:
    section = DEFINITION.sections[0]
    nodes = tuple(
        node.model_copy(update={"label": {"en": "## **Any** remark?"}}) if node.id == "remark" else node
        for node in section.nodes
    )
    definition = DEFINITION.model_copy(update={"sections": (section.model_copy(update={"nodes": nodes}),)})
    table = tables([definition], "en")[0]
    assert dict(zip(table.questions, table.labels, strict=True))["remark"] == "Any remark?"


def test_a_repeat_that_was_nested_elsewhere_before_keeps_its_rows() -> None:
    older = DEFINITION.model_copy(
        update={
            "sections": tuple(
                section.model_copy(
                    update={
                        "nodes": tuple(
                            node.model_copy(update={"inside": None}) if node.id == "person" else node
                            for node in section.nodes
                        )
                    }
                )
                for section in DEFINITION.sections
            )
        }
    )
    [table] = [one for one in tables([DEFINITION, older], "en") if one.repeat == "person"]
    answers = {"person": ["p1"], "person/p1/age": 20}
    line = Line(LINE.id, LINE.facts, answers, LINE.received_at)
    assert list(table.rows(line, older, nested(older, answers))) == [["LTO01-A001", None, 1, 20]]
