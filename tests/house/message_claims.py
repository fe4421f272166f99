"""What the texts of the apps claim, and from where in `pwa/src` each is shown."""

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

from tests.house.pwa_imports import COMMENT, is_test, modules

SHOWN = re.compile(r"\bm\.([a-z]\w*)")
# Texts taken by a name that is put together, or by another name: nobody could say any more where a text is shown.
HIDDEN = re.compile(r"\bm(?:\?\.)?\[|\bm as \w|\*\s+as\s+\w+\s+from\s+[\"'][^\"']*paraglide/messages|=\s*m\s*[;,)]")
TOLD_AT = re.compile(r"\bproblemText\([^;{}]*?,\s*\"(\w+)\"\)")
TOLD = re.compile(r"(?<!function )\bproblemText\(")
RAISED = re.compile(r"new FieldProblem\(\s*\"([a-z-]+)\"")
# Words by which a text promises something that a state could make untrue.
CLAIM = re.compile(
    r"\b(lost|loses?|safe|kept|keeps?|saved|stays?|received|sent|by itself|never|nobody|neither|deleted|protected"
    r"|promised|ready|everything|accepted|gone|no longer|from now on|tries again|used up|taken out|changed nothing"
    r"|nothing (?:was|is|that|waits|stops)|only (?:there|what|the|once)|works? only)\b",
    re.IGNORECASE,
)


class Claims(NamedTuple):
    """What `pwa/claims.json` says of the catalogue."""

    claims: dict[str, dict[str, Any]]
    no_claims: list[str]
    places: dict[str, dict[str, list[str]]]
    untold: dict[str, str]


def read_claims(path: Path) -> Claims:
    """The list beside the catalogue."""
    whole = json.loads(path.read_text())
    return Claims(whole["claims"], whole["no_claims"], whole["places"], whole["untold"])


def catalogue(path: Path) -> dict[str, str]:
    """Every text of one language by its key; the forms of a plural in one."""
    return {
        key: text if isinstance(text, str) else " ".join(text[0]["match"].values())
        for key, text in json.loads(path.read_text()).items()
    }


def sources(source: Path) -> dict[str, str]:
    """Every module that ships, without comments, by its name relative to the source."""
    return {
        name: COMMENT.sub("", module.read_text())
        for module in modules(source)
        if not is_test(name := module.relative_to(source).as_posix())
    }


def shown_from(code: dict[str, str]) -> dict[str, list[str]]:
    """Which modules show each text."""
    shown: dict[str, set[str]] = {}
    for name, text in code.items():
        for key in SHOWN.findall(text):
            shown.setdefault(key, set()).add(name)
    return {key: sorted(names) for key, names in shown.items()}


def hidden_uses(code: dict[str, str]) -> list[str]:
    """Modules that take texts in a way no search would find."""
    return sorted(name for name, text in code.items() if HIDDEN.search(text))


def told_at(code: dict[str, str]) -> dict[str, list[str]]:
    """Which modules tell a failure at each place of `ProblemPlace`."""
    places: dict[str, set[str]] = {}
    for name, text in code.items():
        if name.split("/")[0] in {"desk", "exports", "authoring", "review", "summaries"}:
            continue
        named = TOLD_AT.findall(text)
        if len(named) != len(TOLD.findall(text)):
            places.setdefault("nowhere", set()).add(name)
        for place in named:
            places.setdefault(place, set()).add(name)
    return {place: sorted(names) for place, names in places.items()}


def unproved(claim: dict[str, Any], root: Path) -> list[str]:
    """What a claim rests on that is not there: a test by file and name, or a condition in words."""
    missing = []
    for ground in claim["holds"]:
        file, is_named, name = ground.partition("::")
        if not is_named:
            if len(ground.split()) < 3:
                missing.append(ground)
            continue
        path = root / file
        opening = f"def {name}(" if file.endswith(".py") else name
        if not path.is_file() or opening not in path.read_text():
            missing.append(ground)
    return missing if claim["holds"] else ["nothing"]
