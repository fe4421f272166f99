"""Compile a stranger's form in a process of its own: 20 seconds, 512 MB, and no word of it believed unread.

Whatever a spreadsheet makes of its readers, the server only waits, and for nobody but its author. The process reads
the definition back and evaluates it, so that a form that cannot be evaluated never reaches the server's own memory.

`python -m steppe.checklists.form_process` is that process: it prints a line when it begins to compile, and one with
what the form came to.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from uuid import UUID

from steppe.checklists.definition import Definition, definition_bytes
from steppe.checklists.fence import fenced
from steppe.checklists.problems import CellProblem, ChecklistProblems
from steppe.checklists.question_reading import QuestionReading
from steppe.checklists.xlsform.attachments import Beside
from steppe.checklists.xlsform.form_files import Form, FormFile, read_form, upload_files
from steppe.checklists.xlsform.form_sheets import read_sheets
from steppe.kit.packed_files import MEBIBYTE
from steppe.kit.problems import TryLater
from steppe.kit.walled_process import Ended, Walls, run_walled, stand_within

WALLS: Final = Walls(seconds=20, memory=512 * MEBIBYTE, written=32 * MEBIBYTE)
"""A checklist of 1,000 questions takes half a second and 100 MB; the process itself begins in about as long."""
AT_ONCE: Final = 2
MOST_WAITING: Final = 3
"""Forms of one mission beside the one that is compiled."""
MOST_PROBLEMS: Final = 1_000
"""That are told of one form: nobody reads more before correcting those."""
_RETRY_SECONDS: Final = 20
_COMPILING: Final = b"compiling"
_LATER: Final = "Try again when the server has less to do; if it happens again, take the form apart."

log = logging.getLogger("steppe")


class FormCompiler:
    """Compiles forms for whoever asks, each in a process of its own: at most two at once, and one of each mission.

    So the forms of one mission, each of which may take twenty seconds, keep no other mission waiting.
    """

    def __init__(self) -> None:
        """Begin with nobody waiting."""
        # Threads of its own: waiting for a form must not take those that others read files or check reports in.
        self._threads = ThreadPoolExecutor(AT_ONCE, "form-compiler")
        self._present: Counter[UUID] = Counter()
        self._turns: dict[UUID, asyncio.Lock] = {}

    async def compile(self, files: Mapping[str, bytes], *, mission: UUID) -> Form:
        """Compile what was uploaded in a mission: one spreadsheet with its files, or one zip of them.

        Raises BadUpload for what is no form with its files, ChecklistProblems for a form with problems or beyond the
        walls, TryLater when too many of the mission wait already or the disk is full.
        """
        if self._present[mission] > MOST_WAITING:
            msg = f"{self._present[mission]} forms are being checked or wait for it"
            raise TryLater(msg, headers={"Retry-After": str(_RETRY_SECONDS)})
        self._present[mission] += 1
        try:
            async with self._turns.setdefault(mission, asyncio.Lock()):
                return await asyncio.get_running_loop().run_in_executor(self._threads, compile_upload, files)
        finally:
            self._present[mission] -= 1


def compile_upload(files: Mapping[str, bytes]) -> Form:
    """As `FormCompiler.compile`, blocking and without a queue."""
    name, held = upload_files(files)
    try:
        with TemporaryDirectory(prefix="steppe-form-") as folder:
            for own, content in held.items():
                (Path(folder) / own).write_bytes(content)
            return compile_file(Path(folder) / name)
    except OSError as error:
        log.warning("a form's files cannot be kept while it is compiled: %s", error)
        raise TryLater("there is no room for the form's files") from error


def compile_file(path: Path, walls: Walls = WALLS) -> Form:
    """Compile a form, with the files in `<stem>-media/` and beside it, in a process of its own. Blocks.

    Raises ChecklistProblems, also for a form that is beyond the walls or that the process failed on; OSError.
    """
    source = path.read_bytes()
    ended = run_walled(__name__, [str(path)], walls)
    *said, answer = [b"", *ended.output.splitlines()]
    if ended.ending != "done":
        raise ChecklistProblems([_problem(ended, walls, is_compiling=_COMPILING in {*said, answer})])
    return _form(path, source, json.loads(answer))


def _form(path: Path, source: bytes, told: Mapping[str, Any]) -> Form:
    if "problems" in told:
        raise ChecklistProblems(CellProblem(**problem) for problem in told["problems"])
    beside = Beside.form(path)
    return Form(
        path.name,
        source,
        Definition.model_validate_json(told["definition"]),
        tuple(CellProblem(**warning) for warning in told["warnings"]),
        tuple(FormFile(name, role, beside.read(name) or b"") for name, role in told["files"]),
        {question: QuestionReading.model_validate(reading) for question, reading in told["reading"].items()},
        tuple(CellProblem(**problem) for problem in told["totals"]),
        tuple(CellProblem(**problem) for problem in told["missing"]),
    )


def _problem(ended: Ended, walls: Walls, *, is_compiling: bool) -> CellProblem:
    """Say what became of a form that was not compiled to the end."""
    if ended.ending == "failed":
        log.error("the process that compiles forms failed: %s", ended.words)
        message = "The form cannot be compiled: the program failed on it. The server's log says where."
        return CellProblem("survey", 0, "", message, "Take the form apart to find the part it fails on.")
    most = f"{walls.seconds:g} seconds" if ended.ending == "time" else f"{walls.memory // MEBIBYTE} MB of memory"
    if is_compiling:
        message = f"The form was not compiled: it needs more than {most}."
        suggestion = "Make it smaller: fewer rows, shorter expressions, long lists of choices as a table beside it."
    else:
        message = f"The file was not read: it needs more than {most}."
        suggestion = "Copy the cells that hold text into a new workbook, without empty formatted rows and columns."
    return CellProblem("survey", 0, "", message, f"{suggestion} {_LATER}" if ended.ending == "time" else suggestion)


def _told(path: Path) -> dict[str, Any]:
    """Return what a form comes to, as the process tells it."""
    try:
        with fenced():
            read_sheets(path.read_bytes(), path.name)
        _say(_COMPILING.decode())
        form = read_form(path, stands_in=True)
    except ChecklistProblems as found:
        return {"problems": [asdict(problem) for problem in _most(found.problems)]}
    return {
        "definition": definition_bytes(form.definition).decode(),
        "warnings": [asdict(warning) for warning in form.warnings[:MOST_PROBLEMS]],
        "files": [(file.name, file.role) for file in form.files],
        "reading": {question: reading.model_dump(mode="json") for question, reading in form.reading.items()},
        "totals": [asdict(problem) for problem in form.totals[:MOST_PROBLEMS]],
        "missing": [asdict(problem) for problem in form.missing[:MOST_PROBLEMS]],
    }


def _most(problems: list[CellProblem]) -> list[CellProblem]:
    more = len(problems) - MOST_PROBLEMS
    if more <= 0:
        return problems
    last = CellProblem(problems[0].sheet, 0, "", f"There are {more:,} problems more.", "Correct the others first.")
    return [*problems[:MOST_PROBLEMS], last]


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Compile the form whose path is the last argument, within the walls that the others say."""
    [path] = stand_within(sys.argv[1:])
    _say(json.dumps(_told(Path(path))))


if __name__ == "__main__":
    main()
