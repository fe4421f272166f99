"""Edits are merged: whatever comes first, no value anybody saw is lost, and what is in conflict is counted nowhere."""

import json
import random
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlmodel import col

from steppe.checklists.evaluation.answers import check_answers
from steppe.submissions.models import Revision, Submission, Tally
from steppe.submissions.register import Patch
from steppe.summaries.rebuild import rebuild
from steppe.sync.models import InboxItem
from tests.fixtures_checklist import DEFINITION, answers
from tests.fixtures_neighbour import own
from tests.fixtures_phone import MADE_AT, Phone
from tests.fixtures_server import Server
from tests.submissions.naive_register import naive_merge
from tests.sync.rows import assert_feed_has_no_gaps, count

Facts = dict[str, Any]


def make(phone: Phone, patch: Facts, of: Facts | None = None, base: list[Facts] | None = None, **more: Any) -> Facts:
    """Make a revision: a first one, or of the report of `of` from `base` (`of` itself); returns it with its text."""
    edits = {"submission": of["submission"], "base": [one["id"] for one in base or [of]]} if of else {}
    canonical = phone.revise(patch, **edits, **more)
    return {**json.loads(canonical), "sealed": phone.seal(canonical)}


async def push(server: Server, phone: Phone, *revisions: Facts) -> list[str]:
    """Push revisions; returns what became of each. Every push leaves what a replay would come to."""
    answer = await server.push(phone, *(one["sealed"] for one in revisions))
    [_, replay] = await rebuild(server.database, is_check=True)
    assert replay.differences == []
    return [one.get("reason", one["status"]) for one in answer["results"]]


async def row(server: Server) -> Submission:
    """Return the mission's one submission."""
    async with server.database.read() as session:
        return (await session.exec(own(Submission))).one()


async def waits(server: Server) -> dict[str, list[str]]:
    """Return what waiting revisions wait for."""
    async with server.database.read() as session:
        return {str(one.id): one.waits_for for one in (await session.exec(own(Revision))).all() if one.waits_for}


async def tally(server: Server) -> Tally:
    """Return the mission's one tally."""
    async with server.database.read() as session:
        return (await session.exec(own(Tally).where(col(Tally.n) > 0))).one()


async def test_edits_beside_each_other_keep_both_and_what_is_in_conflict_counts_nowhere(server: Server) -> None:
    first, second, _ = server.phones
    made = make(first, answers(box_sealed="yes", secrecy="yes", voters=100, added=4))
    edits = [
        make(first, {"voters": 7, "secrecy": "no", "remarks": "a"}, made, reason="correction"),
        make(second, {"voters": 8, "secrecy": "no", "station": "201"}, made, reason="reply"),
    ]
    assert await push(server, first, made) == ["stored"]
    assert await push(server, second, edits[1]) == ["stored"]
    assert (await tally(server)).counts["voters"] == {"n": 1, "sum": 8}
    assert await push(server, first, edits[0]) == ["stored"]
    stands = await row(server)
    ids = sorted(edits, key=lambda one: one["id"])
    assert stands.conflicts == {"voters": [[one["id"], one["patch"]["voters"]] for one in ids]}
    assert stands.heads == [one["id"] for one in ids]
    assert "voters" not in stands.answers
    assert (stands.answers["secrecy"], stands.answers["station"], stands.answers["remarks"]) == ("no", "201", "a")
    assert stands.region_code == "KZ-AKM"
    counts = (await tally(server)).counts
    assert ("voters" in counts, counts["secrecy"], counts["box_sealed"]) == (False, {"no": 1}, {"yes": 1})
    solved = make(second, {"voters": 8}, made, edits)
    assert await push(server, second, solved) == ["stored"]
    stands = await row(server)
    assert (stands.conflicts, stands.heads, stands.answers["voters"]) == ({}, [solved["id"]], 8)
    assert (await tally(server)).counts["voters"] == {"n": 1, "sum": 8}
    async with server.database.read() as session:
        reasons = {str(one.id): one.reason for one in (await session.exec(own(Revision))).all()}
    assert [reasons[one["id"]] for one in (made, *edits, solved)] == ["", "correction", "reply", ""]


