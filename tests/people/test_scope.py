"""A scope says in Python what the statements say in SQL, and a grant acts at the next request."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlmodel import col

from steppe.kit.clock import now
from steppe.people.policy import Action, Grant, ReportFacts, Role, decide, may, readable_levels, scope_of, whole_mission
from steppe.submissions.current import LEVELS
from steppe.submissions.models import Submission
from steppe.submissions.scope import scoped_submissions
from tests.fixtures_desk import ask, asked, give, push_reports
from tests.fixtures_server import Server
from tests.people.test_policy import ROLES

MISSION, OTHER = UUID(int=1), UUID(int=2)
REGIONS = ("KZ-AST", "KZ-AKM", "KZ-SEV")
THEMES = ("camp", "wom", "dis")
AT = datetime(2021, 1, 10, tzinfo=UTC)
GRANTS = st.builds(
    Grant,
    st.sampled_from(ROLES),
    st.none() | st.frozensets(st.sampled_from(("", *REGIONS))),
    st.none() | st.frozensets(st.sampled_from(THEMES)),
    st.none() | st.sampled_from([AT - timedelta(days=1), AT, AT + timedelta(days=1)]),
    st.none() | st.sampled_from([AT - timedelta(days=1), AT, AT + timedelta(days=1)]),
)


def test_a_role_without_grants_reads_its_levels_everywhere_and_nothing_of_another_mission() -> None:
    for role in ROLES:
        scope = scope_of(MISSION, role, [], AT)
        assert scope == whole_mission(MISSION, role) or not scope.actions
        for level in LEVELS:
            reads = level in readable_levels(role)
            assert decide(scope, "read_reports", ReportFacts(MISSION, "KZ-AST", level)) == reads
            assert not decide(scope, "read_reports", ReportFacts(OTHER, "KZ-AST", level))


@given(st.sampled_from(ROLES), st.lists(GRANTS, min_size=1, max_size=3))
def test_grants_give_what_those_in_force_give_and_never_more(role: Role, grants: list[Grant]) -> None:
    scope = scope_of(MISSION, role, grants, AT)
    held = [grant for grant in grants if grant.is_in_force(AT)]
    actions: tuple[Action, ...] = ("read_summaries", "read_reports", "export", "administer", "read_audit")
    for action in actions:
        assert decide(scope, action) == any(may(grant.role, action) for grant in held)
    for region in REGIONS:
        for level in LEVELS:
            report = ReportFacts(MISSION, region, level, frozenset({"wom"}))
            allowed = any(
                level in readable_levels(grant.role) and (grant.regions is None or region in grant.regions)
                for grant in held
            )
            assert allowed or not decide(scope, "read_reports", report)


def test_an_expert_reads_restricted_reports_of_their_themes_and_counts_none() -> None:
    scope = scope_of(MISSION, "observer", [Grant("expert", None, frozenset({"wom"}))], AT)
    assert decide(scope, "read_reports", ReportFacts(MISSION, "", "restricted", frozenset({"wom", "camp"})))
    assert not decide(scope, "read_reports", ReportFacts(MISSION, "", "restricted", frozenset({"camp"})))
    assert decide(scope, "read_reports", ReportFacts(MISSION, "", "internal"))
    assert [reach.levels for reach in scope.counted] == [("internal",)]


def test_a_grant_holds_from_its_first_moment_until_before_its_last() -> None:
    grant = Grant("head", since=AT, until=AT + timedelta(hours=1))
    moments = (AT - timedelta(seconds=1), AT, AT + timedelta(minutes=59), AT + timedelta(hours=1))
    assert [grant.is_in_force(at) for at in moments] == [False, True, True, False]


async def test_the_statement_and_the_decision_agree_on_every_report(server: Server) -> None:
    for level in LEVELS:
        reports = [{"conf_level": level, "station": station} for station in ("101", "201", None)]
        await push_reports(server, server.phones[0], *reports)
    mission = server.seeded.mission.id
    async with server.database.write() as session:
        keys = (await session.execute(select(col(Submission.id)).order_by(col(Submission.id)))).scalars().all()
        for place, key in enumerate(keys):
            themes = ("", " camp ", " camp wom ", " womb ")[place % 4]
            await session.execute(update(Submission).where(col(Submission.id) == key).values(themes=themes))
    async with server.database.read() as reading:
        rows = (await reading.execute(select(Submission))).scalars().all()
        facts = {
            row.id: ReportFacts(row.mission_id, row.region_code, row.level, frozenset(row.themes.split()))
            for row in rows
        }

    async def check(grants: list[Grant]) -> None:
        scope = scope_of(mission, "observer", grants, AT)
        async with server.database.read() as session:
            read = {row.id for row in (await session.exec(scoped_submissions(scope))).all()}
        by_python = {
            key
            for key, one in facts.items()
            if any(
                one.mission == mission
                and one.level in reach.levels
                and (reach.regions is None or one.region in reach.regions)
                and (reach.themes is None or reach.themes & one.themes)
                for reach in scope.reaches
            )
        }
        assert read == by_python
        if "read_reports" in scope.actions:
            assert read == {key for key, one in facts.items() if decide(scope, "read_reports", one)}

    drawn: list[list[Grant]] = []

    @settings(max_examples=60, database=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(GRANTS, max_size=3))
    def draw(grants: list[Grant]) -> None:
        drawn.append(grants)

    await asyncio.to_thread(draw)
    for grants in drawn:
        await check(grants)


async def test_a_grant_acts_at_the_next_request(server: Server) -> None:
    phone = server.phones[0]
    [here, there] = await push_reports(server, phone, {"station": "101"}, {"station": "201"})
    assert len((await asked(server, "coordinator", "/submissions"))["submissions"]) == 2
    await give(server, "coordinator", role="coordinator", regions=["KZ-AST"])
    lines = (await asked(server, "coordinator", "/submissions"))["submissions"]
    assert [line["id"] for line in lines] == [here]
    assert (await ask(server, "coordinator", f"/submissions/{there}")).status_code == 404
    assert (await ask(server, "coordinator", "/regions/KZ-AKM/summary")).status_code == 404
    assert (await asked(server, "coordinator", "/regions/all/summary"))["reports"] == 1
    assert [one["code"] for one in (await asked(server, "coordinator", "/regions"))["regions"]] == ["KZ-AST"]
    assert [one["code"] for one in (await asked(server, "coordinator", "/teams"))["teams"]] == ["LTO01"]


async def test_a_grant_that_has_run_out_leaves_nothing_of_the_role(server: Server) -> None:
    await give(server, "head", role="head", until=now() - timedelta(minutes=1))
    for path in ("/submissions", "/regions", "/teams", "/quarantine", "/exports", "/desk/checklists"):
        assert (await ask(server, "head", path)).status_code == 404, path


async def test_an_expert_with_themes_is_told_that_restricted_reports_are_not_counted(server: Server) -> None:
    await push_reports(server, server.phones[0], {"conf_level": "restricted"}, {"conf_level": "internal"})
    before = await asked(server, "expert", "/regions/all/summary")
    assert (before["reports"], before["restricted_not_counted"]) == (2, False)
    await give(server, "expert", role="expert", themes=["wom"])
    after = await asked(server, "expert", "/regions/all/summary")
    assert (after["reports"], after["restricted_not_counted"]) == (1, True)
    assert (await asked(server, "expert", "/regions"))["restricted_not_counted"]


async def test_who_works_in_some_regions_hears_of_what_was_kept_aside_from_their_teams_only(server: Server) -> None:
    await give(server, "coordinator", role="coordinator", regions=["KZ-AST"])
    own, _, other = server.phones

    async def news() -> tuple[int, int]:
        number = (await asked(server, "coordinator", "/regions"))["n"]
        return number, (await asked(server, "coordinator", "/quarantine"))["count"]

    before = await news()
    await server.push(other, "unreadable, from KZ-SEV")
    assert await news() == before
    await server.push(own, "unreadable, from KZ-AST")
    number, count = await news()
    assert (number > before[0], count) == (True, 1)
