"""Flags: negative indicators and soft checks that fired (docs/checklists.md §5).

`pwa/src/engine/flags.ts` is the twin; `tests/vectors/flags.json` is run by both.
"""

from typing import Final, Literal, NamedTuple, TypeAlias

from steppe.checklists.definition import Definition
from steppe.checklists.evaluation.answers import Answers
from steppe.checklists.evaluation.evaluation import Evaluation, evaluate, is_fixed
from steppe.checklists.evaluation.plan import ABOVE_ZERO, Asked, Part
from steppe.checklists.expressions.dates import Context
from steppe.checklists.expressions.env import Env, Truth
from steppe.checklists.expressions.limits import OverBudget
from steppe.checklists.expressions.values import number_of_text, text_of_answer

FlagKind: TypeAlias = Literal["negative", "soft", "unevaluated"]


UNEVALUATED_SEVERITY: Final = 1
"""Nothing is wrong with the answers: somebody has to look at the form."""


class Flag(NamedTuple):
    """One thing a reader should look at.

    `severity` is 1 to 3, or 0 for a soft check to which the form gives none. `answer` is the choice or number
    that made a negative indicator; soft checks have none, nor has what could not be evaluated.
    """

    path: str
    question: str
    kind: FlagKind
    severity: int
    answer: str | None = None


def flags(definition: Definition, answers: Answers, context: Context) -> list[Flag]:
    """The flags of a filled checklist: questions in document order, rows in their order, negatives before soft."""
    return flags_of(evaluate(definition, answers, context))


def flags_of(evaluation: Evaluation) -> list[Flag]:
    """The flags of answers already evaluated."""
    env = evaluation.env
    values = env.values
    found: list[Flag] = []
    for asked in evaluation.plan.flagging:
        # Most questions stand outside repeats and most answers raise no flag: those cost two look-ups.
        if not asked.chain:
            answer = values.get(asked.question.id)
            if answer is not None and not (answer.__class__ is str and answer in asked.quiet):
                _raise_flags(asked, asked.question.id, answer, env, found)
            continue
        for prefix in env.enter(asked.chain):
            path = prefix + asked.question.id
            answer = values.get(path)
            if answer is not None:
                _raise_flags(asked, path, answer, env, found)
    return found + _unevaluated(evaluation)


def _unevaluated(evaluation: Evaluation) -> list[Flag]:
    """What could not be evaluated, one flag a question whatever its rows; of a section, at what it asks first."""
    first: dict[str, str] = {}
    for path, id_ in evaluation.env.unevaluated.items():
        first.setdefault(id_, path)
    asked = evaluation.plan.asked
    inside = {step.section.id: step.questions for step in evaluation.plan.steps if isinstance(step, Part)}
    inside |= {name: rows.questions for name, rows in evaluation.plan.rows.items()}
    found: list[Flag] = []
    for id_, path in first.items():
        question = id_ if id_ in asked else next((one.question.id for one in inside.get(id_, ())), None)
        if question is not None:
            found.append(Flag(path, question, "unevaluated", UNEVALUATED_SEVERITY))
    places = {name: place for place, name in enumerate(asked)}
    return sorted(found, key=lambda flag: places[flag.question])


def _raise_flags(asked: Asked, path: str, answer: object, env: Env, found: list[Flag]) -> None:
    if asked.severities:
        found += _negatives(asked, path, answer, env)
    # Nobody can correct a calculated answer: what its constraint says is for the reader.
    env.self_value = answer
    is_given = asked.is_uncorrectable or (asked.read_only is not None and is_fixed(asked.read_only, env))
    checks = (asked.soft, asked.constraint if is_given else None)
    if any(check is not None and not _holds(check, asked, path, answer, env) for check in checks):
        found.append(Flag(path, asked.question.id, "soft", asked.failing))


def _holds(check: Truth, asked: Asked, path: str, answer: object, env: Env) -> bool:
    env.self_value = answer
    env.begin()
    try:
        return check(env)
    except OverBudget:
        env.unevaluated[path] = asked.question.id
        return True


def _negatives(asked: Asked, path: str, answer: object, env: Env) -> list[Flag]:
    question, severities = asked.question, asked.severities
    if question.list is not None or question.table is not None:
        names = [text_of_answer(name) for name in answer] if isinstance(answer, list) else [text_of_answer(answer)]
        return [Flag(path, question.id, "negative", severities[name], name) for name in names if name in severities]
    text = text_of_answer(answer)
    if number_of_text(text, env.context) > 0:
        return [Flag(path, question.id, "negative", severities[ABOVE_ZERO], text)]
    return []
