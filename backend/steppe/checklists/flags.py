"""Flags: negative indicators and soft checks that fired (docs/checklists.md §4).

``pwa/src/checklists/flags.ts`` is the twin; ``tests/vectors/flags.json`` is run by both.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from steppe.checklists.answers import Answers
from steppe.checklists.dates import Context
from steppe.checklists.definition import NO_OPINION, Definition
from steppe.checklists.evaluation import Evaluation, evaluate
from steppe.checklists.plan import Asked
from steppe.checklists.values import number_of_text, text_of_answer

FlagKind: TypeAlias = Literal["negative", "soft"]


@dataclass(frozen=True, slots=True)
class Flag:
    """One thing a reader should look at.

    ``severity`` is 1 to 3, or 0 for a soft check to which the form gives none. ``answer`` is the choice or number
    that made a negative indicator; soft checks have none.
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
    found: list[Flag] = []
    for asked in evaluation.plan.flagging:
        for path in evaluation.enter(asked):
            if evaluation.env.self_value is not None:
                found += _flags_at(evaluation, asked, path)
    return found


def _flags_at(evaluation: Evaluation, asked: Asked, path: str) -> Iterator[Flag]:
    question = asked.question
    negative = question.negative or {}
    if negative:
        yield from _negatives(asked, path, evaluation)
    if asked.soft is not None and not asked.soft(evaluation.env):
        yield Flag(path, question.id, "soft", negative.get("fail", 0))


def _negatives(asked: Asked, path: str, evaluation: Evaluation) -> Iterator[Flag]:
    question = asked.question
    negative = question.negative or {}
    answer = evaluation.env.self_value
    if question.list is not None:
        for name in answer if isinstance(answer, list) else [text_of_answer(answer)]:
            severity = negative.get(name) or (None if name in NO_OPINION else negative.get("any"))
            if severity is not None:
                yield Flag(path, question.id, "negative", severity, name)
    elif ">0" in negative:
        text = text_of_answer(answer)
        if number_of_text(text, evaluation.env.context.offset) > 0:
            yield Flag(path, question.id, "negative", negative[">0"], text)
