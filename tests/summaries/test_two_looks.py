"""Two looks at everything a role is shown, around one report: nothing moves that the role may not read."""

import asyncio
import csv
import io
import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from steppe.kit.clock import now
from steppe.live.queries import news
from steppe.people.policy import (
    OPEN_LEVELS,
    Grant,
    ReportFacts,
    Role,
    Scope,
    decide,
    readable_levels,
    scope_of,
    whole_mission,
)
from steppe.submissions.current import LEVELS
from tests.fixtures_checklist import answers
from tests.fixtures_desk import ask, asked, give, push_reports
from tests.fixtures_phone import Phone
from tests.fixtures_server import Server

ROLES: tuple[Role, ...] = ("expert", "coordinator", "head", "admin", "auditor")
READERS: tuple[Role, ...] = ("expert", "coordinator", "head")
COUNTED_IN_SNAPSHOTS: tuple[Role, ...] = ("admin", "auditor")
EXPORTERS: tuple[Role, ...] = ("expert", "coordinator", "head", "admin")
GRANTED: dict[Role, Grant] = {
    "expert": Grant("expert", frozenset({"KZ-AST"})),
    "coordinator": Grant("coordinator", frozenset({"KZ-AKM", "KZ-SEV"})),
    # No report of this mission names a theme: nothing restricted is read by it.
    "head": Grant("expert", frozenset({"KZ-AKM"}), frozenset({"camp"})),
    "admin": Grant("admin", frozenset({"KZ-SEV"})),
}
REGIONS = ("all", "none", "KZ-AST", "KZ-AKM", "KZ-SEV")
STATIONS = {"101": "KZ-AST", "201": "KZ-AKM", "301": "KZ-SEV"}
# When a phone was last heard is the phone's, whatever it brought, and what it made and brought is told of each phone.
OF_THE_PHONE = {"last_contact_at", "last_contact_on", "waiting", "skipped"}


async def look(server: Server, role: Role, scope: Scope | None = None) -> dict[str, Any]:
    """Everything a role is shown of reports and counts: pages, tiles, days, flags, live events, the list of exports.

    `scope` is what grants make of the role; without it, the role in all of the mission.
    """
    shown: dict[str, Any] = {
        path: (await ask(server, role, path)).json()
        for path in (
            "/regions",
            "/desk/checklists",
            "/submissions",
            "/quarantine",
            "/teams",
            "/exports",
            *(f"/regions/{code}/{page}" for code in REGIONS for page in ("summary", "narratives")),
        )
    }
    for team in shown["/teams"]["teams"]:
        for fact in OF_THE_PHONE:
            team.pop(fact)
        for phone in [*team["phones"], *team["revoked"]]:
            for fact in OF_THE_PHONE & set(phone):
                phone.pop(fact)
            told = phone.pop("reports")
            # How many reports there are of a phone is for those who read some.
            if not readable_levels(role):
                assert (told["made"], told["held"], told["aside"], told["numbers"]) == (None, None, None, [])
    shown["/teams"]["teams"].sort(key=lambda team: team["code"])
    async with server.database.read():
        scope = scope or whole_mission(server.seeded.mission.id, role)
        shown["live"] = [await news(server.database, scope, after) for after in (None, 0)]
    return shown


async def exported(server: Server, role: Role) -> list[Any]:
    """The exported counts and the table of reports. They go by themselves: making one is an entry of the history."""
    book = load_workbook(io.BytesIO((await ask(server, role, "/exports/submissions.xlsx")).content), read_only=True)
    # A file says when it was made.
    sheets = [[list(row) for row in sheet.values if row[0] != "Made at"] for sheet in book.worksheets]
    text = (await ask(server, role, "/exports/submissions.csv", form="visit")).text
    return [sheets, list(csv.reader(io.StringIO(text)))]


