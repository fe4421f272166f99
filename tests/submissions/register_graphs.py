"""Random revisions of one report, as phones make them and as no phone does: forks, rows, files, gaps, duplicates."""

from __future__ import annotations

import random
from typing import Any, Final

from steppe.submissions.register import Patch

REPEATS: Final = {"a", "b"}
_ROWS: Final = ("1", "2", "3", "4")
_VALUES: Final = ("x", "y", 1, "1", None, ["x"], ["x", "y"])
_FILES: Final = ("f1", "f2", None)


def graph(draw: random.Random) -> list[Patch]:
    """Return some revisions of a report, in any order; some come twice, some wait for one that never comes."""
    names = draw.sample("abcdefghijklmnop", draw.randint(1, 7))
    patches: list[Patch] = []
    for name in names:
        base = [] if not patches or draw.random() < 0.1 else _base(draw, patches)
        answers = dict(draw.choice(_WRITES)(draw) for _ in range(draw.randint(1, 6)))
        files = {path: value for path, value in answers.items() if path.endswith("p") and draw.random() < 0.8}
        patches.append(Patch(name, base, answers, {path: plain for path, plain in files.items() if plain}))
    patches += draw.choices(patches, k=draw.choice((0, 0, 1, 3)))
    draw.shuffle(patches)
    return patches if draw.random() < 0.8 else patches[1:]


def plain(patch: Patch) -> dict[str, Any]:
    """Return a revision as the phone's twin reads it."""
    return {"revision": patch.revision, "base": patch.base, "answers": patch.answers, "files": patch.files}


def _base(draw: random.Random, patches: list[Patch]) -> list[str]:
    if draw.random() < 0.3:
        return [patches[-1].revision]
    return [patch.revision for patch in draw.sample(patches, draw.randint(1, min(3, len(patches))))]


def _rows(draw: random.Random) -> list[str] | None:
    return None if draw.random() < 0.05 else draw.sample(_ROWS, draw.randint(0, len(_ROWS)))


_WRITES: Final = (
    lambda draw: (draw.choice(("q", "r")), draw.choice(_VALUES)),
    lambda draw: ("p", draw.choice(_FILES)),
    lambda draw: ("a", _rows(draw)),
    lambda draw: ("a", _rows(draw)),
    lambda draw: (f"a/{draw.choice(_ROWS)}/q", draw.choice(_VALUES)),
    lambda draw: (f"a/{draw.choice(_ROWS)}/p", draw.choice(_FILES)),
    lambda draw: (f"a/{draw.choice(_ROWS[:2])}/b", _rows(draw)),
    lambda draw: (f"a/{draw.choice(_ROWS[:2])}/b/{draw.choice(_ROWS)}/q", draw.choice(_VALUES)),
)
