"""Which answers of several checklist versions may be added up."""

from typing import Any

from steppe.checklists.definition import Choice, Definition, Question, Section
from steppe.summaries.questions import CountedVersion, question_summaries


def texts(text: str) -> dict[str, str]:
    return {"en": text}


def version(name: str, *questions: Question, choices: tuple[str, ...] = ("yes", "no", "not_observed")) -> Definition:
    return Definition(
        id="visit",
        version=name,
        title=texts("Visit"),
        short=texts("Visit"),
        languages=("en",),
        default_language="en",
        kind="polling_station",
        sections=(Section(id="s", title=texts("S"), nodes=questions),),
        choices={"yno": tuple(Choice(name=choice, label=texts(choice)) for choice in choices)},
    )


def question(name: str, kind: str = "select_one", **extra: Any) -> Question:
    return Question.model_validate({"id": name, "type": kind, "label": texts(name), "list": "yno", **extra})


def test_a_question_asked_the_same_way_in_two_versions_is_counted_once_over_both() -> None:
    newer = CountedVersion(version("2", question("sealed_box")), {"sealed_box": {"yes": 2}})
    older = CountedVersion(version("1", question("sealed_box")), {"sealed_box": {"yes": 3, "no": 1}})
    [line] = question_summaries([newer, older])
    assert {choice.name: choice.n for choice in line.choices} == {"yes": 5, "no": 1}
    assert (line.n, line.versions) == (6, ["2", "1"])


def test_other_choices_make_another_question() -> None:
    newer = CountedVersion(version("2", question("q"), choices=("yes", "no", "partly")), {"q": {"yes": 2}})
    older = CountedVersion(version("1", question("q")), {"q": {"yes": 3}})
    lines = question_summaries([newer, older])
    assert [(line.versions, line.n) for line in lines] == [(["2"], 2), (["1"], 3)]


def test_another_type_makes_another_question() -> None:
    newer = CountedVersion(version("2", question("q", "integer")), {"q": {"n": 2, "sum": 9}})
    older = CountedVersion(version("1", question("q")), {"q": {"yes": 3}})
    assert [line.type for line in question_summaries([newer, older])] == ["integer", "select_one"]


def test_not_observed_and_not_applicable_stand_apart_from_the_answers() -> None:
    definition = version("1", question("q"), choices=("yes", "no", "not_observed", "not_applicable"))
    counts = {"q": {"yes": 4, "not_observed": 7, "not_applicable": 2}}
    [line] = question_summaries([CountedVersion(definition, counts)])
    assert [choice.name for choice in line.choices] == ["yes", "no"]
    assert (line.n, line.not_observed, line.not_applicable) == (4, 7, 2)


def test_what_may_identify_a_source_is_never_a_line() -> None:
    definition = version("1", question("source", sealed=True), question("where", location="region"), question("q"))
    counts = {"source": {"yes": 1}, "where": {"yes": 1}, "q": {"yes": 1}}
    assert [line.id for line in question_summaries([CountedVersion(definition, counts)])] == ["q"]


def test_numbers_have_a_count_and_a_total_and_no_mean() -> None:
    counts = {"added": {"n": 3, "sum": 0.3, "sumsq": 1.0}, "flags": {"added": {"1": 2}}}
    [line] = question_summaries([CountedVersion(version("1", question("added", "decimal")), counts)])
    assert (line.n, line.total, line.flags["1"]) == (3, 0.3, 2)
    assert not {"mean", "share", "rate"} & set(line.model_dump())


def test_flags_of_a_choice_tell_its_severity() -> None:
    asked = question("q", negative={"no": 3})
    [line] = question_summaries([CountedVersion(version("1", asked), {"q": {"no": 1}})])
    assert {choice.name: choice.severity for choice in line.choices} == {"yes": 0, "no": 3}
