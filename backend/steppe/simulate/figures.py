"""Figures that fit together: each is drawn from the answers before it and the hour of the day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Any, Final

Answers = Mapping[str, Any]

_TURNOUT_PER_HOUR: Final = 0.055
_OPENS_AT: Final = 7
_SHARES: Final = (0.7, 0.12, 0.1, 0.05, 0.03)
"""How the votes of a station fall to the lists in the order of the ballot, roughly; each is drawn around it."""


def _voted(rng: Random, answers: Answers, hour: float) -> int:
    share = min(0.75, max(0.0, hour - _OPENS_AT) * _TURNOUT_PER_HOUR * rng.uniform(0.6, 1.3))
    return round(float(answers.get("ps_registered", 900)) * share)


def _received(answers: Answers) -> int:
    """Ballots a station got: a little more than it has voters."""
    known = answers.get("cnt_figure_received")
    return int(known) if known is not None else round(answers.get("cnt_figure_registered", 900) * 1.005)


def _issued(answers: Answers) -> int:
    """Ballots that were neither left over nor spoiled."""
    received = _received(answers)
    unused = answers.get("cnt_figure_unused", round(received * 0.36))
    return max(0, received - int(unused) - int(answers.get("cnt_figure_spoiled", 0)))


def _homebound(answers: Answers) -> int:
    return max(0, _issued(answers) - int(answers.get("cnt_figure_issued_station", _issued(answers))))


def _found(answers: Answers) -> int:
    station = answers.get("cnt_figure_found_station", answers.get("cnt_figure_issued_station", _issued(answers)))
    return int(station) + int(answers.get("cnt_figure_found_homebound", _homebound(answers)))


def _valid(answers: Answers) -> int:
    known = answers.get("cnt_figure_valid")
    return int(known) if known is not None else max(0, _found(answers) - int(answers.get("cnt_figure_invalid", 0)))


def _votes(rng: Random, answers: Answers, _hour: float) -> int:
    """The next list's votes: what is left of the valid ones falls to the last list."""
    rows = answers["cnt_l"]
    counted = [int(answers[path]) for row in rows if (path := f"cnt_l/{row}/cnt_l_votes") in answers]
    left = max(0, _valid(answers) - sum(counted))
    if len(counted) >= len(rows) - 1:
        return left
    share = _SHARES[len(counted)] / sum(_SHARES[len(counted) :])
    return min(left, round(left * share * rng.uniform(0.85, 1.1)))


def _of(total: str, otherwise: int) -> Callable[[Random, Answers, float], int]:
    """A part of another figure, from none to all of it."""
    return lambda rng, answers, _hour: rng.randint(0, max(0, int(answers.get(total, otherwise))))


def _any(*drawn: int) -> Callable[[Random, Answers, float], int]:
    """One of these; a figure named twice comes twice as often."""
    return lambda rng, _answers, _hour: rng.choice(drawn)


def _present(total: str) -> Callable[[Random, Answers, float], int]:
    return lambda rng, answers, _hour: max(1, int(answers.get(total, 7)) - rng.choice((0, 0, 0, 1, 1, 2)))


