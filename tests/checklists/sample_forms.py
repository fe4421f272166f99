"""The sample forms that the tests of pyxform, the sector's own compiler, are run on.

They are not ours to keep: they are taken from pyxform's source distributions, which are fetched once, by `make
test-tools` or by the first test, and kept under var/. Tests use one release of them; `every_sample` takes all that
carry forms. Without them the tests fail: like a missing database, that is an error.
"""

from __future__ import annotations

import ast
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

from pyxform.errors import PyXFormError
from pyxform.xls2xform import convert

from steppe.checklists.problems import ChecklistProblems
from steppe.checklists.xlsform.compiler import compile_form

RELEASE: Final = "1.6.0"
"""The last release whose source distribution carries its tests: most of the forms of those before are in it too."""
RELEASES: Final = (
    *("0.9.24", "0.10.0", "0.11.0", "0.11.1", "0.11.2", "0.11.3", "0.11.4", "0.11.5", "0.12.0", "0.12.1", "0.12.2"),
    *("0.13.0", "0.13.1", "0.14.0", "0.14.1", "0.15.0", "0.15.1", "1.0.0", "1.0.1", "1.1.0", "1.2.0", "1.2.1"),
    *("1.3.0", "1.3.1", "1.3.2", "1.3.3", "1.3.4", "1.4.0", "1.5.0", "1.5.1", RELEASE),
    *("2.0.3", "2.1.0", "2.1.1", "2.2.0", "3.0.0", "3.0.1", "3.1.0", "4.0.0"),
)
"""Every release whose source distribution carries forms, the last ones without tests."""
REFUSED_BY_ODK: Final = {
    "1.6.0/pyxform/tests/bug_example_xls/bad_calc.xlsx": "a quote is never closed",
    "1.6.0/pyxform/tests_v1/test_external_instances.py:535": "a relevance reads its own question: a circle",
    "1.6.0/pyxform/tests_v1/test_external_instances.py:578": "a relevance reads its own question: a circle",
    "1.6.0/pyxform/tests_v1/test_external_instances.py:595": "a quote is never closed",
    "1.4.0/pyxform/tests_v1/test_inline_translations.py:122": "a quote is never closed",
    "1.3.4/pyxform/tests_v1/test_dynamic_default.py:18": "there is no function some_rando_func()",
    "1.3.4/pyxform/tests_v1/test_dynamic_default.py:74": "there is no function some_rando_func()",
    "1.3.4/pyxform/tests_v1/test_dynamic_default.py:225": "there is no function expr()",
    "1.0.1/pyxform/tests_v1/test_dynamic_default.py:197": "an operator has nothing on its left",
    "1.0.1/pyxform/tests_v1/test_last_saved.py:164": "a bracket is never closed",
}
"""Samples that pyxform converts, its tests looking at the XML alone, but no phone could open: what ODK Validate finds.

Each was given to it: `convert(content, validate=True)` of pyxform runs the one that it brings along, with Java.
"""
CACHE: Final = Path(__file__).parents[2] / "var/sample-forms"
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
    """A form that pyxform converts: where it stands in the distribution, and its bytes as .xls, .xlsx or .md."""

    name: str
    content: bytes
    suffix: str


@dataclass(slots=True)
class Outcome:
    """How many samples there are, and why some are refused: name → problems.

    `alike` are those that ODK refuses too, which are no part of `count`; `taken` are those of them that publish here.
    """

    count: int = 0
    refused: dict[str, list[str]] = field(default_factory=dict)
    alike: dict[str, list[str]] = field(default_factory=dict)
    taken: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        """The part of the samples that publishes."""
        return 1 - len(self.refused) / self.count

    def __add__(self, other: Outcome) -> Outcome:
        """Both together."""
        return Outcome(
            self.count + other.count,
            self.refused | other.refused,
            self.alike | other.alike,
            self.taken + other.taken,
        )

    def report(self, title: str) -> str:
        """The share, and every refusal with its reasons, in words."""
        published = self.count - len(self.refused)
        whole = self.count + len(self.alike) + len(self.taken)
        lines = [
            f"{title}: {published} of {self.count} that ODK opens publish ({self.share:.1%}),",
            f"  {published + len(self.taken)} of all {whole} ({(published + len(self.taken)) / whole:.1%})",
        ]
        for name, problems in self.refused.items():
            lines += [f"  {name}", *(f"    {problem}" for problem in problems)]
        for name, problems in self.alike.items():
            lines += [f"  ODK too: {name}: {REFUSED_BY_ODK[name]}", *(f"    {problem}" for problem in problems)]
        return "\n".join(lines)


