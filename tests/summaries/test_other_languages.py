"""A mission in languages other than ours: its own texts where it has them, else English, and it is told so."""

import io
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import update
from sqlmodel import col

from steppe.exports.counts_table import text_in
from steppe.missions.models import Mission
from steppe.missions.texts import PACK_KEYS, shown_in_english, texts_of
from tests.fixtures_desk import ask, asked, push_reports
from tests.fixtures_server import Server

OWN = {
    "all_regions": {"fr": "Toutes les régions"},
    "frame": {"fr": "Dans le nombre limité de bureaux de vote visités par la mission, …", "ar": "في عدد محدود …"},
}


@pytest.fixture
async def francophone(server: Server) -> Server:
    """The seeded mission, in French and Arabic."""
    facts: dict[str, Any] = {"languages": ["fr", "ar"], "default_language": "fr", "texts": OWN}
    async with server.database.write() as session:
        await session.execute(update(Mission).where(col(Mission.id) == server.seeded.mission.id).values(**facts))
    return server


async def test_a_page_speaks_the_missions_languages_and_english_for_the_rest(francophone: Server) -> None:
    await push_reports(francophone, francophone.phones[0], {})
    page = await asked(francophone, "expert", "/regions/all/summary")
    assert page["name"]["fr"] == "Toutes les régions"
    assert text_in(page["name"], "ar") == "All regions"
    [form] = page["forms"]
    assert form["frame"]["ar"] == OWN["frame"]["ar"]
    assert "fr" not in page["note"]
    assert text_in(page["note"], "fr").startswith("Counts describe the reports received.")
    unplaced = await asked(francophone, "expert", "/regions/none/summary")
    assert text_in(unplaced["name"], "fr") == "Not placed in a region"


async def test_a_workbook_opens_with_the_missions_own_frame(francophone: Server) -> None:
    await push_reports(francophone, francophone.phones[0], {})
    for language, expected in (("fr", OWN["frame"]["fr"]), ("ar", OWN["frame"]["ar"])):
        answer = await ask(francophone, "expert", "/exports/submissions.xlsx", language=language)
        book = load_workbook(io.BytesIO(answer.content))
        assert book["About"]["A1"].value == expected
        assert book["README"]["A1"].value == expected


async def test_another_missions_texts_are_not_ours(francophone: Server) -> None:
    async with francophone.database.write() as session:
        others = col(Mission.id) != francophone.seeded.mission.id
        await session.execute(update(Mission).where(others).values(texts={"all_regions": {"fr": "Ailleurs"}}))
    page = await asked(francophone, "expert", "/regions/all/summary")
    assert page["name"]["fr"] == "Toutes les régions"


def test_every_text_is_there_in_english_russian_and_kazakh() -> None:
    for key in PACK_KEYS:
        assert {"en", "ru", "kk"} <= texts_of(key, {}).keys()
    assert list(shown_in_english(["en", "ru", "kk"], {})) == []


def test_what_is_shown_in_english_is_named() -> None:
    missing = dict(shown_in_english(["en", "fr", "ar"], OWN))
    assert missing["fr"] == ["no_region", "frame_with_guests", "reading_note"]
    assert missing["ar"] == ["all_regions", "no_region", "frame_with_guests", "reading_note"]
