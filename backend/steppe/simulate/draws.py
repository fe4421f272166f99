"""One value for one question: of its type, in its list, as an observer would most likely answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final
from zoneinfo import ZoneInfo

from steppe.checklists.definition import NO_OPINION, Definition, Question
from steppe.checklists.evaluation.answers import Answer
from steppe.simulate import sentences
from steppe.simulate.figures import NUMBERS
from steppe.simulate.habits import ALONE, CLOCK, CUT_SHORT, DAYS, FOLLOWS, HOURS, ROWS, UNSEEN, WEIGHTS
from steppe.simulate.narratives import TOLD
from steppe.simulate.openings import Openings, openings_of
from steppe.simulate.scene import Scene
from steppe.simulate.sentences import Sentences

_BAD: Final = {1: 0.07, 2: 0.03, 3: 0.01}
"""Weight of a negative answer by severity, beside 1 for the good ones; the scene's trouble multiplies it."""
_UNSEEN: Final = 0.05
_ODD: Final = 0.4
"""How often somebody thorough brings a figure that fails its soft check."""
_NEAR: Final = 0.001
"""Degrees between the corners of a trace."""
CHOOSING: Final = frozenset({"select_one", "select_multiple", "rank"})
"""Types whose answer is one or several of what is offered."""
_LATER: Final = timedelta(minutes=38)
_LEFT_AFTER: Final = 0.85
"""Share of the time until Finish that is spent in a place; the rest goes into writing."""
_DIGITS: Final = ("7", "12", "2021", "A-7", "a", "+7 700 000 00 00", "x@example.org")