async def test_a_place_in_conflict_places_nothing_an_answer_in_conflict_flags_nothing_and_the_day_stays(
    server: Server,
) -> None:
    first, second, _ = server.phones
    made = make(first, answers(observed_start=None, box_sealed="no", station="301"))
    later: Facts = {"made_at": MADE_AT + timedelta(days=3)}
    edits = [
        make(phone, {"station": station, "box_sealed": sealed}, made, **later)
        for phone, station, sealed in ((first, "101", "yes"), (second, "201", "no"))
    ]
    await push(server, first, made)
    before = await row(server)
    await push(server, first, *edits)
    stands = await row(server)
    assert (before.region_code != "", [flag["question"] for flag in before.flags]) == (True, ["box_sealed"])
    assert (set(stands.conflicts), stands.region_code, stands.flags) == ({"station", "box_sealed"}, "", [])
    assert stands.observed_on == before.observed_on


async def test_rows_of_two_phones_stand_side_by_side_and_a_removed_one_that_was_edited_is_in_conflict(
    server: Server,
) -> None:
    first, second, _ = server.phones
    made = make(first, answers(inc=["a", "b"], **{"inc/a/inc_kind": "violence", "inc/b/inc_kind": "other"}))
    adds = make(first, {"inc": ["a", "b", "c"], "inc/c/inc_kind": "other", "inc/a/inc_kind": "other"}, made)
    removes = make(second, {"inc": ["b", "d"], "inc/d/inc_kind": "violence"}, made)
    await push(server, first, made, adds, removes)
    stands = await row(server)
    assert sorted(stands.answers["inc"]) == ["b", "c", "d"]
    assert set(stands.conflicts) == {"inc/a"}
    assert "inc/a/inc_kind" not in stands.answers
    assert (await tally(server)).counts["inc_kind"] == {"other": 2, "violence": 1}


async def test_edits_pushed_newest_first_wait_and_are_taken_in_the_transaction_that_brings_the_first(
    server: Server,
) -> None:
    first, second, _ = server.phones
    chain = [make(first, answers(voters=0))]
    while len(chain) < 6:
        chain.append(make((first, second)[len(chain) % 2], {"voters": len(chain)}, chain[0], [chain[-1]]))
    for one in reversed(chain[1:]):
        assert await push(server, first, one) == ["stored"]
    assert await count(server.database, Submission) == 0
    assert await waits(server) == {one["id"]: one["base"] for one in chain[1:]}
    # What waits is held: it is no gap in what its phone has made.
    assert await count(server.database, InboxItem) == await count(server.database, Revision) == 5
    assert await push(server, second, chain[2]) == ["duplicate"]
    assert await push(server, first, chain[0]) == ["stored"]
    stands = await row(server)
    assert (stands.answers["voters"], stands.heads, stands.code) == (5, [chain[-1]["id"]], "LTO01-A001")
    assert await waits(server) == {}
    assert (await tally(server)).counts["voters"] == {"n": 1, "sum": 5}
    await assert_feed_has_no_gaps(server.database)


async def test_one_that_another_team_sent_before_the_first_waits_for_ever(server: Server) -> None:
    first, _, stranger = server.phones
    made = make(first, answers(voters=1))
    early, ours = make(stranger, {"voters": 666}, made), make(first, {"voters": 2}, made)
    assert await push(server, stranger, early) == ["stored"]
    assert await push(server, first, ours, made) == ["stored", "stored"]
    stands = await row(server)
    assert (stands.answers["voters"], stands.conflicts) == (2, {})
    assert set(await waits(server)) == {early["id"]}
    later = make(stranger, {"voters": 667}, made)
    assert await push(server, stranger, later) == ["wrong_team"]


