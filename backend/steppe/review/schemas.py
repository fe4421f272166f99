"""Reports as the desk reads them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from steppe.decisions.schemas import ColleagueOut
from steppe.people.models import RevokedReason
from steppe.people.phone_news import OfferedAgain, PhoneStorage, StorageLoss, Trouble
from steppe.people.revocations import OrderState
from steppe.people.schemas import PhoneCheck

Texts = dict[str, str]
Value = str | float | list[str] | None


class SubmissionLineOut(BaseModel):
    """One report in a list."""

    id: UUID
    code: str
    n: int
    form: str
    kind: str
    title: Texts
    version: str
    region: str
    place: str
    team: str
    origin: str = Field(description="whose observers: `odihr`, or of guests")
    status: str
    level: str
    observed_on: date
    received_at: datetime
    severity: int
    flags: int
    is_late: bool = Field(description="its checklist version was retired when it first came")
    is_changed_after_acceptance: bool = Field(description="it changed after it was accepted, and is not accepted anew")
    is_unread: bool = Field(description="it changed since whoever asks read it")
    assignee: ColleagueOut | None


class SubmissionsOut(BaseModel):
    """Reports, last changed first. `before` continues the list, null at its end; `n`: the mission's number."""

    n: int
    submissions: list[SubmissionLineOut]
    before: int | None


class FlagOut(BaseModel):
    """Something to look at: a negative indicator, or a soft check that fired (severity 0 when the form gives none)."""

    path: str
    kind: Literal["negative", "soft", "unknown_level", "unevaluated", "other_place"]
    severity: int
    label: Texts = Field(description="the question")
    message: Texts | None = Field(description="of a soft check")
    answer: str | None
    answer_label: Texts | None


class AnswerOut(BaseModel):
    """One question with its answer; `labels` are the texts of chosen choices, or of a place."""

    path: str
    type: str
    label: Texts
    theme: str | None
    value: Value
    labels: list[Texts]
    is_sealed: bool = Field(description="the value is kept from this reader: it may identify a source")
    severity: int | None = Field(description="worst flag on it; null without flags, 0 for a plain soft check")


class RowOut(BaseModel):
    """One row of a repeat; `repeats` are those nested in it, with their rows."""

    id: str
    answers: list[AnswerOut]
    repeats: list[PartOut] = []


class PartOut(BaseModel):
    """What stands in a section, in order: an answer or a repeat with its rows."""

    answer: AnswerOut | None = None
    repeat: Texts | None = None
    rows: list[RowOut] = []


class SectionOut(BaseModel):
    """One section with what was answered in it."""

    id: str
    title: Texts
    parts: list[PartOut]


class AttachmentOut(BaseModel):
    """A photo or file the report names, and how much of it has arrived."""

    path: str
    label: Texts | None = Field(description="of the question it answers")
    sha256: str
    plain_sha256: str
    type: str
    size: int
    received: int
    is_complete: bool


class PhoneClockOut(BaseModel):
    """How far a phone's clock was wrong when a revision was made: over two minutes."""

    ahead_ms: int = Field(description="milliseconds; negative: behind")
    is_at_least: bool = Field(description="only seen from a report finished after it was received; else as signed")
    finished_at: datetime | None = Field(description="when it was finished by the server's clock, where that is known")


class ChangeOut(BaseModel):
    """What a revision did to one answer or row; `before` has several where it resolved a conflict, none where nothing
    was answered.
    """

    path: str
    label: Texts
    before: list[AnswerOut]
    after: AnswerOut | None = Field(description="null: cleared, or a row")
    is_there: bool | None = Field(description="of a row: whether it was added or removed; null: an answer")


class StandingOut(BaseModel):
    """A value that stands beside others, and the revision that wrote it."""

    revision: UUID
    answer: AnswerOut | None = Field(description="null: cleared, or a row")
    is_there: bool | None = Field(description="of a row: whether it is there; null: an answer")


class ConflictOut(BaseModel):
    """An answer or a row about which revisions contradict each other; it is counted nowhere."""

    path: str
    label: Texts
    standing: list[StandingOut]
    row: list[AnswerOut] = Field(description="of a row: its answers that nobody contradicts")


class RevisionOut(BaseModel):
    """How one revision came about: written on which phone and when, received when, under which number."""

    id: UUID
    device: str
    device_seq: int
    author: str
    author_functions: dict[str, str] = Field(default_factory=dict, description="`author` by language")
    made_at: datetime
    zone: str
    received_at: datetime | None
    seq: int
    clock: PhoneClockOut | None = Field(default=None, description="null: not known to have been wrong")
    hash: str = Field(description="first 12 characters of the content hash, to compare with the phone's")
    reason: str = Field(description="correction, update, reply; empty: not said")
    is_waiting: bool = Field(description="it is in nothing: what it was made from is not here")
    changes: list[ChangeOut] = Field(description="of one that was made from others")


class SubmissionOut(SubmissionLineOut):
    """A whole report."""

    languages: list[str]
    district: str
    region_name: Texts | None
    district_name: Texts | None
    place_name: Texts | None
    noted: list[FlagOut]
    sections: list[SectionOut]
    conflicts: list[ConflictOut]
    attachments: list[AttachmentOut]
    revisions: list[RevisionOut]


