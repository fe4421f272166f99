"""Python and TypeScript come to the same bytes: written vectors, random expressions, random forms filled at random.

`STEPPE_EXPRESSIONS` (20,000), `STEPPE_FORMS` (150) and `STEPPE_SEED` (1) widen the search.
"""

import json
import os
import shutil
import subprocess
from datetime import datetime
from functools import reduce
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest

from steppe.checklists.definition import Definition
from steppe.checklists.evaluation.evaluation import default_answers, evaluate
from steppe.checklists.evaluation.flags import Flag, flags, flags_of
from steppe.checklists.expressions.dates import Context
from steppe.checklists.expressions.parser import parse
from steppe.checklists.xlsform.compiler import compile_checklist
from tests.checklists.generated import cases
from tests.checklists.generated_forms import as_json, random_answers, random_edits, random_form
from tests.checklists.vector_scope import run

ROOT = Path(__file__).parents[2]
PACK = ROOT / "backend/steppe/packs/kazakhstan_2021/checklists"
SEED = int(os.environ.get("STEPPE_SEED", "1"))
NOW, ZONE = "2021-01-10T08:05:06.789+00:00", "Asia/Almaty"
CLOCK = Context(datetime.fromisoformat(NOW), ZONE)

VECTORS: list[dict[str, Any]] = json.loads((ROOT / "tests/vectors/expressions.json").read_text())
CHAINS: list[dict[str, Any]] = json.loads((ROOT / "tests/vectors/chains.json").read_text())
FLAGS: dict[str, Any] = json.loads((ROOT / "tests/vectors/flags.json").read_text())


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector["expr"])[:60])
def test_vector(vector: dict[str, Any]) -> None:
    assert parse(vector["expr"]).ast == vector["ast"]
    assert run(vector["ast"], vector["context"]) == vector["expected"]


@pytest.mark.parametrize("vector", CHAINS, ids=lambda vector: str(vector["case"]))
def test_a_chain_means_the_same_in_pairs_and_flat(vector: dict[str, Any]) -> None:
    operator, operands = vector["operator"], vector["operands"]
    assert run([operator, *operands], vector["context"]) == vector["expected"]
    pairs = reduce(lambda whole, operand: [operator, whole, operand], operands)
    assert run(pairs, vector["context"]) == vector["expected"]


@pytest.mark.parametrize("case", FLAGS["cases"], ids=lambda case: str(case["rule"]))
def test_flags(case: dict[str, Any]) -> None:
    definition = Definition.model_validate(FLAGS["definitions"][case["definition"]])
    clock = Context(datetime.fromisoformat(case["now"]), case["zone"])
    assert evaluate(definition, case["answers"], clock).values == case["values"]
    assert [_plain(flag) for flag in flags(definition, case["answers"], clock)] == case["flags"]


def _plain(flag: Flag) -> dict[str, object]:
    return {key: value for key, value in flag._asdict().items() if value is not None}


def test_generated_expressions_agree_with_the_phone(tmp_path: Path) -> None:
    generated = cases(SEED, int(os.environ.get("STEPPE_EXPRESSIONS", "20000")))
    for case in generated:
        case["expected"] = run(case["ast"], case["context"])
    _ask_the_phone(tmp_path, "STEPPE_GENERATED_EXPRESSIONS", generated)


def test_generated_forms_end_alike_on_both_sides(tmp_path: Path) -> None:
    """The phone edits step by step and evaluates what changed; the server sees the answers left at the end."""
    filled: list[_Filled] = []
    for number in range(int(os.environ.get("STEPPE_FORMS", "150"))):
        random = Random(f"{SEED}/{number}")
        filled.append(_fill(random, random_form(random), 60))
    _end_alike(tmp_path, filled)


@pytest.mark.parametrize("path", sorted(PACK.glob("[!_]*.md")), ids=lambda path: path.stem)
def test_the_checklists_of_the_pack_end_alike_on_both_sides(path: Path, tmp_path: Path) -> None:
    definition = compile_checklist(path)
    _end_alike(tmp_path, [_fill(Random(f"{SEED}/{path.stem}/{number}"), definition, 150) for number in range(10)])


class _Filled(NamedTuple):
    definition: Definition
    edits: list[list[Any]]
    last_saved: dict[str, Any]


def _fill(random: Random, definition: Definition, most: int) -> _Filled:
    edits = random_edits(random, definition, random.randint(0, most))
    return _Filled(definition, edits, random_answers(random, definition))


def _end_alike(folder: Path, filled: list[_Filled]) -> None:
    generated = [
        {
            "definition": as_json(form.definition),
            "edits": form.edits,
            "lastSaved": form.last_saved,
            "now": NOW,
            "zone": ZONE,
        }
        for form in filled
    ]
    ended = _ask_the_phone(folder, "STEPPE_GENERATED_FORMS", generated)
    assert len(ended) == len(filled)
    for form, end in zip(filled, ended, strict=True):
        begun = default_answers(form.definition, CLOCK)
        assert {path: end["begun"].get(path) for path in begun} == begun
        evaluation = evaluate(form.definition, end["answers"], CLOCK)
        assert evaluation.values == end["values"], form.edits
        assert sorted(evaluation.irrelevant & set(end["paths"])) == end["irrelevant"], form.edits
        # A calculation may give what is no answer to its question: only the phone says so before it asks further.
        unfit = {path for path, kind in end["gaps"] if kind in {"type", "exclusive"}}
        gaps = sorted({(gap.path, gap.kind) for gap in evaluation.gaps() if gap.path not in unfit})
        assert gaps == [(path, kind) for path, kind in end["gaps"] if path not in unfit], form.edits
        assert [_plain(flag) for flag in flags_of(evaluation)] == end["flags"], form.edits


def _ask_the_phone(folder: Path, variable: str, generated: object) -> list[dict[str, Any]]:
    """What the phone's code says; `[]` when it was only to agree."""
    file, ended = folder / "generated.json", folder / "ended.json"
    file.write_text(json.dumps(generated))
    node = shutil.which("node")
    assert node is not None, "Node is set up by `make setup`"
    phone = subprocess.run(
        [node, "node_modules/vitest/vitest.mjs", "run", "src/engine/agreement.test.ts"],
        cwd=ROOT / "pwa",
        env={**os.environ, variable: str(file), "STEPPE_ENDED": str(ended), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert phone.returncode == 0, phone.stdout[-6000:] + phone.stderr[-6000:]
    assert "1 passed" in phone.stdout
    return json.loads(ended.read_text()) if ended.exists() else []
