"""A submission as it stands now, derived from its revisions: answers, place, day, level, flags.

Pure, and used twice: when a push arrives and when `steppe rebuild` replays the inbox, so both come to the same rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any, Final, TypedDict
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from cryptography.hazmat.primitives.asymmetric import ec

from steppe.checklists.definition import Definition, Question
from steppe.checklists.evaluation.flags import flags
from steppe.checklists.expressions.dates import Context
from steppe.missions.teams import ODIHR
from steppe.submissions.other_places import OTHER_PLACE, other_place_flags, other_places
from steppe.submissions.place_index import FINEST, PlaceIndex, PlaceKind, PlaceNote
from steppe.submissions.revision import Reason, RevisionIn

LEVEL_QUESTION: Final = "conf_level"
"""The common block's question for the confidentiality of an entry; without it a report is `internal`."""
UNKNOWN_LEVEL: Final = "unknown_level"
"""Kind of the flag that says: the answer for the level is none of ours, so the report was closed."""
CLOSE_NOTHING: Final[frozenset[Reason]] = frozenset({"same_id_other_content", "cannot_project"})
"""Reasons for which an item is kept aside without closing its report: another item under a taken id, and one that the
server failed on."""
LOCALITY_QUESTION: Final = "locality"
THEME_LIST: Final = "theme"
"""Questions with the choices of this list say which themes a report is about; experts with themes read by them."""
WITHDRAWN: Final = "withdrawn"
"""What a report stands at that its team took back: it is kept, and in no count, sentence or export."""
LEVELS: Final = ("internal", "restricted", "confidential", "sealed")
"""From open to closed."""
_DAY: Final = 10


class SubmissionRow(TypedDict):
    """A row of `submission`."""

    id: UUID
    mission_id: UUID
    code: str
    checklist_version_id: UUID
    team_id: UUID
    origin: str
    region_code: str
    district_code: str
    place: str
    status: str
    level: str
    observed_on: date
    received_at: datetime
    head_revision_id: UUID
    heads: list[str]
    conflicts: dict[str, list[list[Any]]]
    answers: dict[str, Any]
    flags: list[dict[str, Any]]
    severity: int
    themes: str
    n: int


@dataclass(frozen=True, slots=True)
class Author:
    """The device that signed a revision, and whose it is."""

    device_id: UUID
    letter: str
    team_id: UUID
    team_code: str
    person_id: UUID
    origin: str = ODIHR
    """Whose observers the team is: now, or in a replay as it was when the revision came."""


@dataclass(frozen=True, slots=True)
class Signer:
    """A device of the mission with the key its signatures are checked with."""

    author: Author
    key: ec.EllipticCurvePublicKey
    is_revoked: bool = False
    """Headquarters refuses it now: what it signed is kept aside."""
    former: tuple[Author, ...] = ()
    """The same device as it was called in each team it was of before, as far as somebody asked."""


