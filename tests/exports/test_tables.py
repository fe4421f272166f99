"""Repeats in repeats as tables, and which questions have a column."""

from datetime import UTC, datetime
from uuid import UUID

from steppe.checklists.definition import Question, Repeat, Section
from steppe.checklists.evaluation.answers import nested
from steppe.exports.cells import Cell
from steppe.exports.tables import FACTS, FILES_LABEL, Line, Table, tables
from tests.fixtures_checklist import question, texts
from tests.fixtures_nested import ANSWERS, DEFINITION, PICTURE

LINE = Line(UUID(int=1), ("LTO01-A001", *[""] * (len(FACTS) - 1)), ANSWERS, datetime(2021, 1, 10, tzinfo=UTC))


def rows(repeat: str | None) -> list[list[Cell]]:
    [table] = [one for one in tables([DEFINITION], "en") if one.repeat == repeat]
    whole = nested(DEFINITION, ANSWERS)
    return [list(table.header), *table.rows(LINE, DEFINITION, whole)]


def test_a_row_of_a_nested_repeat_names_every_row_it_stands_in() -> None:
    assert rows("person") == [
        ["report", "room", "row", "files", "age"],
        ["LTO01-A001", 1, 1, 0, 30],
        ["LTO01-A001", 1, 2, 0, 40],
        ["LTO01-A001", 2, 1, 0, 50],
    ]
    assert rows("paper") == [
        ["report", "room", "person", "row", "paper_title"],
        ["LTO01-A001", 1, 2, 1, "Passport"],
    ]
    assert rows("room")[1:] == [["LTO01-A001", 1, "Hall", 4.25], ["LTO01-A001", 2, "Cellar", None]]


def test_positions_sealed_answers_and_what_the_phone_notes_have_no_column_and_files_are_counted() -> None:
    header, row = rows(None)
    assert header[len(FACTS) :] == ["files", "remark", "wishes", "mood", "colour", "left_at", "seen_at", "seen"]
    assert row[header.index("wishes")] == "lamp table chair"
    assert row[header.index("mood")] == 7
    assert row[header.index("files")] == 1


def photo_tables(*photos: Question) -> list[Table]:
    nodes = (question("remark", "text"), Repeat(id="photos", label=texts("Photos"), questions=photos))
    section = Section(id="visit", title=texts("Visit"), nodes=nodes)
    return tables([DEFINITION.model_copy(update={"sections": (section,)})], "en")


def test_photos_in_rows_are_counted_by_report_and_by_row_with_captions_or_without() -> None:
    answers = {"photos": ["r1", "r2"], "photos/r1/page": PICTURE, "photos/r2/caption": "still to be taken"}
    line = Line(LINE.id, LINE.facts, answers, LINE.received_at)
    whole = {"photos": [{"page": PICTURE}, {"caption": "still to be taken"}]}
    report, rows = photo_tables(question("page", "photo"), question("caption", "text"))
    assert [row[len(FACTS) :] for row in report.rows(line, DEFINITION, whole)] == [[1, None]]
    assert rows.header == ("report", "row", "files", "caption")
    definition = DEFINITION.model_copy(update={"sections": ()})
    counted = [["LTO01-A001", 1, 1, None], ["LTO01-A001", 2, 0, "still to be taken"]]
    assert list(rows.rows(line, definition, whole)) == counted
    assert rows.code_book == [("files", FILES_LABEL), ("caption", "caption")]
    _, bare = photo_tables(question("page", "photo"))
    assert list(bare.rows(line, definition, whole)) == [row[:3] for row in counted]


def test_that_there_is_a_sealed_photo_is_told_nowhere() -> None:
    [report] = photo_tables(question("page", "photo", sealed=True))
    assert "files" not in report.header


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
    assert list(table.rows(line, older, nested(older, answers))) == [["LTO01-A001", None, 1, 0, 20]]
