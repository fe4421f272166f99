"""What a filled checklist amounts to: which answers count, what is calculated, what is missing or contradicts.

`evaluate` is the server's whole-form evaluation; the phone re-evaluates only what a keystroke touches
(`pwa/src/engine/fill.ts`) and must come to the same end.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from steppe.checklists.definition import Definition, Texts
from steppe.checklists.evaluation.answers import Answer, Answers, answer_of_value, is_empty
from steppe.checklists.evaluation.plan import Asked, Part, Plan, Rows, plan_of
from steppe.checklists.expressions.dates import Context
from steppe.checklists.expressions.env import Env, Truth, rows_of
from steppe.checklists.expressions.limits import TEXT_BYTES, OverBudget, utf8_length

MOST_ROWS: Final = 1000
"""More rows than any form asks for; a slip in a count must not freeze a phone."""


@dataclass(frozen=True, slots=True)
class AnswerGap:
    """A reason why a checklist cannot be finished yet."""

    path: str
    question: str
    kind: Literal["required", "constraint"]
    message: Texts | None


class Evaluation:
    """The outcome of evaluating one set of answers.

    Attributes:
        values: path → answer of everything relevant, calculations included, empty answers left out; with the row
            lists of relevant repeats. These are the cleaned answers a finished report carries.
        irrelevant: paths of questions and repeats, and ids of sections, that do not apply.
    """

    __slots__ = ("env", "plan")

    def __init__(self, plan: Plan, env: Env) -> None:
        self.plan = plan
        self.env = env

    @property
    def values(self) -> dict[str, object]:
        """What counts: path → answer."""
        return self.env.values

    @property
    def irrelevant(self) -> set[str]:
        """What does not apply: paths of questions and repeats, ids of sections."""
        return self.env.irrelevant

    def is_relevant(self, path: str) -> bool:
        """Whether the question at a path applies, its section and repeat included."""
        return path not in self.env.irrelevant

    def gaps(self) -> list[AnswerGap]:
        """What blocks finishing, in document order: required answers missing, constraints broken."""
        found: list[AnswerGap] = []
        for asked in self.plan.asked.values():
            if asked.is_uncorrectable or (asked.required is None and asked.constraint is None):
                continue
            for path in self.enter(asked):
                if asked.read_only is not None and is_fixed(asked.read_only, self.env):
                    continue
                gap = self._gap(asked, path)
                if gap is not None:
                    found.append(gap)
        return found

    def _gap(self, asked: Asked, path: str) -> AnswerGap | None:
        question = asked.question
        if self.env.self_value is None:
            if asked.required is not None and self._is_required(asked.required):
                return AnswerGap(path, question.id, "required", question.required_message)
        elif asked.constraint is not None and not _holds(asked.constraint, self.env, path, question.id):
            return AnswerGap(path, question.id, "constraint", question.constraint_message)
        return None

    def _is_required(self, required: Truth) -> bool:
        self.env.begin()
        try:
            return required(self.env)
        except OverBudget:
            return False

    def enter(self, asked: Asked) -> Iterator[str]:
        """Each path where a question is asked and relevant, with the environment standing there."""
        env = self.env
        values = env.values
        for prefix in env.enter(asked.chain):
            path = prefix + asked.question.id
            if path not in env.irrelevant:
                env.self_value = values.get(path)
                yield path


def is_fixed(read_only: Truth, env: Env) -> bool:
    """Whether nobody can change an answer by its condition; one beyond its budget leaves it open."""
    env.begin()
    try:
        return read_only(env)
    except OverBudget:
        return False


def evaluate(definition: Definition, answers: Answers, context: Context) -> Evaluation:
    """Relevance and calculations of a whole checklist; never raises, whatever the answers hold.

    An expression beyond its limits has no value: what it decides over stays, and `env.unevaluated` names it.

    Answers of irrelevant questions, of unknown questions and of rows that no longer exist do not count.
    """
    plan = plan_of(definition)
    values = _standing(plan, answers)
    env = Env(values, context, plan.choice_names, plan.sources, version=definition.version)
    env.unevaluated.update(_too_long(values))
    for step in plan.steps:
        if isinstance(step, Part):
            _settle_section(step, env)
        elif isinstance(step, Rows):
            for prefix in env.enter(step.chain):
                _settle_rows(step, prefix, env)
        elif not step.chain:
            _settle(plan, step, step.question.id, env)
        else:
            for prefix in env.enter(step.chain):
                _settle(plan, step, prefix + step.question.id, env)
    return Evaluation(plan, env)


def default_answers(definition: Definition, context: Context) -> dict[str, Answer]:
    """The answers a new checklist begins with: defaults in document order, each seeing those before it."""
    plan = plan_of(definition)
    values: dict[str, object] = {}
    env = Env(values, context, plan.choice_names, plan.sources, version=definition.version)
    begun: dict[str, Answer] = {}
    for asked in plan.asked.values():
        if asked.default is not None and asked.repeat == "":
            env.begin()
            try:
                answer = answer_of_value(asked.question, asked.default(env), plan.list_order, context)
            except OverBudget:
                continue
            if answer is not None:
                values[asked.question.id] = begun[asked.question.id] = answer
    return begun


def _too_long(values: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Text answers beyond their limit, path → question: a phone of this version does not write them."""
    for path, answer in values.items():
        if answer.__class__ is str and len(answer) > TEXT_BYTES // 4 and utf8_length(answer) > TEXT_BYTES:
            yield path, path.rpartition("/")[2]