def folded(answers: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers after a patch; `null` clears one."""
    return {path: value for path, value in {**answers, **patch}.items() if value is not None}


def named_place(definition: Definition, answers: Mapping[str, Any]) -> tuple[PlaceKind, str] | None:
    """Return the place a report names, and which kind of place it is; None while it names none.

    It is what the checklist's own location question was answered with. Where that was left open, or left out because it
    tells a finer place than the observer allowed, it is the finest place that was answered.
    """
    for question in _placing(definition):
        code = answers.get(question.id)
        if question.location is not None and isinstance(code, str) and code:
            return question.location, code
    return None


def level_after(before: str | None, answered: object) -> str:
    """Return the level of a submission after a revision: the strictest it ever had.

    `before` is its level so far (None for its first revision), `answered` what its answers now say of the level, of
    any type, None when they say nothing. A phone can raise a level, never lower it: what one revision closed may be
    told in no other. An answer that is none of the four levels closes the report (`sealed`): whoever wrote it meant
    some protection, and nobody can say which.
    """
    level = "internal" if answered is None else answered if answered in LEVELS else "sealed"
    return max(before or "internal", str(level), key=LEVELS.index)


def closes(revision: RevisionIn, author: Author, row: SubmissionRow) -> bool:
    """Say whether an edit that was kept aside may close this report: it is its team's, and speaks of the level."""
    return (
        revision.patch.get(LEVEL_QUESTION) is not None
        and row["team_id"] == author.team_id
        and row["checklist_version_id"] == revision.checklist_version
    )


def closed_by(row: SubmissionRow, answered: object) -> SubmissionRow | None:
    """Return a submission at the level that an edit says which was kept aside; None when it says nothing stricter.

    Whatever is wrong with an edit, its author meant to protect somebody: the report is closed at once, and a person
    decides of the rest. `answered` is the edit's answer for the level. Nothing else of the row changes, not its number.
    """
    level = level_after(row["level"], answered)
    if level == row["level"]:
        return None
    closed: SubmissionRow = {**row, "level": level, "flags": [*row["flags"]]}
    if answered not in LEVELS:
        _add_unknown_level(closed)
    return closed


def keep_closed(row: SubmissionRow, before: SubmissionRow) -> None:
    """Give a row the level its submission has by now, where that became stricter since the row was projected."""
    row["level"] = max(row["level"], before["level"], key=LEVELS.index)
    if _has_unknown_level(before) and not _has_unknown_level(row):
        _add_unknown_level(row)


def _unknown_level() -> dict[str, Any]:
    return {"path": LEVEL_QUESTION, "question": LEVEL_QUESTION, "kind": UNKNOWN_LEVEL, "severity": 1}


def _has_unknown_level(row: SubmissionRow) -> bool:
    return any(flag["kind"] == UNKNOWN_LEVEL for flag in row["flags"])


def _add_unknown_level(row: SubmissionRow) -> None:
    flag = _unknown_level()
    row["flags"] = [flag, *row["flags"]]
    row["severity"] = max(row["severity"], flag["severity"])


@dataclass(frozen=True, slots=True)
class Joined:
    """What a report's revisions come to, and the facts that some of them give the whole.

    `answers`, `heads`, `conflicts` are the register's; `first` and `head` the first revision and the last made of the
    heads. `levels` is what every revision of the report answered for the level, those that wait too.
    """

    answers: dict[str, Any]
    heads: list[str]
    conflicts: dict[str, list[list[Any]]]
    first: RevisionIn
    head: RevisionIn
    levels: tuple[object, ...]


def _alone(revision: RevisionIn, before: SubmissionRow | None) -> Joined:
    answers = folded(before["answers"] if before else {}, revision.patch)
    return Joined(answers, [str(revision.id)], {}, revision, revision, (answers.get(LEVEL_QUESTION),))


def project(
    definition: Definition,
    revision: RevisionIn,
    author: Author,
    places: PlaceIndex,
    before: SubmissionRow | None = None,
    note: PlaceNote | None = None,
    joined: Joined | None = None,
) -> SubmissionRow:
    """Return the submission after `revision` came to what was there, `before` (None for the first).

    `joined` is what all revisions come to, where there are several; without it `revision` patches `before`. An answer
    in conflict is no answer here: nothing is counted, flagged or placed by it, and of a place in conflict the next
    coarser one counts that was answered. `note` is what was written down of its places when it came, in a replay;
    without it `places` is asked. `n` and `received_at` are those of `before`, or 0 and the phone's time, until the
    caller numbers the change.
    """
    report = joined or _alone(revision, before)
    answers = report.answers
    changed = _changed_paths(before["answers"], answers) if before else frozenset[str]()
    place = _place(definition, changed, answers, places, before)
    raised = _flags(definition, answers, Context(report.head.finished_at, places.zone))
    if note is None:
        raised += other_places(definition, answers, changed, places, before["flags"] if before else None)
    else:
        place = note.region, note.district, place[2]
        raised += other_place_flags(note.contradicted)
    level, is_unknown = _level(report.levels, before)
    if is_unknown:
        # Without the answer: the flag says why the report is closed, the answer stands in the report.
        raised.insert(0, _unknown_level())
    return {
        "id": revision.submission,
        "mission_id": places.mission_id,
        "code": before["code"] if before else f"{author.team_code}-{author.letter}{revision.device_seq:03d}",
        "checklist_version_id": revision.checklist_version,
        "team_id": before["team_id"] if before else author.team_id,
        "origin": before["origin"] if before else author.origin,
        "region_code": place[0],
        "district_code": place[1],
        "place": place[2],
        "status": before["status"] if before else "received",
        "level": level,
        "observed_on": _observed_on(definition, answers) or _day_of(report.first, places.zone),
        "received_at": before["received_at"] if before else revision.made_at,
        "head_revision_id": report.head.id,
        "heads": report.heads,
        "conflicts": report.conflicts,
        "answers": answers,
        "flags": raised,
        "severity": max((flag["severity"] for flag in raised), default=0),
        "themes": themes_of(definition, answers),
        "n": before["n"] if before else 0,
    }


def _changed_paths(before: Mapping[str, Any], after: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))


