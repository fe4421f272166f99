"""A report of several revisions, for whoever reads it: what contradicts in it, and which of them changed what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Any
from uuid import UUID

from steppe.review.report import Report
from steppe.review.schemas import AnswerOut, ChangeOut, ConflictOut, StandingOut
from steppe.submissions.merging import HeldRevision, patch_of
from steppe.submissions.register import Merged, Patch, ancestry, merge


class History:
    """The revisions of one report, told in the words of its checklist."""

    def __init__(self, held: Sequence[HeldRevision], repeats: AbstractSet[str], report: Report) -> None:
        """Merge the revisions; `repeats` are the ids of the checklist's, `report` finds the words and keeps sealed."""
        self._patches = [patch_of(one.revision) for one in held]
        self._repeats = repeats
        self._report = report
        self._merged = merge(self._patches, repeats)

    @property
    def revisions(self) -> set[UUID]:
        """The ids of the revisions."""
        return {UUID(patch.revision) for patch in self._patches}

    def conflicts(self) -> list[ConflictOut]:
        """Return what contradicts, with every value and whose it is."""
        return [
            ConflictOut(
                path=path,
                label=self._label(path),
                standing=[
                    StandingOut(
                        revision=UUID(revision),
                        answer=None if _is_row(path) or value is None else self._report.answer_at(path, value),
                        is_there=value if _is_row(path) else None,
                    )
                    for revision, value in standing
                ],
                row=list(self._answers_in(path)),
            )
            for path, standing in sorted(self._merged.conflicts.items())
            if _is_row(path) or self._report.answer_at(path, None)
        ]

    def changes(self, revision: UUID) -> list[ChangeOut]:
        """Return what a revision changed of what it was made from; nothing for a first one."""
        patch = next((each for each in self._patches if each.revision == str(revision)), None)
        if patch is None or not patch.base or patch.revision in self._merged.waiting:
            return []
        seen = merge(ancestry(self._patches, patch.base), self._repeats)
        return [change for path in sorted(patch.answers) for change in self._changes_at(path, patch, seen)]

    def _changes_at(self, path: str, patch: Patch, seen: Merged) -> Iterator[ChangeOut]:
        after = patch.answers[path]
        if path.rpartition("/")[2] in self._repeats:
            before, rows = set(seen.shown.get(path, ())), set(after or ())
            for row in sorted(before ^ rows):
                label = self._report.rows_label(path)
                yield ChangeOut(path=f"{path}/{row}", label=label, before=[], after=None, is_there=row in rows)
            return
        answer = self._report.answer_at(path, after)
        stood = [value for _, value in seen.conflicts.get(path, [("", seen.shown.get(path))])]
        if answer is not None and stood != [after]:
            yield ChangeOut(
                path=path,
                label=answer.label,
                before=self._told(path, stood),
                after=None if after is None else answer,
                is_there=None,
            )

    def _told(self, path: str, values: Sequence[Any]) -> list[AnswerOut]:
        told = (self._report.answer_at(path, value) for value in values if value is not None)
        return [answer for answer in told if answer is not None]

    def _label(self, path: str) -> dict[str, str]:
        if _is_row(path):
            return self._report.rows_label(path.rpartition("/")[0])
        answer = self._report.answer_at(path, None)
        return answer.label if answer else {}

    def _answers_in(self, path: str) -> Iterator[AnswerOut]:
        if _is_row(path):
            for inner, value in sorted(self._merged.shown.items()):
                if inner.startswith(f"{path}/"):
                    yield from self._told(inner, [value])


def _is_row(path: str) -> bool:
    return path.count("/") % 2 == 1
