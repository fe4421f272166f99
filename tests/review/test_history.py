"""A report of several revisions at the desk: every value of a conflict with its author, and who changed what."""

import json
from typing import Any

from tests.fixtures_checklist import answers
from tests.fixtures_desk import asked
from tests.fixtures_phone import Phone
from tests.fixtures_server import Server


async def pushed(server: Server, phone: Phone, patch: dict[str, Any], *base: dict[str, Any], **more: Any) -> Any:
    """Push a revision made from `base`; returns what the phone made."""
    edits = {"submission": base[0]["submission"], "base": [one["id"] for one in base]} if base else {}
    made = json.loads(phone.revise(patch, **edits, **more))
    assert (await server.push(phone, phone.seal(phone.made[-1])))["results"][0]["status"] == "stored"
    return made


async def test_a_report_of_several_revisions_shows_every_value_and_who_changed_what(server: Server) -> None:
    first, second, _ = server.phones
    rows = {"inc": ["a"], "inc/a/inc_kind": "violence"}
    made = await pushed(server, first, answers(voters=5, source_kind="yes", **rows))
    kept = {"inc/a/inc_kind": "other", "voters": 7, "source_kind": "no"}
    one = await pushed(server, first, kept, made, reason="correction")
    two = await pushed(server, second, {"inc": ["b"], "voters": 8, "source_kind": None}, made)
    waiting = await pushed(server, second, {"voters": 9}, {**made, "id": "01a00000-0000-4000-8000-000000000000"})
    page = await asked(server, "coordinator", f"/submissions/{made['submission']}")

    found = {conflict["path"]: conflict for conflict in page["conflicts"]}
    assert set(found) == {"voters", "inc/a", "source_kind"}
    by_writer = {one["id"]: 7, two["id"]: 8}
    assert {each["revision"]: each["answer"]["value"] for each in found["voters"]["standing"]} == by_writer
    assert {each["revision"]: each["is_there"] for each in found["inc/a"]["standing"]} == {
        one["id"]: True, two["id"]: False,
    }  # fmt: skip
    assert [answer["value"] for answer in found["inc/a"]["row"]] == ["other"]
    # A sealed answer is kept from this reader in a conflict too, and in the history.
    sealed = [each["answer"] for each in found["source_kind"]["standing"] if each["answer"]]
    assert [(answer["value"], answer["is_sealed"]) for answer in sealed] == [(None, True)]
    shown = [part["answer"]["path"] for section in page["sections"] for part in section["parts"] if part["answer"]]
    assert not {"voters", "source_kind"} & set(shown)

    revisions = {revision["id"]: revision for revision in page["revisions"]}
    assert (revisions[one["id"]]["reason"], revisions[waiting["id"]]["is_waiting"]) == ("correction", True)
    assert revisions[made["id"]]["changes"] == revisions[waiting["id"]]["changes"] == []
    told = {
        change["path"]: (
            [answer["value"] for answer in change["before"]], change["after"] and change["after"]["value"],
            change["is_there"],
        )
        for change in revisions[one["id"]]["changes"]
    }  # fmt: skip
    assert told == {
        "inc/a/inc_kind": (["violence"], "other", None), "voters": ([5], 7, None), "source_kind": ([None], None, None),
    }  # fmt: skip
    rows_changed = {change["path"]: change["is_there"] for change in revisions[two["id"]]["changes"]}
    assert rows_changed == {"inc/a": False, "inc/b": True, "voters": None, "source_kind": None}

    solved = await pushed(server, second, {"voters": 8, "inc": ["b"], "source_kind": "no"}, one, two)
    page = await asked(server, "coordinator", f"/submissions/{made['submission']}")
    assert page["conflicts"] == []
    changes = next(each["changes"] for each in page["revisions"] if each["id"] == solved["id"])
    before = next(change["before"] for change in changes if change["path"] == "voters")
    assert sorted(answer["value"] for answer in before) == [7, 8]
