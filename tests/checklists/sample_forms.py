"""The sample forms that the tests of pyxform, the sector's own compiler, are run on.

They are not ours to keep: they are taken from pyxform's source distribution, which is fetched once and kept under var/.
"""

import ast
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from warnings import catch_warnings, simplefilter

from openpyxl import Workbook
from pyxform.errors import PyXFormError
from pyxform.xls2json_backends import get_xlsform
from pyxform.xls2xform import convert

from steppe.checklists.problems import ChecklistProblems
from steppe.checklists.xlsform.compiler import compile_form

RELEASE: Final = "1.6.0"
"""The last release whose source distribution carries its tests."""
CACHE: Final = Path(__file__).parents[2] / "var/sample-forms"
_SHEETS: Final = ("survey", "choices", "settings", "external_choices", "osm", "entities")
_MISSING: Final = re.compile(r"The file '([^']+)' is not attached")
_COLUMN: Final = re.compile(r"The table '([^']+)' has no column '([^']+)'")
_TABLES: Final = re.compile(r"\s*\|\s*(survey|settings|choices)\b")
_SURVEY: Final = re.compile(r"\|\s*survey\b")
_CONTROL: Final = re.compile(r"<h:body[^>]*>\s*<(?!/)")
_ROUNDS: Final = 8


class Unreachable(RuntimeError):
    """The distribution is neither kept here nor to be had from the package index."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A form that pyxform converts: where it stands in the distribution, and its bytes as .xlsx or .md."""

    name: str
    content: bytes
    suffix: str


@dataclass(slots=True)
class Outcome:
    """How many samples there are, and why some are refused: name → problems."""

    count: int = 0
    refused: dict[str, list[str]] = field(default_factory=dict)

    @property
    def share(self) -> float:
        """The part of the samples that publishes."""
        return 1 - len(self.refused) / self.count

    def report(self, title: str) -> str:
        """The share, and every refusal with its reasons, in words."""
        lines = [f"{title}: {self.count - len(self.refused)} of {self.count} publish ({self.share:.1%})"]
        for name, problems in self.refused.items():
            lines += [f"  {name}", *(f"    {problem}" for problem in problems)]
        return "\n".join(lines)


def distribution() -> Path:
    """The source distribution, fetched with pip when it is not kept yet.

    Raises:
        Unreachable: with pip's last words.
    """
    kept = CACHE / f"pyxform-{RELEASE}.tar.gz"
    if kept.is_file():
        return kept
    with TemporaryDirectory() as folder:
        wanted = ["--no-deps", "--no-binary", ":all:", "--dest", folder, f"pyxform=={RELEASE}"]
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--retries", "1", *wanted]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        fetched = Path(folder) / kept.name
        if not fetched.is_file():
            raise Unreachable((done.stderr.strip().splitlines() or ["pip said nothing"])[-1])
        CACHE.mkdir(parents=True, exist_ok=True)
        # Another worker may fetch it at the same time: nobody must find half a file.
        whole = CACHE / f"{kept.name}.{os.getpid()}"
        shutil.copyfile(fetched, whole)
        whole.replace(kept)
    return kept


def samples(path: Path) -> tuple[list[Sample], list[Sample]]:
    """The forms that pyxform converts: those in files, and those written into tests that ask at least something."""
    files: list[Sample] = []
    written: list[Sample] = []
    with tarfile.open(path) as archive, catch_warnings():
        simplefilter("ignore")  # openpyxl and the tests' own escapes
        for member in archive:
            stream = archive.extractfile(member) if "/tests" in member.name else None
            if stream is None:
                continue
            name, suffix = member.name.partition("/")[2], Path(member.name).suffix
            if suffix in {".xls", ".xlsx"}:
                files += _converted(name, stream.read(), suffix)
            elif suffix == ".py":
                for line, form in _forms_in(stream.read()):
                    written += _converted(f"{name}:{line}", form.encode(), ".md")
    return files, [sample for sample in written if _asks(sample)]


def _converted(name: str, content: bytes, suffix: str) -> Iterator[Sample]:
    try:
        convert(content, file_type=suffix, warnings=[])
    except (PyXFormError, ValueError, KeyError, TypeError, AttributeError):
        return  # not valid: pyxform's own tests hold that it fails
    if suffix == ".xls":
        content, suffix = _as_xlsx(content), ".xlsx"
    yield Sample(name, content, suffix)


def _as_xlsx(content: bytes) -> bytes:
    """An .xls form as Excel would save it today."""
    data = get_xlsform(content, file_type=".xls")
    book = Workbook()
    book.remove(book.worksheets[0])
    for name in _SHEETS:
        headers = [header for row in getattr(data, f"{name}_header") or [] for header in row]
        if not headers:
            continue
        sheet = book.create_sheet(name)
        sheet.append(headers)
        for row in getattr(data, name) or []:
            sheet.append([row.get(header) for header in headers])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _forms_in(source: bytes) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        if _TABLES.match(node.value) and _SURVEY.search(node.value):
            yield node.lineno, node.value


def _asks(sample: Sample) -> bool:
    xform = convert(sample.content, file_type=sample.suffix, warnings=[]).xform
    return _CONTROL.search(xform) is not None


def publish(several: list[Sample]) -> Outcome:
    """Compile every sample; files that it names and the distribution lacks are made up."""
    outcome = Outcome(len(several))
    with catch_warnings():
        simplefilter("ignore")
        for sample in several:
            problems = _publish(sample)
            if problems:
                outcome.refused[sample.name] = problems
    return outcome


def _publish(sample: Sample) -> list[str]:
    files: dict[str, bytes] = {}
    columns: defaultdict[str, dict[str, None]] = defaultdict(lambda: {"name": None, "label": None})
    found: list[str] = []
    for _ in range(_ROUNDS):
        try:
            compile_form(sample.content, f"form{sample.suffix}", files)
        except ChecklistProblems as refused:
            found = [str(problem) for problem in refused.problems]
        else:
            return []
        names = {name for problem in found for name in _MISSING.findall(problem)}
        lacking = [pair for problem in found for pair in _COLUMN.findall(problem)]
        if not names and not lacking:
            return found
        for table, column in lacking:
            columns[table][column] = None
        files = {name: _made_up(name, list(columns[Path(name).stem])) for name in {*files, *names}}
    return found


def _made_up(name: str, columns: list[str]) -> bytes:
    if name.endswith(".xml"):
        return f"<root><item>{''.join(f'<{column}>x</{column}>' for column in columns)}</item></root>".encode()
    if name.endswith(".geojson"):
        properties = dict.fromkeys([*columns, "title"], "x")
        return json.dumps({"features": [{"id": "a", "properties": properties}]}).encode()
    return f"{','.join(columns)}\n{','.join('x' for _ in columns)}\n".encode()
