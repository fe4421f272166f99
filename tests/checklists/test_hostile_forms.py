"""Hostile forms: each is refused with its place and reason, or published and harmless; never an error of the server."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import pytest

from steppe.checklists.definition import Definition, definition_bytes
from steppe.checklists.evaluation.flags import flags
from steppe.checklists.expressions.dates import Context
from steppe.checklists.problems import ChecklistProblems
from steppe.checklists.xlsform.compiler import compile_checklist
from steppe.checklists.xlsform.form_sheets import write_sheets
from tests.checklists.forms import Rows, markdown
from tests.zips import packed, parts_of

NOON = Context(datetime(2021, 1, 10, 6, tzinfo=UTC), "Asia/Almaty")
A: Rows = ({"type": "text", "name": "a"},)


def calculated(expression: str) -> bytes:
    return markdown((*A, {"type": "calculate", "name": "c", "calculation": expression}))


def nested(kind: str, depth: int) -> bytes:
    rows: list[Mapping[str, str]] = [{"type": f"begin {kind}", "name": f"g{number}"} for number in range(depth)]
    rows += [*A, *({"type": f"end {kind}", "label": ""} for _ in range(depth))]
    return markdown(rows)


def workbook() -> dict[str, bytes]:
    sheets = {"survey": [["type", "name", "label"], ["text", "a", "A"]], "settings": [["form_id"], ["x"]]}
    return parts_of(write_sheets(sheets))


def with_entity(entity: bytes, use: bytes) -> bytes:
    parts = workbook()
    name = "xl/sharedStrings.xml"
    head, _, body = parts[name].partition(b"?>")
    parts[name] = head + b"?><!DOCTYPE sst [" + entity + b"]>" + body.replace(b"<t>text</t>", b"<t>" + use + b"</t>")
    return packed(parts)


BOMB = b'<!ENTITY a0 "ha">' + b"".join(
    b'<!ENTITY a%d "%s">' % (number, b"&a%d;" % (number - 1) * 10) for number in range(1, 10)
)
REFUSED: dict[str, tuple[str, Callable[[], bytes]]] = {
    "300 brackets": ("md", lambda: calculated("(" * 300 + "1" + ")" * 300)),
    "300 minus signs": ("md", lambda: calculated("-" * 300 + "1")),
    "220 differences": ("md", lambda: calculated(" - ".join(["${a}"] * 220))),
    "100 functions one in the other": ("md", lambda: calculated("not(" * 100 + "1" + ")" * 100)),
    "20,000 terms": ("md", lambda: calculated(" + ".join(["${a}"] * 20_000))),
    "a pattern of a million steps": ("md", lambda: calculated("regex(${a}, '((a{999}){999}){999}')")),
    "a pattern 200 groups deep": ("md", lambda: calculated(f"regex(${{a}}, '{'(' * 200}a{')' * 200}')")),
    "2,000 groups one in the other": ("md", lambda: nested("group", 2000)),
    "a circle of two": (
        "md",
        lambda: markdown(
            (
                {"type": "calculate", "name": "x", "calculation": "${y}"},
                {"type": "calculate", "name": "y", "calculation": "${x}"},
            )
        ),
    ),
    "bytes that are no text": ("md", lambda: b"\xff\xfe| survey |"),
    "nothing": ("md", lambda: b""),
    "no zip": ("xlsx", lambda: b"PK\x03\x04 nothing more"),
    "a cut workbook": ("xlsx", lambda: packed(workbook())[:-200]),
    "a zip without a workbook": ("xlsx", lambda: packed({"a.txt": b"a"})),
    "a sheet that is no XML": ("xlsx", lambda: packed({**workbook(), "xl/worksheets/sheet1.xml": b"<worksheet><"})),
    "an external entity": ("xlsx", lambda: with_entity(b'<!ENTITY x SYSTEM "file:///etc/passwd">', b"&x;")),
    "an entity bomb": ("xlsx", lambda: with_entity(BOMB, b"&a9;")),
}
HARMLESS: dict[str, Callable[[], bytes]] = {
    "a sum of 220 terms": lambda: calculated(" + ".join(["${a}"] * 220)),
    "an or of 1,000 conditions": lambda: calculated(" or ".join(["${a} = 1"] * 1000)),
    "32 doublings": lambda: markdown(
        (
            *A,
            {"type": "calculate", "name": "x0", "calculation": "${a}"},
            *(
                {"type": "calculate", "name": f"x{at}", "calculation": f"concat(${{x{at - 1}}}, ${{x{at - 1}}})"}
                for at in range(1, 33)
            ),
        )
    ),
    "a slow pattern": lambda: markdown(({"type": "text", "name": "a", "soft": "regex(., '((a?){900})*b')"},)),
    "300 digests": lambda: calculated(
        f"concat({', '.join(['digest(${a}, ' + chr(39) + 'MD5' + chr(39) + ')'] * 300)})"
    ),
    "20 groups one in the other": lambda: nested("group", 20),
    "questions named like machinery": lambda: markdown(
        ({"type": "text", "name": "__proto__"}, {"type": "text", "name": "constructor"})
    ),
    "a formula as a label": lambda: markdown(({"type": "text", "name": "a", "label": "=cmd()"},)),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_it_is_refused_with_its_place_and_reason(case: tuple[str, Callable[[], bytes]]) -> None:
    suffix, made = case
    with pytest.raises(ChecklistProblems) as refused:
        compile_checklist(made(), f"form.{suffix}")
    assert all(problem.sheet and problem.message for problem in refused.value.problems)
    assert "root:" not in str(refused.value)


@pytest.mark.parametrize("made", HARMLESS.values(), ids=HARMLESS)
def test_it_is_published_and_harmless(made: Callable[[], bytes]) -> None:
    definition = Definition.model_validate_json(definition_bytes(compile_checklist(made(), "form.md")))
    for text in ("", "1", "a" * 60_000):
        kinds = {flag.kind for flag in flags(definition, {"a": text}, NOON)}
        assert kinds <= {"soft", "unevaluated"}
