"""The command line: what a person at a terminal reads, and that a failed command leaves nothing behind."""

import json
import os
import re
import shutil
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from steppe.cli import app
from steppe.demo import PACK

FORM = """
| survey |
| | type | name | label::English (en) |
| | text | note_of_day | What happened? |
| settings |
| | form_title | form_id | version | default_language |
| | Daily note | daily_note | 1 | English (en) |
"""


@pytest.fixture
def terminal(engine_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("STEPPE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("STEPPE_DATABASE_URL", engine_url)
    monkeypatch.setenv("STEPPE_PUBLIC_URL", "https://reports.example.org")
    return CliRunner()


@pytest.fixture
def loaded(terminal: CliRunner, small_pack: Path) -> CliRunner:
    done(terminal.invoke(app, ["mission", "load", str(small_pack)]))
    return terminal


@pytest.fixture
def small_pack(tmp_path: Path) -> Path:
    """The demonstration's pack with one small checklist: compiling the large ones is tested elsewhere."""
    folder = shutil.copytree(PACK, tmp_path / "pack", ignore=shutil.ignore_patterns("*.md"))
    (folder / "checklists").mkdir(exist_ok=True)
    (folder / "checklists" / "daily_note.md").write_text(FORM)
    facts = folder / "mission.toml"
    facts.write_text(facts.read_text().replace('"weekly_report"', '"daily_note"'))
    return folder


def test_a_pack_is_not_loaded_when_a_report_is_due_that_has_no_checklist(terminal: CliRunner, small_pack: Path) -> None:
    facts = small_pack / "mission.toml"
    facts.write_text(facts.read_text().replace('"daily_note"', '"daily_notes"'))
    said = failed(terminal.invoke(app, ["mission", "load", str(small_pack)]))
    assert "key due.form: unknown checklist 'daily_notes'. Did you mean 'daily_note'?" in " ".join(said.split())


def done(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.output


def failed(result: Result) -> str:
    assert result.exit_code == 1, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.output


def test_a_pack_is_loaded_and_may_be_loaded_again(loaded: CliRunner, small_pack: Path) -> None:
    said = done(loaded.invoke(app, ["mission", "load", str(small_pack)]))
    assert said.strip() == "KZ2021: 17 regions, 10060 polling stations, 13 teams, 38 people, 1 checklists."


def test_a_spoilt_pack_names_file_line_and_column_and_writes_nothing(terminal: CliRunner, small_pack: Path) -> None:
    teams = small_pack / "teams.csv"
    teams.write_text(teams.read_text().replace("KZ-SEV", "KZ-SVE"))
    said = failed(terminal.invoke(app, ["mission", "load", str(small_pack)]))
    assert "teams.csv:3" in said
    assert "regions" in said
    assert "KZ-SVE" in said
    assert "Which mission?" in failed(terminal.invoke(app, ["enrol", "--team", "LTO01"]))


def test_a_spoilt_checklist_in_a_pack_writes_nothing(terminal: CliRunner, small_pack: Path) -> None:
    (small_pack / "checklists" / "broken.md").write_text(FORM.replace("| text |", "| txet |"))
    said = failed(terminal.invoke(app, ["mission", "load", str(small_pack)]))
    assert "sheet survey in broken.md, row 2, column type" in said
    assert "Which mission?" in failed(terminal.invoke(app, ["enrol", "--team", "LTO01"]))


def test_a_grant_is_given_listed_and_ended(loaded: CliRunner) -> None:
    assert done(loaded.invoke(app, ["grant", "list"])) == ""
    given = ["grant", "add", "coordinator", "--role", "expert", "--region", "KZ-AST", "--region", "KZ-AKM"]
    said = done(loaded.invoke(app, [*given, "--theme", "wom", "--from", "2021-01-04", "--until", "2999-12-31"]))
    key, _, rest = said.strip().partition("  ")
    assert rest == ("coordinator  expert  KZ-AKM, KZ-AST  wom  from 2021-01-04 00:00 until 3000-01-01 00:00  in force")
    assert done(loaded.invoke(app, ["grant", "list", "coordinator"])) == said
    assert done(loaded.invoke(app, ["grant", "list", "hom"])) == ""
    assert done(loaded.invoke(app, ["grant", "end", key.upper()])).endswith("  ended\n")
    ended = done(loaded.invoke(app, ["grant", "list"]))
    assert ended.endswith("  ended\n")
    # Ending it again changes nothing.
    assert done(loaded.invoke(app, ["grant", "end", key])) == ended
    assert "There is no such grant" in failed(loaded.invoke(app, ["grant", "end", "00000000"]))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nobody", "--role", "expert"], "no such person at the desk"),
        (["lto01a", "--role", "expert"], "no such person at the desk"),
        (["hom", "--role", "observer"], "unknown role 'observer'"),
        (["hom", "--role", "expert", "--region", "KZ-AKX"], "unknown region 'KZ-AKX'. Did you mean 'KZ-AK"),
        (["hom", "--role", "expert", "--theme", "women"], "unknown theme 'women'"),
        (["hom", "--role", "expert", "--from", "2021-01-10", "--until", "2021-01-09"], "comes before from"),
    ],
)
def test_a_grant_of_what_there_is_not_is_refused(loaded: CliRunner, words: list[str], said: str) -> None:
    assert said in failed(loaded.invoke(app, ["grant", "add", *words]))
    assert done(loaded.invoke(app, ["grant", "list"])) == ""


def test_a_published_version_never_changes(loaded: CliRunner, tmp_path: Path) -> None:
    path = tmp_path / "form.md"
    path.write_text(FORM.replace("daily_note", "evening_note"))
    assert "evening_note 1 published." in done(loaded.invoke(app, ["publish", str(path)]))
    assert "was published before, unchanged" in done(loaded.invoke(app, ["publish", str(path)]))
    path.write_text(path.read_text().replace("What happened?", "What else?"))
    said = failed(loaded.invoke(app, ["publish", str(path)]))
    assert "Give the form a new version" in said
    path.write_text(path.read_text().replace("| 1 |", "| 2 |"))
    assert "evening_note 2 published." in done(loaded.invoke(app, ["publish", str(path)]))


def test_problems_of_a_form_are_a_table_by_sheet_row_and_column(loaded: CliRunner, tmp_path: Path) -> None:
    path = tmp_path / "form.md"
    path.write_text(FORM.replace("| text |", "| txet |"))
    said = failed(loaded.invoke(app, ["publish", str(path)]))
    assert said.startswith("where ")
    assert "survey, row 2, type" in said
    assert "The checklist has problems: 1." in said


def test_a_version_closes_and_opens_again_only_with_a_reason(loaded: CliRunner) -> None:
    status = ["checklist", "status", "daily_note", "1"]
    assert "daily_note 1 is closing." in done(loaded.invoke(app, [*status, "closing"]))
    assert "daily_note  1  closing  0 reports" in done(loaded.invoke(app, ["checklist", "list"]))
    assert "Give a reason" in failed(loaded.invoke(app, [*status, "open"]))
    assert "is open." in done(loaded.invoke(app, [*status, "open", "--reason", "the new one asks the wrong thing"]))
    assert "daily_note  1  open, offered" in done(loaded.invoke(app, ["checklist", "list"]))
    assert "daily_note has the versions 1" in failed(
        loaded.invoke(app, ["checklist", "status", "daily_note", "9", "closing"])
    )


def test_versions_are_compared_published_or_as_files(loaded: CliRunner, tmp_path: Path) -> None:
    path = tmp_path / "form.md"
    path.write_text(FORM.replace("What happened?", "What else happened?").replace("| 1 |", "| 2 |"))
    said = done(loaded.invoke(app, ["checklist", "diff", "daily_note@1", str(path)]))
    assert "changed: note_of_day" in said
    assert "label (en): What happened? → What else happened?" in said
    assert "1 questions are counted together" in said
    assert "No question differs." in done(loaded.invoke(app, ["checklist", "diff", str(path), str(path)]))


def test_a_form_is_handed_back_and_published_again_is_the_same(loaded: CliRunner, tmp_path: Path) -> None:
    for ending in ("xlsx", "xml", "zip"):
        path = tmp_path / f"back.{ending}"
        assert str(path) in done(loaded.invoke(app, ["checklist", "form", "daily_note@1", str(path)]))
        assert path.stat().st_size > 500
    said = done(loaded.invoke(app, ["publish", str(tmp_path / "back.xlsx")]))
    assert "daily_note 1 was published before, unchanged." in said


def test_reports_leave_as_openrosa(loaded: CliRunner, tmp_path: Path) -> None:
    path = tmp_path / "reports.zip"
    assert "SHA-256" in done(loaded.invoke(app, ["checklist", "instances", str(path), "--form", "daily_note"]))
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == []
    assert "nothing here" in failed(loaded.invoke(app, ["checklist", "instances", str(path), "--form", "no_form"]))


def test_warnings_are_printed_and_stop_nobody(loaded: CliRunner, tmp_path: Path) -> None:
    path = tmp_path / "form.md"
    rows = "name | label::English (en) | relevant |\n| | integer | people | How many? | |"
    doubtful = FORM.replace("name | label::English (en) |", rows).replace(
        "What happened? |", "What? | ${people} = 'a' |"
    )
    path.write_text(doubtful.replace("daily_note", "count_note"))
    said = done(loaded.invoke(app, ["publish", str(path)]))
    assert "survey, row 3, relevant" in said
    assert "count_note 1 published." in said


def test_a_phone_that_was_never_enrolled_is_not_revoked(loaded: CliRunner) -> None:
    assert done(loaded.invoke(app, ["device", "list"])) == ""
    revoke = ["device", "revoke", "LTO07-A", "--reason"]
    assert "The mission has no such phone" in failed(loaded.invoke(app, [*revoke, "lost"]))
    assert "lost, seized, left, replaced" in failed(loaded.invoke(app, [*revoke, "stolen"]))


def test_an_enrolment_link_leads_to_the_public_address(loaded: CliRunner) -> None:
    made = json.loads(done(loaded.invoke(app, ["enrol", "--team", "LTO07", "--json"])))
    assert made["link"] == f"https://reports.example.org/#enrol={made['code']}.{made['keys']}"
    assert re.fullmatch("[0-9A-HJKMNP-TV-Z]{30}", made["keys"])
    assert "LTO07  no device" in done(loaded.invoke(app, ["enrol", "--list"]))
    assert "LTO99" in failed(loaded.invoke(app, ["enrol", "--team", "LTO99"]))


def test_a_password_comes_from_standard_input_and_is_long(loaded: CliRunner) -> None:
    said = done(loaded.invoke(app, ["password", "coordinator", "--stdin"], input="four random words\n"))
    assert said.strip() == "coordinator can sign in at the desk."
    assert "at least 10" in failed(loaded.invoke(app, ["password", "coordinator", "--stdin"], input="short\n"))


def test_an_older_schema_is_refused_with_what_to_do(
    blank_engine_url: str, terminal: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEPPE_DATABASE_URL", blank_engine_url)
    for command in (["enrol", "--team", "LTO01"], ["serve"], ["rebuild", "--check"]):
        assert "steppe migrate" in failed(terminal.invoke(app, command))
    assert "FIX  schema" in failed(terminal.invoke(app, ["doctor"]))
    done(terminal.invoke(app, ["migrate"]))
    assert "ok   schema: up to date" in terminal.invoke(app, ["doctor"]).output


def test_the_doctor_misses_a_lost_secret(loaded: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "2, open with this server's secret" in loaded.invoke(app, ["doctor"]).output
    monkeypatch.setenv("STEPPE_SECRET", "ab" * 32)
    assert "Bring back the secret" in failed(loaded.invoke(app, ["doctor"]))


def test_the_server_does_not_start_with_a_secret_that_opens_no_key(
    loaded: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []
    monkeypatch.setattr("steppe.cli.uvicorn.run", lambda name, **_: started.append(name))
    for secret, said in (("ab" * 32, "Bring back the secret"), ("no digits", "64 hex digits")):
        monkeypatch.setenv("STEPPE_SECRET", secret)
        assert said in failed(loaded.invoke(app, ["serve"]))
    assert started == []
    monkeypatch.delenv("STEPPE_SECRET")
    done(loaded.invoke(app, ["serve"]))
    assert started == ["steppe.main:create_app"]


def test_a_database_that_is_away_is_told_in_words(terminal: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEPPE_DATABASE_URL", "postgresql+asyncpg://nobody@127.0.0.1:1/none")
    for command in (["serve"], ["enrol", "--list"], ["migrate"]):
        assert "The database cannot be used" in failed(terminal.invoke(app, command))
    assert "FIX  database" in failed(terminal.invoke(app, ["doctor"]))


def test_nobody_else_on_the_machine_reads_what_the_server_writes(
    terminal: CliRunner, small_pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "server" / "data"
    monkeypatch.setenv("STEPPE_DATA", str(data))
    monkeypatch.setenv("STEPPE_DATABASE_URL", "")
    before = os.umask(0)
    try:
        done(terminal.invoke(app, ["migrate"]))
        done(terminal.invoke(app, ["mission", "load", str(small_pack)]))
        assert {path.name for path in data.iterdir()} >= {"steppe.db", "secret.key", "blobs"}
        modes = {path: path.stat().st_mode & 0o777 for path in (data, *data.rglob("*"))}
        assert {path: mode for path, mode in modes.items() if mode != (0o700 if path.is_dir() else 0o600)} == {}
        assert "ok   data folder" in terminal.invoke(app, ["doctor"]).output
        for loose, mode in (("steppe.db", 0o644), ("blobs", 0o711)):
            kept = (data / loose).stat().st_mode & 0o777
            (data / loose).chmod(mode)
            said = failed(terminal.invoke(app, ["doctor"]))
            assert "FIX  data folder" in said
            assert f"chmod -R go= {data}" in said
            (data / loose).chmod(kept)
    finally:
        os.umask(before)


def test_tallies_of_a_new_mission_agree_with_a_recount(loaded: CliRunner) -> None:
    done(loaded.invoke(app, ["rebuild", "--check"]))


def test_an_observer_is_moved_by_name_and_team(loaded: CliRunner) -> None:
    said = done(loaded.invoke(app, ["person", "move", "lto01a", "--team", "LTO02"]))
    assert "lto01a is of team LTO02. Phones that go along: 0" in said
    assert "no such team" in failed(loaded.invoke(app, ["person", "move", "lto01a", "--team", "LTO99"]))


def test_judging_the_queue_again_names_the_reasons_it_knows(loaded: CliRunner) -> None:
    assert "0 items judged again, nothing changed." in done(loaded.invoke(app, ["reproject", "--dry-run"]))
    assert "0 items judged again." in done(loaded.invoke(app, ["reproject", "--reason", "cannot_project"]))
    # What can only be kept apart is no reason to judge anything again.
    said = loaded.invoke(app, ["reproject", "--reason", "sequence_reused"])
    assert (said.exit_code, "cannot_project" in said.output) == (2, True)
