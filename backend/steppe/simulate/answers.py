"""A checklist filled as an observer fills it: valid under its definition, varied, and the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import isfinite
from random import Random
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from steppe.checklists.definition import Definition, Question
from steppe.checklists.evaluation.answers import Answer
from steppe.checklists.evaluation.evaluation import MOST_ROWS, AnswerGap, Evaluation, default_answers, evaluate
from steppe.checklists.evaluation.flags import flags_of
from steppe.checklists.evaluation.plan import Rows, plan_of
from steppe.simulate.draws import CHOOSING, Draws
from steppe.simulate.habits import CUT_SHORT, ROWS, SHY
from steppe.simulate.offers import Offers
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
    filling.answers.update(_noted_by_phone(definition, scene))
    gaps: list[AnswerGap] = []
    for attempt in range(_PASSES):
        evaluation = evaluate(definition, filling.answers, scene.context)
        filling.answers = dict(evaluation.values)
        if filling.ask(evaluation, is_first=attempt == 0):
            continue
        gaps = evaluation.gaps()
        if gaps:
            filling.mend(evaluation, gaps, attempt)
        elif not filling.choose_again(evaluation) and not filling.reconsider(evaluation, attempt):
            return filling.finished()
    msg = f"{definition.id}: {', '.join(gap.path for gap in gaps)}"
    raise CannotFillError(msg)


def _noted_by_phone(definition: Definition, scene: Scene) -> dict[str, Answer]:
    """Return what a phone notes by itself: when the form was opened and finished, and the day."""
    zone = ZoneInfo(scene.zone)
    noted = {
        "start": scene.began_at.astimezone(zone).isoformat(timespec="milliseconds"),
        "end": scene.finished_at.astimezone(zone).isoformat(timespec="milliseconds"),
        "today": scene.finished_at.astimezone(zone).date().isoformat(),
    }
    return {
        question.id: noted[question.metadata]
        for _, _, question in definition.questions()
        if question.type == "metadata" and question.metadata in noted
    }


@dataclass
class _Filling:
    definition: Definition
    scene: Scene
    rng: Random
    draws: Draws
    is_thorough: bool
    answers: dict[str, Any] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.offers = Offers(self.definition)

    def ask(self, evaluation: Evaluation, *, is_first: bool) -> bool:
        """Answer what is asked and was not before; says whether anything was.

        Questions with a condition wait for the second pass: until the others are answered, the condition says little.
        So does, from pass to pass, a choice that is filtered by what has just been answered.
        """
        is_news = False
        for question, row, path in list(self._asked()):
            waits = (is_first and question.relevant is not None) or (is_news and _hangs(question))
            if path in self.seen or waits or not evaluation.is_relevant(path):
                continue
            self.seen.add(path)
            is_news = True
            if question.calculation is None and question.read_only is None and not self._is_left_out(question, path):
                self._put(path, self._drawn(evaluation, question, row))
        return self._add_rows(evaluation, is_first=is_first) or is_news or is_first

    def choose_again(self, evaluation: Evaluation) -> bool:
        """Choose again where what was chosen is offered no more, as a phone clears it; says whether anything was."""
        is_news = False
        for question, row, path in list(self._asked()):
            if is_news or not _hangs(question) or path not in self.answers or not evaluation.is_relevant(path):
                continue
            chosen = self.answers[path] if isinstance(self.answers[path], list) else [self.answers[path]]
            if not set(chosen) <= set(self.offers.names(evaluation, question, row)):
                self._put(path, self._drawn(evaluation, question, row))
                is_news = True
        return is_news

    def _drawn(self, evaluation: Evaluation, question: Question, row: str) -> Answer | None:
        return self.draws.value(question, self.answers, row, self._offered(evaluation, question, row))

    def _offered(self, evaluation: Evaluation, question: Question, row: str) -> Sequence[str]:
        return self.offers.names(evaluation, question, row) if question.type in CHOOSING else ()

    def mend(self, evaluation: Evaluation, gaps: list[AnswerGap], attempt: int) -> None:
        """Answer again what is missing or breaks a constraint."""
        for gap in gaps:
            question = self._question(gap.question)
            row = gap.path.removesuffix(gap.question)
            if gap.kind == "required":
                self._put(gap.path, self._drawn(evaluation, question, row))
            else:
                offered = self._offered(evaluation, question, row)
                self._put(gap.path, self.draws.other_value(question, self.answers, row, attempt, offered))

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
            self._put(flag.path, self._drawn(evaluation, question, flag.path.removesuffix(flag.question)))
            is_changed = True
        return is_changed

    def finished(self) -> dict[str, Answer]:
        """Return the answers; rows nobody wrote anything in are gone with their list."""
        return {path: answer for path, answer in self.answers.items() if answer not in (None, "", [])}

    def _question(self, question_id: str) -> Question:
        return plan_of(self.definition).asked[question_id].question

    def _asked(self) -> Iterator[tuple[Question, str, str]]:
        """Yield each question with the row it stands in and its path, in document order."""
        for asked in plan_of(self.definition).asked.values():
            if asked.question.type not in {"note", "metadata", "hidden"}:
                for row in self._prefixes(asked.chain):
                    yield asked.question, row, row + asked.question.id

    def _prefixes(self, chain: tuple[str, ...]) -> list[str]:
        """Return the rows under a chain of repeats: `""` outside, `outer/id/inner/id/` inside."""
        prefixes = [""]
        for repeat in chain:
            prefixes = [
                f"{prefix}{repeat}/{row}/" for prefix in prefixes for row in self.answers.get(prefix + repeat, ())
            ]
        return prefixes

    def _add_rows(self, evaluation: Evaluation, *, is_first: bool) -> bool:
        is_news = False
        for rows in plan_of(self.definition).rows.values():
            repeat = rows.repeat
            if is_first and (repeat.relevant is not None or repeat.count is not None):
                continue
            for prefix in self._prefixes(rows.chain):
                path = prefix + repeat.id
                if not evaluation.is_relevant(path):
                    continue
                if repeat.count is not None:
                    is_news |= self._count_rows(evaluation, rows, prefix)
                elif path not in self.seen:
                    self.seen.add(path)
                    if added := [self._row_id() for _ in range(self._row_count(rows))]:
                        self.answers[path] = added
                        is_news = True
        return is_news

    def _count_rows(self, evaluation: Evaluation, rows: Rows, prefix: str) -> bool:
        """Keep as many rows as the form counts; says whether that changed anything."""
        path = prefix + rows.repeat.id
        wanted = 0.0
        for here in evaluation.env.enter(rows.chain):
            if here == prefix and rows.count is not None:
                wanted = rows.count(evaluation.env)
        held = list(self.answers.get(path, ()))
        count = int(min(MOST_ROWS, max(0.0, wanted))) if isfinite(wanted) else 0
        if len(held) == count:
            return False
        kept = held[:count] + [self._row_id() for _ in range(count - len(held))]
        self._put(path, kept)
        return True

    def _row_count(self, rows: Rows) -> int:
        repeat = rows.repeat
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


def _hangs(question: Question) -> bool:
    """Whether what the question offers hangs on other answers."""
    return question.filter is not None or question.rows is not None
