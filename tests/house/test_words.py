import re
from pathlib import Path

import pytest

from tests.house.files import ROOT, own_code, tracked

# Patterns are spelt so that this file does not match itself.
UNWANTED = {
    r"\b(TO[D]O|FIX[M]E|HA[C]K)\b": "open ends belong to the tracker, not to the code",
    r"except[ ]Exception\b|except[ ]*:": "name the error that is expected",
    r"\bx[f]ail\b|mark[.]skip|\bx(it|describe)\(|\b(it|test|describe)[.](only|skip|todo)\b": "a test runs or goes",
    r"\bpytest[.](skip|importorskip)\b": "what a test needs is brought by `make test-tools`, or it fails",
    r"@ts-(ignore|nocheck)": "types are not switched off",
}
ARGUED = {
    r"#[ ]noqa(?!: [A-Z]+\d+(, [A-Z]+\d+)*\s+\S)": "a silenced rule has its code and a reason behind it",
    r"#[ ]type: ignore(?!\[[\w, -]+\]\s+\S)": "a silenced type error has its code and a reason behind it",
    r"biome-ignore(?! \S+: \S)": "a silenced rule has its name and a reason behind it",
}
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "core", "common", "misc", "manager", "managers"}


@pytest.mark.parametrize(("pattern", "why"), [*UNWANTED.items(), *ARGUED.items()], ids=lambda text: text[:40])
def test_code_holds_no_open_ends_and_no_unargued_exceptions(pattern: str, why: str) -> None:
    found = [
        f"{path}:{number}: {line.strip()}"
        for path in own_code()
        if path != Path(__file__).relative_to(ROOT)
        for number, line in enumerate((ROOT / path).read_text().splitlines(), 1)
        if re.search(pattern, line)
    ]
    assert found == [], why


def test_names_say_what_is_inside() -> None:
    parts = {(path, part) for path in tracked() for part in (*path.parent.parts, path.stem.split(".")[0])}
    assert [str(path) for path, part in sorted(parts) if part.lower() in EMPTY_NAMES] == []
