"""After a fix everything kept aside is judged again, once for all, and what is right by now is taken."""

import json
from typing import Any

import pytest
from sqlmodel import col

from steppe.audit.models import AuditEntry
from steppe.quarantine.quarantine import Quarantine, Reprojected
from steppe.submissions.opening import CannotOpenError
from steppe.sync import items
from tests.decisions.test_deciding import agrees
from tests.fixtures_desk import asked
from tests.fixtures_neighbour import own
from tests.fixtures_server import Server
from tests.quarantine.test_taking import decide, made, queue, report_of
from tests.sync.rows import everything


def parts(server: Server) -> Quarantine:
    app: Any = server.client._transport.app  # type: ignore[attr-defined]  # ASGITransport keeps it
    found: Quarantine = app.state.parts[Quarantine]
    return found


async def reproject(server: Server, reason: str | None = None, *, dry: bool = False) -> Reprojected:
    return await parts(server).reproject(server.seeded.mission.id, reason, is_dry_run=dry)


async def test_what_a_fault_of_ours_kept_aside_is_taken_after_the_fix(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = server.phones[0]
    await server.push(phone, phone.report())

    def broken(*_: Any) -> Any:
        raise RuntimeError

    with monkeypatch.context() as fault:
        fault.setattr(items, "check_answers", broken)
        first, second = phone.report(), phone.report()
        before = made(phone)
        pushed = await server.push(phone, first, second)
    assert {one["reason"] for one in pushed["results"]} == {"cannot_project"}
    wrong = phone.report({"no_such_question": "x"})
    await server.push(phone, wrong, phone.report(device_seq=1))
    seqs = [one["seq"] for one in pushed["read"]["items"]]
    assert (await decide(server, seqs[0], kind="kept_apart", text="made in a training")).status_code == 200
    rows = await everything(server.database)
    dry = await reproject(server, dry=True)
    assert await everything(server.database) == rows
    done = await reproject(server)
    # What somebody decided of stays as it was decided, whatever the server thinks now.
    assert (dry, dict(done.taken), dict(done.left)) == (
        done,
        {"cannot_project": 1},
        {("bad_answers", "bad_answers"): 1},
    )
    assert (await report_of(server, before["submission"])).code == f"LTO01-A{before['device_seq']:03d}"
    assert sorted(reason for _, reason in await queue(server)) == ["bad_answers", "sequence_reused"]
    await agrees(server)
    rows = await everything(server.database)
    again = await reproject(server)
    assert (dict(again.taken), await everything(server.database)) == ({}, rows)
    assert (await server.push(phone, second))["results"] == [{"status": "duplicate"}]
    async with server.database.read() as session:
        runs = (await session.exec(own(AuditEntry).where(col(AuditEntry.action) == "quarantine.reproject"))).all()
    assert [one.detail["taken"] for one in runs] == [1, 0]


async def test_what_could_not_be_opened_lives_on_in_its_decision(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = server.phones[0]

    def broken(*_: Any) -> Any:
        raise CannotOpenError

    with monkeypatch.context() as fault:
        fault.setattr(items, "unsealed", broken)
        item = phone.report()
        other = phone.report()
        pushed = await server.push(phone, item, other)
    assert {one["reason"] for one in pushed["results"]} == {"unreadable"}
    # One of them came again after the fix and before anybody ran the command.
    assert (await server.push(phone, other))["results"] == [{"status": "stored"}]
    assert dict((await reproject(server, "wrong_team")).taken) == {}
    done = await reproject(server, "unreadable")
    assert (dict(done.taken), dict(done.again)) == ({"unreadable": 1}, {"unreadable": 1})
    assert (await queue(server), len(await queue(server, apart=True))) == ([], 1)
    first = json.loads(phone.made[0])
    again = await server.push(phone, item)
    assert again["results"] == [{"status": "duplicate"}]
    assert again["read"]["items"][0].keys() == {"sealed", "seq", "at"}
    edit = phone.report({"voters": 4}, submission=first["submission"], base=[first["id"]])
    assert (await server.push(phone, edit))["results"] == [{"status": "stored"}]
    assert (await report_of(server, first["submission"])).answers["voters"] == 4
    assert (await asked(server, "head", "/regions/KZ-AST/summary"))["reports"] == 2
    await agrees(server)


async def test_what_only_a_person_may_set_aside_no_command_takes(server: Server) -> None:
    phone = server.phones[0]
    await server.push(phone, phone.report(team="LTO02"))
    done = await reproject(server)
    assert (dict(done.taken), dict(done.left)) == ({}, {("wrong_team", "wrong_team"): 1})
