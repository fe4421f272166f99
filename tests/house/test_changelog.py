"""The changelog keeps the form that readers and tools of changelogs know, and says whom a change concerns."""

import re
import tomllib

from tests.house.files import ROOT

CHANGELOG = ROOT / "CHANGELOG.md"
SECTIONS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
READERS = {"Phones", "Desk", "Operators", "Authors", "Exports", "Integrators", "Developers"}
VERSION = re.compile(r"## \[(?:Unreleased\]|\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d)$")


def faults(text: str) -> list[str]:
    """Headings and lines that are not of the form."""
    found, section = [], ""
    for line in text.splitlines():
        if line.startswith("## ") and not VERSION.match(line):
            found.append(line)
        if line.startswith("### "):
            section = line.removeprefix("### ")
            found += [] if section in SECTIONS else [line]
        if line.startswith("- ") and section != "Security":
            named = re.match(r"- \*\*([\w, ]+):\*\*", line)
            readers = {word.strip().capitalize() for word in named[1].split(",")} if named else {""}
            found += [] if readers <= READERS else [line]
    return found


def test_the_changelog_keeps_its_form() -> None:
    assert faults(CHANGELOG.read_text()) == []


def test_the_version_of_the_package_has_its_entry_and_the_newest_stands_first() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    versions = re.findall(r"^## \[([^\]]+)\]", CHANGELOG.read_text(), re.MULTILINE)
    assert versions[0] == "Unreleased"
    assert version in versions
    numbered = [[int(part) for part in each.split(".")] for each in versions[1:]]
    assert numbered == sorted(numbered, reverse=True)


def test_another_form_is_found() -> None:
    text = "## 0.2\n### News\n- **Nobody:** a\n### Fixed\n- something\n- **Desk, phones:** b\n"
    assert faults(text) == ["## 0.2", "### News", "- **Nobody:** a", "- something"]
