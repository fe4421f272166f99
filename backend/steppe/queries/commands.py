"""Asking, releasing, asking again, ending; and what comes back with a reply after a restore."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from sqlalchemy import insert
from sqlmodel import col, select

from steppe.audit import commands as audit
from steppe.kit.clock import now
from steppe.kit.columns import table_of
from steppe.kit.db import WriteSession
from steppe.kit.ids import uuid7
from steppe.kit.problems import NotFound
from steppe.missions.feed import Changed, announce, take_numbers
from steppe.missions.models import Mission
from steppe.missions.teams import ODIHR
from steppe.people.access import DeskCaller, DeviceCaller
from steppe.people.models import Team
from steppe.people.policy import decide
from steppe.queries import queries
from steppe.queries.models import Query, QueryArrival, QueryStep, QueryTeam
from steppe.queries.problems import NobodyToAsk, NothingToRelease
from steppe.queries.queries import Asked
from steppe.queries.replying import KnownQuery
from steppe.queries.returning import Returning
from steppe.queries.schemas import QueryIn, RoundIn
from steppe.queries.statement import Statement
from steppe.submissions.commands import held_submissions
from steppe.submissions.scope import ARRIVAL, QUERY

AT_ONCE = "at_once"
"""`policy.queries` of a mission whose experts' queries leave without the co-ordinator."""


async def ask(session: WriteSession, caller: DeskCaller, asked: QueryIn, returning: Returning) -> UUID:
    """Ask, and let it go where the caller or the mission's policy does not leave that to the co-ordinator.

    Raises NotFound for a report, an answer, a team or a team's question the caller is not told of; NobodyToAsk.
    """
    await take_numbers(session, caller.mission_id, 0)
    about = await queries.about(session, caller.scope, asked.submission, asked.path) if asked.submission else None
    teams = [about.team_id] if about else await queries.teams_to_ask(session, caller.scope, asked.to)
    if asked.answers and not (await queries.team_questions(session, caller, asked.answers)).questions:
        raise NotFound
    if not teams:
        raise NobodyToAsk
    query = Query(
        id=uuid7(),
        mission_id=caller.mission_id,
        submission_id=asked.submission,
        path=asked.path if about else "",
        is_sealed=about.is_sealed if about else False,
        theme=asked.theme,
        answers_id=asked.answers,
        asked_by=caller.person_id,
        asked_at=now(),
    )
    session.add(query)
    await session.flush()
    await _add_teams(session, query, teams)
    await _ask_round(session, caller, Asked(query, tuple(teams)), 1, asked)
    await _release_where_free(session, caller, Asked(query, tuple(teams)), 1, returning)
    return query.id


async def ask_again(
    session: WriteSession, caller: DeskCaller, query_id: UUID, asked: RoundIn, returning: Returning
) -> None:
    """Begin another round: what was said before does not answer it. Raises NotFound."""
    await take_numbers(session, caller.mission_id, 0)
    found = await queries.changeable(session, caller, query_id)
    number = await _newest_round(session, found) + 1
    await _ask_round(session, caller, found, number, asked)
    await _release_where_free(session, caller, found, number, returning)


async def release(session: WriteSession, caller: DeskCaller, query_id: UUID, returning: Returning) -> None:
    """Let the newest round go to the phones. Raises NotFound, NothingToRelease."""
    await take_numbers(session, caller.mission_id, 0)
    found = await queries.asked(session, caller.scope, query_id)
    thread = (await queries.threads(session, caller.mission_id, [query_id]))[query_id]
    if thread.ended or thread.newest.released_at is not None:
        raise NothingToRelease
    await _release(session, caller, found, thread.newest.number, returning)


async def end(session: WriteSession, caller: DeskCaller, query_id: UUID, state: str) -> None:
    """Resolve or withdraw a query. Raises NotFound."""
    await take_numbers(session, caller.mission_id, 0)
    found = await queries.changeable(session, caller, query_id)
    await _add_step(session, found, state, await _newest_round(session, found), caller.person_id)
    _trace(session, caller, query_id, f"query.{state}")


async def _newest_round(session: WriteSession, found: Asked) -> int:
    return max(step.round for step in await queries.steps_of(session, found.query.mission_id, [found.query.id]))


async def _ask_round(session: WriteSession, caller: DeskCaller, found: Asked, number: int, asked: RoundIn) -> None:
    await _add_step(session, found, "asked", number, caller.person_id, asked)
    _trace(session, caller, found.query.id, "query.ask")


async def _release_where_free(
    session: WriteSession, caller: DeskCaller, found: Asked, number: int, returning: Returning
) -> None:
    mission = await session.get_one(Mission, caller.mission_id)
    if decide(caller.scope, "release_queries") or mission.policy.get("queries") == AT_ONCE:
        await _release(session, caller, found, number, returning)


async def _release(session: WriteSession, caller: DeskCaller, found: Asked, number: int, returning: Returning) -> None:
    await _add_step(session, found, "released", number, caller.person_id)
    if found.query.submission_id is not None:
        await returning(session, caller.mission_id, found.query.submission_id, found.query.id, caller.person_id)
    _trace(session, caller, found.query.id, "query.release")


async def _add_teams(session: WriteSession, query: Query, teams: Iterable[UUID]) -> None:
    rows = [{"query_id": query.id, "team_id": team, "mission_id": query.mission_id} for team in sorted(set(teams))]
    await session.execute(insert(table_of(QueryTeam)), rows)