class ApartOut(BaseModel):
    """That an item was kept apart: why, by whom, when."""

    n: int = Field(description="a decision names it as `seen`")
    text: str
    author: ColleagueOut | None = Field(description="null: the command line")
    made_at: datetime


class QuarantinedOut(BaseModel):
    """An item kept for a person: why, from which phone, when. Its content is not here."""

    seq: int
    reason: str
    team: str
    device: str
    received_at: datetime
    apart: ApartOut | None = Field(description="null: nobody has decided of it")


class QuarantineOut(BaseModel):
    """What was kept aside and waits for a decision, or is kept apart.

    `items` are the newest hundred, of one phone and reason ten at most; `apart` how many are kept apart.
    """

    count: int
    reasons: dict[str, int]
    items: list[QuarantinedOut]
    apart: int


class OfferOut(BaseModel):
    """Something an item can be taken for: `code` of a team or region, id of a checklist version."""

    code: str
    name: Texts


class HeldItemOut(BaseModel):
    """One item kept aside: what can be read of it, and what the caller may do about it."""

    seq: int
    reason: str
    reason_now: str | None = Field(description="what speaks against taking it as it is; null: nothing")
    title: Texts = Field(description="of its checklist; empty: no report, of an unknown one, or not for the caller")
    code: str = Field(description="what its phone calls the report; empty likewise")
    submission: UUID | None = Field(description="the report it edits, where the caller reads that")
    level: str | None = Field(description="null: nothing of it can be read, or not by the caller")
    sections: list[SectionOut] = Field(description="its answers, as far as the caller may read them")
    unread: list[str] = Field(description="questions whose answers do not fit the checklist, or are of none, by path")
    may_decide: bool
    may_take: bool = Field(description="as it is, now")
    teams: list[OfferOut] = Field(description="it can be taken for; empty for who may not")
    regions: list[OfferOut]
    versions: list[OfferOut] = Field(description="checklist versions whose questions its answers fit")


class NumberSpan(BaseModel):
    """A run of the numbers that a phone gives its reports, both ends included."""

    first: int
    last: int


class PhoneReportsOut(BaseModel):
    """What became of the reports of a phone, which it numbers from 1."""

    made: int | None = Field(description="the highest number it gave, as far as is known; null: who asks reads none")
    held: int | None = Field(description="of these at headquarters, also those kept aside; null as for `made`")
    aside: int | None = Field(description="of those held kept aside for a person; null as for `made`")
    waiting: int = Field(description="what it said it still had to send, when it was last heard")
    missing: int = Field(description="of those made that headquarters does not hold")
    numbers: list[NumberSpan] = Field(description="the first runs of missing numbers; none for who reads no reports")


class PhoneOut(BaseModel):
    """A phone of a team."""

    letter: str
    reports: PhoneReportsOut
    last_contact_at: datetime | None = Field(description="null for those who read no reports")
    last_contact_on: date | None = Field(description="the day of it (UTC); null: never heard")
    clock_ahead_ms: int | None = Field(
        description="milliseconds its clock was wrong by at the last contact, over two minutes; negative: behind; "
        "null: right, or the phone did not say"
    )
    is_clock_known: bool = Field(description="the phone said at its last contact how its clock stood")
    check: PhoneCheck | None = Field(description="its last; null: none that it told of")
    troubles: list[Trouble] = Field(description="why its reports do not arrive, as it said at its last contact")
    storage: PhoneStorage | None = Field(description="as it last told; null: it did not say")
    storage_lost: StorageLoss | None = Field(description="null: it did not say that its storage went")
    offered_again: OfferedAgain | None = Field(description="after a restore of this server; null: it did not say")


class RevokedPhoneOut(BaseModel):
    """A phone of a team that headquarters refuses."""

    letter: str
    since: date = Field(description="the day of its revocation (UTC)")
    reason: str | None = Field(description="lost, seized, left or replaced; null: none was noted")
    order: OrderState | None = Field(description="to wipe itself; null: refused before there were orders")


class RefusedPhoneOut(RevokedPhoneOut, PhoneOut):
    """The same with what became of its reports, and what it last told of itself."""


class RevokeIn(BaseModel):
    """Why a phone is refused from now on."""

    model_config = ConfigDict(strict=True)

    reason: RevokedReason


class TeamOut(BaseModel):
    """A team, its area, and when its phones were last heard from."""

    code: str
    base_town: str
    regions: list[str]
    devices: int = Field(description="phones in use")
    last_contact_at: datetime | None = Field(description="null for those who read no reports")
    last_contact_on: date | None = Field(default=None, description="the day of it (UTC)")
    waiting: int = Field(description="reports its phones said they had made and nobody has received")
    skipped: int = Field(description="numbers missing between those received; what is kept aside is not missing")
    phones: list[PhoneOut]
    revoked: list[RefusedPhoneOut] = Field(description="what they made counts in `waiting` and `skipped` too")


class TeamsOut(BaseModel):
    """Every team of the mission, those unheard for longest first."""

    teams: list[TeamOut]
