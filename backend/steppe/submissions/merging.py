"""A revision that comes to a report which has others: what they all come to, and which of them wait.

Pure, and used twice, as `current` is: when a push arrives and when `steppe rebuild` replays the inbox.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias
from uuid import UUID

from steppe.checklists.definition import Definition
from steppe.submissions.current import LEVEL_QUESTION, Author, Joined, SubmissionRow, project
from steppe.submissions.place_index import PlaceIndex, PlaceNote
from steppe.submissions.register import Merged, Patch, merge
from steppe.submissions.revision import RevisionIn

Waits: TypeAlias = dict[UUID, list[str]]
"""Revision → those of its base that it waits for."""


@dataclass(frozen=True, slots=True)
class HeldRevision:
    """A revision of a report that is here, whose it was when it came, and what it waits for.

    `team_id` is None where an earlier version took it in: it was its report's.
    """

    revision: RevisionIn
    team_id: UUID | None
    waits_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HeldReport:
    """A report as it stands, with every revision of it that is here; no row before its first revision came.

    `is_damaged`: what is stored of one of them is not what came, so nothing can be merged with it.
    """

    row: SubmissionRow | None = None
    revisions: tuple[HeldRevision, ...] = ()
    is_damaged: bool = False

    @property
    def names(self) -> frozenset[str]:
        """The ids of the revisions."""
        return frozenset(str(held.revision.id) for held in self.revisions)

    def after(self, revision: RevisionIn, author: Author, arrival: Arrival) -> HeldReport:
        """Return the report once a revision came to it, with that revision and what `arrival` says of the others."""
        came = (*self.revisions, HeldRevision(revision, author.team_id))
        known = tuple(
            HeldRevision(held.revision, held.team_id, tuple(arrival.waits.get(held.revision.id, held.waits_for)))
            for held in came
        )
        return HeldReport(arrival.row or self.row, known)


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a revision makes of its report: the row (None: it waits, and the row stays), and what waits differently."""

    row: SubmissionRow | None
    waits: Waits


def project_arrival(
    definition: Definition,
    report: HeldReport,
    revision: RevisionIn,
    author: Author,
    places: PlaceIndex,
    note: PlaceNote | None = None,
) -> Arrival:
    """Return what a report's new revision makes of it, whatever came before: edits wait for what they were made from.

    Those of another team or checklist version than the report's, which came before anybody could know, stay where they
    are: they wait for ever. `note` as in `project`.
    """
    before = report.row
    if before is None and not report.revisions and not revision.base:
        return Arrival(project(definition, revision, author, places, None, note), {})
    team = before["team_id"] if before else author.team_id
    came = (*report.revisions, HeldRevision(revision, author.team_id))
    own = own_revisions(came, team, revision.checklist_version)
    merged = merge([patch_of(held.revision) for held in own], repeats_of(definition))
    waits = {
        held.revision.id: merged.waiting.get(str(held.revision.id), [])
        for held in own
        if merged.waiting.get(str(held.revision.id), []) != list(held.waits_for)
    }
    if str(revision.id) in merged.waiting:
        return Arrival(None, waits)
    joined = _joined(merged, {str(held.revision.id): held.revision for held in own})
    return Arrival(project(definition, revision, author, places, before, note, joined), waits)


def own_revisions(revisions: Iterable[HeldRevision], team: UUID, version: UUID) -> list[HeldRevision]:
    """Return those that belong to a report of this team and checklist version."""
    return [held for held in revisions if held.team_id in {team, None} and held.revision.checklist_version == version]


def _joined(merged: Merged, revisions: Mapping[str, RevisionIn]) -> Joined:
    first = [one for name, one in revisions.items() if not one.base and name not in merged.waiting]
    heads = [revisions[name] for name in merged.heads]
    return Joined(
        answers=merged.answers,
        heads=merged.heads,
        conflicts={path: [list(standing) for standing in each] for path, each in merged.conflicts.items()},
        first=min(first, key=_made),
        head=max(heads, key=_made),
        levels=tuple(one.patch.get(LEVEL_QUESTION) for one in revisions.values()),
    )


def _made(revision: RevisionIn) -> tuple[object, UUID]:
    return revision.finished_at, revision.id


def patch_of(revision: RevisionIn) -> Patch:
    """Return what the register reads of a revision."""
    files = {attachment.path: attachment.plain_sha256 for attachment in revision.attachments}
    return Patch(str(revision.id), revision.base, revision.patch, files)


@lru_cache(maxsize=128)
def repeats_of(definition: Definition) -> frozenset[str]:
    """Return the ids of a checklist's repeats."""
    return frozenset(repeat.id for _, repeat in definition.repeats())


def bases_missing(base: Sequence[str], waits: Mapping[str, Sequence[str]]) -> list[str]:
    """Return those of `base` that are not here or wait; `waits` has what each revision of the report waits for."""
    return sorted({one for one in base if one not in waits or waits[one]})
