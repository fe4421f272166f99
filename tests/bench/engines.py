"""The phone's form engine beside ODK's, in the same browser, on the same form: opening it, and giving one answer."""

from __future__ import annotations

import subprocess
from pathlib import Path
from statistics import median
from typing import Any, Final

from playwright.sync_api import Browser, Page
from pyxform.xls2xform import convert

from steppe.checklists.definition import definition_bytes
from steppe.checklists.xlsform.compiler import compile_checklist
from tests.e2e.processes import ROOT

_ADDRESS: Final = "http://localhost/"
# Nobody listens there: the requests are answered here. A secure context, as ODK asks for.
_PAGE: Final = '<!doctype html><title>engines</title><script type="module" src="engines.js"></script>'


def built(folder: Path) -> Path:
    """Make the page's module; returns its path. Raises CalledProcessError when it cannot be built."""
    subprocess.run(["node", ROOT / "pwa" / "bench" / "build.js", folder], cwd=ROOT / "pwa", check=True)
    return folder / "engines.js"


def compare(browser: Browser, module: Path, form: Path, *, openings: int, blocks: int) -> dict[str, Any]:
    """Return medians of both engines in milliseconds and how many times ODK's takes as long.

    `form` is an XLSForm; the number that most others hang on is answered. Raises AssertionError unless both engines saw
    the same number of questions.
    """
    page = browser.new_page()
    page.route(f"{_ADDRESS}**", lambda route: _serve(route, module))
    page.goto(_ADDRESS)
    page.wait_for_function("globalThis.engines !== undefined")
    definition = compile_checklist(form)
    numbers = [question.id for _, _, question in definition.questions() if question.type == "integer"]
    question = max(numbers, key=lambda number: len(definition.dependants.get(number, ())))
    ours = _run(page, "steppe", definition_bytes(definition).decode(), question, openings, blocks)
    theirs = _run(page, "odk", convert(str(form)).xform, question, openings, blocks)
    page.close()
    # The XForm also holds an instance id.
    assert abs(theirs["questions"] - ours["questions"]) <= 2, (ours["questions"], theirs["questions"])
    hanging = len(definition.dependants.get(question, ()))
    figures: dict[str, Any] = {"questions": ours["questions"], "hanging_on_the_answer": hanging}
    for what in ("open", "answer"):
        steppe, odk = median(ours[what]), median(theirs[what])
        figures |= {f"{what}_ms": round(steppe, 3), f"{what}_odk_ms": round(odk, 2)}
        figures[f"{what}_ratio"] = round(odk / steppe, 1) if steppe else None
    return figures


def _run(page: Page, engine: str, form: str, question: str, openings: int, blocks: int) -> dict[str, Any]:
    timing: dict[str, Any] = page.evaluate(
        "async ([engine, ...given]) => engines[engine](...given)", [engine, form, question, openings, blocks]
    )
    return timing


def _serve(route: Any, module: Path) -> None:
    if route.request.url.endswith(".js"):
        route.fulfill(body=module.read_text(), content_type="text/javascript")
    else:
        route.fulfill(body=_PAGE, content_type="text/html")
