"""Which answers of several checklist versions may be added up."""

from collections import Counter, defaultdict
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from steppe.checklists.definition import Choice, Definition, Question, Section, Table
from steppe.checklists.question_reading import QuestionReading
from steppe.summaries.counts import readable_counts
from steppe.summaries.questions import CountedVersion, question_summaries
from steppe.summaries.tally import added, delta

SUMMED = {"added": QuestionReading(is_summed=True)}


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


def test_a_line_tells_the_words_of_styled_texts() -> None:
    asked = question("sealed_box").model_copy(update={"label": {"en": "Was it **sealed**?"}})
    definition = version("1", asked)
    choices = {"yno": (Choice(name="yes", label={"en": "<b>Yes</b>"}),)}
    [line] = question_summaries(
        [CountedVersion(definition.model_copy(update={"choices": choices}), {"sealed_box": {"yes": 2}})]
    )
    assert (line.label, line.choices[0].label) == ({"en": "Was it sealed?"}, {"en": "Yes"})


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


def test_numbers_the_sheet_wants_summed_have_a_count_and_a_total_and_no_mean() -> None:
    counts = {"added": {"n": 3, "sum": 0.3, "sumsq": 1.0}, "flags": {"seen": {"added": {"1": 2}}}}
    [line] = question_summaries([CountedVersion(version("1", question("added", "decimal")), counts, SUMMED)])
    assert (line.n, line.total, line.flags["1"]) == (3, 0.3, 2)
    assert not {"mean", "share", "rate"} & set(line.model_dump())


def test_numbers_nobody_asked_to_sum_have_no_total() -> None:
    counts = {"added": {"n": 3, "sum": 84_221}}
    [line] = question_summaries([CountedVersion(version("1", question("added", "integer")), counts)])
    assert (line.n, line.total) == (3, None)
    assert "84221" not in line.model_dump_json()


def test_a_question_about_protection_is_no_line_but_for_those_who_protect() -> None:
    definition = version("1", question("dissent"), question("q"))
    counts = {"dissent": {"yes": 1}, "q": {"yes": 1}}
    reading = {"dissent": QuestionReading(is_counted=False)}

    def lines(*, sees_protection: bool) -> list[str]:
        counted = CountedVersion(definition, counts, reading, sees_protection)
        return [line.id for line in question_summaries([counted])]

    assert lines(sees_protection=False) == ["q"]
    assert lines(sees_protection=True) == ["dissent", "q"]


def test_counts_and_flags_about_protection_are_left_out_of_what_others_read() -> None:
    counts = {"dissent": {"yes": 1}, "q": {"no": 2}, "flags": {"seen": {"dissent": {"2": 1}, "q": {"3": 2}}}}
    reading = {"dissent": QuestionReading(is_counted=False)}
    kept = readable_counts(counts, reading, sees_protection=False)
    assert kept == {"q": {"no": 2}, "flags": {"seen": {"q": {"3": 2}}}}
    assert readable_counts(counts, reading, sees_protection=True) == counts


def test_flags_of_a_choice_tell_its_severity() -> None:
    asked = question("q", negative={"no": 3})
    [line] = question_summaries([CountedVersion(version("1", asked), {"q": {"no": 1}})])
    assert {choice.name: choice.severity for choice in line.choices} == {"yes": 0, "no": 3}


def test_of_a_ranking_every_place_of_a_choice_is_counted_over_the_versions() -> None:
    newer = CountedVersion(version("2", question("q", "rank")), {"q": {"yes": {"1": 2}, "no": {"2": 2}}})
    older = CountedVersion(version("1", question("q", "rank")), {"q": {"no": {"1": 1}, "yes": {"3": 1}}})
    [line] = question_summaries([newer, older])
    assert {choice.name: (choice.n, choice.places) for choice in line.choices} == {
        "yes": (2, [2, 0, 1]),
        "no": (1, [1, 2]),
    }
    assert line.n == 3


def test_of_a_table_only_the_choices_somebody_made_are_listed() -> None:
    rows = tuple((f"s{number}", f"School {number}") for number in range(1000))
    asked = Question.model_validate({"id": "q", "type": "select_one", "label": texts("q"), "table": "schools"})
    definition = version("1", asked).model_copy(
        update={"tables": {"schools": Table(columns=("name", "label"), rows=rows)}}
    )
    [line] = question_summaries([CountedVersion(definition, {"q": {"s7": 2}})])
    assert [(choice.name, choice.label, choice.n) for choice in line.choices] == [("s7", texts("School 7"), 2)]


def test_what_the_phone_notes_by_itself_is_never_a_line() -> None:
    asked = [question("q", kind) for kind in ("metadata", "hidden", "audio", "file", "barcode", "geotrace")]
    assert question_summaries([CountedVersion(version("1", *asked), {})]) == []


KINDS = ("select_one", "select_multiple", "integer", "rank")
CHOICES = ("yes", "no", "partly", "not_observed")
versions = st.builds(
    lambda kinds, choices: (kinds, tuple(choices)),
    st.dictionaries(st.sampled_from(["a", "b"]), st.sampled_from(KINDS), min_size=1),
    st.permutations(CHOICES).map(lambda names: names[:3]) | st.just(list(CHOICES[:3])),
)


def asked(name: str, kind: str) -> Question:
    return question(name, kind, **({"list": None} if kind == "integer" else {}))


def answer_to(kind: str, choices: tuple[str, ...]) -> st.SearchStrategy[Any]:
    some = st.lists(st.sampled_from(choices), unique=True, min_size=1)
    return {
        "select_one": st.sampled_from(choices),
        "select_multiple": some,
        "rank": st.permutations(choices),
        "integer": st.integers(0, 50),
    }[kind]


@given(st.lists(versions, min_size=1, max_size=3), st.data())
def test_counts_over_versions_are_what_a_recount_of_all_answers_to_the_same_question_gives(
    made: list[tuple[dict[str, str], tuple[str, ...]]], data: Any
) -> None:
    recount: dict[Any, Counter[str]] = defaultdict(Counter)
    counted = []
    for number, (kinds, choices) in enumerate(made):
        definition = version(str(number), *(asked(name, kind) for name, kind in sorted(kinds.items())), choices=choices)
        counts: dict[str, Any] = {}
        for _ in range(data.draw(st.integers(0, 3))):
            report = {name: data.draw(answer_to(kind, choices)) for name, kind in kinds.items()}
            counts = added(counts, delta(definition, report, []))
            for name, answer in report.items():
                given_answer = answer[:1] if kinds[name] == "rank" else answer
                said = given_answer if isinstance(given_answer, list) else [given_answer]
                recount[name, kinds[name], choices].update(map(str, said))
        counted.append(CountedVersion(definition, counts, {name: QuestionReading(is_summed=True) for name in kinds}))
    lines = question_summaries(counted)
    for line in lines:
        choices = next(made[int(name)][1] for name in line.versions)
        truth = recount[line.id, line.type, choices]
        if line.type == "integer":
            same = [one for (name, kind, _), one in recount.items() if (name, kind) == (line.id, line.type)]
            assert line.total == sum(int(value) * n for one in same for value, n in one.items())
            continue
        assert {choice.name: choice.n for choice in line.choices if choice.n} == {
            name: n for name, n in truth.items() if name != "not_observed"
        }
        assert line.not_observed == (0 if line.type == "rank" else truth["not_observed"])
    assert len({(line.id, line.type, tuple(line.versions)) for line in lines}) == len(lines)
