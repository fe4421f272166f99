"""A form is compiled in a process of its own, with walls; whatever becomes of it, its author is told."""

import asyncio
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from steppe.checklists import form_process
from steppe.checklists.fence import filled
from steppe.checklists.form_process import MOST_PROBLEMS, WALLS, FormCompiler, compile_file, compile_upload
from steppe.checklists.problems import ChecklistProblems
from steppe.checklists.xlsform.form_files import Form, read_form
from steppe.kit.problems import TryLater
from steppe.kit.walled_process import Ended, Walls
from tests.checklists.forms import compiled, markdown, repeat
from tests.checklists.test_publishing import FORM, send
from tests.fixtures_server import API, Server

PACK = Path(__file__).parents[2] / "backend/steppe/packs/kazakhstan_2021/checklists"


def problem_of(path: Path, walls: Walls = WALLS) -> str:
    with pytest.raises(ChecklistProblems) as refused:
        compile_file(path, walls)
    [problem] = refused.value.problems
    assert problem.sheet
    assert problem.suggestion
    return problem.message


def large(rows: int) -> bytes:
    return markdown([{"type": "text", "name": f"q{number}", "label": "x" * 200} for number in range(rows)])


def test_the_process_makes_the_very_form_that_is_compiled_here() -> None:
    path = next(iter(sorted(PACK.glob("[!_]*.md"))))
    assert compile_file(path) == read_form(path)


def test_a_form_beyond_its_time_or_memory_is_a_problem_that_says_which_and_what_to_do(tmp_path: Path) -> None:
    form = tmp_path / "form.md"
    form.write_bytes(FORM)
    assert problem_of(form, replace(WALLS, seconds=0.05)) == "The file was not read: it needs more than 0.05 seconds."
    form.write_bytes(large(30_000))
    assert problem_of(form, replace(WALLS, memory=192 * 1024 * 1024)) in {
        "The form is too large to be compiled: it needs more memory than a form may have.",
        "The form was not compiled: it needs more than 192 MB of memory.",
        "The file was not read: it needs more than 192 MB of memory.",
    }


def test_a_program_that_fails_on_a_form_is_a_problem_not_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = tmp_path / "form.md"
    form.write_bytes(FORM)
    monkeypatch.setattr(form_process, "run_walled", lambda *_: Ended("failed", b"compiling\n", "KeyError"))
    assert problem_of(form) == ("The form cannot be compiled: the program failed on it. The server's log says where.")
    monkeypatch.setattr(form_process, "run_walled", lambda *_: Ended("time", b"compiling\n"))
    assert problem_of(form) == "The form was not compiled: it needs more than 20 seconds."


async def test_the_desk_tells_a_form_beyond_the_walls_as_a_problem_of_the_form(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(form_process, "run_walled", lambda *_: Ended("memory", b"compiling\n"))
    checked = await send(server, "/check", ("a_form.md", FORM))
    assert checked.json()["publishing"] == "problems"
    assert checked.json()["problems"][0]["message"] == "The form was not compiled: it needs more than 512 MB of memory."
    refused = await send(server, "", ("a_form.md", FORM))
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:steppe:problem:checklist-problems")


async def test_a_mission_has_one_form_compiled_at_a_time_and_keeps_no_other_mission_waiting(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    running: list[int] = []
    most: list[int] = []
    gate, lock, begun = threading.Event(), threading.Lock(), threading.Event()
    real = compile_upload(
        {"a_form.md": FORM},
    )

    def slow(_: Mapping[str, bytes]) -> Form:
        with lock:
            running.append(1)
            most.append(len(running))
            if len(running) == form_process.AT_ONCE:
                begun.set()
        gate.wait(60)
        with lock:
            running.pop()
        return real

    monkeypatch.setattr(form_process, "compile_upload", slow)
    forms = FormCompiler()
    ours, theirs = server.seeded.mission.id, uuid4()
    asked = [asyncio.create_task(forms.compile({}, mission=ours)) for _ in range(1 + form_process.MOST_WAITING)]
    asked.append(asyncio.create_task(forms.compile({}, mission=theirs)))
    assert await asyncio.to_thread(begun.wait, 60), "the other mission waits for ours"
    with pytest.raises(TryLater) as later:
        await forms.compile({}, mission=ours)
    assert later.value.headers["Retry-After"] == "20"
    # While all of them wait, the event loop answers.
    assert (await server.client.get(f"{API}/health")).status_code == 200
    gate.set()
    assert await asyncio.gather(*asked) == [real] * len(asked)
    assert max(most) == form_process.AT_ONCE
    assert await forms.compile({}, mission=ours) == real


def test_nobody_is_told_more_than_a_thousand_problems(tmp_path: Path) -> None:
    form = tmp_path / "form.md"
    form.write_bytes(markdown([{"type": "txet", "name": f"q{number}"} for number in range(MOST_PROBLEMS + 50)]))
    with pytest.raises(ChecklistProblems) as refused:
        compile_file(form)
    assert len(refused.value.problems) == MOST_PROBLEMS + 1
    assert any("problems more" in problem.message for problem in refused.value.problems)


def test_a_form_is_tried_with_an_answer_to_every_question_in_two_rows_of_every_repeat() -> None:
    form = compiled(
        (
            {"type": "integer", "name": "n"},
            *repeat("outer", {"type": "text", "name": "o"}, *repeat("inner", {"type": "select_one yn", "name": "i"})),
        )
    )
    assert filled(form) == {
        "outer": ["a", "b"],
        **{f"outer/{row}/inner": ["a", "b"] for row in "ab"},
        "n": 1,
        **{f"outer/{row}/o": "1" for row in "ab"},
        **{f"outer/{row}/inner/{own}/i": "yes" for row in "ab" for own in "ab"},
    }