@dataclass
class Field:
    """A mission in which reports come and become stricter, and what of it differs from each snapshot."""

    server: Server
    level_of: dict[str, str] = field(default_factory=dict)
    head_of: dict[str, str] = field(default_factory=dict)
    region_of: dict[str, str] = field(default_factory=dict)
    pending: dict[str, set[str]] = field(default_factory=dict)
    count: int = 0

    @property
    def phone(self) -> Phone:
        """The phone that sends."""
        return self.server.phones[0]

    async def send(self, level: str, station: str, *, is_edit: bool) -> set[str]:
        """Send one report, or make the newest one stricter; returns the levels it had before and has now."""
        self.count += 1
        key = next(reversed(self.level_of), "")
        if is_edit and key:
            was = self.level_of[key]
            level = max(was, level, key=LEVELS.index)
            made = self.phone.revise(
                {"conf_level": level, "voters": self.count}, submission=key, base=[self.head_of[key]]
            )
        else:
            was = level
            given = answers(conf_level=level, station=station, voters=self.count, box_sealed="no")
            made = self.phone.revise(given)
            key = json.loads(made)["submission"]
            self.region_of[key] = STATIONS[station]
        answer = await self.server.push(self.phone, self.phone.seal(made))
        assert answer["results"][0]["status"] == "stored"
        self.level_of[key], self.head_of[key] = level, json.loads(made)["id"]
        if {was, level} & set(OPEN_LEVELS):
            self.pending.setdefault(self.region_of[key], set()).add(key)
        return {was, level}

    def may_have_moved(self) -> bool:
        """Say whether enough different reports of some region have changed since its snapshot last moved."""
        full = [region for region, reports in self.pending.items() if len(reports) >= 3]
        for region in full:
            self.pending[region] = set()
        return bool(full)


STEPS = st.lists(
    st.tuples(st.sampled_from(LEVELS), st.sampled_from(sorted(STATIONS)), st.booleans()), min_size=1, max_size=6
)


