"""How observers usually answer the Kazakhstan checklists; a checklist it does not know gets by without it.

Keys are names of choice lists, or ids of questions where a list means something else there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from random import Random
from typing import Any, Final

from steppe.checklists.definition import NO_OPINION

WEIGHTS: Final[dict[str, dict[str, float]]] = {
    "conf": {"internal": 88, "restricted": 10, "confidential": 2, "sealed": 0},
    "geo_precision": {"exact": 5, "locality": 60, "district": 30, "region": 5},
    "basis": {"direct": 80, "document": 8, "victim": 2, "eyewitness": 5, "second_hand": 4, "media_online": 1},
    "mtg_a_basis": {"direct": 20, "document": 10, "victim": 25, "eyewitness": 20, "second_hand": 20, "media_online": 5},
    "both_agree": {"yes": 96, "no": 4},
    "flash_needed": {"yes": 2, "no": 98},
    "mtg_has_allegation": {"yes": 22, "no": 78},
    "mtg_mode": {"in_person": 62, "phone": 14, "video": 22, "written": 2},
    "mtg_category": {
        "election_commission": 26, "executive_akimat": 12, "political_party": 18, "civil_society": 10,
        "citizen_observer_group": 8, "media": 7, "maslikhat": 4, "police_security": 2, "court": 3, "prosecutor": 2,
        "candidate": 2, "minority_organisation": 2, "womens_organisation": 2, "disability_organisation": 2,
        "religious_community": 1, "academia": 1, "business_employer": 1, "international": 1, "voter": 3, "other": 1,
    },
    "level": {"national": 0, "region": 40, "city": 30, "district": 25, "rural_okrug": 4, "precinct": 6, "abroad": 0},
    "theme": {
        "ctx": 8, "sys": 2, "law": 4, "adm": 20, "vreg": 12, "creg": 6, "camp": 18, "fin": 3, "med": 8, "onl": 4,
        "cmp": 6, "wom": 5, "min": 3, "dis": 3, "yth": 2, "obs": 8, "ed_open": 0, "ed_vote": 2, "ed_count": 1,
        "ed_tab": 1, "post": 0,
    },
    "mtg_openness": {"open": 75, "guarded": 23, "hostile": 2},
    "ps_type": {"regular": 94, "hospital": 3, "detention": 1, "military": 1, "abroad": 0, "other": 1},
    "urban_rural": {"urban": 62, "rural": 38},
    "gender": {"woman": 58, "man": 40, "not_recorded": 2},
    "src_rel": {
        "a_reliable": 10, "b_usually_reliable": 35, "c_fairly_reliable": 30, "d_not_usually": 4, "f_unknown": 9,
    },
    "info_cred": {"c1_confirmed": 8, "c2_probable": 30, "c3_possible": 40, "c4_doubtful": 7, "c6_cannot_judge": 15},
    "status_verif": {"unverified": 50, "checking": 35, "corroborated": 12, "disproved": 1, "not_verifiable": 2},
    "irreg": {
        "pressure_voters": 22, "pressure_contestants": 10, "state_resources": 20, "vote_buying": 4, "other": 4,
        "campaign_obstruction": 16, "assembly_restriction": 12, "detention": 3, "media_obstruction": 4,
        "online_attack": 3, "manipulation_online": 4, "voter_list": 8, "registration_refusal": 5,
        "commission_partiality": 10, "observer_obstruction": 10, "accessibility": 3,
    },
    "language": {"kazakh": 50, "russian": 46, "uzbek": 2, "uyghur": 2},
    "actor": {
        "executive_officials": 30, "election_commission": 15, "law_enforcement": 8, "party_or_candidate": 12,
        "employer": 18, "education_or_health_manager": 12, "media": 3, "private_persons": 4, "unknown": 12,
    },
    "vot_outside_queue": {"yes": 12, "no": 85, "not_observed": 3},
}  # fmt: skip
"""Weight of each choice; a choice left out is not drawn."""

CUT_SHORT: Final = frozenset({("mtg_access", "refused"), ("ps_access", "refused")})
"""Answers after which an observer has little left to say: only required questions follow."""

ALONE: Final = frozenset({"none", "nobody", "not_observed", "not_applicable"})
"""Choices that exclude every other of a multiple choice."""

UNSEEN: Final = NO_OPINION | {"cannot_assess", "no_view"}
"""Choices of somebody who was there but could not tell."""

HOLIDAYS: Final = frozenset({(12, 16), (12, 17), (1, 1), (1, 2), (1, 7)})
"""Month and day of Kazakhstan's public holidays in an election winter: nobody receives observers."""

_TURNOUT_PER_HOUR = 0.055
_OPENS_AT = 7


def is_working_day(day: date) -> bool:
    """Whether institutions receive visitors."""
    return day.weekday() < 5 and (day.month, day.day) not in HOLIDAYS


def _voted(rng: Random, answers: Mapping[str, Any], hour: float) -> int:
    share = min(0.75, max(0.0, hour - _OPENS_AT) * _TURNOUT_PER_HOUR * rng.uniform(0.6, 1.3))
    return round(float(answers.get("ps_registered", 900)) * share)


NUMBERS: Final[dict[str, Callable[[Random, Mapping[str, Any], float], int]]] = {
    "mtg_duration_min": lambda rng, _answers, _hour: rng.choice((30, 40, 45, 45, 50, 60, 60, 75, 90)),
    "mtg_participants_women": lambda rng, _answers, _hour: rng.choice((0, 1, 1, 1, 2, 2, 3)),
    "mtg_participants_men": lambda rng, _answers, _hour: rng.choice((0, 1, 1, 1, 2, 3)),
    "mtg_participants_unrecorded": lambda _rng, _answers, _hour: 0,
    "ps_members_total": lambda rng, _answers, _hour: rng.choice((7, 7, 7, 9, 9, 11)),
    "ps_members_present": lambda rng, answers, _hour: (
        answers.get("ps_members_total", 7) - rng.choice((0, 0, 0, 1, 1, 2))
    ),
    "ps_members_women": lambda rng, answers, _hour: rng.randint(1, max(1, answers.get("ps_members_present", 5))),
    "ps_registered": lambda rng, _answers, _hour: int(rng.triangular(180, 2950, 1400)),
    "vot_voted_so_far": _voted,
    "vot_absentee": lambda rng, _answers, _hour: rng.choice((0, 0, 0, 1, 2, 3, 5)),
    "vot_added": lambda rng, _answers, _hour: rng.choice((0, 0, 1, 2, 3, 4, 7, 12)),
    "vot_homebound_requests": lambda rng, _answers, _hour: rng.choice((0, 2, 4, 5, 8, 11, 15)),
    "vot_turned_away": lambda rng, _answers, _hour: rng.choice((0, 0, 0, 0, 0, 0, 1, 1, 2)),
    "vot_counted_by_team": lambda rng, _answers, _hour: int(rng.triangular(3, 60, 16)),
    "vot_complaints": lambda rng, _answers, _hour: rng.choice((0, 0, 0, 0, 0, 0, 0, 1)),
}
"""Figures that fit together: each is drawn from the answers before it and the hour of the day."""
