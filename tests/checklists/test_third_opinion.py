"""The shared vectors beside Enketo's XPath evaluator, which shares no line with ours: `make third-opinion`.

Where it says something else, `tests/vectors/differences.json` says what and why ours stays.
"""

import json
import subprocess
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.chromium import FLAGS, find_chromium

pytestmark = pytest.mark.browser
_SAME = {"now", "zone", "choices", "tables"}
"""What the vectors of one expression have in common."""
ROOT = Path(__file__).parents[2]
VECTORS: list[dict[str, Any]] = json.loads((ROOT / "tests/vectors/expressions.json").read_text())
ARGUED: list[dict[str, Any]] = json.loads((ROOT / "tests/vectors/differences.json").read_text())


def test_every_difference_from_enketo_is_argued_and_every_argued_one_is_there(tmp_path: Path) -> None:
    subprocess.run(["node", ROOT / "pwa/opinion/build.js", tmp_path], cwd=ROOT / "pwa", check=True)
    module = (tmp_path / "opinion.js").read_text()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        found = {}
        for (zone, now), vectors in groupby(sorted(VECTORS, key=_clock), key=_clock):
            found.update(_differences(browser, module, zone, now, list(vectors)))
        browser.close()
    assert found == {name: said for argued in ARGUED for name, said in argued["cases"].items()}


def test_every_argument_is_made_once() -> None:
    reasons = [argued["reason"] for argued in ARGUED]
    names = [name for argued in ARGUED for name in argued["cases"]]
    assert len(set(reasons)) == len(reasons)
    assert len(set(names)) == len(names)


def _clock(vector: dict[str, Any]) -> tuple[str, str]:
    return vector["context"]["zone"], vector["context"]["now"]


def _differences(browser: Browser, module: str, zone: str, now: str, vectors: list[dict[str, Any]]) -> dict[str, Any]:
    context = browser.new_context(timezone_id=zone)
    page = context.new_page()
    page.clock.set_fixed_time(now)
    page.add_script_tag(content=module, type="module")
    page.wait_for_function("() => globalThis.opinions !== undefined")
    said = page.evaluate("vectors => opinions(vectors)", vectors)
    context.close()
    return {
        _name(vector): value
        for vector, value in zip(vectors, said, strict=True)
        if value != vector["expected"]["value"]
    }


def _name(vector: dict[str, Any]) -> str:
    """An expression, with the answers it read where the expression alone does not tell."""
    given = {key: value for key, value in vector["context"].items() if key not in _SAME}
    return f"{vector['expr']} {json.dumps(given, ensure_ascii=True)}" if given else str(vector["expr"])
