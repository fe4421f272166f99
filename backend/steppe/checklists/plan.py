"""A definition made ready to run: its expressions compiled once, its steps in evaluation order.

Plans are cached per definition object, so callers keep the parsed definition, not its bytes, at hand.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from steppe.checklists.definition import NO_OPINION, Ast, Choice, Definition, Question, Repeat, Section
from steppe.checklists.expressions import Closure, Truth, compile_truth, compile_value

ABOVE_ZERO: Final = ">0"
"""The negative key of a number above zero."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where the answers of each question are, seen from one repeat (or from outside all)."""

    owners: dict[str, str]
    repeats: frozenset[str]
    here: str

    def place(self, question: str) -> str:
        """See :class:`~steppe.checklists.expressions.References`."""
        if question in self.repeats:
            return "count"
        owner = self.owners.get(question, "")
        if owner == "":
            return "answer"
        return "row" if owner == self.here else "rows"

    def repeat_of(self, question: str) -> str:
        """The repeat whose rows hold the question; a repeat holds itself."""
        return question if question in self.repeats else self.owners.get(question, "")


@dataclass(slots=True)
class Asked:
    """A question with its compiled expressions; None where the form has none.

    ``severities`` are its negative indicators, choice by choice (``any`` spelled out), or under ``>0`` for numbers;
    ``failing`` is the severity of its soft check, 0 when the form gives none. ``quiet`` are choices that raise none.
    """

    question: Question
    section: Section
    repeat: str
    relevant: Truth | None
    required: Truth | None
    constraint: Truth | None
    soft: Truth | None
    calculation: Closure | None
    default: Closure | None
    severities: dict[str, int]
    failing: int
    quiet: frozenset[str]


@dataclass(slots=True)
class Container:
    """A section or a repeat whose relevance decides over everything in it."""

    id: str
    relevant: Truth
    questions: list[Asked]
    repeats: list[Repeat]


@dataclass(slots=True)
class Plan:
    """Everything evaluation needs, in the order it needs it.

    Attributes:
        asked: id → question, in document order.
        steps: containers and questions whose relevance or calculation must run, each after what it reads.
        outside: the ids of questions that stand in no repeat.
        rows: repeat id → its questions in document order.
        flagging: the questions that have a negative indicator or a soft check, in document order.
        choice_names: question id → choice name → label in the default language.
        list_order: question id → choice name → place in its list.
    """

    definition: Definition
    asked: dict[str, Asked] = field(default_factory=dict)
    steps: list[Asked | Container] = field(default_factory=list)
    outside: set[str] = field(default_factory=set)
    rows: dict[str, list[Asked]] = field(default_factory=dict)
    flagging: list[Asked] = field(default_factory=list)
    choice_names: dict[str, dict[str, str]] = field(default_factory=dict)
    list_order: dict[str, dict[str, int]] = field(default_factory=dict)


@lru_cache(maxsize=128)
def plan_of(definition: Definition) -> Plan:
    """The plan of a definition; the same object until 128 others were used since."""
    plan = Plan(definition)
    owners = {question.id: repeat.id if repeat else "" for _, repeat, question in definition.questions()}
    repeats = frozenset(repeat.id for _, repeat in definition.repeats())
    for section, repeat, question in definition.questions():
        owner = repeat.id if repeat else ""
        choices = definition.choices.get(question.list or "", ())
        asked = _asked(question, section, owner, Places(owners, repeats, owner), choices)
        plan.asked[question.id] = asked
        if repeat is None:
            plan.outside.add(question.id)
        if question.soft is not None or question.negative:
            plan.flagging.append(asked)
        if question.list is not None:
            plan.choice_names[question.id] = {
                choice.name: choice.label.get(definition.default_language, "") for choice in choices
            }
            plan.list_order[question.id] = {choice.name: place for place, choice in enumerate(choices)}
    for _, repeat in definition.repeats():
        plan.rows[repeat.id] = [plan.asked[question.id] for question in repeat.questions]
    _lay_steps(plan, Places(owners, repeats, ""))
    return plan


def _asked(question: Question, section: Section, owner: str, places: Places, choices: tuple[Choice, ...]) -> Asked:
    def truth(ast: Ast | None) -> Truth | None:
        return None if ast is None else compile_truth(ast, places)

    def value(ast: Ast | None) -> Closure | None:
        return None if ast is None else compile_value(ast, places)

    severities = _severities(question, choices)
    names = frozenset(choice.name for choice in choices)
    return Asked(
        question,
        section,
        owner,
        relevant=truth(question.relevant),
        required=truth(question.required),
        constraint=truth(question.constraint),
        soft=truth(question.soft),
        calculation=value(question.calculation),
        default=value(question.default),
        severities=severities,
        failing=(question.negative or {}).get("fail", 0),
        quiet=names.difference(severities) if question.soft is None else frozenset(),
    )


def _severities(question: Question, choices: tuple[Choice, ...]) -> dict[str, int]:
    negative = question.negative or {}
    if question.list is None:
        return {ABOVE_ZERO: negative[ABOVE_ZERO]} if ABOVE_ZERO in negative else {}
    every = negative.get("any")
    found: dict[str, int] = {}
    for choice in choices:
        severity = negative.get(choice.name) or (None if choice.name in NO_OPINION else every)
        if severity is not None:
            found[choice.name] = severity
    return found


def _lay_steps(plan: Plan, outside: Places) -> None:
    containers: dict[str, Container] = {}
    for section in plan.definition.sections:
        inside: list[Asked] = []
        repeats: list[Repeat] = []
        for node in section.nodes:
            if not isinstance(node, Repeat):
                inside.append(plan.asked[node.id])
                continue
            inside += plan.rows[node.id]
            repeats.append(node)
            if node.relevant is not None:
                relevant = compile_truth(node.relevant, outside)
                containers[node.id] = Container(node.id, relevant, plan.rows[node.id], [node])
        if section.relevant is not None:
            containers[section.id] = Container(section.id, compile_truth(section.relevant, outside), inside, repeats)
    for settled in plan.definition.order:
        step = containers.get(settled) or plan.asked.get(settled)
        if step is not None:
            plan.steps.append(step)
