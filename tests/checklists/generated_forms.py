"""Random small forms and random ways of filling them, reproducible from a seed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from types import MappingProxyType
from typing import Any, Final

from steppe.checklists.definition import Definition, Question, definition_bytes
from tests.checklists.forms import Rows, compiled, group, repeat

CHOICES: Final[Rows] = [
    {"list_name": "yno", "name": name, "label": name} for name in ("yes", "no", "not_observed", "none")
] + [{"list_name": "many", "name": name, "label": name} for name in ("a", "b", "c", "none")]
_TYPES: Final = ("integer", "integer", "decimal", "text", "date", "select_one yno", "select_multiple many", "calculate")


@dataclass
class _Draft:
    """What a random form has so far: names by where they stand."""

    random: Random
    names: list[str] = field(default_factory=list)
    count: int = 0

    def reference(self) -> str:
        return f"${{{self.random.choice(self.names)}}}" if self.names else "1"

    def condition(self) -> str:
        one, other, r = self.reference(), self.reference(), self.random
        return r.choice(
            (
                f"{one} > {r.randint(-2, 3)}",
                f"{one} = 'yes'",
                f"{one} != ''",
                f"selected({one}, 'a')",
                f"not({one} = {other})",
                f"{one} > 0 and {other} != 'no'",
                f"{one} = '' or {other} < 5",
                f"count-selected({one}) >= 1",
                f"sum({one}) > {r.randint(0, 4)}",
            )
        )

    def calculation(self) -> str:
        one, other, r = self.reference(), self.reference(), self.random
        return r.choice(
            (
                f"{one} + {other}",
                f"if({self.condition()}, {one}, 'else')",
                f"concat({one}, '-', {other})",
                f"round({one} div {other}, 2)",
                f"sum({one})",
                f"count({one})",
                f"coalesce({one}, {other})",
                f"{one} > {other}",
                "today()",
            )
        )

    def row(self, *, in_repeat: bool) -> dict[str, str]:
        self.count += 1
        r, name = self.random, f"q{self.count}"
        kind = r.choice(_TYPES)
        row = {"type": kind, "name": name}
        if kind == "calculate":
            row["calculation"] = "position(..)" if in_repeat and r.random() < 0.3 else self.calculation()
        if r.random() < 0.4:
            row["relevant"] = self.condition()
        if r.random() < 0.3:
            row["soft"] = f". {r.choice(('<=', '=', '!='))} {self.reference()}"
            row["negative"] = "fail:2"
        elif kind.startswith("select"):
            row["negative"] = r.choice(("any:1", "none:3 any:2"))
        if r.random() < 0.2:
            row["required"] = r.choice(("yes", self.condition()))
        if r.random() < 0.3:
            row["constraint"] = f". != {self.reference()}"
        self.names.append(name)
        return row


def random_form(random: Random) -> Definition:
    """A form of up to four sections, some relevant only sometimes, some with a repeat."""
    draft = _Draft(random)
    survey: list[Any] = []
    for number in range(random.randint(1, 4)):
        relevance = {"relevant": draft.condition()} if number and random.random() < 0.4 else {}
        rows: list[Any] = [draft.row(in_repeat=False) for _ in range(random.randint(1, 4))]
        if random.random() < 0.6:
            own = {"relevant": draft.condition()} if random.random() < 0.4 else {}
            inside = [draft.row(in_repeat=True) for _ in range(random.randint(1, 4))]
            rows += repeat(f"r{number}", *inside, **own)
            draft.names.append(f"r{number}")
            rows += [draft.row(in_repeat=False) for _ in range(random.randint(0, 2))]
        survey += group(f"s{number}", *rows, **relevance)
    return compiled(survey, CHOICES)


def random_edits(
    random: Random, definition: Definition, count: int, begun: Mapping[str, object] = MappingProxyType({})
) -> tuple[list[list[Any]], dict[str, Any]]:
    """Edits as the phone's fill takes them, and the answers they leave in a checklist begun with these."""
    answers: dict[str, Any] = dict(begun)
    edits: list[list[Any]] = []
    asked = [(repeat.id if repeat else "", question) for _, repeat, question in definition.questions()]
    repeats = [repeat.id for _, repeat in definition.repeats()]
    for number in range(count):
        if repeats and random.random() < 0.35:
            edits += _edit_rows(random, random.choice(repeats), f"row{number}", answers)
            continue
        owner, question = random.choice(asked)
        if question.calculation is not None or question.type == "note" or (owner and not answers.get(owner)):
            continue
        path = f"{owner}/{random.choice(answers[owner])}/{question.id}" if owner else question.id
        answer = _answer(random, definition, question)
        edits.append(["set", path, answer])
        answers[path] = answer
    return edits, {path: answer for path, answer in answers.items() if answer not in (None, "", [])}


def _edit_rows(random: Random, name: str, fresh: str, answers: dict[str, Any]) -> list[list[Any]]:
    rows: list[str] = list(answers.get(name, []))
    kind = random.choice(("add", "add", "move", "remove"))
    if kind == "add" or not rows:
        answers[name] = [*rows, fresh]
        return [["addRow", name, fresh]]
    row = random.choice(rows)
    rows.remove(row)
    if kind == "move":
        to = random.randint(0, len(rows))
        answers[name] = [*rows[:to], row, *rows[to:]]
        return [["moveRow", name, row, to]]
    answers[name] = rows
    for path in [path for path in answers if path.startswith(f"{name}/{row}/")]:
        del answers[path]
    return [["removeRow", name, row]]


def _answer(random: Random, definition: Definition, question: Question) -> object:
    if random.random() < 0.15:
        return None
    names = [choice.name for choice in definition.choices.get(question.list or "", ())]
    answers: dict[str, tuple[object, ...]] = {
        "integer": (random.randint(-3, 6), random.randint(0, 3000)),
        "decimal": (0.5, 2, -1.25, 3.75),
        "text": ("x", "yes", "5", "2021-01-10", "", "0042", "Қостанай 😀"),
        "date": ("2021-01-10", "2020-12-31", "2021-02-01"),
        "time": ("08:00", "14:05", "23:59"),
        "datetime": ("2021-01-10T14:05+06:00", "2021-01-10T14:05+05:00", "2021-01-11T00:00+06:00"),
        "photo": ("a" * 64,),
        "geopoint": ("43.2 76.9 0 5", "51.1 71.4"),
        "acknowledge": ("OK",),
        "select_one": tuple(names),
        "select_multiple": ([name for name in names if name != "none" and random.random() < 0.4],),
    }
    return random.choice(answers[question.type])


def as_json(definition: Definition) -> Any:
    """A definition as the phone reads it."""
    return json.loads(definition_bytes(definition))
