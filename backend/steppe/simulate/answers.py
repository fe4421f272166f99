"""A checklist filled as an observer fills it: valid under its definition, varied, and the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final
from uuid import UUID

from steppe.checklists.answers import Answer
from steppe.checklists.definition import Definition, Question, Repeat
from steppe.checklists.evaluation import AnswerGap, Evaluation, default_answers, evaluate
from steppe.checklists.flags import flags_of
from steppe.checklists.plan import plan_of
from steppe.simulate.draws import Draws
from steppe.simulate.habits import CUT_SHORT, ROWS, SHY
from steppe.simulate.scene import Scene

_PASSES: Final = 60
_SHY_OF: Final = {"text": 0.6, "geopoint": 0.5, "photo": 0.0, "date": 0.2, "datetime": 0.3}
"""How often an optional question of a type is left out; multiline texts are what observers are for."""
_LEFT_OUT: Final = 0.06
_MULTILINE_LEFT_OUT: Final = 0.25
_ROW_COUNTS: Final = (0, 1, 1, 2, 2, 3)
_DEFAULT_KEPT: Final = 0.5
"""How often somebody thorough leaves an answer as the form proposed it."""
_SLIP: Final = 0.08
"""How often a figure that fails its soft check stays as it is: the station's figures really are so."""


class CannotFillError(Exception):
    """No valid answer was found for a question: its constraint asks for something this filler cannot think of."""


def fill(definition: Definition, scene: Scene, rng: Random, *, is_thorough: bool = False) -> dict[str, Answer]:
    """Return the cleaned answers of a finished report, path → answer, as a phone sends them.

    Everything required is answered, every constraint holds, nothing irrelevant is left. `is_thorough`: nothing that
    applies is left out and every repeat has a row, which no real observer manages. Raises CannotFillError.
    """
    filling = _Filling(definition, scene, rng, Draws(definition, scene, rng, is_thorough), is_thorough)
    filling.answers.update(default_answers(definition, scene.context))
    gaps: list[AnswerGap] = []
    for attempt in range(_PASSES):
        evaluation = evaluate(definition, filling.answers, scene.context)
        filling.answers = dict(evaluation.values)
        if filling.ask(evaluation, is_first=attempt == 0):
            continue
        gaps = evaluation.gaps()
        if gaps:
            filling.mend(gaps, attempt)
        elif not filling.reconsider(evaluation, attempt):
            return filling.finished()
    msg = f"{definition.id}: {', '.join(gap.path for gap in gaps)}"
    raise CannotFillError(msg)


@dataclass
class _Filling:
    definition: Definition
    scene: Scene
    rng: Random
    draws: Draws
    is_thorough: bool
    answers: dict[str, Any] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    def ask(self, evaluation: Evaluation, *, is_first: bool) -> bool:
        """Answer what is asked and was not before; says whether anything was.

        Questions with a condition wait for the second pass: until the others are answered, the condition says little.
        """
        is_news = False
        for question, row, path in list(self._asked()):
            waits = is_first and question.relevant is not None
            if path in self.seen or waits or not evaluation.is_relevant(path):
                continue
            self.seen.add(path)
            is_news = True
            if question.calculation is None and question.read_only is None and not self._is_left_out(question, path):
                self._put(path, self.draws.value(question, self.answers, row))
        return self._add_rows(evaluation, is_first=is_first) or is_news or is_first

    def mend(self, gaps: list[AnswerGap], attempt: int) -> None:
        """Answer again what is missing or breaks a constraint."""
        for gap in gaps:
            question = self._question(gap.question)
            row = gap.path.removesuffix(gap.question)
            if gap.kind == "required":
                self._put(gap.path, self.draws.value(question, self.answers, row))
            else:
                self._put(gap.path, self.draws.other_value(question, self.answers, row, attempt))

    def reconsider(self, evaluation: Evaluation, attempt: int) -> bool:
        """Look again at figures that fail a soft check, as the phone asks; says whether one was changed."""
        is_changed = False
        for flag in flags_of(evaluation):
            if flag.kind != "soft" or f"!{flag.path}" in self.seen:
                continue
            question = self._question(flag.question)
            # A calculation cannot be answered again; the figures it compares stand as they are in the protocol.
            is_kept = self.is_thorough or self.rng.random() < _SLIP or attempt > _PASSES // 2
            if question.calculation is not None or is_kept:
                self.seen.add(f"!{flag.path}")
                continue
            row = flag.path.removesuffix(flag.question)
            self._put(flag.path, self.draws.value(question, self.answers, row))
            is_changed = True
        return is_changed

    def finished(self) -> dict[str, Answer]:
        """Return the answers; rows nobody wrote anything in are gone with their list."""
        return {path: answer for path, answer in self.answers.items() if answer not in (None, "", [])}

    def _question(self, question_id: str) -> Question:
        return plan_of(self.definition).asked[question_id].question

    def _asked(self) -> Iterator[tuple[Question, str, str]]:
        for _, repeat, question in self.definition.questions():
            if question.type == "note":
                continue
            if repeat is None:
                yield question, "", question.id
                continue
            for row_id in self.answers.get(repeat.id, ()):
                row = f"{repeat.id}/{row_id}/"
                yield question, row, row + question.id

    def _add_rows(self, evaluation: Evaluation, *, is_first: bool) -> bool:
        is_news = False
        for _, repeat in self.definition.repeats():
            waits = is_first and repeat.relevant is not None
            if repeat.id in self.seen or waits or not evaluation.is_relevant(repeat.id):
                continue
            self.seen.add(repeat.id)
            if rows := [self._row_id() for _ in range(self._row_count(repeat))]:
                self.answers[repeat.id] = rows
                is_news = True
        return is_news

    def _row_count(self, repeat: Repeat) -> int:
        if self._is_cut_short():
            return 0
        known = [len(ROWS[question.id]) for question in repeat.questions if question.id in ROWS]
        if known:
            return known[0]
        lists = {question.list for question in repeat.questions if question.type == "select_one"}
        for _, inside, question in self.definition.questions():
            chosen = self.answers.get(question.id)
            if inside is None and question.type == "select_multiple" and question.list in lists and chosen:
                return min(3, len(chosen))
        count = self.rng.choice((1, 1, 2)) if repeat.relevant is not None else self.rng.choice(_ROW_COUNTS)
        return max(1, count) if self.is_thorough else count

    def _row_id(self) -> str:
        """Return a UUIDv7 of the report's time, drawn from the seed so that a seed means the same answers."""
        milliseconds = int(self.scene.finished_at.timestamp() * 1000)
        drawn = self.rng.getrandbits(12) << 64 | self.rng.getrandbits(62)
        return str(UUID(int=milliseconds << 80 | 0x7 << 76 | 0x2 << 62 | drawn))

    def _is_left_out(self, question: Question, path: str) -> bool:
        is_there = path in self.answers
        if self.is_thorough:
            return is_there and self.rng.random() < _DEFAULT_KEPT
        if question.required == ["b", True]:
            return is_there
        if is_there or self._is_cut_short():
            return True
        if "multiline" in (question.appearance or ()):
            return self.rng.random() < _MULTILINE_LEFT_OUT
        if question.location is not None or question.id == "locality" or question.relevant is not None:
            return False
        return self.rng.random() < SHY.get(question.id, _SHY_OF.get(question.type, _LEFT_OUT))

    def _is_cut_short(self) -> bool:
        return any(self.answers.get(question) == answer for question, answer in CUT_SHORT)

    def _put(self, path: str, answer: Answer | None) -> None:
        if answer in (None, "", []):
            self.answers.pop(path, None)
        else:
            self.answers[path] = answer
