"""A definition made ready to run: its expressions compiled once, its steps in evaluation order.

Plans are cached per definition object, so callers keep the parsed definition, not its bytes, at hand.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from steppe.checklists.definition import NO_OPINION, Ast, Definition, Question, Repeat, Section
from steppe.checklists.evaluation.fitting import Check, check_of
from steppe.checklists.evaluation.volatile import is_given, is_momentary, is_uncorrectable
from steppe.checklists.expressions.env import Closure, Numeric, Reach, Truth
from steppe.checklists.expressions.expressions import compile_number, compile_truth, compile_value
from steppe.checklists.expressions.sources import Source, offered_labels, sources_of

ABOVE_ZERO: Final = ">0"
"""The negative key of a number above zero."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where answers are, seen from inside a chain of repeats (`()` is outside all)."""

    chains: Mapping[str, tuple[str, ...]]
    """Question id → the repeats it stands in; repeat id → those around it. Outermost first."""
    repeats: frozenset[str]
    here: tuple[str, ...]

    def chain(self, name: str) -> tuple[str, ...]:
        """See `steppe.checklists.expressions.env.References`."""
        return self.chains.get(name, ())

    def shared(self, name: str) -> int:
        """See `steppe.checklists.expressions.env.References`."""
        depth = 0
        for here, there in zip(self.here, self.chain(name), strict=False):
            if here != there:
                break
            depth += 1
        return depth

    def reach(self, name: str) -> Reach:
        """See `steppe.checklists.expressions.env.References`."""
        depth, chain = self.shared(name), self.chain(name)
        if name in self.repeats:
            return Reach("rows", depth, chain[depth:])
        return Reach("many", depth, chain[depth:]) if depth < len(chain) else Reach("one", depth)


@dataclass(slots=True)
class Asked:
    """A question with its compiled expressions; None where the form has none.

    `severities` are its negative indicators, choice by choice (`any` spelled out), or under `>0` for numbers;
    `failing` is the severity of its soft check, 0 when the form gives none. `quiet` are choices that raise none.
    `chain` are the repeats it stands in, outermost first, and `repeat` the innermost. `calculation` is None too
    where only a phone can calculate; with `is_momentary` it is run only where the phone stored nothing. `check` says
    whether what it gives fits the question; None where anything does. Of an `is_uncorrectable` answer, and of any
    while `read_only` holds, the constraint is a soft check.
    """

    question: Question
    section: Section
    chain: tuple[str, ...]
    repeat: str
    relevant: Truth | None
    required: Truth | None
    constraint: Truth | None
    soft: Truth | None
    read_only: Truth | None
    calculation: Closure | None
    is_momentary: bool
    default: Closure | None
    severities: dict[str, int]
    failing: int
    quiet: frozenset[str]
    is_uncorrectable: bool
    check: Check | None


@dataclass(slots=True)
class Rows:
    """A repeat: the `chain` of repeats around it, its questions, and the repeats directly in its rows."""

    repeat: Repeat
    chain: tuple[str, ...]
    relevant: Truth | None
    count: Numeric | None
    questions: list[Asked] = field(default_factory=list)
    inner: list["Rows"] = field(default_factory=list)


@dataclass(slots=True)
class Part:
    """A section: its questions outside repeats, and its repeats that are not nested."""

    section: Section
    relevant: Truth | None
    questions: list[Asked] = field(default_factory=list)
    inner: list[Rows] = field(default_factory=list)


@dataclass(slots=True)
class Plan:
    """Everything evaluation needs, in the order it needs it.

    Attributes:
        asked: id → question, in document order.
        steps: sections, repeats and questions that something decides over, each after what it reads.
        outside: the ids of questions that stand in no repeat.
        rows: repeat id → repeat, in document order.
        flagging: the questions with a negative indicator or what counts as a soft check, in document order.
        choice_names: question id → choice name → label in the default language.
        list_order: question id → choice name → place among its choices.
        sources: choice lists and tables by name.
    """

    definition: Definition
    asked: dict[str, Asked] = field(default_factory=dict)
    steps: list[Asked | Rows | Part] = field(default_factory=list)
    outside: set[str] = field(default_factory=set)
    rows: dict[str, Rows] = field(default_factory=dict)
    flagging: list[Asked] = field(default_factory=list)
    choice_names: dict[str, dict[str, str]] = field(default_factory=dict)
    list_order: dict[str, dict[str, int]] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)


class _OwnNames(dict[str, str]):
    """Choices that rows of a repeat offer: each is its own label."""

    def get(self, key: str, default: object = None) -> str:
        del default
        return key


