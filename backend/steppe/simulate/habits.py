"""How observers usually answer the Kazakhstan checklists; a checklist it does not know gets by without it.

Keys are names of choice lists, or ids of questions where a list means something else there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, time, timedelta
from typing import Any, Final

from steppe.checklists.definition import NO_OPINION

WEIGHTS: Final[dict[str, dict[str, float]]] = {
    "conf": {"internal": 88, "restricted": 8, "confidential": 3, "sealed": 1},
    # Phones leave out what is finer than was chosen; those without hands tell everything, and say so.
    "geo_precision": {"exact": 100, "locality": 0, "district": 0, "region": 0},
    "basis": {"direct": 80, "document": 8, "victim": 2, "eyewitness": 5, "second_hand": 4, "media_online": 1},
    "mtg_a_basis": {"direct": 20, "document": 10, "victim": 25, "eyewitness": 20, "second_hand": 20, "media_online": 5},
    "both_agree": {"yes": 96, "no": 4},
    "wkl_signed_observer_a": {"yes": 100, "no": 0},
    "wkl_signed_observer_b": {"yes": 99, "no": 1},
    "concern": {"none": 20, "low": 48, "medium": 27, "high": 5},
    "support": {"observed": 45, "documented": 15, "corroborated": 22, "single_source": 18},
    "trend": {"new": 25, "better": 10, "same": 52, "worse": 13},
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
    "evt_kind": {
        "rally": 8, "indoor_meeting": 34, "workplace_meeting": 12, "door_to_door": 10, "street_stand": 18,
        "concert": 6, "debate": 6, "protest": 4, "other": 2,
    },
    "evt_organiser": {"nur_otan": 35, "ak_zhol": 18, "peoples_party": 18, "auyl": 12, "adal": 12, "several": 5},
    "evt_notice": {
        "notified": 25, "permission_given": 35, "not_required": 25, "held_without": 6, "refused": 1, "unknown": 8,
    },
    "evt_venue": {"square": 20, "street": 5, "state_building": 25, "school_or_university": 10, "private_hall": 40},
    "evt_sign_language": {"yes": 3, "no": 90, "not_observed": 7},
    "com_level": {"tec_region": 15, "tec_city": 25, "tec_district": 30, "pec": 30},
    "com_visit": {
        "session": 25, "office_visit": 40, "training": 12, "list_display": 10, "registration": 5, "material_receipt": 8,
    },
    "opn_delay": {"on_time": 92, "up_to_15": 8},
    "opn_complaint_made": {"yes": 3, "no": 95, "not_observed": 2},
    "reconcile": {"none_arose": 84, "recount": 7, "corrected_openly": 7, "figures_adjusted": 1, "ignored": 1},
    "recount": {"none": 94, "ordered_reasoned": 5, "ordered_unreasoned": 1},
    "cpl_body": {
        "precinct_commission": 15, "territorial_commission": 35, "cec": 8, "court": 16, "prosecutor": 16, "police": 10,
    },
    "cpl_appeal_body": {"territorial_commission": 20, "cec": 30, "court": 40, "prosecutor": 10},
    "cpl_outcome": {
        "upheld": 12, "partly_upheld": 6, "dismissed_merits": 38, "dismissed_form": 22, "forwarded": 14, "withdrawn": 5,
        "not_considered": 3,
    },
    "cpl_appeal": {"no": 86, "yes_pending": 12, "yes_upheld": 2},
    "offence": {"none": 86, "administrative": 13, "criminal": 1},
    "inc_kind": {
        "election_incident": 45, "media_case": 10, "online_case": 12, "observer_obstruction": 22, "security": 4,
        "health_or_accident": 7,
    },
}  # fmt: skip
"""Weight of each choice; a choice left out is not drawn."""

CUT_SHORT: Final = frozenset(
    {("mtg_access", "refused"), ("com_access", "refused"), ("ps_access", "refused"), ("tab_access", "refused")}
)
"""Answers after which an observer has little left to say: only required questions follow."""

ALONE: Final = frozenset({"none", "nobody", "not_observed", "not_applicable"})
"""Choices that exclude every other of a multiple choice."""

UNSEEN: Final = NO_OPINION | {"cannot_assess", "no_view"}
"""Choices of somebody who was there but could not tell."""

HOLIDAYS: Final = frozenset({(12, 16), (12, 17), (1, 1), (1, 2), (1, 7)})
"""Month and day of Kazakhstan's public holidays in an election winter: nobody receives observers."""


def is_working_day(day: date) -> bool:
    """Whether institutions receive visitors."""
    return day.weekday() < 5 and (day.month, day.day) not in HOLIDAYS


def _venue(answers: Mapping[str, Any]) -> str | None:
    kind = answers.get("evt_kind")
    return {"workplace_meeting": "workplace", "door_to_door": "street", "street_stand": "street"}.get(str(kind))


def _delay(answers: Mapping[str, Any]) -> str | None:
    opened = str(answers.get("opn_time", ""))
    if not opened:
        return None
    return "on_time" if opened <= "07:00" else "up_to_15" if opened <= "07:15" else "16_30"


FOLLOWS: Final[dict[str, Callable[[Mapping[str, Any]], str | None]]] = {
    "evt_venue": _venue,
    "opn_delay": _delay,
    "cpl_outcome": lambda answers: None if "cpl_decided_on" in answers else "pending",
}
"""Choices that answers before them leave no doubt about; None: they leave some."""

ROWS: Final[dict[str, tuple[str, ...]]] = {
    "cnt_l_party": ("nur_otan", "ak_zhol", "peoples_party", "auyl", "adal"),
}
"""Questions that are asked of each of these: one row of their repeat for each."""

SHY: Final[dict[str, float]] = {
    "cpl_decided_on": 0.5, "cpl_breach_on": 0.2, "tab_finished": 0.95, "wkl_sensitive": 0.95,
    "wkl_coordinator_status": 1.0, "wkl_coordinator_questions": 1.0, "wkl_allegations_open": 0.5,
}  # fmt: skip
"""How often these are left out: not known yet."""

DAYS: Final[dict[str, tuple[int, int]]] = {
    "mtg_followup_due": (2, 9), "cpl_filed_on": (-6, -2), "cpl_breach_on": (-14, -7), "cpl_deadline": (-1, 5),
    "cpl_decided_on": (-1, 0), "cpl_next_check": (2, 6),
}  # fmt: skip
"""Dates that are not the day of the report: first and last day they may fall on, counted from it."""

HOURS: Final[dict[str, tuple[int, int]]] = {"inc_occurred_at": (-20, -1), "inc_next_update": (6, 24)}
"""Moments outside the observation: hours from its beginning."""

CLOCK: Final[dict[str, tuple[time, int]]] = {
    "opn_time": (time(6, 58), 8), "cnt_close_time": (time(20, 0), 8), "cnt_start": (time(20, 12), 20),
    "cnt_end": (time(21, 15), 35),
}  # fmt: skip
"""Times the law sets: the earliest, and how many minutes later they may be."""

VISIT_HOURS: Final[dict[str, tuple[time, timedelta]]] = {
    "polling_station_opening": (time(6, 10), timedelta(minutes=80)),
    "polling_station_counting": (time(19, 35), timedelta(minutes=150)),
    "tabulation": (time(22, 30), timedelta(minutes=40)),
}
"""Forms with an hour of their own on election day: when the visit begins and how long it takes."""

KINDS: Final[dict[str, float]] = {
    "meeting": 60,
    "commission": 14,
    "campaign_event": 13,
    "complaint": 6,
    "flash": 4,
    "weekly": 3,
}
"""How much of an observer's work before election day goes into each kind of checklist."""
