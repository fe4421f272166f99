"""The rules of the register once more, as slowly and plainly as they can be said: the model that both twins must equal.

No order, no numbers, no index: every question is answered by asking all revisions again.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import orjson

from steppe.submissions.register import Patch


def naive_merge(patches: list[Patch], repeats: set[str]) -> dict[str, Any]:
    """Return what `merge` returns, as a dictionary."""
    return _Model({patch.revision: patch for patch in patches}, repeats).merged()


def canonical(value: Any) -> bytes:
    """Return the one form in which results are compared."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


class _Model:
    def __init__(self, by_id: dict[str, Patch], repeats: set[str]) -> None:
        self.by_id = by_id
        self.repeats = repeats
        self.whole: set[str] = set()
        while grown := {
            name for name, patch in by_id.items() if name not in self.whole and set(patch.base) <= self.whole
        }:
            self.whole |= grown
        self.presence = cache(self.presence)  # type: ignore[method-assign]  # else it asks the same for ever

    def past(self, name: str) -> set[str]:
        found: set[str] = set()
        for base in self.by_id[name].base:
            found |= {base} | self.past(base)
        return found

    def depth(self, name: str) -> int:
        return 1 + max((self.depth(base) for base in self.by_id[name].base), default=0)

    def standing(self, writes: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in writes.items() if not any(name in self.past(later) for later in writes)}

    def presence(self, name: str) -> dict[str, bool]:
        """Return what a revision says of rows: path → whether it is there."""
        answers = self.by_id[name].answers
        said: dict[str, bool] = {}
        for row in self.every_row():
            path, _, own = row.rpartition("/")
            states = self.states(row, self.past(name))
            if path in answers:
                listed = answers[path] if isinstance(answers[path], list) else []
                if own in listed and states != {True}:
                    said[row] = True
                if own not in listed and True in states:
                    said[row] = False
            if row not in said and True in states and any(one.startswith(f"{row}/") for one in answers):
                said[row] = True
        return said

    def every_row(self) -> set[str]:
        return {
            f"{path}/{row}"
            for name in self.whole
            for path, value in self.by_id[name].answers.items()
            if self.is_list(path) and isinstance(value, list)
            for row in value
        }

    def is_list(self, path: str) -> bool:
        return path.rsplit("/", maxsplit=1)[-1] in self.repeats

    def states(self, row: str, seen: set[str]) -> set[bool]:
        writes = {name: self.presence(name)[row] for name in seen if row in self.presence(name)}
        return set(self.standing(writes).values())

    def around(self, path: str) -> list[set[bool]]:
        parts = path.split("/")
        return [self.states("/".join(parts[:end]), self.whole) for end in range(2, len(parts), 2)]

    def merged(self) -> dict[str, Any]:
        heads = [name for name in self.whole if not any(name in self.past(other) for other in self.whole)]
        result: dict[str, Any] = {
            "answers": {},
            "shown": {},
            "conflicts": {},
            "files": {},
            "heads": sorted(heads),
            "waiting": {
                name: sorted(set(patch.base) - self.whole)
                for name, patch in self.by_id.items()
                if name not in self.whole
            },
        }
        for row in self.every_row():
            writes = {name: self.presence(name)[row] for name in self.whole if row in self.presence(name)}
            standing = self.standing(writes)
            if len(set(standing.values())) > 1 and {False} not in self.around(row):
                result["conflicts"][row] = [[name, standing[name]] for name in sorted(standing)]
        for path in {path for name in self.whole for path in self.by_id[name].answers}:
            if {False} not in self.around(path):
                self.resolve(path, result)
        return result

    def resolve(self, path: str, result: dict[str, Any]) -> None:
        writes = {name: self.by_id[name].answers[path] for name in self.whole if path in self.by_id[name].answers}
        standing = self.standing(writes)
        counts = all(len(states) < 2 for states in self.around(path))
        if self.is_list(path):
            rows = [row for row in self.order(writes) if True in self.states(f"{path}/{row}", self.whole)]
            if rows or any(isinstance(value, list) for value in standing.values()):
                result["shown"][path] = rows
                if counts:
                    undisputed = [row for row in rows if self.states(f"{path}/{row}", self.whole) == {True}]
                    result["answers"][path] = undisputed
            return
        values: list[Any] = []
        for name in sorted(standing):
            if standing[name] not in values:
                values.append(standing[name])
        if len(values) > 1:
            result["conflicts"][path] = [[name, standing[name]] for name in sorted(standing)]
        elif values[0] is not None:
            result["shown"][path] = values[0]
            if counts:
                result["answers"][path] = values[0]
        files = [file for value in values if (file := self.file(path, value, standing)) is not None]
        if files:
            result["files"][path] = files

    def file(self, path: str, value: Any, standing: dict[str, Any]) -> str | None:
        brought = [name for name in self.whole if value is not None and self.by_id[name].files.get(path) == value]
        own = sorted(name for name in brought if name in standing)
        return own[0] if own else max(brought, key=lambda name: (self.depth(name), name), default=None)

    def order(self, writes: dict[str, Any]) -> list[str]:
        order: list[str] = []
        for name in sorted(writes, key=lambda name: (self.depth(name), name), reverse=True):
            listed = list(dict.fromkeys(writes[name] or []))
            for place, row in enumerate(listed):
                if row not in order:
                    order.insert(order.index(listed[place - 1]) + 1 if place else 0, row)
        return order
