"""What `make quick` chooses for a change."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from scripts.quick import NOT_REACHED, judge, run
from scripts.quick_choice import BESIDE, NEVER, PWA_SMOKE, SMOKE, Choice, choose, dealt, names
from tests.house.files import ROOT, tracked

TESTS = {
    "tests/sync/test_arrivals.py": "from steppe.sync.arrivals import Arrivals",
    "tests/sync/test_pull.py": "from steppe.sync import changes",
    "tests/summaries/test_rebuild.py": "",
    "tests/attachments/test_uploads.py": "",
    "tests/landed/test_landed_phones.py": "",
    "tests/house/test_words.py": "",
    "tests/e2e/test_story.py": "",
    "tests/test_cli.py": "from steppe.cli import app\nfrom steppe import checklist_cli",
    "tests/test_migrations.py": "",
    "tests/checklists/test_agreement.py": 'json.loads((ROOT / "tests/vectors/expressions.json").read_text())',
    "tests/checklists/test_demo_checklists.py": "",
    **dict.fromkeys(SMOKE, ""),
}


def chosen(*changed: str) -> Choice:
    return choose(changed, TESTS)


def test_a_folder_brings_its_own_tests_first_and_then_those_that_broke_with_it() -> None:
    assert chosen("backend/steppe/sync/changes.py").python == (
        "tests/sync/test_pull.py",
        "tests/sync/test_arrivals.py",
        "tests/sync/test_push.py",
        *BESIDE["sync"],
    )


def test_a_changed_test_comes_before_what_is_merely_near() -> None:
    changed = ("backend/steppe/sync/changes.py", "tests/summaries/test_rebuild.py")
    assert chosen(*changed).python[0] == "tests/summaries/test_rebuild.py"


def test_what_is_not_chosen_is_named_and_nothing_is_in_both() -> None:
    choice = chosen("backend/steppe/sync/changes.py")
    assert "tests/test_cli.py" in choice.left_out
    assert set(choice.python) & set(choice.left_out) == set()
    assert not [test for test in (*choice.python, *choice.left_out) if test.startswith((*NEVER, "tests/house"))]


def test_when_nothing_changed_the_smoke_set_runs() -> None:
    choice = chosen()
    assert choice.python == SMOKE
    assert choice.related == PWA_SMOKE


@pytest.mark.parametrize("name", ["Makefile", "tests/conftest.py", "pwa/vite.config.ts", "pwa/messages/en.json"])
def test_a_file_no_folder_answers_for_brings_the_smoke_set_and_is_named(name: str) -> None:
    choice = chosen(name)
    assert choice.python == SMOKE
    assert choice.unanswered == (name,)


@pytest.mark.parametrize("name", ["README.md", "docs/data.md", "tests/house/test_words.py", "tests/e2e/test_story.py"])
def test_for_documents_walls_and_browser_tests_nothing_else_is_chosen(name: str) -> None:
    assert chosen(name) == Choice(
        (), (), tuple(test for test in sorted(TESTS) if "house" not in test and "e2e" not in test)
    )


def test_a_module_of_the_pwa_is_left_to_vitest() -> None:
    choice = chosen("pwa/src/fill/draft/steps.ts", "pwa/src/ui/Icon.svelte")
    assert choice.related == ("pwa/src/fill/draft/steps.ts", "pwa/src/ui/Icon.svelte")
    assert choice.python == ()


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("backend/steppe/checklist_cli.py", "tests/test_cli.py"),
        ("migrations/versions/0001_begin.py", "tests/test_migrations.py"),
        ("tests/vectors/expressions.json", "tests/checklists/test_agreement.py"),
        ("tests/sync/conftest.py", "tests/sync/test_arrivals.py"),
        ("backend/steppe/packs/any/checklists/meeting.md", "tests/checklists/test_demo_checklists.py"),
    ],
)
def test_what_lies_beside_the_folders_has_its_tests_too(name: str, first: str) -> None:
    assert chosen(name).python[0] == first


def test_an_import_counts_in_both_spellings_and_a_longer_name_does_not() -> None:
    assert names("from steppe.sync.push import a", "steppe.sync.push")
    assert names("from steppe.sync import a, push", "steppe.sync.push")
    assert not names("from steppe.sync.pushed import a\n# steppe sync push", "steppe.sync.push")


def test_two_lanes_begin_with_the_nearest() -> None:
    assert dealt(["a", "b", "c"], 2) == [["a", "c"], ["b"]]


def test_the_table_knows_every_folder_and_names_only_tests_that_are_there() -> None:
    folders = {path.parts[2] for path in tracked("backend/steppe/*/*.py")} | {"packs"}
    assert set(BESIDE) == folders
    named = {*SMOKE, *PWA_SMOKE, *(test for tests in BESIDE.values() for test in tests)}
    assert [name for name in sorted(named) if not (ROOT / name).is_file()] == []


def played(folder: Path, body: str, until: float) -> subprocess.CompletedProcess[str]:
    (folder / "test_one.py").write_text(f"def test_first(): assert {body}\ndef test_second(): pass\n")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "scripts.quick_deadline",
        "-c",
        "/dev/null",
        "--rootdir",
        str(folder),
        str(folder),
    ]
    environment = {
        "PYTHONPATH": str(ROOT),
        "STEPPE_QUICK_UNTIL": str(until),
        # Only the plugin under test: loading all others takes longer than the tests.
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_after_the_deadline_no_test_begins_and_its_file_is_named(tmp_path: Path) -> None:
    late = played(tmp_path, "True", time.monotonic() - 1)
    assert (late.returncode, "1 passed" in late.stdout) == (0, True)
    assert "not reached, or not to its end: test_one.py" in late.stdout


def test_before_the_deadline_everything_runs(tmp_path: Path) -> None:
    early = played(tmp_path, "True", time.monotonic() + 600)
    assert (early.returncode, "2 passed" in early.stdout, "not reached" in early.stdout) == (0, True, False)


def test_a_failure_before_the_deadline_stays_one(tmp_path: Path) -> None:
    assert played(tmp_path, "False", time.monotonic() - 1).returncode == 1


def outcome(name: str, status: int, output: str) -> tuple[str, int, str, float]:
    return name, status, output, 1.0


def test_a_verdict_names_what_failed_and_never_calls_unreached_tests_passed(capsys: pytest.CaptureFixture[str]) -> None:
    assert judge([outcome("ruff", 0, ""), outcome("tests", 0, f"{NOT_REACHED}tests/sync/test_push.py")], 80) == 0
    assert "passed what was reached, 1 were not" in (told := capsys.readouterr().out)
    assert "tests/sync (1): push" in told
    assert judge([outcome("ruff", 0, "")], 20) == 0
    assert "passed all that was chosen" in capsys.readouterr().out
    assert judge([outcome("ruff", 1, "E501 here")], 20) == 1
    assert "failed: ruff" in (told := capsys.readouterr().out)
    assert "E501 here" in told


def test_what_outlives_the_deadline_is_ended_with_its_workers_and_said(tmp_path: Path) -> None:
    forks = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); "
    name, status, output, _ = run(("forks", [sys.executable, "-c", f"{forks}time.sleep(600)"], tmp_path), 0, 0)
    assert (name, status) == ("forks", 0)
    assert NOT_REACHED in output


def test_a_failure_told_before_the_end_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    (tmp_path / "test_one.py").write_text("import time\ndef test_a(): assert False\ndef test_b(): time.sleep(600)\n")
    words = [sys.executable, "-m", "pytest", "-q", "-p", "scripts.quick_deadline", "-c", "/dev/null", str(tmp_path)]
    _, status, output, _ = run(("tests", words, tmp_path), time.monotonic() + 600, time.monotonic() + 15)
    assert status == 1
    assert "test_a" in output
