"""Random small forms and random ways of filling them, reproducible from a seed.

Forms have sections, repeats in repeats to three levels, counted rows, filtered choices, lookups, triggers and all types
of answers. Edits name rows by place (`outer/#0/inner/#2/q`): the phone makes the ids of counted rows itself.
"""

import json
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from steppe.checklists.definition import Definition, Question, Repeat, definition_bytes
from steppe.checklists.evaluation.plan import chains_of
from tests.checklists.forms import Rows, compiled, group, repeat

CHOICES: Final[Rows] = (
    [{"list_name": "yno", "name": name, "label": name} for name in ("yes", "no", "not_observed", "none")]
    + [{"list_name": "many", "name": name, "label": name} for name in ("a", "b", "c", "none")]
    + [
        {"list_name": "towns", "name": name, "label": name.title(), "region": region, "size": size}
        for name, region, size in (("ada", "a", "1"), ("bor", "b", "2"), ("cam", "a", "3"), ("dor", "yes", "2"))
    ]
)
_TYPES: Final = (
    *("integer", "integer", "decimal", "text", "date", "select_one yno", "select_multiple many", "calculate"),
    *("select_one towns", "select_multiple towns", "rank many", "range", "barcode", "calculate", "hidden"),
)
_DEEPEST: Final = 3


@dataclass
class _Draft:
    """What a random form has so far: names by where they stand."""

    random: Random
    names: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    repeats: dict[str, list[str]] = field(default_factory=dict)
    """Repeat → the questions directly in it."""
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
                f"count(instance('towns')/root/item[region = {one}]) > 0",
            )
        )

    def calculation(self, depth: int) -> str:
        one, other, r = self.reference(), self.reference(), self.random
        found = [
            f"{one} + {other}",
            f"if({self.condition()}, {one}, 'else')",
            f"concat({one}, '-', {other})",
            f"round({one} div {other}, 2)",
            f"sum({one})",
            f"count({one})",
            f"coalesce({one}, {other})",
            f"{one} > {other}",
            "today()",
            f"once({one})",
            f"join(' ', instance('towns')/root/item[region = {one} and size < 3]/name)",
            f"instance('towns')/root/item[size = {one}][1]/label",
        ]
        if depth > 0:
            found += ["position(..)"] * 3
        if depth > 1:
            found += ["position(../..)"] * 3
        for name, inside in self.repeats.items():
            if inside:
                found.append(f"indexed-repeat(${{{r.choice(inside)}}}, ${{{name}}}, {r.randint(1, 3)})")
        if self.asked:
            found.append(f"${{last-saved#{r.choice(self.asked)}}}")
        return r.choice(found)

    def row(self, inside: str = "", depth: int = 0) -> dict[str, str]:
        self.count += 1
        r, name = self.random, f"q{self.count}"
        kind = r.choice(_TYPES)
        is_worked_out = kind in {"calculate", "hidden"}
        row = {"type": kind, "name": name}
        if is_worked_out or r.random() < 0.05:
            row["calculation"] = self.calculation(depth)
            if self.asked and r.random() < 0.3:
                row["trigger"] = f"${{{r.choice(self.asked)}}}"
        if kind.startswith("select"):
            row |= self.choosing(kind)
        row |= self.checks(kind)
        if self.names and r.random() < 0.2:
            row["label"] = f"{name} after {self.reference()}"
        self.names.append(name)
        if "calculation" not in row:
            self.asked.append(name)
        if inside:
            self.repeats[inside].append(name)
        return row

    def choosing(self, kind: str) -> dict[str, str]:
        if "towns" not in kind:
            return {"negative": self.random.choice(("any:1", "none:3 any:2"))}
        filters = (f"region = {self.reference()}", f"size >= {self.reference()}", "")
        return {"negative": "any:1 ada:2", "choice_filter": self.random.choice(filters)}

    def checks(self, kind: str) -> dict[str, str]:
        r, found = self.random, dict[str, str]()
        if r.random() < 0.4:
            found["relevant"] = self.condition()
        if r.random() < 0.3:
            found["soft"] = f". {r.choice(('<=', '=', '!='))} {self.reference()}"
            if not kind.startswith("select"):
                found["negative"] = "fail:2"
        if r.random() < 0.2 and kind not in {"calculate", "hidden"}:
            found["required"] = r.choice(("yes", self.condition()))
        if r.random() < 0.3:
            found["constraint"] = f". != {self.reference()}"
        return found

    def rows(self, name: str, depth: int) -> list[Any]:
        """A repeat, with others in it while it is not too deep."""
        r = self.random
        own = {"relevant": self.condition()} if r.random() < 0.3 else {}
        if r.random() < 0.3:
            own["repeat_count"] = r.choice((str(r.randint(1, 3)), f"min(4, number({self.reference()}))"))
        self.repeats[name] = []
        rows: list[Any] = [self.row(name, depth) for _ in range(r.randint(1, 3))]
        if depth < _DEEPEST and r.random() < 0.5:
            rows += self.rows(f"{name}i", depth + 1)
            rows += [self.row(name, depth) for _ in range(r.randint(0, 2))]
        self.names.append(name)
        return repeat(name, *rows, **own)