@lru_cache(maxsize=128)
def plan_of(definition: Definition) -> Plan:
    """The plan of a definition; the same object until 128 others were used since."""
    plan = Plan(definition, sources=sources_of(definition))
    chains = chains_of(definition)
    repeats = frozenset(repeat.id for _, repeat in definition.repeats())
    checked: dict[tuple[str | None, ...], frozenset[str]] = {}
    for section, repeat, question in definition.questions():
        if question.list is not None or question.table is not None:
            names = _named_choices(plan, question)
            plan.choice_names[question.id] = names
            plan.list_order[question.id] = {name: place for place, name in enumerate(names)}
        elif question.rows is not None:
            plan.choice_names[question.id] = _OwnNames()
        asked = _asked(plan, question, section, Places(chains, repeats, chains[question.id]), checked)
        plan.asked[question.id] = asked
        if repeat is None:
            plan.outside.add(question.id)
        may_be_fixed = asked.is_uncorrectable or asked.read_only is not None
        if question.soft is not None or question.negative or (may_be_fixed and question.constraint):
            plan.flagging.append(asked)
    _lay_steps(plan, chains, repeats)
    return plan


def chains_of(definition: Definition) -> dict[str, tuple[str, ...]]:
    """Question id → the repeats it stands in, outermost first; repeat id → those around it."""
    chains: dict[str, tuple[str, ...]] = {}
    for section in definition.sections:
        for node in section.nodes:
            if not isinstance(node, Repeat):
                chains[node.id] = ()
                continue
            around = (*chains.get(node.inside, ()), node.inside) if node.inside is not None else ()
            chains[node.id] = around
            chains.update({question.id: (*around, node.id) for question in node.questions})
    return chains


def _named_choices(plan: Plan, question: Question) -> dict[str, str]:
    """The choices of a question; questions that share a list or table share the dictionary."""
    for other_id, names in plan.choice_names.items():
        other = plan.asked[other_id].question
        if other.rows is None and (other.list, other.table, other.value, other.text) == (
            question.list,
            question.table,
            question.value,
            question.text,
        ):
            return names
    return offered_labels(plan.definition, question)


def _asked(
    plan: Plan,
    question: Question,
    section: Section,
    places: Places,
    checked: dict[tuple[str | None, ...], frozenset[str]],
) -> Asked:
    def truth(ast: Ast | None) -> Truth | None:
        return None if ast is None else compile_truth(ast, places)

    def value(ast: Ast | None) -> Closure | None:
        return None if ast is None else compile_value(ast, places)

    names = plan.choice_names.get(question.id)
    severities = _severities(question, names)
    is_fixed = is_uncorrectable(question)
    may_be_fixed = is_fixed or question.read_only_when is not None
    is_checked = question.soft is not None or (may_be_fixed and question.constraint is not None)
    fits_any = question.calculation is None or question.type in {"calculate", "hidden", "metadata", "note", "text"}
    return Asked(
        question,
        section,
        places.here,
        places.here[-1] if places.here else "",
        relevant=truth(question.relevant),
        required=truth(question.required),
        constraint=truth(question.constraint),
        soft=truth(question.soft),
        read_only=truth(question.read_only_when),
        calculation=None if is_given(question) else value(question.calculation),
        is_momentary=is_momentary(question),
        default=value(question.default),
        severities=severities,
        failing=(question.negative or {}).get("fail", 0),
        quiet=frozenset() if is_checked else frozenset(names or ()).difference(severities),
        is_uncorrectable=is_fixed,
        check=None if fits_any else check_of(plan.definition, question, checked),
    )


def _severities(question: Question, names: Mapping[str, str] | None) -> dict[str, int]:
    negative = question.negative or {}
    if names is None:
        return {ABOVE_ZERO: negative[ABOVE_ZERO]} if ABOVE_ZERO in negative else {}
    every = negative.get("any")
    found: dict[str, int] = {}
    for name in names if negative else ():
        severity = negative.get(name) or (None if name in NO_OPINION else every)
        if severity is not None:
            found[name] = severity
    return found


def _lay_steps(plan: Plan, chains: Mapping[str, tuple[str, ...]], repeats: frozenset[str]) -> None:
    outside = Places(chains, repeats, ())
    parts: dict[str, Part] = {}
    for section in plan.definition.sections:
        relevant = None if section.relevant is None else compile_truth(section.relevant, outside)
        part = parts[section.id] = Part(section, relevant)
        for node in section.nodes:
            if not isinstance(node, Repeat):
                part.questions.append(plan.asked[node.id])
                continue
            places = Places(chains, repeats, chains[node.id])
            rows = plan.rows[node.id] = Rows(
                node,
                places.here,
                None if node.relevant is None else compile_truth(node.relevant, places),
                None if node.count is None else compile_number(node.count, places),
                [plan.asked[question.id] for question in node.questions],
            )
            (part if node.inside is None else plan.rows[node.inside]).inner.append(rows)
    for settled in plan.definition.order:
        step = parts.get(settled) or plan.rows.get(settled) or plan.asked.get(settled)
        if step is not None:
            plan.steps.append(step)
