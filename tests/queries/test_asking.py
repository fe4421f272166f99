"""From the desk to the phones of the right teams and back, within the scope of what is asked about (protocol §12)."""

from typing import Any

import orjson
import pytest
from sqlalchemy import delete, update
from sqlmodel import col, select

from steppe.missions.models import Change, Mission
from steppe.people.models import Team
from steppe.queries.models import Query, QueryArrival, QueryStep, QueryTeam
from steppe.submissions.models import SignedFact, Submission
from steppe.submissions.sealing import b64u
from steppe.summaries.rebuild import rebuild
from tests.fixtures_desk import asked, give, push_reports
from tests.fixtures_neighbour import NEIGHBOUR, own
from tests.fixtures_server import Server
from tests.queries.asking import heard, write, wrote
from tests.sync.rows import assert_feed_has_no_gaps

TABLES = (QueryArrival, QueryStep, QueryTeam, Query)


async def board(server: Server, role: str = "coordinator", **params: Any) -> list[dict[str, Any]]:
    return list((await asked(server, role, "/queries", **params))["queries"])


async def test_a_query_about_an_answer_goes_round_once_the_co_ordinator_releases_it(server: Server) -> None:
    phone, mate, other = server.phones
    [report] = await push_reports(server, phone, {})
    query = await wrote(
        server,
        "expert",
        submission=report,
        path="box_sealed",
        text=" How often? ",
        priority="today",
        due="2021-01-11T12:00:00Z",
        theme="ed_vote",
    )
    assert (query["state"], query["rounds"][0]["released_at"], query["may_change"]) == ("open", None, True)
    assert (query["about"]["path"], query["about"]["label"]["en"]) == ("box_sealed", "box_sealed")
    assert await heard(server, phone) == {}
    # What waits is no team's burden yet.
    assert query["teams"] == [{"code": "LTO01", "state": "open", "phones": [], "open": 0}]
    assert (await write(server, "expert", f"/{query['id']}/release")).status_code == 404
    released = await wrote(server, "coordinator", f"/{query['id']}/release")
    assert released["rounds"][0]["released_at"] is not None
    assert (await write(server, "coordinator", f"/{query['id']}/release")).status_code == 409
    assert await heard(server, other) == {}
    [told] = (await heard(server, mate)).values()
    assert told["said"] == {
        "mission": str(server.seeded.mission.id),
        "query": query["id"],
        "round": 1,
        "team": "LTO01",
        "text": "How often?",
        "theme": "ed_vote",
        "priority": "today",
        "asked_at": told["said"]["asked_at"],
        "due": "2021-01-11T12:00:00.000Z",
        "about": {"submission": report, "path": "box_sealed"},
    }
    assert told["state"] == "open"
    reply = mate.fact("reply", query=told["statement"], text="Twice")
    answer = await server.push(phone, reply, reply)
    assert [one["status"] for one in answer["results"]] == ["stored", "duplicate"]
    [line] = await board(server, "expert", submission=report)
    [said] = line["rounds"][0]["replies"]
    assert (said["text"], said["team"], said["phone"], line["state"]) == ("Twice", "LTO01", mate.letter, "answered")
    # The other phone of the pair hears that it is answered.
    assert [one["state"] for one in (await heard(server, phone)).values()] == ["answered"]
    await assert_feed_has_no_gaps(server.database)


async def test_a_phone_has_a_query_once_it_comes_back_with_a_cursor_behind_it(server: Server) -> None:
    phone, mate, _ = server.phones
    [report] = await push_reports(server, phone, {})
    query = await wrote(server, "coordinator", submission=report, text="?")
    page = await server.pull(phone)
    assert (await board(server))[0]["teams"][0]["phones"] == []
    await server.pull(phone, page["next_cursor"])
    [arrived] = (await board(server))[0]["teams"][0]["phones"]
    assert arrived["phone"] == phone.letter
    for one in (phone, mate):
        await server.pull(one, (await server.pull(one))["next_cursor"])
    since = (await board(server))[0]["teams"][0]["phones"]
    assert [one["phone"] for one in since] == [phone.letter, mate.letter]
    assert since[0] == arrived
    # Another round has arrived nowhere yet.
    again = await wrote(server, "coordinator", f"/{query['id']}/rounds", text="And by whom?")
    assert again["teams"][0]["phones"] == []


