from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlmodel import col, func, select, update

from steppe import demo
from steppe.checklists.models import ChecklistVersion
from steppe.kit.clock import now
from steppe.kit.db import Database
from steppe.kit.ids import plain_code
from steppe.kit.settings import Settings
from steppe.people.models import Device, Enrolment, Person
from steppe.people.tokens import token_hash
from steppe.queries.models import Query, QueryTeam
from steppe.simulate import fleet
from steppe.simulate.fleet import Orders
from steppe.submissions.models import Submission


async def test_the_demo_is_filled_once_and_leaves_a_phone_of_every_pair_to_the_visitor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fleet, "Orders", partial(Orders, submissions=2))
    settings = Settings(data=tmp_path)
    ways_in = await demo.prepare(settings)
    again = await demo.prepare(settings)
    assert again == ways_in
    assert [enrolment["team"] for enrolment in ways_in["enrolments"]] == [
        *(f"LTO{n:02d}" for n in range(1, 13)),
        "PA01",
    ]
    assert (tmp_path / "demo.json").stat().st_mode & 0o777 == 0o600
    database = Database(settings)
    async with database.read() as session:
        assert (await session.exec(select(func.count()).select_from(Submission))).one() == 24 + 6
        by_guests = select(ChecklistVersion.kind).join(Submission).where(Submission.origin == "oscepa")
        assert set((await session.exec(by_guests)).all()) == {"polling_station"}
        holders = (await session.exec(select(Person.function).join(Device, col(Device.person_id) == Person.id))).all()
        asked = (
            await session.exec(select(Query.submission_id, func.count()).join(QueryTeam).group_by(col(Query.id)))
        ).all()
    # What all teams are asked waits for whichever phone the visitor sets up; the other is about a report.
    assert [teams for report, teams in asked if report is None] == [12]
    assert [teams for report, teams in asked if report is not None] == [1]
    assert len(holders) == 13
    assert set(holders).isdisjoint(enrolment["person"] for enrolment in ways_in["enrolments"])

    # Days later one of the printed links has set up a phone, another has ended: the next start prints others.
    used, ended, *good = ways_in["enrolments"]
    async with database.write() as session:
        for code, change in ((used, {"used_at": now()}), (ended, {"expires_at": now() - timedelta(minutes=1)})):
            code_hash = token_hash(plain_code(code["code"]))
            await session.exec(update(Enrolment).where(col(Enrolment.code_hash) == code_hash).values(**change))
    await database.close()
    later = await demo.prepare(settings)
    assert later["enrolments"][2:] == good
    assert [each["team"] for each in later["enrolments"][:2]] == ["LTO01", "LTO02"]
    assert {each["code"] for each in later["enrolments"][:2]}.isdisjoint({used["code"], ended["code"]})
    assert await demo.prepare(settings) == later
    assert (tmp_path / "demo.json").stat().st_mode & 0o777 == 0o600
