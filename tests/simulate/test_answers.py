from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steppe.checklists.definition import Choice, Definition, Question, Section
from steppe.checklists.evaluation.answers import check_answers
from steppe.checklists.evaluation.evaluation import evaluate
from steppe.checklists.evaluation.flags import flags
from steppe.simulate.answers import CannotFillError, fill
from steppe.simulate.scene import CALM, TROUBLED, Place, Scene
from tests.simulate.conftest import PACK

FORMS = sorted(path.stem for path in (PACK / "checklists").glob("[!_]*.md"))
PLACE = Place("KZ-AST", "AST-01", "Almaty district", "101", "Nur-Sultan", 71.43, 51.13)
MORNING = datetime(2021, 1, 10, 4, 0, tzinfo=UTC)
TEXTS = {"en": "…"}


def scene(seed: int = 1, trouble: float = 1.0) -> Scene:
    began = MORNING + timedelta(minutes=seed % 600)
    return Scene(PLACE, began, began + timedelta(minutes=50), "Asia/Almaty", "ru" if seed % 3 else "en", trouble)


def definition(*questions: dict[str, Any], **choices: tuple[str, ...]) -> Definition:
    asked = [Question.model_validate({"label": TEXTS, **question}) for question in questions]
    return Definition(
        id="form",
        version="1",
        title=TEXTS,
        short=TEXTS,
        languages=("en",),
        default_language="en",
        kind="other",
        sections=(Section(id="all", title=TEXTS, nodes=tuple(asked)),),
        choices={name: tuple(Choice(name=one, label=TEXTS) for one in names) for name, names in choices.items()},
        order=tuple(one.id for one in asked if one.relevant is not None or one.calculation is not None),
    )


@pytest.mark.parametrize("form", FORMS)
@given(seed=st.integers(0, 2**32), trouble=st.sampled_from([CALM, TROUBLED, 40.0]))
@settings(max_examples=30)
def test_a_filled_checklist_can_be_finished_as_it_is(
    definitions: dict[str, Definition], form: str, seed: int, trouble: float
) -> None:
    observed = scene(seed, trouble)
    answers = fill(definitions[form], observed, Random(seed))
    assert check_answers(definitions[form], answers) == []
    evaluation = evaluate(definitions[form], answers, observed.context)
    assert evaluation.gaps() == []
    assert evaluation.values == answers, "something irrelevant or empty is left"


@pytest.mark.parametrize("form", FORMS)
@given(seed=st.integers(0, 2**32))
@settings(max_examples=15)
def test_a_thorough_observer_leaves_out_nothing_that_applies(
    definitions: dict[str, Definition], form: str, seed: int
) -> None:
    observed = replace(scene(seed, TROUBLED), photo=lambda: "0" * 64)
    answers = fill(definitions[form], observed, Random(seed), is_thorough=True)
    evaluation = evaluate(definitions[form], answers, observed.context)
    assert evaluation.gaps() == []
    assert evaluation.values == answers
    asked = [
        question.id
        for _, repeat, question in definitions[form].questions()
        if repeat is None and question.type != "note" and question.calculation is None
    ]
    assert [one for one in asked if evaluation.is_relevant(one) and one not in answers] == []
    repeats = [repeat.id for _, repeat in definitions[form].repeats()]
    assert [one for one in repeats if one not in evaluation.irrelevant and one not in answers] == []


@pytest.mark.parametrize("form", FORMS)
def test_thorough_observers_open_nearly_every_question_and_raise_flags_of_both_kinds(
    definitions: dict[str, Definition], form: str
) -> None:
    reports = [fill(definitions[form], scene(seed, 40.0), Random(seed), is_thorough=True) for seed in range(10)]
    given = {path.split("/")[-1] for report in reports for path in report}
    asked = {
        question.id
        for _, _, question in definitions[form].questions()
        # A region is asked for only where nothing finer may be told; these observers tell everything.
        if question.type not in {"note", "photo"} and question.calculation is None and question.location != "region"
    }
    assert len(asked - given) <= 2, asked - given
    kinds = {flag.kind for report in reports for flag in flags(definitions[form], report, scene().context)}
    may_flag = {
        kind
        for _, _, question in definitions[form].questions()
        for kind, rule in (("negative", question.negative), ("soft", question.soft))
        if rule
    }
    assert kinds == may_flag