async def test_a_reply_to_an_earlier_round_is_kept_there_and_answers_nothing(server: Server) -> None:
    phone = server.phones[0]
    [report] = await push_reports(server, phone, {})
    query = await wrote(server, "coordinator", submission=report, text="How often?")
    old = (await heard(server, phone))[query["id"]]["statement"]
    await wrote(server, "coordinator", f"/{query['id']}/rounds", text="And by whom?")
    await server.push(phone, phone.fact("reply", query=old, text="Twice"))
    [line] = await board(server)
    assert line["state"] == "open"
    assert [[said["text"] for said in one["replies"]] for one in line["rounds"]] == [["Twice"], []]
    told = (await heard(server, phone))[query["id"]]
    assert (told["state"], told["said"]["round"], told["said"]["text"]) == ("open", 2, "And by whom?")
    # What a team has to answer already is told beside what waits to be released.
    waiting = await wrote(server, "expert", submission=report, text="And where?")
    assert (line["teams"][0]["open"], waiting["teams"][0]["open"]) == (None, 1)


async def test_what_ended_leaves_the_phones_and_comes_back_when_it_is_asked_again(server: Server) -> None:
    phone = server.phones[0]
    query = await wrote(server, "coordinator", to=["LTO01"], text="Are lists displayed?")
    assert (await wrote(server, "coordinator", f"/{query['id']}/end", state="withdrawn"))["state"] == "withdrawn"
    assert (await heard(server, phone))[query["id"]]["state"] == "withdrawn"
    assert (await write(server, "expert", f"/{query['id']}/end", {"state": "resolved"})).status_code == 404
    await wrote(server, "coordinator", f"/{query['id']}/rounds", text="Are they now?")
    assert (await heard(server, phone))[query["id"]]["state"] == "open"


async def test_by_the_missions_policy_what_experts_ask_leaves_at_once(server: Server) -> None:
    phone = server.phones[0]
    async with server.database.write() as session:
        mine = update(Mission).where(col(Mission.id) == server.seeded.mission.id)
        await session.execute(mine.values(policy={"local_copy": "keep", "queries": "at_once"}))
    query = await wrote(server, "expert", to=["LTO01"], text="?")
    assert query["rounds"][0]["released_at"] is not None
    assert list(await heard(server, phone)) == [query["id"]]


async def test_a_free_query_goes_to_every_team_but_guests_and_each_replies_for_itself(server: Server) -> None:
    phone, _, other = server.phones
    async with server.database.write() as session:
        guests = update(Team).where(col(Team.mission_id) == server.seeded.mission.id, col(Team.code) == "LTO02")
        await session.execute(guests.values(origin="oscepa"))
    query = await wrote(server, "coordinator", text="Are lists displayed?")
    assert [team["code"] for team in query["teams"]] == ["LTO01"]
    assert await heard(server, other) == {}
    both = await wrote(server, "coordinator", to=["LTO01", "LTO02"], text="Is the kitchen open?")
    for one in (phone, other):
        statement = (await heard(server, one))[both["id"]]["statement"]
        await server.push(one, one.fact("reply", query=statement, text=one.team))
        states = {
            team["code"]: team["state"]
            for line in await board(server)
            for team in line["teams"]
            if line["id"] == both["id"]
        }
        assert states[one.team] == "answered"
    [line] = [one for one in await board(server) if one["id"] == both["id"]]
    assert (line["state"], sorted(said["text"] for said in line["rounds"][0]["replies"])) == (
        "answered",
        ["LTO01", "LTO02"],
    )
    assert (await write(server, "coordinator", "", {"to": ["LTO99"], "text": "?"})).status_code == 404


