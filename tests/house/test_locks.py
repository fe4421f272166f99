import json
import re
from typing import Any

import pytest

from tests.house.files import ROOT, tracked

LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_python_locks_pin_one_version_and_its_hashes(lock: Any) -> None:
    entries = re.split(r"\n(?=\S)", lock.read_text().strip())
    assert entries
    loose = [
        entry for entry in entries if not re.match(r"[\w.-]+==[\w.]+.*--hash=sha256:[0-9a-f]{64}", entry, re.DOTALL)
    ]
    assert loose == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_python_locks_name_no_place_to_download_from(lock: Any) -> None:
    text = lock.read_text()
    assert "//" not in text
    assert not re.search(r"--(index-url|extra-index-url|find-links)|@ file:", text)


def test_the_node_lock_pins_hashes_and_names_no_place_to_download_from() -> None:
    packages = json.loads((ROOT / "pwa" / "package-lock.json").read_text())["packages"]
    installed = {name: package for name, package in packages.items() if name}
    assert len(installed) > 100
    assert [name for name, package in installed.items() if "resolved" in package] == []
    assert [name for name, package in installed.items() if "integrity" not in package] == []


def test_node_packages_are_asked_for_by_exact_version() -> None:
    package = json.loads((ROOT / "pwa" / "package.json").read_text())
    asked = package["dependencies"] | package["devDependencies"]
    assert {name: version for name, version in asked.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)} == {}


def test_there_is_one_lock_per_language() -> None:
    assert tracked("uv.lock", "*/uv.lock", "poetry.lock", "yarn.lock", "pnpm-lock.yaml", "*/yarn.lock") == []