def distribution(release: str = RELEASE) -> Path:
    """The source distribution of a release, fetched with pip when it is not kept yet.

    Raises:
        Unreachable: with pip's last words.
    """
    kept = CACHE / f"pyxform-{release}.tar.gz"
    if kept.is_file():
        return kept
    with TemporaryDirectory() as folder:
        wanted = ["--no-deps", "--no-binary", ":all:", "--dest", folder, f"pyxform=={release}"]
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--retries", "1", *wanted]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        fetched = Path(folder) / kept.name
        if not fetched.is_file():
            reason = (done.stderr.strip().splitlines() or ["pip said nothing"])[-1]
            msg = f"run `make test-tools` where the package index can be reached; {kept.name} is not in var/: {reason}"
            raise Unreachable(msg)
        CACHE.mkdir(parents=True, exist_ok=True)
        # Another worker may fetch it at the same time: nobody must find half a file.
        whole = CACHE / f"{kept.name}.{os.getpid()}"
        shutil.copyfile(fetched, whole)
        whole.replace(kept)
    return kept


def samples(path: Path) -> tuple[list[Sample], list[Sample]]:
    """The forms that pyxform converts: those in files, and those written into tests that ask at least something."""
    files, written = _held(path)
    return [form for form in files if _xform(form) is not None], [form for form in written if _asks(form)]


def every_sample() -> tuple[list[Sample], list[Sample]]:
    """As `samples`, of every release that carries forms; a form that several hold is taken from the newest."""
    several = [_held(distribution(release)) for release in reversed(RELEASES)]
    files = _distinct(sample for one, _ in several for sample in one)
    written = _distinct(sample for _, one in several for sample in one)
    return [form for form in files if _xform(form) is not None], [form for form in written if _asks(form)]


def _distinct(several: Iterator[Sample]) -> list[Sample]:
    found: dict[bytes, Sample] = {}
    for sample in several:
        # Tests are indented anew from release to release.
        words = b" ".join(sample.content.split()) if sample.suffix == ".md" else sample.content
        found.setdefault(words, sample)
    return list(found.values())


def _held(path: Path) -> tuple[list[Sample], list[Sample]]:
    """The forms of a distribution: in files, and written into tests."""
    files: list[Sample] = []
    written: list[Sample] = []
    with tarfile.open(path) as archive, catch_warnings():
        simplefilter("ignore")  # the tests' own escapes
        for member in archive:
            name, suffix = member.name.removeprefix("pyxform-"), Path(member.name).suffix
            is_form = suffix in {".xls", ".xlsx"}
            if not is_form and not (suffix == ".py" and "/tests" in name):
                continue
            stream = archive.extractfile(member)
            if stream is None:
                continue
            content = stream.read()
            if is_form:
                files.append(Sample(name, content, suffix))
            else:
                written += [Sample(f"{name}:{line}", form.encode(), ".md") for line, form in _forms_in(content)]
    return files, written


def _xform(sample: Sample) -> str | None:
    """What pyxform makes of a form; None when it is not valid: pyxform's own tests hold that it fails."""
    with catch_warnings():
        simplefilter("ignore")  # openpyxl's
        try:
            return str(convert(sample.content, file_type=sample.suffix, warnings=[]).xform)
        except (PyXFormError, ValueError, KeyError, TypeError, AttributeError):
            return None


def _forms_in(source: bytes) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        if _TABLES.match(node.value) and _SURVEY.search(node.value):
            yield node.lineno, node.value


def _asks(sample: Sample) -> bool:
    return _CONTROL.search(_xform(sample) or "") is not None


def publish(several: list[Sample]) -> Outcome:
    """Compile every sample; files that it names and the distribution lacks are made up."""
    outcome = Outcome()
    with catch_warnings():
        simplefilter("ignore")
        for sample in several:
            problems = _publish(sample)
            if sample.name not in REFUSED_BY_ODK:
                outcome.count += 1
                if problems:
                    outcome.refused[sample.name] = problems
            elif problems:
                outcome.alike[sample.name] = problems
            else:
                outcome.taken.append(sample.name)
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
        opened = [(column.split("/"), "".join(f"<{name}>" for name in column.split("/"))) for column in columns]
        cells = (f"{tags}x{''.join(f'</{name}>' for name in reversed(names))}" for names, tags in opened)
        return f"<root><item>{''.join(cells)}</item></root>".encode()
    if name.endswith(".geojson"):
        properties = dict.fromkeys([*columns, "title"], "x")
        return json.dumps({"features": [{"id": "a", "properties": properties}]}).encode()
    return f"{','.join(columns)}\n{','.join('x' for _ in columns)}\n".encode()
