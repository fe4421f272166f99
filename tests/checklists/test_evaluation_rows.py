"""Rows in rows, counted rows, lookups and what only a phone calculates, evaluated whole."""

from datetime import UTC, datetime
from typing import Any

from steppe.checklists.definition import Definition, Table
from steppe.checklists.evaluation.evaluation import default_answers, evaluate
from steppe.checklists.evaluation.flags import flags
from steppe.checklists.expressions.dates import Context
from tests.checklists.forms import compiled, repeat

CLOCK = Context(datetime(2021, 1, 10, 8, tzinfo=UTC), "Asia/Almaty")
COMMISSIONS = compiled(
    [
        *repeat(
            "commission",
            {"type": "text", "name": "name"},
            *repeat(
                "member",
                {"type": "text", "name": "who", "required": "yes"},
                {"type": "calculate", "name": "place", "calculation": "concat(position(../..), '.', position(..))"},
                {"type": "calculate", "name": "of", "calculation": "${name}"},
                relevant="${name} != 'empty'",
            ),
            {"type": "calculate", "name": "size", "calculation": "count(${member})"},
        ),
        {"type": "calculate", "name": "all", "calculation": "join(' ', ${who})"},
        {
            "type": "calculate",
            "name": "second",
            "calculation": "indexed-repeat(${who}, ${commission}, 2, ${member}, 1)",
        },
    ]
)
ANSWERS: dict[str, Any] = {
    "commission": ["a", "b"],
    "commission/a/name": "A",
    "commission/a/member": ["x", "y"],
    "commission/a/member/x/who": "ax",
    "commission/a/member/y/who": "ay",
    "commission/b/name": "B",
    "commission/b/member": ["x"],
    "commission/b/member/x/who": "bx",
}


def values(definition: Definition, answers: dict[str, Any]) -> dict[str, Any]:
    return evaluate(definition, answers, CLOCK).values


def test_rows_in_rows_read_their_own_row_and_those_around_it() -> None:
    found = values(COMMISSIONS, ANSWERS)
    assert found["commission/a/member/y/place"] == "1.2"
    assert found["commission/b/member/x/of"] == "B"
    assert (found["commission/a/size"], found["commission/b/size"]) == (2, 1)
    assert (found["all"], found["second"]) == ("ax ay bx", "bx")


def test_a_nested_repeat_may_apply_in_one_row_only() -> None:
    evaluation = evaluate(COMMISSIONS, ANSWERS | {"commission/a/name": "empty"}, CLOCK)
    assert evaluation.values["all"] == "bx"
    assert "commission/a/member" in evaluation.irrelevant
    assert "commission/b/member" not in evaluation.irrelevant
    assert not [path for path in evaluation.values if path.startswith("commission/a/member")]


def test_what_is_missing_in_a_nested_row_is_named_by_its_path() -> None:
    answers = {path: answer for path, answer in ANSWERS.items() if path != "commission/a/member/y/who"}
    assert [gap.path for gap in evaluate(COMMISSIONS, answers, CLOCK).gaps()] == ["commission/a/member/y/who"]


def test_answers_of_rows_that_are_not_there_do_not_count() -> None:
    strays = {"commission/c/name": "C", "commission/b/member/z/who": "z", "member": ["x"], "member/x/who": "m"}
    assert values(COMMISSIONS, ANSWERS | strays) == values(COMMISSIONS, ANSWERS)


def test_rows_beyond_the_count_do_not_count() -> None:
    definition = compiled(
        [
            {"type": "integer", "name": "n"},
            *repeat("seal", {"type": "integer", "name": "number"}, repeat_count="${n}"),
            {"type": "calculate", "name": "sum", "calculation": "sum(${number})"},
        ]
    )
    answers = {"seal": ["a", "b"], "seal/a/number": 3, "seal/b/number": 4}
    assert values(definition, answers | {"n": 1}) == {"n": 1, "seal": ["a"], "seal/a/number": 3, "sum": 3}
    assert values(definition, answers | {"n": 9})["sum"] == 7
    assert values(definition, answers) == {"sum": 0}


def test_a_table_is_looked_up_and_names_its_choices() -> None:
    rows = tuple((f"p{number}", f"Place {number}", "south" if number % 2 else "north") for number in range(20_000))
    table = Table(columns=("code", "label", "region"), rows=rows)
    plain = compiled(
        [
            {"type": "select_one yn", "name": "place", "negative": "any:1"},
            {"type": "calculate", "name": "region", "calculation": "1"},
            {"type": "calculate", "name": "label", "calculation": "jr:choice-name(${place}, '${place}')"},
        ]
    )
    changed = plain.model_dump() | {"tables": {"places": table.model_dump()}}
    place, region, label = changed["sections"][0]["nodes"]
    place |= {"list": None, "table": "places", "value": "code", "negative": {"p7": 2}}
    region |= {"calculation": ["items", "places", [["=", ["col", "code"], ["ref", "place"]]], "region"]}
    changed["sections"][0]["nodes"] = [place, region, label]
    definition = Definition.model_validate(changed | {"order": ("region", "label")})
    assert values(definition, {"place": "p7"}) == {"place": "p7", "region": "south", "label": "Place 7"}
    assert [(flag.path, flag.severity) for flag in flags(definition, {"place": "p7"}, CLOCK)] == [("place", 2)]


def test_what_only_a_phone_calculates_stands_as_it_was_sent() -> None:
    definition = compiled(
        [
            {"type": "integer", "name": "a"},
            {"type": "calculate", "name": "drawn", "calculation": "random()"},
            {"type": "integer", "name": "sum", "calculation": "${a} + 1", "trigger": "${a}"},
            {"type": "calculate", "name": "day", "calculation": "today()"},
            {"type": "calculate", "name": "plain", "calculation": "${a} + 1"},
        ]
    )
    sent = {"a": 1, "drawn": 0.5, "sum": 7, "day": "2020-12-31", "plain": 9}
    assert values(definition, sent) == sent | {"plain": 2}
    assert values(definition, {"a": 1}) == {"a": 1, "day": "2021-01-10", "plain": 2}
    assert default_answers(definition, CLOCK) == {}