async def _add_step(
    session: WriteSession, found: Asked, step: str, number: int, by: UUID, asked: RoundIn | None = None
) -> None:
    """Append a step, numbered as the last of the lines that tell its teams' phones and the desk of it."""
    lines = await _lines(session, found.query, found.teams)
    seq = await announce(session, found.query.mission_id, *lines) + len(lines) - 1
    row = _step_of(found.query.mission_id, found.query.id, seq, number, step)
    row.by_id = by
    if asked is not None:
        row.text, row.priority, row.due = asked.text, asked.priority, asked.due
    session.add(row)
    await session.flush()


def _step_of(mission_id: UUID, query_id: UUID, seq: int, number: int, step: str) -> QueryStep:
    return QueryStep(id=uuid7(), mission_id=mission_id, query_id=query_id, seq=seq, round=number, step=step, at=now())


async def _lines(session: WriteSession, query: Query, teams: Iterable[UUID], kind: str = QUERY) -> list[Changed]:
    """Return the feed lines of a query, one a team: as strict as its report, or as the answer it is about."""
    about = await held_submissions(session, [query.submission_id] if query.submission_id else [])
    level = query_level(query.is_sealed, [row["level"] for row in about.values()])
    region = next((row["region_code"] for row in about.values()), "")
    origins = dict((await session.exec(select(Team.id, Team.origin).where(Team.mission_id == query.mission_id))).all())
    return [Changed(kind, str(query.id), team, region, level, origins.get(team, ODIHR)) for team in sorted(set(teams))]


async def known_queries(session: WriteSession, mission_id: UUID, ids: Collection[UUID]) -> dict[UUID, KnownQuery]:
    """Return these queries, as far as the mission knows them, for replies to be held against."""
    if not ids:
        return {}
    query = select(Query).where(Query.mission_id == mission_id, col(Query.id).in_(list(ids)))
    found = (await session.exec(query)).all()
    teams = await queries.teams_of(session, mission_id, [one.id for one in found])
    rounds: dict[UUID, set[int]] = defaultdict(set)
    for step in await queries.steps_of(session, mission_id, [one.id for one in found]):
        if step.step == "released":
            rounds[step.query_id].add(step.round)
    about = await held_submissions(session, [one.submission_id for one in found if one.submission_id])
    known = {}
    for one in found:
        row = about.get(one.submission_id) if one.submission_id else None
        known[one.id] = KnownQuery(
            frozenset(teams[one.id]),
            frozenset(rounds[one.id]),
            row["region_code"] if row else "",
            query_level(one.is_sealed, [row["level"]] if row else []),
        )
    return known


def query_level(is_sealed: bool, levels: Collection[str]) -> str:
    """Return the level of a query: of its report, the strictest where a sealed answer is asked about."""
    return "sealed" if is_sealed else next(iter(levels), "internal")


def _trace(session: WriteSession, caller: DeskCaller, query_id: UUID, action: str) -> None:
    audit.record(
        session,
        mission_id=caller.mission_id,
        actor=f"person:{caller.person_id}",
        action=action,
        object_id=str(query_id),
    )


async def note_arrivals(session: WriteSession, caller: DeviceCaller, arrived: Sequence[tuple[UUID, int]]) -> None:
    """Write down that a phone has these rounds; twice changes nothing. The desk hears of it."""
    await take_numbers(session, caller.mission_id, 0)
    known = {
        (query, number)
        for query, number in (
            await session.exec(
                select(QueryArrival.query_id, QueryArrival.round).where(
                    QueryArrival.mission_id == caller.mission_id, QueryArrival.device_id == caller.device_id
                )
            )
        ).all()
    }
    new = [one for one in arrived if one not in known]
    at = now()
    rows = [
        {"query_id": query, "round": number, "device_id": caller.device_id, "mission_id": caller.mission_id, "at": at}
        for query, number in new
    ]
    if not rows:
        return
    await session.execute(insert(table_of(QueryArrival)), rows)
    for query_id in sorted({query for query, _ in new}):
        found = (
            await session.exec(select(Query).where(Query.mission_id == caller.mission_id, Query.id == query_id))
        ).one()
        await announce(session, caller.mission_id, *await _lines(session, found, [caller.team_id], ARRIVAL))


async def bring_back(session: WriteSession, mission_id: UUID, told: Sequence[tuple[Statement, UUID, int]]) -> None:
    """Write down what a restored server has forgotten and replies carry: statement, the team it was for, and a number.

    Rounds known already stay as they are. The caller holds the mission's counter.
    """
    for said, team_id, seq in told:
        query = (
            await session.exec(select(Query).where(Query.mission_id == mission_id, Query.id == said.query))
        ).one_or_none()
        if query is None:
            query = Query(
                id=said.query,
                mission_id=mission_id,
                submission_id=said.submission,
                path=said.path,
                # Which of its answers are sealed its checklist says, and that may be gone as well.
                is_sealed=bool(said.path),
                theme=said.theme,
                answers_id=said.answers,
                asked_at=said.asked_at,
            )
            session.add(query)
            await session.flush()
        teams = select(QueryTeam.team_id).where(QueryTeam.mission_id == mission_id, QueryTeam.query_id == said.query)
        if team_id not in (await session.exec(teams)).all():
            await _add_teams(session, query, [team_id])
        if said.round in {step.round for step in await queries.steps_of(session, mission_id, [said.query])}:
            continue
        row = _step_of(mission_id, said.query, seq, said.round, "asked")
        row.at, row.text, row.priority, row.due = said.asked_at, said.text, said.priority, said.due
        session.add(row)
        session.add(_step_of(mission_id, said.query, seq, said.round, "released"))
        await session.flush()