@dataclass
class Draws:
    """Draws values in one scene; times move on from question to question.

    `is_thorough`: nobody is turned away at the door, so that there is something to say about everything.
    """

    definition: Definition
    scene: Scene
    rng: Random
    is_thorough: bool = False
    _times: int = field(default=0, init=False)
    _moments: int = field(default=0, init=False)
    _openings: Openings | None = field(default=None, init=False)

    def value(self, question: Question, answers: Mapping[str, Any], row: str, offered: Sequence[str]) -> Answer | None:
        """Return an answer of the question's type; None for what nobody answers.

        `row` is `repeat/id/` inside a row, `offered` the names of the choices a choosing question offers there.
        """
        if question.type in CHOOSING:
            return self._chosen(question, answers, row, offered)
        if question.type in {"date", "time", "datetime"}:
            return self._when(question)
        if question.type == "text":
            return self._text(question, answers, row)
        if question.type in {"integer", "decimal"}:
            return self._number(question, answers)
        draw = self._draws_by_type().get(question.type)
        return draw(question) if draw else None

    def _draws_by_type(self) -> dict[str, Callable[[Question], Answer | None]]:
        """Return the draws that look at nothing but the question."""
        place, photo = self.scene.place, self.scene.photo
        return {
            "geopoint": lambda _question: f"{place.latitude} {place.longitude} 0 {self.rng.randint(4, 30)}",
            "geotrace": lambda _question: self._line(is_closed=False),
            "geoshape": lambda _question: self._line(is_closed=True),
            "range": self._on_scale,
            "barcode": lambda _question: f"{self.rng.randrange(10**12):012d}",
            "acknowledge": lambda _question: "OK",
            "photo": lambda _question: photo() if photo else None,
            "file": lambda _question: photo() if photo else None,
        }

    def _chosen(
        self, question: Question, answers: Mapping[str, Any], row: str, offered: Sequence[str]
    ) -> Answer | None:
        if question.type == "select_one":
            return self._one(question, answers, row, offered)
        if question.type == "select_multiple":
            return self._several(question, offered)
        return self.rng.sample(list(offered), len(offered)) or None

    def other_value(
        self, question: Question, answers: Mapping[str, Any], row: str, attempt: int, offered: Sequence[str]
    ) -> Answer | None:
        """Return another answer after one that broke a constraint: wider and wider from what people usually say."""
        if question.type in {"integer", "decimal"}:
            near = sorted(set(literals(question.constraint or [])) | set(literals(question.soft or []))) or [0.0]
            # First between the limits that are written down, then further and further around them.
            reach = (attempt // 3) ** 3
            low, high = near[0] - reach * (attempt % 2), near[-1] + reach
            drawn = self.rng.uniform(low, high)
            return round(drawn) if question.type == "integer" else round(drawn, 2)
        if question.type == "text" and question.location is None and attempt > 1:
            return self.rng.choice(_DIGITS)
        if question.type in {"date", "datetime", "time"} and attempt > 1:
            return self._moment(question, timedelta(minutes=self.rng.randint(-1440, 1440) * attempt))
        if question.type == "select_one":
            return self.rng.choice(list(offered)) if offered else None
        return self.value(question, answers, row, offered)

    def _weights(self, question: Question, names: Sequence[str]) -> dict[str, float]:
        """Return each choice's weight: the habit where one is known, else good practice with seldom lapses."""
        habit = WEIGHTS.get(question.id) or WEIGHTS.get(question.list or "")
        if habit is not None:
            known = {name: habit.get(name, 0.0) for name in names}
            return known if any(known.values()) else dict.fromkeys(names, 1.0)
        negative = question.negative or {}
        lapses = {
            name: _BAD[severity] * self.scene.trouble
            for name in names
            if (severity := negative.get(name) or (None if name in NO_OPINION else negative.get("any")))
        }
        good = [name for name in names if name not in lapses and name not in UNSEEN]
        unseen = _UNSEEN if good else 1.0
        return {name: lapses[name] if name in lapses else unseen if name in UNSEEN else 1 / len(good) for name in names}

    def _one(self, question: Question, answers: Mapping[str, Any], row: str, offered: Sequence[str]) -> str | None:
        if row and (named := self._named_before(question, answers, row)) in offered:
            return named
        if question.id in FOLLOWS and (follows := FOLLOWS[question.id](answers)):
            return follows
        weights = self._weights(question, offered)
        if self.is_thorough:
            weights = self._opening(question, weights)
        return self.rng.choices(list(weights), list(weights.values()))[0] if weights else None

    def _opening(self, question: Question, weights: Mapping[str, float]) -> dict[str, float]:
        """Return the weights of somebody who looks for what there is still to say."""
        if self._openings is None:
            self._openings = openings_of(self.definition)
        opens = self._openings.get(question.id, frozenset())
        allowed = {name: weight for name, weight in weights.items() if (question.id, name) not in CUT_SHORT}
        wanted = {name: 1.0 for name in allowed if name in opens}
        return wanted or {name: weight for name, weight in allowed.items() if f"!{name}" not in opens} or allowed

    def _named_before(self, question: Question, answers: Mapping[str, Any], row: str) -> str | None:
        """Return the item this row is about, when rows go through known items or a multiple choice of the same list."""
        rows, _, row_id = row.removesuffix("/").rpartition("/")
        place = int(answers[rows].index(row_id))
        if question.id in ROWS:
            items = ROWS[question.id]
            return items[place % len(items)]
        for _, inside, before in self.definition.questions():
            chosen = answers.get(before.id)
            is_alike = before.list is not None and before.list == question.list
            if inside is None and is_alike and before.type == "select_multiple" and chosen:
                return str(chosen[place % len(chosen)])
        return None

    def _several(self, question: Question, offered: Sequence[str]) -> list[str] | None:
        weights = self._weights(question, offered)
        alone = [name for name in weights if name in ALONE]
        others = {name: weight for name, weight in weights.items() if name not in ALONE}
        is_bad = any(key not in ALONE for key in question.negative or ())
        chance_of_none = max(0.0, 1 - 0.06 * self.scene.trouble) if is_bad else 0.3
        if self.is_thorough:
            chance_of_none = 0.0
        if not others or (alone and self.rng.random() < chance_of_none):
            return alone[:1] or None
        if self.is_thorough:
            others = self._opening(question, others)
        wanted = self.rng.choice((1, 1, 2)) if is_bad else self.rng.choice((1, 2, 2, 3))
        chosen = set(self.rng.choices(list(others), list(others.values()), k=wanted))
        return [name for name in weights if name in chosen]

    def _number(self, question: Question, answers: Mapping[str, Any]) -> int | float:
        hour = self.scene.local.hour + self.scene.local.minute / 60
        if self.is_thorough and question.soft is not None and self.rng.random() < _ODD:
            return self.rng.choice((0, 9_999))
        if question.id in NUMBERS:
            return NUMBERS[question.id](self.rng, answers, hour)
        limits = literals(question.constraint or [])
        low, high = (min(limits), max(limits)) if len(limits) > 1 else (min([0.0, *limits]), max([12.0, *limits]))
        drawn = self.rng.triangular(low, high, low)
        return round(drawn) if question.type == "integer" else round(drawn, 1)

    def _on_scale(self, question: Question) -> int | float:
        given = question.parameters or {}
        start, end, step = (float(given.get(name, other)) for name, other in (("start", 1), ("end", 10), ("step", 1)))
        drawn = start + self.rng.randint(0, int(abs(end - start) / abs(step))) * abs(step) * (1 if end > start else -1)
        return int(drawn) if drawn.is_integer() else round(drawn, 9)

    def _line(self, *, is_closed: bool) -> str:
        """Return some corners around the place, about a hundred metres apart."""
        corners = [
            f"{self.scene.place.latitude + self.rng.uniform(-_NEAR, _NEAR):.6f} "
            f"{self.scene.place.longitude + self.rng.uniform(-_NEAR, _NEAR):.6f} 0 {self.rng.randint(4, 30)}"
            for _ in range(4)
        ]
        return "; ".join([*corners, corners[0]] if is_closed else corners)

    def _when(self, question: Question) -> str:
        length = self.scene.finished_at - self.scene.began_at
        if question.type == "date":
            return self._moment(question, timedelta(days=self.rng.randint(*DAYS.get(question.id, (0, 0)))))
        if question.id in CLOCK:
            earliest, minutes = CLOCK[question.id]
            later = timedelta(minutes=int(self.rng.triangular(0, minutes, 0)))
            return _written(question, datetime.combine(self.scene.local.date(), earliest) + later)
        if question.id in HOURS:
            return self._moment(question, timedelta(minutes=60 * self.rng.uniform(*HOURS[question.id])))
        if question.id.endswith("_arrival"):
            return self._moment(question, timedelta())
        if question.id.endswith("_departure"):
            return self._moment(question, length * _LEFT_AFTER)
        if question.type == "time":
            self._times += 1
            return self._moment(question, _LATER * (self._times - 1))
        self._moments += 1
        return self._moment(question, length * (1 - 0.5 ** (self._moments - 1)))

    def _moment(self, question: Question, after: timedelta) -> str:
        moment = (self.scene.began_at + after).astimezone(ZoneInfo(self.scene.zone))
        return _written(question, moment)

    def _text(self, question: Question, answers: Mapping[str, Any], row: str) -> str:
        if question.location is not None:
            place = self.scene.place
            return {"region": place.region, "district": place.district, "station": place.station}[question.location]
        if question.id == "locality":
            return self.scene.place.locality
        if question.id.endswith("_place"):
            return self.scene.place.district_name
        return self._said(self._sentences(question, answers, row))

    def _sentences(self, question: Question, answers: Mapping[str, Any], row: str) -> Sentences:
        if question.id in TOLD:
            return TOLD[question.id]
        if question.id.endswith("_institution"):
            return sentences.INSTITUTIONS.get(str(answers.get("mtg_category")), sentences.ANY_INSTITUTION)
        if question.id.endswith("_statement"):
            return sentences.STATEMENTS.get(str(answers.get(f"{row}mtg_t_theme")), sentences.ANY_STATEMENT)
        for ending, told in (
            ("_summary", sentences.ALLEGATIONS),
            ("_assessment", sentences.ASSESSMENTS),
            ("_comment", sentences.COMMENTS),
        ):
            if question.id.endswith(ending):
                return told
        return sentences.SHORT.get(question.id, sentences.REMARKS)

    def _said(self, told: Sentences) -> str:
        return self.rng.choice(told[self.scene.language])


def _written(question: Question, moment: datetime) -> str:
    if question.type == "date":
        return moment.date().isoformat()
    if question.type == "time":
        return moment.strftime("%H:%M")
    return moment.isoformat(timespec="minutes")


def literals(ast: Any) -> list[float]:
    """Return the numbers written in an expression: the limits a constraint most likely sets."""
    return list(_numbers(ast))


def _numbers(ast: Any) -> Iterator[float]:
    if isinstance(ast, list):
        if len(ast) == 2 and ast[0] == "n":
            yield float(ast[1])
            return
        for part in ast:
            yield from _numbers(part)
