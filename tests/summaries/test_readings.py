"""How headquarters reads questions, over the real interface: what is quoted, page by page, what is counted for whom."""

from typing import Any

import pytest

from steppe.checklists.question_reading import QuestionReading, Speech
from tests.fixtures_desk import asked, push_reports, read_as
from tests.fixtures_server import Server

QUOTED = QuestionReading(is_quoted=True)
PROTECTION = QuestionReading(is_counted=False)


async def narratives(server: Server, **params: Any) -> dict[str, Any]:
    page: dict[str, Any] = await asked(server, "expert", "/regions/all/narratives", **params)
    return page


async def test_nothing_is_quoted_that_no_sheet_marks(server: Server) -> None:
    await push_reports(server, server.phones[0], {"remarks": "A box without a seal."})
    assert await narratives(server) == {"narratives": [], "before": None}


async def test_reports_received_before_are_quoted_once_the_sheet_says_so(server: Server) -> None:
    await push_reports(server, server.phones[0], {"remarks": "A box without a seal."})
    await read_as(server, remarks=QUOTED)
    page = await narratives(server)
    assert [(one["path"], one["text"], one["themes"]) for one in page["narratives"]] == [
        ("remarks", "A box without a seal.", [])
    ]


async def test_an_entry_is_found_behind_96_newer_reports_that_hold_none(server: Server) -> None:
    await read_as(server, remarks=QUOTED)
    await push_reports(server, server.phones[0], {"remarks": "the only one"})
    for _ in range(2):
        await push_reports(server, server.phones[0], *[{"remarks": None} for _ in range(48)])
    page = await narratives(server)
    assert [one["text"] for one in page["narratives"]] == ["the only one"]
    assert page["before"] is None


async def test_an_entry_is_found_behind_more_reports_than_are_read_at_a_time(server: Server) -> None:
    await read_as(server, remarks=QUOTED)
    await push_reports(server, server.phones[0], {"remarks": "the only one"})
    for _ in range(3):
        await push_reports(server, server.phones[0], *[{"remarks": None} for _ in range(50)])
    assert [one["text"] for one in (await narratives(server))["narratives"]] == ["the only one"]


async def test_pages_hold_entries_each_once_and_there_is_more_only_when_there_is_more(server: Server) -> None:
    await read_as(server, remarks=QUOTED)
    for number in range(5):
        await push_reports(server, server.phones[0], {"remarks": f"entry {number}"}, {"remarks": None})
    read: list[str] = []
    page = await narratives(server, limit=2)
    pages = [len(page["narratives"])]
    read += [one["text"] for one in page["narratives"]]
    while page["before"] is not None:
        page = await narratives(server, limit=2, before=page["before"])
        pages.append(len(page["narratives"]))
        read += [one["text"] for one in page["narratives"]]
    assert read == [f"entry {number}" for number in (4, 3, 2, 1, 0)]
    assert pages == [2, 2, 1]
    full = await narratives(server, limit=5)
    assert (len(full["narratives"]), full["before"]) == (5, None)


async def test_entries_without_a_theme_are_asked_for_as_none(server: Server) -> None:
    await read_as(server, remarks=QUOTED)
    await push_reports(server, server.phones[0], {"remarks": "of no theme yet"})
    assert len((await narratives(server, theme="none"))["narratives"]) == 1
    assert (await narratives(server, theme="law"))["narratives"] == []


async def test_questions_about_protection_are_counted_for_co_ordinator_and_head_only(server: Server) -> None:
    await read_as(server, box_sealed=PROTECTION)
    report = {"station": "101", "box_sealed": "no", "secrecy": "no"}
    # Three: who reads no reports is given no counts of fewer.
    await push_reports(server, server.phones[0], report, report, report)
    for role in ("coordinator", "head", "expert", "admin", "auditor"):
        page = await asked(server, role, "/regions/KZ-AST/summary")
        [form] = page["forms"]
        told = "box_sealed" in {question["id"] for question in form["questions"]}
        at_a_glance = await asked(server, role, "/regions")
        [tile] = [region for region in at_a_glance["regions"] if region["code"] == "KZ-AST"]
        critical = (page["flags"]["3"], at_a_glance["critical"], tile["critical"])
        is_protecting = role in {"coordinator", "head"}
        assert (told, critical) == (is_protecting, (3, 3, 3) if is_protecting else (0, 0, 0)), role
        assert page["flags"]["2"] == 3


async def test_a_figure_is_summed_only_where_its_sheet_asks_for_a_total(server: Server) -> None:
    await push_reports(server, server.phones[0], {"voters": 900}, {"voters": 100})

    async def total() -> tuple[int, float | None]:
        [form] = (await asked(server, "expert", "/regions/all/summary"))["forms"]
        [line] = [question for question in form["questions"] if question["id"] == "voters"]
        return line["n"], line["total"]

    assert await total() == (2, None)
    await read_as(server, voters=QuestionReading(is_summed=True))
    assert await total() == (2, 1000)


@pytest.mark.parametrize(
    ("speech", "basis"),
    [
        ("observed", "seen"),
        ("documented", "document"),
        ("stated", "said"),
        ("alleged", "said"),
        ("assessment", "seen"),
        (None, "seen"),
    ],
)
async def test_a_flag_rests_on_what_the_sheet_says_of_its_question_also_in_reports_received_before(
    server: Server, speech: Speech | None, basis: str
) -> None:
    await push_reports(server, server.phones[0], {"box_sealed": "no"})
    await read_as(server, box_sealed=QuestionReading(speech=speech))
    page = await asked(server, "expert", "/regions/all/summary")
    assert {name: flags["3"] for name, flags in page["flags_by_basis"].items()} == {
        name: int(name == basis) for name in ("seen", "document", "said")
    }
    assert page["flags"]["3"] == 1
    assert (await asked(server, "expert", "/regions"))["critical"] == 1