def drawn(examples: int) -> list[list[tuple[str, str, bool]]]:
    """Random stories. Drawn first: hypothesis does not wait for a server."""
    stories: list[list[tuple[str, str, bool]]] = []

    @settings(max_examples=examples, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(STEPS)
    def draw(story: list[tuple[str, str, bool]]) -> None:
        stories.append(story)

    draw()
    return stories


async def test_nothing_moves_that_a_role_may_not_read(server: Server) -> None:
    mission = Field(server)
    for story in await asyncio.to_thread(drawn, 8):
        for position, (level, station, is_edit) in enumerate(story):
            # Reading a spreadsheet takes long: one of each story, around its last report.
            files = EXPORTERS if position == len(story) - 1 else ()
            exported_before = {role: await exported(server, role) for role in files}
            before = {role: await look(server, role) for role in ROLES}
            levels = await mission.send(level, station, is_edit=is_edit)
            has_moved = mission.may_have_moved()
            hidden = [
                role
                for role in ROLES
                if not (has_moved if role in COUNTED_IN_SNAPSHOTS else levels & set(readable_levels(role)))
            ]
            for role in hidden:
                assert await look(server, role) == before[role], (role, level, station, is_edit)
            for role in {*hidden} & {*files}:
                assert await exported(server, role) == exported_before[role], (role, level, station, is_edit)


async def test_nothing_moves_that_a_grant_does_not_reach(server: Server) -> None:
    seeded = server.seeded.mission.id
    for role, grant in GRANTED.items():
        themes = sorted(grant.themes) if grant.themes is not None else None
        await give(server, role, role=grant.role, regions=sorted(grant.regions or ()), themes=themes)
    scopes = {role: scope_of(seeded, role, [grant], now()) for role, grant in GRANTED.items()}
    mission = Field(server)
    for story in await asyncio.to_thread(drawn, 6):
        for level, station, is_edit in story:
            before = {role: await look(server, role, scopes[role]) for role in GRANTED}
            levels = await mission.send(level, station, is_edit=is_edit)
            region = mission.region_of[next(reversed(mission.level_of))] if is_edit else STATIONS[station]
            mission.may_have_moved()
            for role, scope in scopes.items():
                facts = [ReportFacts(seeded, region, one) for one in levels]
                if role not in COUNTED_IN_SNAPSHOTS:
                    sees = any(decide(scope, "read_reports", report) for report in facts)
                else:
                    sees = scope.has_region(region)
                moved = await look(server, role, scope) != before[role]
                assert sees or not moved, (role, level, region, is_edit)
                assert moved or not sees or role in COUNTED_IN_SNAPSHOTS, (role, level, region, is_edit)


@pytest.mark.parametrize("level", ["internal", "confidential", "sealed"])
async def test_no_export_moves_around_one_report_its_reader_may_not_read(server: Server, level: str) -> None:
    await push_reports(server, server.phones[0], *({"conf_level": one} for one in LEVELS if one != "restricted"))
    before = {role: await exported(server, role) for role in EXPORTERS}
    await push_reports(server, server.phones[0], {"conf_level": level, "box_sealed": "no"})
    for role in EXPORTERS:
        is_read = level in readable_levels(role)
        assert (await exported(server, role) != before[role]) == is_read, role


@pytest.mark.parametrize("level", LEVELS)
async def test_a_report_moves_the_counts_of_those_who_read_its_level(server: Server, level: str) -> None:
    await push_reports(server, server.phones[0], {"conf_level": level, "box_sealed": "no"})
    for role in READERS:
        page = await asked(server, role, "/regions/all/summary")
        expected = int(level in readable_levels(role))
        assert (page["reports"], page["flags"]["3"]) == (expected, expected), role
        assert (await asked(server, role, "/regions"))["critical"] == expected
        assert (await asked(server, role, "/desk/checklists"))["checklists"][0]["reports"] == expected


async def test_counts_move_by_three_different_reports_for_those_who_read_none(server: Server) -> None:
    phone = server.phones[0]
    [first] = await push_reports(server, phone, {"box_sealed": "no"})
    # The same report again and again is one report.
    for voters in (1, 2, 3):
        head = json.loads(phone.made[-1])["id"]
        await server.push(phone, phone.report({"voters": voters}, submission=first, base=[head]))
    await push_reports(server, phone, {"conf_level": "restricted"}, {"conf_level": "sealed"})
    page = await asked(server, "admin", "/regions/KZ-AST/summary")
    assert (page["small_cell"], page["reports"], page["forms"], page["flags"]["3"]) == (3, 0, [], 0)
    [tile, *_] = (await asked(server, "admin", "/regions"))["regions"]
    assert (tile["reports"], tile["is_broken_down"], tile["last_received_on"]) == (0, False, None)
    await push_reports(server, phone, {})
    page = await asked(server, "admin", "/regions/KZ-AST/summary")
    assert (page["reports"], page["flags"]["3"], page["statuses"]) == (3, 1, {})
    # Whole weeks: 10 January 2021 was a Sunday.
    assert page["forms"][0]["days"] == [{"day": "2021-01-04", "reports": 3}]
    [tile, *_] = (await asked(server, "auditor", "/regions"))["regions"]
    assert (tile["reports"], tile["is_broken_down"], tile["last_received_at"]) == (3, True, None)
    assert tile["last_received_on"] is not None
    assert (await asked(server, "admin", "/desk/checklists"))["checklists"][0]["reports"] == 3


async def test_how_much_somebody_else_exported_is_told_to_those_who_could_count_it(server: Server) -> None:
    await push_reports(server, server.phones[0], {})
    assert (await ask(server, "head", "/exports/submissions.csv", form="visit")).status_code == 200
    told = {role: (await asked(server, role, "/exports"))["exports"][0]["reports"] for role in (*READERS, "admin")}
    assert told == {"expert": 1, "coordinator": 1, "head": 1, "admin": None}