NUMBERS: Final[dict[str, Callable[[Random, Answers, float], int]]] = {
    "mtg_duration_min": _any(30, 40, 45, 45, 50, 60, 60, 75, 90),
    "mtg_participants_women": _any(0, 1, 1, 1, 2, 2, 3),
    "mtg_participants_men": _any(0, 1, 1, 1, 2, 3),
    "mtg_participants_unrecorded": _any(0),
    "wkl_week_no": _any(1, 2, 3, 4),
    "wkl_n_meetings": _any(8, 9, 11, 12, 14, 17),
    "wkl_n_events": _any(1, 1, 2, 3, 4),
    "wkl_n_sessions": _any(1, 2, 2, 3, 4),
    "wkl_n_complaints": _any(0, 0, 0, 1, 2),
    "wkl_n_incidents": _any(0, 0, 0, 0, 1),
    "wkl_n_districts": _any(2, 3, 3, 4, 6),
    "wkl_n_km": lambda rng, _answers, _hour: int(rng.triangular(80, 1_400, 420)),
    "evt_attendance": lambda rng, _answers, _hour: int(rng.triangular(12, 320, 50)),
    "evt_speakers_total": _any(1, 2, 2, 3, 3, 4, 5),
    "evt_speakers_women": _of("evt_speakers_total", 1),
    "evt_speakers_minority": lambda rng, answers, _hour: (
        min(rng.choice((0, 0, 1)), answers.get("evt_speakers_total", 1))
    ),
    "com_members_total": _any(7, 7, 7, 9, 9, 11),
    "com_members_present": _present("com_members_total"),
    "com_members_women": lambda rng, answers, _hour: rng.randint(1, max(1, answers.get("com_members_present", 5))),
    "com_members_women_leading": lambda rng, answers, _hour: (
        rng.randint(0, min(3, answers.get("com_members_women", 3)))
    ),
    "com_applications": _any(0, 0, 3, 4, 5, 5, 6),
    "com_registered": lambda rng, answers, _hour: max(0, answers.get("com_applications", 5) - rng.choice((0, 0, 0, 1))),
    "com_refused": lambda _rng, answers, _hour: max(
        0, answers.get("com_applications", 0) - answers.get("com_registered", answers.get("com_applications", 0))
    ),
    "com_withdrawn": _any(0, 0, 0, 0, 1),
    "com_list_voters": lambda rng, answers, _hour: (
        int(rng.triangular(180, 2950, 1400)) * (1 if answers.get("com_level") == "pec" else 45)
    ),
    "com_list_corrections": _any(0, 2, 5, 9, 14, 31, 60),
    "com_list_absentee_issued": _any(0, 0, 1, 3, 8, 20),
    "com_list_homebound_requests": _any(0, 3, 6, 12, 25),
    "com_complaints_received": _any(0, 0, 0, 0, 1, 1, 2),
    "com_complaints_decided": _of("com_complaints_received", 0),
    "ps_members_total": _any(7, 7, 7, 9, 9, 11),
    "ps_members_present": _present("ps_members_total"),
    "ps_members_women": lambda rng, answers, _hour: rng.randint(1, max(1, answers.get("ps_members_present", 5))),
    "ps_registered": lambda rng, _answers, _hour: int(rng.triangular(180, 2950, 1400)),
    "opn_ballots_received": lambda rng, answers, _hour: (
        round(answers.get("ps_registered", 900) * rng.uniform(1.0, 1.01))
    ),
    "opn_boxes": _any(2, 3, 3, 4),
    "vot_voted_so_far": _voted,
    "vot_absentee": _any(0, 0, 0, 1, 2, 3, 5),
    "vot_added": _any(0, 0, 1, 2, 3, 4, 7, 12),
    "vot_homebound_requests": _any(0, 2, 4, 5, 8, 11, 15),
    "vot_turned_away": _any(0, 0, 0, 0, 0, 0, 1, 1, 2),
    "vot_counted_by_team": lambda rng, _answers, _hour: int(rng.triangular(3, 60, 16)),
    "vot_complaints": _any(0, 0, 0, 0, 0, 0, 0, 1),
    "cnt_figure_registered": lambda _rng, answers, _hour: answers.get("ps_registered", 900),
    "cnt_figure_added": _any(0, 1, 2, 4, 7, 12),
    "cnt_figure_received": lambda _rng, answers, _hour: _received(answers),
    "cnt_figure_unused": lambda rng, answers, _hour: round(_received(answers) * rng.uniform(0.27, 0.5)),
    "cnt_figure_spoiled": _any(0, 0, 0, 1, 2, 3),
    "cnt_figure_issued_station": lambda rng, answers, _hour: max(0, _issued(answers) - rng.choice((3, 5, 8, 12, 15))),
    "cnt_figure_issued_homebound": lambda _rng, answers, _hour: _homebound(answers),
    "cnt_figure_signatures": lambda rng, answers, _hour: max(0, _issued(answers) - rng.choice((0,) * 14 + (1, 4))),
    "cnt_figure_found_station": lambda rng, answers, _hour: max(
        0, answers.get("cnt_figure_issued_station", _issued(answers)) - rng.choice((0, 0, 0, 0, 1, 2))
    ),
    "cnt_figure_found_homebound": lambda _rng, answers, _hour: (
        answers.get("cnt_figure_issued_homebound", _homebound(answers))
    ),
    "cnt_figure_invalid": lambda rng, answers, _hour: round(_found(answers) * rng.uniform(0.01, 0.06)),
    "cnt_figure_valid": lambda _rng, answers, _hour: max(0, _found(answers) - answers.get("cnt_figure_invalid", 0)),
    "cnt_l_votes": _votes,
    "cnt_complaints": _any(0, 0, 0, 0, 0, 1),
    "tab_members_present": _any(5, 6, 7, 7, 7),
    "tab_members_women": _of("tab_members_present", 5),
    "tab_pecs_expected": lambda rng, _answers, _hour: rng.randint(18, 75),
    "tab_pecs_received_so_far": lambda rng, answers, _hour: (
        rng.randint(3, max(3, answers.get("tab_pecs_expected", 20) // 2))
    ),
    "tab_pecs_observed": _any(1, 2, 3, 4, 6),
    "tab_pecs_returned": _any(0, 0, 0, 0, 1),
    "tab_compared": _any(0, 1, 2, 3),
    "tab_mismatches": lambda rng, answers, _hour: min(answers.get("tab_compared", 0), rng.choice((0,) * 15 + (1,))),
    "tab_complaints": _any(0, 0, 0, 0, 1),
    "inc_independent_sources": _any(0, 1, 1, 2, 2, 3),
    "inc_affected_women": _any(0, 0, 1, 1, 2),
    "inc_affected_men": _any(0, 1, 1, 2),
}  # fmt: skip
"""Question id → its draw, given the answers so far and the hour (0 to 24, mission time)."""