async def test_a_reply_that_does_not_fit_is_kept_for_a_person(server: Server) -> None:
    phone, _, other = server.phones
    query = await wrote(server, "coordinator", to=["LTO01"], text="?")
    statement = (await heard(server, phone))[query["id"]]["statement"]
    head, payload, signature = statement.split(".")
    forged = ".".join((head, payload, ("A" if signature[0] != "A" else "B") + signature[1:]))
    answer = await server.push(other, other.fact("reply", query=statement, text="Not ours"))
    assert answer["results"][0]["reason"] == "wrong_team"
    # The server knows the round: whose key signed it then may be gone, what the phone signed is not.
    answer = await server.push(phone, phone.fact("reply", query=forged, text="known"))
    assert answer["results"][0]["status"] == "stored"
    async with server.database.write() as session:
        for table in TABLES:
            await session.execute(delete(table).where(col(table.mission_id) == server.seeded.mission.id))
    answer = await server.push(phone, phone.fact("reply", query=forged, text="unknown"))
    assert answer["results"][0]["reason"] == "unknown_query"


async def test_a_server_that_has_forgotten_the_query_takes_it_back_with_the_reply(server: Server) -> None:
    phone = server.phones[0]
    [report] = await push_reports(server, phone, {})
    query = await wrote(server, "coordinator", submission=report, text="How often?")
    statement = (await heard(server, phone))[query["id"]]["statement"]
    reply = phone.fact("reply", query=statement, text="Twice")
    async with server.database.write() as session:
        for table in TABLES:
            await session.execute(delete(table).where(col(table.mission_id) == server.seeded.mission.id))
    assert await board(server) == []
    await server.push(phone, reply)
    [line] = await board(server)
    assert (line["id"], line["about"]["submission"], line["state"]) == (query["id"], report, "answered")
    assert (line["rounds"][0]["text"], line["rounds"][0]["asked_by"]) == ("How often?", None)
    assert line["rounds"][0]["replies"][0]["text"] == "Twice"
    # A rebuild brings both back out of the inbox alone.
    async with server.database.write() as session:
        for gone in (*TABLES, SignedFact):
            await session.execute(delete(gone).where(col(gone.mission_id) == server.seeded.mission.id))
    await rebuild(server.database, is_check=False)
    assert [(one["id"], one["state"]) for one in await board(server)] == [(query["id"], "answered")]


@pytest.mark.parametrize(
    ("path", "changed", "readers"),
    [
        ("", {}, {"expert", "coordinator", "head"}),
        ("", {"conf_level": "confidential"}, {"coordinator", "head"}),
        ("", {"conf_level": "sealed"}, {"head"}),
        ("source_name", {}, {"head"}),
    ],
)
async def test_a_query_is_read_by_whoever_reads_what_it_is_about(
    server: Server, path: str, changed: dict[str, Any], readers: set[str]
) -> None:
    phone = server.phones[0]
    [report] = await push_reports(server, phone, changed)
    query = await wrote(server, "head", submission=report, path=path, text="Who told you?")
    statement = (await heard(server, phone))[query["id"]]["statement"]
    await server.push(phone, phone.fact("reply", query=statement, text="Somebody"))
    for role in ("expert", "coordinator", "head"):
        assert len(await board(server, role)) == (role in readers), role
        assert len(await board(server, role, submission=report)) == (role in readers), role
    for role in ("expert", "coordinator", "head"):
        answer = await write(server, role, "", {"submission": report, "path": path, "text": "And?"})
        assert answer.status_code == (200 if role in readers else 404), role
    # Those who do not read it are not even told by the live stream that something moved.
    async with server.database.read() as session:
        lines = (await session.exec(own(Change).where(Change.kind == "query"))).all()
    levels = {"sealed"} if path else {changed.get("conf_level", "internal")}
    assert {line.level for line in lines} == levels


async def test_a_report_that_became_stricter_takes_its_queries_along(server: Server) -> None:
    phone = server.phones[0]
    [report] = await push_reports(server, phone, {})
    await wrote(server, "expert", submission=report, text="?")
    assert len(await board(server, "expert")) == 1
    async with server.database.write() as session:
        await session.execute(
            update(Submission).where(col(Submission.mission_id) == server.seeded.mission.id).values(level="sealed")
        )
    assert await board(server, "expert") == []
    assert len(await board(server, "head")) == 1