def random_form(random: Random) -> Definition:
    """A form of up to four sections, some relevant only sometimes, some with repeats."""
    draft = _Draft(random)
    survey: list[Any] = []
    for number in range(random.randint(1, 4)):
        relevance = {"relevant": draft.condition()} if number and random.random() < 0.4 else {}
        rows: list[Any] = [draft.row() for _ in range(random.randint(1, 4))]
        if random.random() < 0.6:
            rows += draft.rows(f"r{number}", 1)
            rows += [draft.row() for _ in range(random.randint(0, 2))]
        survey += group(f"s{number}", *rows, **relevance)
    return compiled(survey, CHOICES)


def random_edits(random: Random, definition: Definition, count: int) -> list[list[Any]]:
    """Edits as the phone's fill takes them; those of rows that are not there are left out by whoever applies them."""
    chains = chains_of(definition)
    asked = [question for _, _, question in definition.questions() if question.type != "note"]
    repeats = [repeat.id for _, repeat in definition.repeats()]
    edits: list[list[Any]] = []
    for number in range(count):
        if repeats and random.random() < 0.4:
            name = random.choice(repeats)
            kind, path = random.choice(("addRow", "addRow", "moveRow", "removeRow")), _path(random, chains[name], name)
            row = f"row{number}" if kind == "addRow" else f"#{random.randint(0, 2)}"
            edits.append([kind, path, row, *([random.randint(0, 2)] if kind == "moveRow" else [])])
            continue
        question = random.choice(asked)
        path = _path(random, chains[question.id], question.id)
        edits.append(["set", path, random_answer(random, definition, question)])
    return edits


def _path(random: Random, chain: tuple[str, ...], name: str) -> str:
    return "".join(f"{repeat}/#{random.randint(0, 2)}/" for repeat in chain) + name


def random_answers(random: Random, definition: Definition) -> dict[str, Any]:
    """Answers of some questions, in some rows."""
    answers: dict[str, Any] = {}

    def fill(prefix: str, inside: str | None, questions: tuple[Question, ...]) -> None:
        for question in questions:
            if question.type != "note" and random.random() < 0.7:
                answers[prefix + question.id] = random_answer(random, definition, question)
        for _, held in definition.repeats():
            if held.inside == inside:
                rows = [f"row{number}" for number in range(random.randint(0, 3))]
                answers[prefix + held.id] = rows
                for row in rows:
                    fill(f"{prefix}{held.id}/{row}/", held.id, held.questions)

    outside = [node for section in definition.sections for node in section.nodes if not isinstance(node, Repeat)]
    fill("", None, tuple(outside))
    return {path: answer for path, answer in answers.items() if answer not in (None, "", [])}


def random_answer(random: Random, definition: Definition, question: Question) -> object:
    """An answer that fits a question, or None."""
    if random.random() < 0.15:
        return None
    names = [choice.name for choice in definition.choices.get(question.list or "", ())]
    answers: dict[str, tuple[object, ...]] = {
        "integer": (random.randint(-3, 6), random.randint(0, 3000)),
        "decimal": (0.5, 2, -1.25, 3.75),
        "range": (1, 2, 5, 10),
        "text": ("x", "yes", "5", "2021-01-10", "", "0042", "Қостанай 😀"),
        "barcode": ("a", "yes", "4870001"),
        "date": ("2021-01-10", "2020-12-31", "2021-02-01"),
        "time": ("08:00", "14:05", "23:59"),
        "datetime": ("2021-01-10T14:05+06:00", "2021-01-10T14:05+05:00", "2021-01-11T00:00+06:00"),
        "geopoint": ("43.2 76.9 0 5", "51.1 71.4"),
        "geotrace": ("43.2 76.9 0 5; 43.3 76.9 0 5",),
        "geoshape": ("43.2 76.9; 43.3 76.9; 43.3 77; 43.2 76.9",),
        "acknowledge": ("OK",),
        "select_one": tuple(names) or ("x",),
        "select_multiple": ([name for name in names if name != "none" and random.random() < 0.4],),
        "rank": (random.sample(names, len(names)),),
    }
    answers |= dict.fromkeys(("photo", "audio", "video", "file"), ("a" * 64,))
    answers |= dict.fromkeys(("calculate", "hidden", "metadata"), ("x", "5"))
    return random.choice(answers[question.type])


def as_json(definition: Definition) -> Any:
    """A definition as the phone reads it."""
    return json.loads(definition_bytes(definition))
