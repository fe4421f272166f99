"""What a filled checklist amounts to: which answers count, what is calculated, what is missing or contradicts.

``evaluate`` is the server's whole-form evaluation; the phone re-evaluates only what a keystroke touches
(``pwa/src/checklists/fill.ts``) and must come to the same end.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from steppe.checklists.answers import Answer, Answers, answer_of_value, is_empty
from steppe.checklists.dates import Context
from steppe.checklists.definition import Definition, Texts
from steppe.checklists.expressions import Env, rows_of
from steppe.checklists.plan import Asked, Container, Plan, plan_of


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
        irrelevant: paths of questions, and ids of sections and repeats, that do not apply.
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
        """What does not apply: paths of questions, ids of sections and repeats."""
        return self.env.irrelevant

    def is_relevant(self, path: str) -> bool:
        """Whether the question at a path applies, its section and repeat included."""
        return path not in self.env.irrelevant

    def gaps(self) -> list[AnswerGap]:
        """What blocks finishing, in document order: required answers missing, constraints broken."""
        found: list[AnswerGap] = []
        for asked in self.plan.asked.values():
            if asked.required is None and asked.constraint is None:
                continue
            for path in self.enter(asked):
                gap = self._gap(asked, path)
                if gap is not None:
                    found.append(gap)
        return found

    def _gap(self, asked: Asked, path: str) -> AnswerGap | None:
        question = asked.question
        if self.env.self_value is None:
            if asked.required is not None and question.type != "note" and asked.required(self.env):
                return AnswerGap(path, question.id, "required", question.required_message)
        elif asked.constraint is not None and not asked.constraint(self.env):
            return AnswerGap(path, question.id, "constraint", question.constraint_message)
        return None

    def enter(self, asked: Asked) -> Iterator[str]:
        """Each path where a question is asked and relevant, with the environment standing there."""
        env = self.env
        values = env.values
        if asked.repeat == "":
            path = asked.question.id
            if path not in env.irrelevant:
                env.self_value = values.get(path)
                yield path
            return
        for path in enter_rows(env, asked):
            if path not in env.irrelevant:
                env.self_value = values.get(path)
                yield path
        env.prefix = ""
        env.position = 0


def evaluate(definition: Definition, answers: Answers, context: Context) -> Evaluation:
    """Relevance and calculations of a whole checklist; never raises, whatever the answers hold.

    Answers of irrelevant questions, of unknown questions and of rows that no longer exist do not count.
    """
    plan = plan_of(definition)
    values = _standing(plan, answers)
    env = Env(values, context, plan.choice_names)
    for step in plan.steps:
        if isinstance(step, Container):
            _settle_container(step, env)
        elif step.repeat == "":
            _settle(plan, step, step.question.id, env)
        else:
            for path in enter_rows(env, step):
                _settle(plan, step, path, env)
            env.prefix = ""
            env.position = 0
    return Evaluation(plan, env)


def default_answers(definition: Definition, context: Context) -> dict[str, Answer]:
    """The answers a new checklist begins with: defaults in document order, each seeing those before it."""
    plan = plan_of(definition)
    values: dict[str, object] = {}
    env = Env(values, context, plan.choice_names)
    begun: dict[str, Answer] = {}
    for asked in plan.asked.values():
        if asked.default is not None and asked.repeat == "":
            answer = answer_of_value(asked.question, asked.default(env), plan.list_order, context.offset)
            if answer is not None:
                values[asked.question.id] = begun[asked.question.id] = answer
    return begun


def enter_rows(env: Env, asked: Asked) -> Iterator[str]:
    """Each path of a question inside a repeat, with the environment standing in that row."""
    repeat = asked.repeat
    question = asked.question.id
    for position, row in enumerate(rows_of(env.values, repeat), 1):
        env.position = position
        env.prefix = prefix = f"{repeat}/{row}/"
        yield prefix + question


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
    for path in inside:
        if path in plan.rows and isinstance(answers[path], list):
            values[path] = answers[path]
    for path in inside:
        repeat, _, rest = path.partition("/")
        row, _, question = rest.partition("/")
        held = plan.asked.get(question)
        if held is not None and held.repeat == repeat and repeat != "" and row in rows_of(values, repeat):
            values[path] = answers[path]
    return values


def _settle_container(container: Container, env: Env) -> None:
    if container.relevant(env):
        return
    env.irrelevant.add(container.id)
    for asked in container.questions:
        paths = [asked.question.id] if asked.repeat == "" else list(enter_rows(env, asked))
        for path in paths:
            env.irrelevant.add(path)
            env.values.pop(path, None)
    env.prefix = ""
    env.position = 0
    for repeat in container.repeats:
        env.irrelevant.add(repeat.id)
        env.values.pop(repeat.id, None)


def _settle(plan: Plan, asked: Asked, path: str, env: Env) -> None:
    if path in env.irrelevant:
        return
    if asked.relevant is not None and not asked.relevant(env):
        env.irrelevant.add(path)
        env.values.pop(path, None)
        return
    if asked.calculation is not None:
        env.self_value = env.values.get(path)
        answer = answer_of_value(asked.question, asked.calculation(env), plan.list_order, env.context.offset)
        if answer is None:
            env.values.pop(path, None)
        else:
            env.values[path] = answer
