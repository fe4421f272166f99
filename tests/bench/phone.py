"""What a phone's processor does for an observer: opening long checklists, typing, searching stations, many rows."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import sync_playwright

from tests.bench import engines, forms, starts
from tests.bench.stage import Stage, p50, p95, stage
from tests.e2e.chromium import FLAGS, find_chromium

LENGTHS: Final = (200, 1000)
ROWS: Final = 100
HANGING: Final = 300
_TEXT: Final = "the queue moved slowly past the door "
_STATION: Final = "қарағанды мектеп 12"

Say = Callable[[str], None]


def measure(*, quick: bool, say: Say) -> dict[str, Any]:
    """Return every figure of the phone, by name. `quick` takes each once."""
    times = 1 if quick else 5
    with tempfile.TemporaryDirectory(prefix="steppe-bench-phone-") as made, sync_playwright() as playwright:
        folder = Path(made)
        written = _written(folder)
        figures: dict[str, Any] = {"engines": _engines(playwright.chromium, folder, written, quick=quick, say=say)}
        with stage(playwright, folder, list(written.values())) as staged:
            figures["starts"] = told = starts.measure(staged, 3 if quick else starts.STARTS)
            say(f"starts: {told}")
            for length in LENGTHS:
                figures[f"questions_{length}"] = told = _long(staged, f"Mixed {length}", times)
                say(f"{length} questions: {told}")
            for name, part in {"hanging": _hanging, "stations": _stations, "rows": _rows}.items():
                figures[name] = told = part(staged)
                say(f"{name}: {told}")
        return figures


def _written(folder: Path) -> dict[str, Path]:
    texts = {f"mixed_{length}": forms.mixed(length) for length in LENGTHS}
    texts |= {f"hanging_{HANGING}": forms.hanging(HANGING), "repeating": forms.repeating()}
    paths = {}
    for name, text in texts.items():
        paths[name] = folder / f"{name}.md"
        paths[name].write_text(text)
    return paths


def _engines(chromium: Any, folder: Path, written: dict[str, Path], *, quick: bool, say: Say) -> dict[str, Any]:
    module = engines.built(folder)
    browser = chromium.launch(executable_path=find_chromium(), args=FLAGS)
    found = {}
    for length in LENGTHS[:1] if quick else LENGTHS:
        form = written[f"mixed_{length}"]
        told = engines.compare(browser, module, form, openings=3 if quick else 9, blocks=10 if quick else 30)
        say(f"engines, {length} questions: {told}")
        found[str(length)] = told
    browser.close()
    return found


def _long(staged: Stage, title: str, times: int) -> dict[str, Any]:
    """Open a long checklist cold, and type into its first field."""
    cpu, wall, slow = [], [], []
    for _ in range(times):
        staged.fresh()
        staged.app.go("New")
        staged.settle()
        before = staged.cpu_ms()
        wall.append(staged.tap_tile(title))
        staged.settle()
        cpu.append(staged.cpu_ms() - before)
        staged.fresh()
        staged.app.go("New")
        with staged.slowed(6):
            slow.append(staged.tap_tile(title))
    staged.page.locator("main article.card input, main article.card textarea").first.focus()
    key = staged.cpu_of_keys(_TEXT)
    with staged.slowed(6):
        keys = staged.wall_of_keys(_TEXT)
    return {
        "open_cpu_ms": p50(cpu), "open_wall_ms": p50(wall), "open_6x_wall_ms": p50(slow), "key_cpu_ms": round(key, 2),
        "key_6x_p50_ms": p50(keys), "key_6x_p95_ms": p95(keys), "heap_mb": round(staged.heap_mb(), 1),
    }  # fmt: skip


def _hanging(staged: Stage) -> dict[str, Any]:
    """Type a number that hundreds of expressions read."""
    staged.fresh()
    staged.tap_tile(f"Hanging {HANGING}")
    staged.page.locator("main article.card input").first.focus()
    key = staged.cpu_of_keys("123456789")
    with staged.slowed(4):
        keys = staged.wall_of_keys("0123")
    return {"key_cpu_ms": round(key, 2), "key_4x_p50_ms": p50(keys), "key_4x_worst_ms": round(max(keys), 1)}


def _stations(staged: Stage) -> dict[str, Any]:
    """Search the whole country's stations."""
    staged.fresh()
    staged.app.begin("Voting")
    staged.app.card("ps_number").get_by_role("button").first.click()
    search = staged.page.get_by_role("searchbox")
    search.focus()
    key = staged.cpu_of_keys(_STATION)
    search.fill("")
    with staged.slowed(4):
        keys = staged.wall_of_keys(_STATION, pause=300)
    return {"key_cpu_ms": round(key, 2), "key_4x_p50_ms": p50(keys), "key_4x_worst_ms": round(max(keys), 1)}


