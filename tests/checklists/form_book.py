"""The demo mission's checklists beside the form book they were written after."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import steppe
from steppe.checklists.definition import Definition, Question
from steppe.checklists.xlsform.compiler import compile_checklist

FOLDER = Path(steppe.__file__).parent / "packs" / "kazakhstan_2021" / "checklists"
EXPECTED: dict[str, Any] = json.loads((Path(__file__).parent / "expected_questions.json").read_text(encoding="utf-8"))
PARTS = {
    "campaign_event": ("place", "common", "campaign_event"),
    "commission": ("place", "common", "commission"),
    "complaint": ("place", "common", "complaint"),
    "flash_report": ("place", "common", "flash_report"),
    "meeting_report": ("place", "common", "meeting_report"),
    "polling_station_counting": ("common", "polling_station_start", "polling_station_counting"),
    "polling_station_opening": ("common", "polling_station_start", "polling_station_opening"),
    "polling_station_voting": ("common", "polling_station_start", "polling_station_voting"),
    "tabulation": ("place", "common", "tabulation"),
    "weekly_report": ("place", "common", "weekly_report"),
}
STATIONS = [form for form in PARTS if form.startswith("polling_station")]
"""Forms of a visit to a polling station."""
SHORT = [*STATIONS, "tabulation"]
"""Forms that are filled in poor conditions too."""


@cache
def definition_of(form: str) -> Definition:
    return compile_checklist(FOLDER / f"{form}.md")


@cache
def questions_of(form: str) -> dict[str, Question]:
    return {question.id: question for _, _, question in definition_of(form).questions()}
