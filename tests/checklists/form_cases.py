"""The small forms of tests/vectors/forms.json: how they are read, and written anew when a form in them changed.

The phone cannot read XLSForms. A case therefore holds its form as Markdown and what it compiles to, side by side:
`python -m tests.checklists.form_cases` compiles every form again, and a test says when that is due.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from steppe.checklists.definition import Definition
from steppe.checklists.evaluation.evaluation import default_answers
from steppe.checklists.expressions.dates import Context
from steppe.checklists.xlsform.compiler import Compiled, compile_form
from tests.checklists.generated_forms import as_json

FILE: Final = Path(__file__).parents[1] / "vectors/forms.json"
NOW: Final = "2021-01-10T09:00:00+00:00"
ZONE: Final = "Asia/Almaty"


def form_cases() -> list[dict[str, Any]]:
    """Every case, in the order of the file."""
    return list(json.loads(FILE.read_text()))


def compiled_case(case: Mapping[str, Any], folder: Path) -> Compiled:
    """The form of a case, compiled among the files it names."""
    for name, text in case.get("files", {}).items():
        (folder / name).write_text(text)
    form = folder / f"{case['name']}.md"
    form.write_text("\n".join(case["form"]))
    return compile_form(form)


def clock_of(case: Mapping[str, Any], now: str | None = None) -> Context:
    """The moment at which a case is filled, or looked at."""
    return Context(datetime.fromisoformat(now or case.get("now", NOW)), case.get("zone", ZONE))


def filled(case: Mapping[str, Any], definition: Definition) -> dict[str, Any]:
    """The answers a phone has after the steps of a case, calculations left out."""
    answers: dict[str, Any] = dict(default_answers(definition, clock_of(case)))
    for kind, path, value in case.get("fill", ()):
        if kind == "addRow":
            answers.setdefault(path, []).append(value)
        else:
            answers[placed(answers, path)] = value
    return answers


def placed(answers: dict[str, Any], name: str) -> str:
    """A path whose rows are said by place (`r/#0/q`); rows that a count brings are made up."""
    path = ""
    for part in name.split("/"):
        own = part
        if part.startswith("#"):
            rows = answers.setdefault(path, [])
            rows += [f"row-{place}" for place in range(len(rows), int(part[1:]) + 1)]
            own = rows[int(part[1:])]
        path = f"{path}/{own}" if path else own
    return path


def _write(folder: Path) -> None:
    lines = []
    for case in form_cases():
        case["definition"] = as_json(compiled_case(case, folder).definition)
        lines.append(json.dumps(case, ensure_ascii=False))
    FILE.write_text("[\n" + ",\n".join(lines) + "\n]\n")


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as made:
        _write(Path(made))