@pytest.mark.parametrize("form", FORMS)
@given(seed=st.integers(0, 2**32))
@settings(max_examples=20)
def test_none_stands_alone(definitions: dict[str, Definition], form: str, seed: int) -> None:
    answers = fill(definitions[form], scene(seed, TROUBLED), Random(seed))
    assert [path for path, answer in answers.items() if isinstance(answer, list) and "none" in answer[1:]] == []
    assert [
        path for path, answer in answers.items() if isinstance(answer, list) and answer[:1] == ["none"] != answer
    ] == []


@pytest.mark.parametrize("form", FORMS)
def test_the_same_seed_gives_the_same_answers_and_another_seed_others(
    definitions: dict[str, Definition], form: str
) -> None:
    first, again, other = (fill(definitions[form], scene(), Random(seed)) for seed in (7, 7, 8))
    assert first == again
    assert first != other


def test_reports_are_mostly_good_practice_with_some_lapses(definitions: dict[str, Definition]) -> None:
    voting = definitions["polling_station_voting"]
    filled = [fill(voting, scene(seed), Random(seed)) for seed in range(200)]
    sealed = [answers.get("vot_box_sealed") for answers in filled]
    assert sealed.count("yes") > 150
    lapses = sum(
        1
        for answers in filled
        for _, _, question in voting.questions()
        if question.negative and str(answers.get(question.id)) in question.negative
    )
    assert 50 < lapses < 2000


def test_most_protocols_add_up_and_count_every_list_once(definitions: dict[str, Definition]) -> None:
    counting = definitions["polling_station_counting"]
    reports = [fill(counting, scene(seed), Random(seed)) for seed in range(150)]
    checks = [report["cnt_check_lists"] for report in reports if "cnt_check_lists" in report]
    assert len(checks) > 90
    assert checks.count(0) > 0.9 * len(checks)
    for report in reports:
        lists = [answer for path, answer in report.items() if path.endswith("/cnt_l_party")]
        assert lists in ([], ["nur_otan", "ak_zhol", "peoples_party", "auyl", "adal"])


def test_a_visit_names_its_station_and_another_report_the_district_around_it(
    definitions: dict[str, Definition],
) -> None:
    visit = fill(definitions["polling_station_voting"], scene(), Random(1))
    assert (visit["ps_number"], visit.get("district_code")) == (PLACE.station, None)
    assert fill(definitions["meeting_report"], scene(), Random(1))["district_code"] == PLACE.district


@given(seed=st.integers(0, 2**32))
def test_figures_keep_limits_that_only_the_constraint_knows(seed: int) -> None:
    form = definition(
        {
            "id": "minutes",
            "type": "integer",
            "required": ["b", True],
            "constraint": ["and", [">=", ["self"], ["n", 35]], ["<=", ["self"], ["n", 40]]],
        },
        {"id": "more", "type": "decimal", "required": ["b", True], "constraint": [">", ["self"], ["ref", "minutes"]]},
    )
    answers = fill(form, scene(), Random(seed))
    assert 35 <= answers["minutes"] <= 40  # type: ignore[operator]  # both are numbers, which Answers does not say  # an integer, says the question
    assert answers["more"] > answers["minutes"]  # type: ignore[operator]  # both are numbers, which Answers does not say


def test_what_becomes_relevant_by_an_answer_is_answered_too() -> None:
    form = definition(
        {"id": "seen", "type": "select_one", "list": "yn", "required": ["b", True]},
        {"id": "what", "type": "text", "required": ["b", True], "relevant": ["=", ["ref", "seen"], ["s", "yes"]]},
        yn=("yes", "no"),
    )
    for seed in range(20):
        answers = fill(form, scene(), Random(seed))
        assert ("what" in answers) == (answers["seen"] == "yes")


def test_a_photo_is_taken_only_where_one_is_asked_for() -> None:
    taken: list[str] = []

    def photo() -> str:
        taken.append("0" * 64)
        return taken[-1]

    observed = Scene(PLACE, MORNING, MORNING + timedelta(hours=1), "Asia/Almaty", photo=photo)
    assert fill(definition({"id": "picture", "type": "photo"}), observed, Random(1)) == {"picture": "0" * 64}
    assert fill(definition({"id": "picture", "type": "photo"}), scene(), Random(1)) == {}
    assert len(taken) == 1


def test_a_constraint_nothing_satisfies_is_an_error_that_names_the_question() -> None:
    form = definition(
        {"id": "riddle", "type": "text", "required": ["b", True], "constraint": ["=", ["self"], ["s", "abracadabra"]]}
    )
    with pytest.raises(CannotFillError, match="form: riddle"):
        fill(form, scene(), Random(1))
