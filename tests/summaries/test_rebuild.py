"""What is derived can be derived again: replaying the inbox comes to the live rows, and puts wrong ones right."""

import json
import random
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlmodel import SQLModel, col

from steppe.doctor import Check, examine
from steppe.missions.models import MissionCounter
from steppe.submissions.models import CountSnapshot, Revision, Submission, Tally
from steppe.summaries.inbox import DamagedInbox
from steppe.summaries.rebuild import rebuild
from steppe.summaries.recount import recount_uncounted
from steppe.sync.models import InboxItem
from tests.fixtures_checklist import answers
from tests.fixtures_neighbour import own
from tests.fixtures_phone import Phone
from tests.fixtures_server import Server

YNO = ("yes", "no", "not_observed", "not_applicable")


def random_answers(chance: random.Random) -> dict[str, Any]:
    rows = [f"row{number}" for number in range(chance.randrange(3))]
    return answers(
        station=chance.choice(["101", "102", "201", "301", "999", None]),
        observed_start=chance.choice(["2021-01-09T09:15+06:00", "2021-01-10T20:15+05:00", None]),
        conf_level=chance.choice(["internal", "restricted", "confidential"]),
        box_sealed=chance.choice(YNO),
        secrecy=chance.choice([*YNO, None]),
        unauthorised=chance.choice([["none"], ["police"], ["police", "party"]]),
        voters=chance.randrange(2000),
        added=chance.randrange(2000),
        turnout=round(chance.random() * 100, 2),
        inc=rows or None,
        **{f"inc/{row}/inc_kind": chance.choice(["violence", "other"]) for row in rows},
    )


async def push_random(server: Server, seed: int, rounds: int = 6) -> None:
    """Push new reports and edits of earlier ones from all phones, in a reproducible order."""
    chance = random.Random(seed)
    heads: dict[str, tuple[Phone, str]] = {}
    for _ in range(rounds):
        phone = chance.choice(server.phones)
        items = []
        for _ in range(chance.randrange(1, 9)):
            own = [key for key, (owner, _) in heads.items() if owner.team == phone.team]
            if own and chance.random() < 0.4:
                key = chance.choice(own)
                patch: dict[str, Any] = {"box_sealed": chance.choice([*YNO, None]), "voters": chance.randrange(2000)}
                if chance.random() < 0.5:
                    patch["station"] = chance.choice(["103", "202", None])
                if chance.random() < 0.5:
                    patch["conf_level"] = chance.choice(["internal", "confidential", None])
                made = phone.revise(patch, submission=key, base=[heads[key][1]])
            else:
                made = phone.revise(random_answers(chance))
            facts = json.loads(made)
            heads[facts["submission"]] = (phone, facts["id"])
            items.append(phone.seal(made))
        answer = await server.push(phone, *items, "nonsense")
        assert {one["status"] for one in answer["results"]} == {"stored", "quarantined"}


async def rows(server: Server, table: type[SQLModel]) -> list[str]:
    async with server.database.read() as session:
        found = [row.model_dump().values() for row in (await session.exec(own(table))).all()]
    # The order of keys in a JSON column is the engine's own affair.
    return sorted(json.dumps(list(row), sort_keys=True, default=str) for row in found)


@pytest.mark.parametrize("seed", range(4))
async def test_a_replay_of_random_pushes_comes_to_the_live_rows(server: Server, seed: int) -> None:
    await push_random(server, seed)
    [_, found] = await rebuild(server.database, is_check=True)
    assert found.differences == []
    assert found.submissions == len(await rows(server, Submission))


async def test_a_check_names_what_differs_and_changes_nothing(server: Server) -> None:
    await push_random(server, 7)
    async with server.database.write() as session:
        changed = (await session.exec(own(Submission).limit(1))).one().id
        await session.execute(
            update(Submission).where(col(Submission.id) == changed).values(severity=9, region_code="KZ-ZZZ")
        )
        await session.execute(update(Tally).values(n=Tally.n + 1))
    before = await rows(server, Submission), await rows(server, Tally)
    [_, found] = await rebuild(server.database, is_check=True)
    assert f"submission {changed}: region_code, severity differ" in found.differences
    assert len([line for line in found.differences if line.startswith("tally")]) == len(before[1])
    assert (await rows(server, Submission), await rows(server, Tally)) == before


async def test_a_rebuild_restores_everything_derived(server: Server) -> None:
    await push_random(server, 8)
    before = await rows(server, Submission), await rows(server, Tally), await rows(server, Revision)
    async with server.database.write() as session:
        lost = [row.id for row in (await session.exec(own(Revision).limit(3))).all()]
        await session.execute(delete(Revision).where(col(Revision.id).in_(lost)))
        gone = [row.id for row in (await session.exec(own(Submission).limit(2))).all()]
        await session.execute(delete(Submission).where(col(Submission.id).in_(gone)))
        await session.execute(update(Submission).values(answers={}, severity=0))
        await session.execute(delete(Tally))
    [_, found] = await rebuild(server.database, is_check=False)
    assert found.differences
    async with server.database.read() as session:
        # The number of a lost submission is that of its last revision again; the others kept theirs.
        assert (await session.execute(select(Submission).where(col(Submission.id).in_(gone)))).all()
    assert (await rows(server, Submission), await rows(server, Tally), await rows(server, Revision)) == before
    [_, again] = await rebuild(server.database, is_check=True)
    assert again.differences == []


async def derivation(server: Server) -> Check:
    [found] = [one for one in await examine(server.settings, server.database) if one.subject == "reports"]
    return found


async def test_reports_of_earlier_rules_are_named_by_the_doctor_until_they_are_rebuilt(server: Server) -> None:
    await push_random(server, 11, rounds=1)
    assert (await derivation(server)).is_well
    async with server.database.write() as session:
        await session.execute(update(MissionCounter).values(derivation=1))
        await session.execute(update(Submission).values(level="internal", region_code="KZ-AST"))
    found = await derivation(server)
    assert not found.is_well
    assert "steppe rebuild" in found.remedy
    await rebuild(server.database, is_check=False)
    assert (await derivation(server)).is_well
    [_, again] = await rebuild(server.database, is_check=True)
    assert again.differences == []


async def test_damaged_bytes_are_named_and_not_guessed(server: Server) -> None:
    await push_random(server, 9, rounds=1)
    async with server.database.write() as session:
        await session.execute(update(InboxItem).where(col(InboxItem.outcome) == "stored").values(raw=b"damaged"))
    with pytest.raises(DamagedInbox):
        await rebuild(server.database, is_check=True)


async def test_a_database_whose_tallies_a_migration_dropped_is_counted_anew(server: Server) -> None:
    await push_random(server, 10)
    before = await rows(server, Tally)
    async with server.database.write() as session:
        await session.execute(delete(Tally))
        await session.execute(delete(CountSnapshot))
    assert server.seeded.mission.id in await recount_uncounted(server.database)
    assert await rows(server, Tally) == before
    assert await rows(server, CountSnapshot)
    assert await recount_uncounted(server.database) == []