def _standing(plan: Plan, answers: Answers) -> dict[str, object]:
    """The answers that stand somewhere: not empty, of a question of the form, of a row that exists."""
    asked = plan.outside
    values: dict[str, object] = {}
    inside: list[str] = []
    for path, answer in answers.items():
        if path in asked:
            if answer not in (None, "", []):  # as is_empty, without its call
                values[path] = answer
        elif not is_empty(answer):
            inside.append(path)
    if inside:
        values.update(_standing_inside(plan, answers, inside))
    return values


def _standing_inside(plan: Plan, answers: Answers, inside: list[str]) -> dict[str, object]:
    """The rows of all repeats, and of these paths those of questions in such a row."""
    values: dict[str, object] = {}
    standing = {"": ""}
    for rows in plan.rows.values():
        around = rows.chain[-1] if rows.chain else ""
        for prefix in [prefix for prefix, repeat in standing.items() if repeat == around]:
            path = prefix + rows.repeat.id
            held = answers.get(path)
            if isinstance(held, list) and held:
                values[path] = held
                standing.update({f"{path}/{row}/": rows.repeat.id for row in held})
    for path in inside:
        prefix, _, question = path.rpartition("/")
        asked = plan.asked.get(question)
        if asked is not None and asked.chain and standing.get(f"{prefix}/") == asked.repeat:
            values[path] = answers[path]
    return values


def _settle_section(part: Part, env: Env) -> None:
    if part.relevant is not None and not _holds(part.relevant, env, part.section.id, part.section.id):
        env.irrelevant.add(part.section.id)
        _leave_out(part.questions, part.inner, "", env)


def _settle_rows(rows: Rows, prefix: str, env: Env) -> None:
    """Relevance and number of the rows of a repeat inside one row."""
    path = prefix + rows.repeat.id
    if path in env.irrelevant:
        return
    if rows.relevant is not None and not _holds(rows.relevant, env, path, rows.repeat.id):
        _leave_out((), [rows], prefix, env)
        return
    standing = rows_of(env.values, path)
    if rows.count is None or not standing:
        return
    env.begin()
    try:
        wanted = _wanted(rows.count(env))
    except OverBudget:
        env.unevaluated[path] = rows.repeat.id
        return
    for row in standing[wanted:]:
        _leave_out(rows.questions, rows.inner, f"{path}/{row}/", env)
    if wanted == 0:
        del env.values[path]
    elif wanted < len(standing):
        env.values[path] = standing[:wanted]


def _wanted(count: float) -> int:
    """The rows a count asks for: whole, none below zero or for what is no number."""
    return 0 if math.isnan(count) else math.trunc(min(MOST_ROWS, max(0.0, count)))


def _leave_out(questions: Iterable[Asked], inner: Iterable[Rows], prefix: str, env: Env) -> None:
    """What stands in a row, or outside all, does not apply: neither do the rows in it."""
    for asked in questions:
        path = prefix + asked.question.id
        env.irrelevant.add(path)
        env.values.pop(path, None)
    for rows in inner:
        path = prefix + rows.repeat.id
        for row in rows_of(env.values, path):
            _leave_out(rows.questions, rows.inner, f"{path}/{row}/", env)
        env.irrelevant.add(path)
        env.values.pop(path, None)


def _holds(condition: Truth, env: Env, path: str, id_: str) -> bool:
    """Whether a condition holds; one beyond its budget does, so that no answer is left out because of it."""
    env.begin()
    try:
        return condition(env)
    except OverBudget:
        env.unevaluated[path] = id_
        return True


def _settle(plan: Plan, asked: Asked, path: str, env: Env) -> None:
    if path in env.irrelevant:
        return
    if asked.relevant is not None and not _holds(asked.relevant, env, path, asked.question.id):
        env.irrelevant.add(path)
        env.values.pop(path, None)
        return
    if asked.calculation is not None:
        env.self_value = env.values.get(path)
        if asked.is_momentary and env.self_value is not None:
            return
        env.begin()
        try:
            answer = answer_of_value(asked.question, asked.calculation(env), plan.list_order, env.context)
        except OverBudget:
            env.unevaluated[path] = asked.question.id
            answer = None
        if answer is not None and asked.check is not None and asked.check(answer) is not None:
            env.unevaluated[path] = asked.question.id
            answer = None
        if answer is None:
            env.values.pop(path, None)
        else:
            env.values[path] = answer