async def test_the_level_is_the_strictest_of_every_revision_and_not_the_head_s(server: Server) -> None:
    first, second, _ = server.phones
    made = make(first, answers(conf_level="internal"))
    closed = make(second, {"conf_level": "confidential"}, made)
    opened = make(first, {"conf_level": "internal"}, made)
    await push(server, first, made, opened)
    await push(server, second, closed)
    stands = await row(server)
    assert (stands.level, set(stands.conflicts)) == ("confidential", {"conf_level"})
    await push(server, first, make(first, {"conf_level": "internal"}, made, [closed, opened]))
    assert (await row(server)).level == "confidential"


async def test_the_level_is_that_of_every_revision_too_when_they_come_newest_first(server: Server) -> None:
    first = server.phones[0]
    made = make(first, answers(conf_level="internal"))
    closed = make(first, {"conf_level": "confidential"}, made)
    opened = make(first, {"conf_level": "internal"}, made, [closed])
    for one in (opened, closed, made):
        await push(server, first, one)
    stands = await row(server)
    assert (stands.level, stands.answers["conf_level"]) == ("confidential", "internal")


async def test_what_cannot_be_read_any_more_is_merged_with_nothing(server: Server) -> None:
    phone = server.phones[0]
    made = make(phone, answers())
    await push(server, phone, made)
    async with server.database.write() as session:
        await session.execute(update(InboxItem).where(col(InboxItem.revision_id) == UUID(made["id"])).values(raw=b"?"))
    answer = await server.push(phone, make(phone, {"voters": 3}, made)["sealed"])
    assert answer["results"] == [{"status": "quarantined", "reason": "cannot_project"}]


def random_patch(chance: random.Random) -> Facts:
    rows = ["a", "b", "c", "d"]
    patch: Facts = {}
    for _ in range(chance.randint(1, 4)):
        path, values = chance.choice([
            ("voters", (1, 2, None)),
            ("box_sealed", ("yes", "no")),
            ("station", ("101", "201", "301", None)),
            ("conf_level", ("internal", "restricted", None)),
            ("inc", (None, chance.sample(rows, chance.randint(0, 4)))),
            (f"inc/{chance.choice(rows)}/inc_kind", ("violence", "other", None)),
        ])  # fmt: skip
        patch[path] = chance.choice(values)
    assert not check_answers(DEFINITION, patch)
    return patch


@pytest.mark.parametrize("seed", range(2))
async def test_random_edits_in_any_order_come_to_the_model_and_a_replay_to_the_same(server: Server, seed: int) -> None:
    chance = random.Random(seed)
    pair = server.phones[:2]
    reports: dict[str, list[Facts]] = {}
    for _ in range(2):
        made = make(pair[0], answers(**{"inc": ["a", "b"], **random_patch(chance)}))
        reports[made["submission"]] = [made]
        for _ in range(6):
            base = chance.sample(
                reports[made["submission"]], min(len(reports[made["submission"]]), chance.randint(1, 2))
            )
            reports[made["submission"]].append(make(chance.choice(pair), random_patch(chance), made, base))
    revisions = [one for several in reports.values() for one in several]
    revisions += chance.choices(revisions, k=4)
    chance.shuffle(revisions)
    while revisions:
        size = chance.randint(1, 5)
        assert set(await push(server, chance.choice(pair), *revisions[:size])) <= {"stored", "duplicate"}
        revisions = revisions[size:]
    async with server.database.read() as session:
        rows = {str(one.id): one for one in (await session.exec(own(Submission))).all()}
    for key, several in reports.items():
        patches = [Patch(one["id"], one["base"], one["patch"]) for one in several]
        model = naive_merge(patches, {"inc"})
        stands = rows[key]
        assert (stands.answers, stands.conflicts, stands.heads) == (
            model["answers"],
            model["conflicts"],
            model["heads"],
        )
    assert await waits(server) == {}