def _rows(staged: Stage) -> dict[str, Any]:
    """Add a hundred rows, then ten more, then type in one in the middle."""
    staged.fresh()
    staged.tap_tile("Repeating", "main section.repeat")
    add = staged.page.locator("section.repeat > button").last
    for _ in range(ROWS):
        add.click()
    staged.settle()
    before = staged.cpu_ms()
    for _ in range(10):
        add.evaluate("button => { button.click(); }")
        staged.page.wait_for_timeout(100)
    staged.settle()
    adding = (staged.cpu_ms() - before) / 10
    head = staged.page.locator("[data-row]").nth(ROWS // 2)
    if head.get_attribute("aria-expanded") == "false":
        head.click()
    row = head.get_attribute("data-row")
    staged.page.locator(f'[id="q-item/{row}/item_name"] input').focus()
    key = staged.cpu_of_keys(_TEXT)
    return {"rows": ROWS, "add_cpu_ms": round(adding, 2), "key_cpu_ms": round(key, 2)}


def lines(figures: dict[str, Any]) -> list[str]:
    """Return the figures as a table beside what is asked of them."""
    told = [("phone, real app in Chromium", "figure", "must"), *starts.lines(figures["starts"])]
    for length in LENGTHS:
        of = figures[f"questions_{length}"]
        is_asked = length == LENGTHS[0]
        told += [
            (f"{length} questions: main-thread CPU to interactive, 1×, ms", of["open_cpu_ms"], "≤ 100" * is_asked),
            (
                "  tap to painted, 1× / 6× CPU throttle, ms",
                f"{of['open_wall_ms']} / {of['open_6x_wall_ms']}",
                "6×: ≤ 500" * is_asked,
            ),
            ("  CPU per keystroke, 1×, ms", of["key_cpu_ms"], "≤ 6" * is_asked),
            ("  key to frame, 6×, p50 / p95, ms", f"{of['key_6x_p50_ms']} / {of['key_6x_p95_ms']}", "≤ 50" * is_asked),
            ("  JS heap, MB", of["heap_mb"], "≤ 12" * is_asked),
        ]
    hanging, stations, rows = figures["hanging"], figures["stations"], figures["rows"]
    told += [
        (f"{HANGING} expressions on one keystroke: CPU, 1×, ms", hanging["key_cpu_ms"], ""),
        ("  key to frame, 4×, p50 / worst, ms", f"{hanging['key_4x_p50_ms']} / {hanging['key_4x_worst_ms']}", ""),
        ("10,061 stations: CPU per keystroke, 1×, ms", stations["key_cpu_ms"], ""),
        (
            "  key to frame, 4×, p50 / worst, ms",
            f"{stations['key_4x_p50_ms']} / {stations['key_4x_worst_ms']}",
            "≤ 100",
        ),
        (f"{rows['rows']} rows: CPU of adding one, 1×, ms", rows["add_cpu_ms"], ""),
        ("  CPU per keystroke in one, 1×, ms", rows["key_cpu_ms"], ""),
    ]
    for length, of in figures["engines"].items():
        told += [
            (
                f"engines alone, {length} questions: open, Steppe / ODK, ms",
                f"{of['open_ms']} / {of['open_odk_ms']}",
                "",
            ),
            ("  ratio", of["open_ratio"], ""),
            ("  one answer, Steppe / ODK, ms", f"{of['answer_ms']} / {of['answer_odk_ms']}", ""),
            ("  ratio", of["answer_ratio"], ""),
        ]
    widths = [max(len(str(row[place])) for row in told) for place in range(3)]
    return [
        "  ".join([str(name).ljust(widths[0]), str(figure).rjust(widths[1]), must.rjust(widths[2])]).rstrip()
        for name, figure, must in told
    ]
