"""Python and TypeScript evaluate the same expressions to the same bytes."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from steppe.checklists.parser import parse
from tests.checklists.generated import cases
from tests.checklists.vector_scope import run

ROOT = Path(__file__).parents[2]
VECTORS: list[dict[str, Any]] = json.loads((ROOT / "tests/vectors/expressions.json").read_text())


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector["expr"])[:60])
def test_vector(vector: dict[str, Any]) -> None:
    assert parse(vector["expr"]).ast == vector["ast"]
    assert run(vector["ast"], vector["context"]) == vector["expected"]


def test_generated_expressions_agree_with_the_phone(tmp_path: Path) -> None:
    count = int(os.environ.get("STEPPE_EXPRESSIONS", "2000"))
    seed = int(os.environ.get("STEPPE_SEED", "1"))
    generated = cases(seed, count)
    for case in generated:
        case["expected"] = run(case["ast"], case["context"])
    file = tmp_path / "generated.json"
    file.write_text(json.dumps(generated))
    node = shutil.which("node")
    assert node is not None, "Node is set up by `make setup`"
    phone = subprocess.run(
        [node, "node_modules/vitest/vitest.mjs", "run", "src/checklists/agreement.test.ts"],
        cwd=ROOT / "pwa",
        env={**os.environ, "STEPPE_AGREEMENT": str(file), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert phone.returncode == 0, phone.stdout + phone.stderr
    assert "1 passed" in phone.stdout
