"""A report laid out for reading: rows within rows, rankings in words, nothing the phone noted by itself."""

from typing import Any

from steppe.checklists.definition import Choice, Question, Table
from steppe.review.report import Report
from steppe.review.schemas import AnswerOut, PartOut
from tests.fixtures_checklist import texts
from tests.fixtures_nested import ANSWERS, DEFINITION


def laid(**changed: Any) -> list[PartOut]:
    report = Report(DEFINITION, {**ANSWERS, **changed}, [], sees_sealed=False, places={})
    [section] = report.sections()
    return section.parts


def answers(parts: list[PartOut]) -> dict[str, AnswerOut]:
    return {part.answer.path: part.answer for part in parts if part.answer}


def test_rows_stand_in_the_rows_they_belong_to() -> None:
    [rooms] = [part for part in laid() if part.repeat]
    assert [[answer.value for answer in row.answers] for row in rooms.rows] == [["Hall", 4.25], ["Cellar"]]
    people = [row.repeats[0].rows for row in rooms.rows]
    assert [[row.answers[0].value for row in rows] for rows in people] == [[30, 40], [50]]
    [papers] = people[0][1].repeats
    assert papers.repeat == texts("Paper")
    assert papers.rows[0].answers[0].path == "room/r1/person/p2/paper/q1/paper_title"


def test_a_ranking_reads_in_its_order() -> None:
    assert answers(laid())["wishes"].labels == [texts("lamp"), texts("table"), texts("chair")]


def test_what_the_phone_or_the_form_notes_is_not_shown() -> None:
    assert not {"start", "colour"} & answers(laid()).keys()


def test_a_choice_from_a_table_has_the_tables_words() -> None:
    asked = Question.model_validate(
        {"id": "school", "type": "select_one", "label": texts("School"), "table": "schools"}
    )
    section = DEFINITION.sections[0].model_copy(update={"nodes": (asked,)})
    tables = {"schools": Table(columns=("name", "label"), rows=(("s1", "School 1"),))}
    definition = DEFINITION.model_copy(update={"sections": (section,), "tables": tables})
    [section_out] = Report(definition, {"school": "s1"}, [], sees_sealed=False, places={}).sections()
    assert answers(section_out.parts)["school"].labels == [{"en": "School 1", "ru": "School 1"}]


def test_a_report_tells_the_words_of_styled_texts() -> None:
    asked = Question.model_validate(
        {"id": "open", "type": "select_one", "label": {"en": "Is it **open**?"}, "list": "yno"}
        | {"soft_message": {"en": "# Look again"}}
    )
    section = DEFINITION.sections[0].model_copy(update={"title": {"en": "_The hall_"}, "nodes": (asked,)})
    choice = Choice(name="no", label={"en": '<span style="color:red">No</span>'})
    definition = DEFINITION.model_copy(update={"sections": (section,), "choices": {"yno": (choice,)}})
    flag = {"path": "open", "question": "open", "kind": "soft", "severity": 1, "answer": "no"}
    report = Report(definition, {"open": "no"}, [flag], sees_sealed=False, places={})
    [section_out] = report.sections()
    assert section_out.title == {"en": "The hall"}
    read = answers(section_out.parts)["open"]
    assert (read.label, read.labels) == ({"en": "Is it open?"}, [{"en": "No"}])
    [noted] = report.noted()
    assert (noted.label, noted.message, noted.answer_label) == (read.label, {"en": "Look again"}, {"en": "No"})
