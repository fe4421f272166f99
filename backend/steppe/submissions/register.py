"""What several revisions of one report come to: a register that keeps every value nobody has replaced.

Pure, and the same whatever came first (docs/decisions/0012). `pwa/src/engine/register.ts` is the twin; both run
`tests/vectors/register.json`.

- A value stands until a revision made from it writes its path anew. Values that stand side by side and are equal are
  one; different ones are a conflict, and all of them are kept. None (`null` on the wire) clears, and is a value.
- Rows of a repeat are a set. The list that a revision carries adds the rows that what it was made from does not show
  and removes those it leaves out; of rows in conflict it decides. Writing an answer of a row says that the row stays.
  A row removed here and kept there is a conflict: it is shown, and counts nowhere until somebody decides.
- A file belongs to the answer that names it.
- A revision waits until everything it was made from is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias, TypeVar

import orjson

Standing: TypeAlias = tuple[str, Any]
"""A value that nobody has replaced, behind the revision that wrote it."""

_Written = TypeVar("_Written")
_REMOVED: Final = False
_THERE: Final = True


@dataclass(frozen=True, slots=True)
class Patch:
    """What a revision says of its report's answers.

    `base` are the revisions it was made from, `answers` path → value (None clears), `files` path → SHA-256 of the
    plain bytes of the file it brings there.
    """

    revision: str
    base: Sequence[str]
    answers: Mapping[str, Any]
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Merged:
    """The answers of a report as its revisions leave them.

    `answers` count: each has one value, in no row that is removed or in conflict, and lists of rows name no such row.
    `shown` has besides what stands in rows in conflict, and their lists name these.
    `conflicts`: path → what stands there, by revision. Under the path of a row (`repeat/<row>`) it is whether the row
    is there.
    `files`: path → the revisions whose files these values name, one a value, as in `conflicts`.
    `heads`: the revisions that no other was made from. `waiting`: revisions that are in nothing of this, each with
    those of its base that it waits for.
    """

    answers: dict[str, Any]
    shown: dict[str, Any]
    conflicts: dict[str, list[Standing]]
    files: dict[str, list[str]]
    heads: list[str]
    waiting: dict[str, list[str]]


def merge(patches: Iterable[Patch], repeats: AbstractSet[str]) -> Merged:
    """Merge the revisions of one report; `repeats` are the ids of its checklist's repeats.

    Neither their order nor coming twice makes a difference; an id stands for one content.
    """
    by_id = {patch.revision: patch for patch in patches}
    ordered = _in_order(by_id)
    graph = _Graph(ordered, repeats)
    known = {patch.revision for patch in ordered}
    waiting = {
        name: sorted({one for one in patch.base if one not in known})
        for name, patch in sorted(by_id.items())
        if name not in known
    }
    return graph.merged(waiting)


def ancestry(patches: Iterable[Patch], of: Iterable[str]) -> list[Patch]:
    """Return, of these revisions, those of the ids `of` and everything they were made from."""
    by_id = {patch.revision: patch for patch in patches}
    found: dict[str, Patch] = {}
    left = list(of)
    while left:
        patch = by_id.get(left.pop())
        if patch is not None and patch.revision not in found:
            found[patch.revision] = patch
            left += patch.base
    return list(found.values())


def rows_around(path: str) -> list[str]:
    """Return the paths of the rows that a path lies in, the outermost first: `a/1`, `a/1/b/2` of `a/1/b/2/q`."""
    parts = path.split("/")
    return ["/".join(parts[:end]) for end in range(2, len(parts), 2)]


def _in_order(by_id: Mapping[str, Patch]) -> list[Patch]:
    """Return revisions whose base is all here, each after its base: by how far from the first ones, then by id."""
    missing = {name: {one for one in patch.base if one in by_id} for name, patch in by_id.items()}
    after: dict[str, list[str]] = {}
    for name, bases in missing.items():
        for one in bases:
            after.setdefault(one, []).append(name)
    ready = sorted(name for name, patch in by_id.items() if not patch.base)
    ordered: list[Patch] = []
    while ready:
        ordered += [by_id[name] for name in ready]
        freed: set[str] = set()
        for one in ready:
            for name in after.get(one, ()):
                missing[name].discard(one)
                if not missing[name] and all(base in by_id for base in by_id[name].base):
                    freed.add(name)
        ready = sorted(freed)
    return ordered


class _Graph:
    """Revisions in order, by number, with what each writes: revisions are compared by bits of whole numbers."""

    def __init__(self, ordered: Sequence[Patch], repeats: AbstractSet[str]) -> None:
        self._ordered = ordered
        self._repeats = repeats
        numbers = {patch.revision: number for number, patch in enumerate(ordered)}
        self._past: list[int] = []
        self._values: dict[str, list[tuple[int, Any]]] = {}
        self._lists: dict[str, list[tuple[int, list[str] | None]]] = {}
        self._rows: dict[str, list[tuple[int, bool]]] = {}
        self._files: dict[str, list[tuple[str, str]]] = {}
        for number, patch in enumerate(ordered):
            past = 0
            for one in patch.base:
                past |= self._past[numbers[one]] | 1 << numbers[one]
            self._past.append(past)
            self._take(number, patch)

    def _take(self, number: int, patch: Patch) -> None:
        for path, plain in patch.files.items():
            self._files.setdefault(path, []).append((patch.revision, plain))
        decided: dict[str, bool] = {}
        for path, value in patch.answers.items():
            if self._is_list(path):
                rows = list(dict.fromkeys(value)) if isinstance(value, list) else None
                self._decide(path, rows or [], self._past[number], decided)
                self._lists.setdefault(path, []).append((number, rows))
            else:
                self._values.setdefault(path, []).append((number, value))
        for path in patch.answers:
            for row in rows_around(path):
                # Whoever writes into a row that they see keeps it; into one they do not see, says nothing of it.
                if row not in decided and _THERE in self._states(row, self._past[number]):
                    decided[row] = _THERE
        for row, is_there in decided.items():
            self._rows.setdefault(row, []).append((number, is_there))

    def _decide(self, path: str, rows: list[str], past: int, decided: dict[str, bool]) -> None:
        """Note what a list says of rows: new ones and those in conflict are there, those it leaves out are removed."""
        for row in rows:
            if self._states(f"{path}/{row}", past) != {_THERE}:
                decided[f"{path}/{row}"] = _THERE
        for row in {row for _, known in self._lists.get(path, ()) for row in known or ()} - set(rows):
            if _THERE in self._states(f"{path}/{row}", past):
                decided[f"{path}/{row}"] = _REMOVED

    def _is_list(self, path: str) -> bool:
        return path.rpartition("/")[2] in self._repeats

    def _states(self, row: str, seen: int) -> set[bool]:
        """Return what stands of a row's being there, as far as `seen` goes; nothing where nobody ever listed it."""
        return {is_there for _, is_there in self._standing(self._rows.get(row, ()), seen)}

    def _standing(self, writes: Sequence[tuple[int, _Written]], seen: int | None = None) -> list[tuple[int, _Written]]:
        """Return the writes that no later one of them replaces, among those of the revisions in `seen` (None: all)."""
        known = [write for write in writes if seen is None or seen >> write[0] & 1]
        replaced = 0
        for number, _ in known:
            replaced |= self._past[number]
        return [write for write in known if not replaced >> write[0] & 1]

    def merged(self, waiting: dict[str, list[str]]) -> Merged:
        found = Merged({}, {}, {}, {}, self._heads(), waiting)
        states = {row: {is_there for _, is_there in self._standing(writes)} for row, writes in self._rows.items()}
        for row, writes in self._rows.items():
            if len(states[row]) > 1 and self._is_shown(row, states):
                found.conflicts[row] = self._by_revision(self._standing(writes))
        for path, values in self._values.items():
            if self._is_shown(path, states):
                self._resolve(found, path, self._by_revision(self._standing(values)), states)
        for path, lists in self._lists.items():
            if self._is_shown(path, states):
                self._resolve_rows(found, path, lists, states)
        return found

    def _heads(self) -> list[str]:
        seen = 0
        for past in self._past:
            seen |= past
        return sorted(patch.revision for number, patch in enumerate(self._ordered) if not seen >> number & 1)

    def _by_revision(self, standing: Iterable[tuple[int, Any]]) -> list[Standing]:
        return sorted(((self._ordered[number].revision, value) for number, value in standing), key=lambda one: one[0])

    def _is_shown(self, path: str, states: Mapping[str, set[bool]]) -> bool:
        """Say whether no row around a path is removed. Rows that nobody ever listed hide nothing here."""
        return all(states.get(row) != {_REMOVED} for row in rows_around(path))

    def _counts(self, path: str, states: Mapping[str, set[bool]]) -> bool:
        return all(len(states.get(row, ())) < 2 for row in rows_around(path))

    def _resolve(self, found: Merged, path: str, standing: list[Standing], states: Mapping[str, set[bool]]) -> None:
        by_value: dict[bytes, list[str]] = {}
        for revision, value in standing:
            by_value.setdefault(_written(value), []).append(revision)
        if len(by_value) > 1:
            found.conflicts[path] = standing
        elif standing[0][1] is not None:
            found.shown[path] = standing[0][1]
            if self._counts(path, states):
                found.answers[path] = standing[0][1]
        values = dict(standing)
        named = [self._file(path, values[writers[0]], writers) for writers in by_value.values()]
        files = [revision for revision in named if revision is not None]
        if files:
            found.files[path] = files

    def _file(self, path: str, value: Any, writers: Sequence[str]) -> str | None:
        """Return the revision whose file a value names: one that wrote it, else the last that brought the same."""
        brought = [revision for revision, plain in self._files.get(path, ()) if plain == value]
        return next((one for one in writers if one in brought), brought[-1] if brought else None)

    def _resolve_rows(
        self,
        found: Merged,
        path: str,
        lists: Sequence[tuple[int, list[str] | None]],
        states: Mapping[str, set[bool]],
    ) -> None:
        shown = [row for row in _row_order(lists) if _THERE in states.get(f"{path}/{row}", ())]
        if not shown and all(rows is None for _, rows in self._standing(lists)):
            return
        found.shown[path] = shown
        if self._counts(path, states):
            found.answers[path] = [row for row in shown if states[f"{path}/{row}"] == {_THERE}]


def _row_order(lists: Sequence[tuple[int, list[str] | None]]) -> Iterator[str]:
    """Yield the rows of all lists, the newest lists first; one that only others name comes after its row before it."""
    following: dict[str | None, str | None] = {None: None}
    for _, rows in reversed(lists):
        before = None
        for row in rows or ():
            if row not in following:
                following[row] = following[before]
                following[before] = row
            before = row
    place = following[None]
    while place is not None:
        yield place
        place = following[place]


def _written(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
