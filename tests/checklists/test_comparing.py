"""What the comparison of two versions says, and when answers of both may be counted together."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from steppe.checklists.comparing import Comparison, compare, meaning
from steppe.checklists.comparison_text import comparison_lines
from steppe.checklists.definition import Definition, Media, Question, Section
from tests.checklists.forms import YES_NO, Rows, compiled, group, repeat

OLD: Rows = (
    *group(
        "arrival",
        {"type": "select_one yn", "name": "open", "label": "Is it open?"},
        {"type": "integer", "name": "people", "label": "How many people?"},
        {"type": "text", "name": "remark", "label": "Remark", "relevant": "${people} > 3"},
    ),
    *group("leaving", {"type": "time", "name": "left_at", "label": "Left at"}),
)


def compared(new: Rows, old: Rows = OLD, choices: Rows = YES_NO) -> Comparison:
    return compare(compiled(old), compiled(new, choices))


def replaced(name: str, **cells: str) -> Rows:
    return [{**row, **cells} if row.get("name") == name else row for row in OLD]


def details(found: Comparison) -> list[tuple[str, str, str, str]]:
    return [(one.part, one.about, one.before, one.after) for change in found.changes for one in change.details]


def test_a_version_does_not_differ_from_itself() -> None:
    found = compared(OLD)
    assert found.changes == ()
    assert found.comparable == ("open", "people", "remark", "left_at")


def test_a_note_holds_no_answers_to_count() -> None:
    rows = [*OLD, {"type": "note", "name": "thanks"}]
    assert "thanks" not in compared(rows, rows).comparable


def test_another_wording_is_still_the_same_question() -> None:
    found = compared(replaced("open", label="Was it open?"))
    assert details(found) == [("label", "en", "Is it open?", "Was it open?")]
    assert [(change.kind, change.is_comparable) for change in found.changes] == [("changed", True)]


def test_another_type_or_another_choice_is_another_question() -> None:
    for found in (
        compared(replaced("people", type="decimal")),
        compared(OLD, choices=[*YES_NO, {"list_name": "yn", "name": "maybe", "label": "Maybe"}]),
    ):
        [change] = found.changes
        assert (change.kind, change.is_comparable) == ("changed", False)
        assert change.id not in found.comparable


def test_another_label_of_a_choice_is_told_and_counts_on() -> None:
    found = compared(OLD, choices=[{**YES_NO[0], "label": "Certainly"}, YES_NO[1]])
    assert details(found) == [("choice", "yes", "Yes", "Certainly")]
    assert "open" in found.comparable


def test_logic_is_told_as_the_form_writes_it() -> None:
    found = compared(replaced("remark", relevant="${people} > 5"))
    assert details(found) == [("relevant", "", "${people} > 3", "${people} > 5")]


def test_a_question_that_moved_is_told_once_and_its_neighbours_are_not() -> None:
    rows = [row for row in OLD if row.get("name") != "remark"]
    found = compared([rows[0], OLD[3], *rows[1:]])
    assert [(change.kind, change.id) for change in found.changes] == [("moved", "remark")]
    elsewhere = compared([*rows, *group("end", OLD[3])])
    assert [(change.kind, change.id) for change in elsewhere.changes] == [("moved", "remark")]
    assert details(elsewhere) == [("place", "", "arrival", "end")]


def test_what_came_and_what_went_stand_in_the_order_of_the_forms() -> None:
    found = compared([{"type": "text", "name": "first"}, *OLD[:-3]])
    assert [(change.kind, change.id) for change in found.changes] == [("added", "first"), ("removed", "left_at")]


def test_a_question_that_went_into_a_repeat_is_told_by_its_place() -> None:
    rows = [row for row in OLD if row.get("name") != "left_at"]
    found = compared([*rows[:-2], *group("leaving", *repeat("visit", OLD[-2]))])
    assert ("place", "", "leaving", "leaving, visit") in details(found)


def test_a_picture_a_table_and_a_rule_that_differ_are_told() -> None:
    asked = Question(id="q", type="select_one", label={"en": "Q"}, table="schools", media=Media(image={"en": "aa"}))
    old, new = [
        compiled(OLD).model_copy(update={"sections": (Section(id="s", title={"en": "S"}, nodes=(node,)),)})
        for node in (
            asked,
            asked.model_copy(update={"media": Media(image={"en": "bb"}), "table": "shops", "negative": {"any": 2}}),
        )
    ]
    assert details(compare(old, new)) == [
        ("table", "", "schools", "shops"),
        ("negative", "", "", "any:2"),
        ("image", "en", "aa", "bb"),
    ]


def test_in_words_it_says_what_is_counted_together_and_what_is_not() -> None:
    said = list(comparison_lines(compared(replaced("people", type="decimal"))))
    assert said[0] == "changed: people (How many people?)"
    assert "    type: integer → decimal" in said
    assert said[-2:] == [
        "3 questions are counted together over both versions.",
        "Counted for each version by itself: people.",
    ]


NAMES = ("one", "two", "three", "four", "five")
QUESTION = st.fixed_dictionaries(
    {"type": st.sampled_from(["text", "integer", "select_one yn"]), "label": st.sampled_from(["A", "B"])}
)
FORM = st.dictionaries(st.sampled_from(NAMES), QUESTION, min_size=1).flatmap(
    lambda held: st.permutations([{"name": name, **cells} for name, cells in held.items()])
)


def named(definition: Definition) -> Mapping[str, object]:
    return {question.id: meaning(definition, question) for _, _, question in definition.questions()}


@given(FORM, FORM)
def test_every_question_is_told_once_and_comparable_means_the_same_question(old: Rows, new: Rows) -> None:
    before, after = compiled(old), compiled(new)
    found = compare(before, after)
    told = {change.id: change for change in found.changes}
    assert len(told) == len(found.changes)
    held, asked = named(before), named(after)
    assert {key for key, change in told.items() if change.kind == "added"} == asked.keys() - held.keys()
    assert {key for key, change in told.items() if change.kind == "removed"} == held.keys() - asked.keys()
    assert set(found.comparable) == {key for key in asked if held.get(key) == asked[key]}
    if [row["name"] for row in old] == [row["name"] for row in new]:
        assert not [change for change in found.changes if change.kind == "moved"]
    assert (before.sections == after.sections) == (not found.changes)
