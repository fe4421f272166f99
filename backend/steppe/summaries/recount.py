"""Counting everything anew from the reports as they stand: after a migration that changes what is counted.

Unlike a rebuild it reads no inbox: the rows of submissions are right, only what is derived from them has another shape.
"""

from __future__ import annotations

from typing import cast
from uuid import UUID

from sqlalchemy import bindparam, exists, select, update
from sqlmodel import col

from steppe.kit.columns import table_of
from steppe.kit.db import Database, WriteSession
from steppe.missions.feed import take_numbers
from steppe.missions.models import Mission
from steppe.submissions.current import SubmissionRow, themes_of
from steppe.submissions.models import Submission, Tally
from steppe.submissions.projection import SubmissionChange, counted
from steppe.submissions.queries import PAGE, definitions
from steppe.summaries.commands import apply


async def recount_uncounted(database: Database) -> list[UUID]:
    """Count the reports of every mission that has some and no tally; returns those missions."""
    has_reports = exists().where(col(Submission.mission_id) == col(Mission.id))
    has_tallies = exists().where(col(Tally.mission_id) == col(Mission.id))
    query = select(col(Mission.id)).where(has_reports, ~has_tallies).order_by(col(Mission.id))
    async with database.read() as reading:
        missions = [mission for (mission,) in (await reading.execute(query)).all()]
    for mission in missions:
        async with database.write() as session:
            await _recount(session, mission)
    return missions


async def _recount(session: WriteSession, mission_id: UUID) -> None:
    """Count a mission's reports into empty tallies and snapshots, and note the themes of each."""
    await take_numbers(session, mission_id, 0)
    table = table_of(Submission)
    query = select(table).where(table.c.mission_id == mission_id).order_by(table.c.id).limit(PAGE)
    page = (await session.execute(query)).mappings().all()
    while page:
        # The columns of the table are the members of SubmissionRow.
        reports = [cast("SubmissionRow", dict(row)) for row in page]
        versions = await definitions(session, mission_id, {facts["checklist_version_id"] for facts in reports})
        themes = [
            {"report": facts["id"], "named": themes_of(versions[facts["checklist_version_id"]], facts["answers"])}
            for facts in reports
        ]
        own = (table.c.id == bindparam("report"), table.c.mission_id == mission_id)
        note = update(table).where(*own).values(themes=bindparam("named"))
        await (await session.connection()).execute(note, themes)
        await apply(
            session,
            mission_id,
            [
                SubmissionChange(facts["id"], versions[facts["checklist_version_id"]], None, counted(facts))
                for facts in reports
            ],
        )
        page = (await session.execute(query.where(table.c.id > page[-1]["id"]))).mappings().all()