async def test_who_works_in_a_region_asks_and_reads_its_teams_alone(server: Server) -> None:
    phone, _, other = server.phones
    await give(server, "expert", role="expert", regions=["KZ-SEV"])
    [ours] = await push_reports(server, phone, {})
    assert (await write(server, "expert", "", {"submission": ours, "text": "?"})).status_code == 404
    assert (await write(server, "expert", "", {"to": ["LTO01"], "text": "?"})).status_code == 404
    free = await wrote(server, "expert", text="?")
    assert [team["code"] for team in free["teams"]] == ["LTO02"]
    both = await wrote(server, "coordinator", to=["LTO01", "LTO02"], text="Both?")
    for one in (phone, other):
        statement = (await heard(server, one))[both["id"]]["statement"]
        await server.push(one, one.fact("reply", query=statement, text=one.team))
    [line] = [one for one in await board(server, "expert") if one["id"] == both["id"]]
    assert [team["code"] for team in line["teams"]] == ["LTO02"]
    assert [said["text"] for said in line["rounds"][0]["replies"]] == ["LTO02"]
    await wrote(server, "coordinator", to=["LTO01"], text="Not theirs")
    assert len(await board(server, "expert")) == 2


async def test_what_a_team_asks_is_read_within_its_report_and_answered_by_a_query(server: Server) -> None:
    phone = server.phones[0]
    [report] = await push_reports(server, phone, {"conf_level": "confidential"})
    about = {"submission": report}
    sealed = {**about, "path": "source_name"}
    await server.push(
        phone,
        phone.fact("question", text="free"),
        phone.fact("question", text="about", about=about),
        phone.fact("question", text="sealed", about=sealed),
    )

    async def texts(role: str) -> list[str]:
        return [one["text"] for one in (await asked(server, role, "/queries/from-teams"))["questions"]]

    assert await texts("expert") == ["free"]
    assert await texts("coordinator") == ["about", "free"]
    assert await texts("head") == ["sealed", "about", "free"]
    [free] = (await asked(server, "expert", "/queries/from-teams"))["questions"]
    answer = await wrote(server, "coordinator", to=["LTO01"], text="Yes, do.", answers=free["id"])
    assert (await heard(server, phone))[answer["id"]]["said"]["answers"] == free["id"]
    [free] = (await asked(server, "expert", "/queries/from-teams"))["questions"]
    assert free["answered_by"] == answer["id"]
    hidden = (await asked(server, "head", "/queries/from-teams"))["questions"][0]["id"]
    body = {"to": ["LTO01"], "text": "?", "answers": hidden}
    assert (await write(server, "expert", "", body)).status_code == 404


async def test_a_query_of_another_mission_is_as_unknown_as_none(server: Server) -> None:
    phone = server.phones[0]
    neighbour = select(Mission.id).where(Mission.code == NEIGHBOUR).scalar_subquery()
    async with server.database.read() as session:
        theirs = (await session.exec(select(Query).where(Query.mission_id == neighbour))).one()
    assert await board(server, "head") == []
    assert (await asked(server, "head", "/queries/from-teams"))["questions"] == []
    assert await heard(server, phone) == {}
    for step, body in (("end", {"state": "resolved"}), ("rounds", {"text": "?"}), ("release", {})):
        for query in (theirs.id, server.seeded.checklist_version_id):
            assert (await write(server, "coordinator", f"/{query}/{step}", body)).status_code == 404
    # A reply to it, from a phone of this mission that got hold of the statement.
    claims = {"mission": str(theirs.mission_id), "query": str(theirs.id), "round": 1, "team": "LTO01"}
    statement = f"{b64u(b'{}')}.{b64u(orjson.dumps(claims))}.{'A' * 86}"
    answer = await server.push(phone, phone.fact("reply", query=statement, text="?"))
    assert answer["results"][0]["reason"] == "unknown_query"