def _level(levels: Iterable[object], before: SubmissionRow | None) -> tuple[str, bool]:
    """Return a report's level, and whether it was ever closed for one that is none of ours: that stays, as it does."""
    level = before["level"] if before else None
    is_unknown = before is not None and _has_unknown_level(before)
    for answered in levels:
        level = level_after(level, answered)
        is_unknown = is_unknown or (answered is not None and answered not in LEVELS)
    return level or "internal", is_unknown


def note_of(row: SubmissionRow) -> PlaceNote:
    """Return what to write down of a report's places with the revision that made this row."""
    contradicted = tuple(flag["path"] for flag in row["flags"] if flag["kind"] == OTHER_PLACE)
    return PlaceNote(row["region_code"], row["district_code"], contradicted)


def _place(
    definition: Definition,
    changed: AbstractSet[str],
    answers: Mapping[str, Any],
    places: PlaceIndex,
    before: SubmissionRow | None,
) -> tuple[str, str, str]:
    """Return region code, district code and place (station number or locality).

    The region is empty ("Not placed") when no place was answered or the mission does not know it. Nothing stands in:
    a team's own region would count a report where nobody says it happened.
    """
    answered = answers.get(LOCALITY_QUESTION)
    locality = answered if isinstance(answered, str) else ""
    named = named_place(definition, answers)
    if named is None:
        return "", "", locality
    kind, code = named
    is_placed_anew = any(question.id in changed for question in _placing(definition))
    if before is not None and not is_placed_anew:
        return before["region_code"], before["district_code"], before["place"] if kind == "station" else locality
    if kind == "station":
        region, district = places.stations.get(code, ("", ""))
        return region, district, code
    if kind == "district":
        return places.districts.get(code, ""), code, locality
    return code if code in places.regions else "", "", locality


def themes_of(definition: Definition, answers: Mapping[str, Any]) -> str:
    """Return what the checklist's theme questions were answered with, sorted, each between spaces; else nothing."""
    asked = _theme_questions(definition)
    named = {
        theme
        for path, answer in answers.items()
        if asked and path.rpartition("/")[2] in asked
        for theme in (answer if isinstance(answer, list) else [answer])
        if isinstance(theme, str)
    }
    return f" {' '.join(sorted(named))} " if named else ""


@lru_cache(maxsize=128)
def _theme_questions(definition: Definition) -> frozenset[str]:
    return frozenset(
        question.id for _, _, question in definition.questions() if question.list == THEME_LIST and not question.sealed
    )


def _flags(definition: Definition, answers: Mapping[str, Any], context: Context) -> list[dict[str, Any]]:
    sealed = _sealed(definition)
    return [
        {
            "path": flag.path,
            "question": flag.question,
            "kind": flag.kind,
            "severity": flag.severity,
            # The answer to a sealed question may name a source: the flag says that it fired, not what was said.
            **({"answer": flag.answer} if flag.answer is not None and flag.question not in sealed else {}),
        }
        for flag in flags(definition, answers, context)
    ]


@lru_cache(maxsize=128)
def _sealed(definition: Definition) -> frozenset[str]:
    return frozenset(question.id for _, _, question in definition.questions() if question.sealed)


@lru_cache(maxsize=128)
def _placing(definition: Definition) -> tuple[Question, ...]:
    """Return the questions that may place a report: the one the checklist names, then the others, the finest first."""
    asked = [
        question for _, repeat, question in definition.questions() if repeat is None and question.location is not None
    ]
    return tuple(sorted(asked, key=lambda each: (each.id != definition.location, FINEST.index(each.location))))


@lru_cache(maxsize=128)
def _day_questions(definition: Definition) -> tuple[str, ...]:
    """Return the ids of questions that may say when: of the first section that asks for a date outside a repeat."""
    dated = [
        (section.id, question.id)
        for section, repeat, question in definition.questions()
        if repeat is None and question.type in {"date", "datetime"} and not question.sealed
    ]
    return tuple(question for section, question in dated if section == dated[0][0])


def _observed_on(definition: Definition, answers: Mapping[str, Any]) -> date | None:
    for question in _day_questions(definition):
        answer = answers.get(question)
        if isinstance(answer, str):
            try:
                return date.fromisoformat(answer[:_DAY])
            except ValueError:
                continue
    return None


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _day_of(revision: RevisionIn, mission_zone: str) -> date:
    # A phone may name any zone; ZoneInfo would look for it on disk.
    zone = revision.tz if revision.tz in _zones() else mission_zone
    return revision.finished_at.astimezone(ZoneInfo(zone)).date()
