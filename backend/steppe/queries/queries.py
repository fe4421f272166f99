"""Queries as the desk may read them and as phones get them; nothing of one leaves its report's scope."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, not_, or_, true
from sqlmodel import col, select

from steppe.checklists.definition import Definition, Question
from steppe.checklists.evaluation.answers import is_empty
from steppe.checklists.marks import plain
from steppe.kit.db import ReadSession, WriteSession
from steppe.kit.problems import NotFound
from steppe.missions.models import Mission
from steppe.missions.teams import ODIHR
from steppe.people.access import DeskCaller, DeviceCaller
from steppe.people.models import Device, Person, Team, TeamRegion
from steppe.people.policy import Scope, decide
from steppe.queries.models import Query, QueryArrival, QueryStep, QueryTeam
from steppe.queries.schemas import (
    AboutOut,
    ArrivalOut,
    QueriesOut,
    QueryOut,
    QueryTeamOut,
    ReplyOut,
    RoundOut,
    TeamQuestionOut,
    TeamQuestionsOut,
)
from steppe.queries.statement import Statement
from steppe.queries.thread import Reply, Thread, thread
from steppe.submissions.models import Revision, SignedFact
from steppe.submissions.queries import definitions
from steppe.submissions.scope import last_number, scoped_submission_ids, submissions_by_id

if TYPE_CHECKING:
    from steppe.submissions.models import Submission

MOST_SHOWN = 200
Session = ReadSession | WriteSession
AnswerPlace: TypeAlias = "tuple[Submission | None, Question | None]"
"""A report, and the question answered at a place of it, as far as the reader is shown them."""


@dataclass(frozen=True, slots=True)
class About:
    """The report a query is about: whose it is, and whether the question answered there is sealed."""

    team_id: UUID
    question: Question | None

    @property
    def is_sealed(self) -> bool:
        """Whether only those who see sealed answers may know of it."""
        return bool(self.question and self.question.sealed)


@dataclass(frozen=True, slots=True)
class Asked:
    """A query and its teams."""

    query: Query
    teams: tuple[UUID, ...]


async def about(session: Session, scope: Scope, submission_id: UUID, path: str) -> About:
    """Return what a query would be about. Raises NotFound for a report or an answer the scope is not shown."""
    found, question = await _answered_at(session, scope, submission_id, path)
    if found is None:
        raise NotFound
    if path and (question is None or is_empty(found.answers.get(path)) or (question.sealed and not scope.sees_sealed)):
        raise NotFound
    return About(found.team_id, question)


async def _answered_at(session: Session, scope: Scope, submission_id: UUID, path: str) -> AnswerPlace:
    """Return a report the scope reads, and the question answered at a path of it, as far as there is such."""
    return (await _Reports.read(session, scope, [submission_id])).at(submission_id, path)


@dataclass(frozen=True, slots=True)
class _Reports:
    """Reports the scope reads, each with its checklist, read once for all lines that speak of one."""

    submissions: Mapping[UUID, Submission]
    definitions: Mapping[UUID, Definition]

    @classmethod
    async def read(cls, session: Session, scope: Scope, ids: Iterable[UUID | None]) -> _Reports:
        """Read those of these ids that there are, and that the scope is shown."""
        found = await submissions_by_id(session, scope, (one for one in ids if one is not None))
        versions = {one.checklist_version_id for one in found.values()}
        return cls(found, await definitions(session, scope.mission, versions))

    def at(self, submission_id: UUID | None, path: str) -> AnswerPlace:
        """Return the report, and the question answered at a path of it, as far as there is such."""
        found = self.submissions.get(submission_id) if submission_id else None
        definition = self.definitions.get(found.checklist_version_id) if found and path else None
        named = path.rpartition("/")[2]
        asked = (one for _, _, one in definition.questions() if one.id == named) if definition else iter(())
        return found, next(asked, None)


async def told_teams(session: Session, scope: Scope) -> dict[UUID, Team]:
    """Return the teams the scope is told of: of its regions and its origin."""
    query = select(Team).where(Team.mission_id == scope.mission).order_by(Team.code)
    if scope.origin is not None:
        query = query.where(Team.origin == scope.origin)
    if scope.regions is not None:
        own = select(TeamRegion.team_id).where(col(TeamRegion.region_code).in_(sorted(scope.regions)))
        query = query.where(col(Team.id).in_(own.join(Team).where(Team.mission_id == scope.mission)))
    return {team.id: team for team in (await session.exec(query)).all()}


async def teams_to_ask(session: Session, scope: Scope, codes: Collection[str]) -> list[UUID]:
    """Return the teams of a free query: those named, or every one told of but guests. Raises NotFound for others."""
    told = await told_teams(session, scope)
    if not codes:
        return [team.id for team in told.values() if team.origin == (scope.origin or ODIHR)]
    by_code = {team.code: team.id for team in told.values()}
    if not set(codes) <= by_code.keys():
        raise NotFound
    return sorted({by_code[code] for code in codes})


def readable_queries(scope: Scope) -> ColumnElement[bool]:
    """Return the condition on a query that the scope may read it.

    One about a report is read by whoever reads the report, and the sealed answer where it is about one. A free one is
    internal: it is read by whoever is told of one of its teams; a guest reads none that went to others as well.
    """
    of_report = col(Query.submission_id).in_(scoped_submission_ids(scope))
    mates = select(QueryTeam.query_id).join(Team).where(QueryTeam.mission_id == scope.mission)
    told: ColumnElement[bool] = true() if "internal" in scope.levels else false()
    if scope.regions is not None:
        areas = mates.join(TeamRegion, col(TeamRegion.team_id) == col(Team.id))
        told = and_(told, col(Query.id).in_(areas.where(col(TeamRegion.region_code).in_(sorted(scope.regions)))))
    if scope.origin is not None:
        told = and_(told, not_(col(Query.id).in_(mates.where(Team.origin != scope.origin))))
    is_read = or_(of_report, and_(col(Query.submission_id).is_(None), told))
    sees = true() if scope.sees_sealed else col(Query.is_sealed).is_(False)
    return and_(col(Query.mission_id) == scope.mission, is_read, sees)


async def asked(session: Session, scope: Scope, query_id: UUID) -> Asked:
    """Return a query the scope may read, with its teams. Raises NotFound."""
    found = (await session.exec(select(Query).where(readable_queries(scope), Query.id == query_id))).one_or_none()
    if found is None:
        raise NotFound
    return Asked(found, tuple((await teams_of(session, scope.mission, [query_id]))[query_id]))


async def changeable(session: Session, caller: DeskCaller, query_id: UUID) -> Asked:
    """Return a query the caller may ask again and end: their own, or any they may release. Raises NotFound."""
    found = await asked(session, caller.scope, query_id)
    if not _may_change(caller, found.query):
        raise NotFound
    return found


def _may_change(caller: DeskCaller, query: Query) -> bool:
    return query.asked_by == caller.person_id or decide(caller.scope, "release_queries")


async def teams_of(session: Session, mission_id: UUID, ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """Return the teams of queries."""
    query = select(QueryTeam).where(QueryTeam.mission_id == mission_id, col(QueryTeam.query_id).in_(list(ids)))
    teams: dict[UUID, list[UUID]] = defaultdict(list)
    for row in (await session.exec(query.order_by(col(QueryTeam.team_id)))).all():
        teams[row.query_id].append(row.team_id)
    return teams


async def steps_of(session: Session, mission_id: UUID, ids: Collection[UUID]) -> Sequence[QueryStep]:
    """Return the steps of queries."""
    query = select(QueryStep).where(QueryStep.mission_id == mission_id, col(QueryStep.query_id).in_(list(ids)))
    return (await session.exec(query)).all()


async def threads(session: Session, mission_id: UUID, ids: Collection[UUID]) -> dict[UUID, Thread]:
    """Return queries as they stand."""
    steps: dict[UUID, list[QueryStep]] = defaultdict(list)
    for step in await steps_of(session, mission_id, ids):
        steps[step.query_id].append(step)
    replies: dict[UUID, list[Reply]] = defaultdict(list)
    query = select(SignedFact).where(
        SignedFact.mission_id == mission_id, SignedFact.kind == "reply", col(SignedFact.subject_id).in_(list(ids))
    )
    facts = (await session.exec(query)).all()
    counted = await _counted_revisions(session, mission_id, facts)
    for fact in facts:
        assert fact.subject_id is not None
        replies[fact.subject_id].append(
            Reply(
                id=fact.id,
                round=fact.round or 0,
                team_id=fact.team_id,
                device_id=fact.device_id,
                text=fact.said.get("text", ""),
                revision=UUID(fact.said["revision"]) if "revision" in fact.said else None,
                is_here=fact.said.get("revision", "") in counted,
                made_at=fact.made_at,
                received_at=fact.received_at,
                seq=fact.seq,
            )
        )
    return {key: thread(steps[key], replies[key]) for key in steps}


async def _counted_revisions(session: Session, mission_id: UUID, facts: Iterable[SignedFact]) -> frozenset[str]:
    """Return which of the revisions that replies name are in the report that was asked about, and wait for nothing."""
    named = {UUID(fact.said["revision"]): fact.subject_id for fact in facts if "revision" in fact.said}
    if not named:
        return frozenset()
    query = (
        select(Revision.id, Revision.waits_for, Query.id)
        .join(Query, col(Query.submission_id) == col(Revision.submission_id))
        .where(
            Revision.mission_id == mission_id,
            Query.mission_id == mission_id,
            col(Revision.id).in_(list(named)),
            col(Query.id).in_(list(set(named.values()))),
        )
    )
    rows = (await session.exec(query)).all()
    return frozenset(str(key) for key, waits_for, asked in rows if not waits_for and named[key] == asked)


@dataclass(frozen=True, slots=True)
class OpenQuery:
    """A query about a report that waits for its team: in which round, and of which answer ("" where that is sealed)."""

    id: UUID
    submission_id: UUID
    path: str
    round: int


async def open_queries_about(session: Session, mission_id: UUID, submissions: Collection[UUID]) -> list[OpenQuery]:
    """Return the queries about these reports of the mission that went to the phones and wait for a reply."""
    query = select(Query).where(Query.mission_id == mission_id, col(Query.submission_id).in_(list(submissions)))
    found = {one.id: one for one in (await session.exec(query)).all()}
    standing, teams = await threads(session, mission_id, found), await teams_of(session, mission_id, found)
    return [
        OpenQuery(key, one.submission_id, "" if one.is_sealed else one.path, standing[key].newest.number)
        for key, one in found.items()
        if one.submission_id and standing[key].current is not None and standing[key].state(teams[key]) == "open"
    ]


async def open_by_team(session: Session, mission_id: UUID, asked: Collection[UUID]) -> dict[UUID, int]:
    """Return of each of these teams how many queries that went to its phones wait for its reply."""
    if not asked:
        return {}
    of_teams = select(QueryTeam.query_id).where(
        QueryTeam.mission_id == mission_id, col(QueryTeam.team_id).in_(sorted(asked))
    )
    every = (await session.exec(of_teams.distinct())).all()
    found, teams = await threads(session, mission_id, every), await teams_of(session, mission_id, every)
    return {
        team: sum(
            one.current is not None and team in teams[key] and one.state_for(team) == "open"
            for key, one in found.items()
        )
        for team in asked
    }


async def board(
    session: ReadSession, caller: DeskCaller, *, submission_id: UUID | None = None, query_id: UUID | None = None
) -> QueriesOut:
    """Return the queries the caller may read, the last asked first: all, those about a report, or one."""
    scope = caller.scope
    query = select(Query).where(readable_queries(scope))
    if submission_id is not None:
        query = query.where(Query.submission_id == submission_id)
    if query_id is not None:
        query = query.where(Query.id == query_id)
    found = (await session.exec(query.order_by(col(Query.asked_at).desc()).limit(MOST_SHOWN))).all()
    lines = await _Lines.read(session, caller, found)
    return QueriesOut(
        n=await last_number(session, scope),
        may_release=decide(scope, "release_queries"),
        queries=[lines.out(one) for one in found],
    )


@dataclass(frozen=True, slots=True)
class _Lines:
    """What the lines of a board need, read once for all of them."""

    caller: DeskCaller
    threads: Mapping[UUID, Thread]
    teams: Mapping[UUID, Sequence[UUID]]
    told: Mapping[UUID, Team]
    open: Mapping[UUID, int]
    devices: Mapping[UUID, Device]
    people: Mapping[UUID, Person]
    arrivals: Mapping[UUID, Sequence[QueryArrival]]
    reports: _Reports

    @classmethod
    async def read(cls, session: ReadSession, caller: DeskCaller, queries: Sequence[Query]) -> _Lines:
        """Read for these queries."""
        mission, ids = caller.mission_id, [one.id for one in queries]
        arrivals: dict[UUID, list[QueryArrival]] = defaultdict(list)
        query = select(QueryArrival).where(
            QueryArrival.mission_id == mission, col(QueryArrival.query_id).in_(list(ids))
        )
        for one in (await session.exec(query)).all():
            arrivals[one.query_id].append(one)
        standing, teams = await threads(session, mission, ids), await teams_of(session, mission, ids)
        # Whoever releases looks at what a team has to answer already; nobody else asks, and all its queries are read.
        waiting = {team for key, one in standing.items() if one.newest.released_at is None for team in teams[key]}
        devices = (await session.exec(select(Device).where(Device.mission_id == mission))).all()
        people = (await session.exec(select(Person).where(Person.mission_id == mission))).all()
        return cls(
            caller,
            standing,
            teams,
            await told_teams(session, caller.scope),
            await open_by_team(session, mission, waiting),
            {one.id: one for one in devices},
            {one.id: one for one in people},
            arrivals,
            await _Reports.read(session, caller.scope, [one.submission_id for one in queries]),
        )

    def out(self, query: Query) -> QueryOut:
        """Return one line. Teams the caller is not told of, and what they said, are left out of a free query."""
        found = self.threads[query.id]
        shown = [team for team in self.teams[query.id] if query.submission_id is not None or team in self.told]
        named = {team: self.told[team].code if team in self.told else "" for team in shown}
        return QueryOut(
            id=query.id,
            about=_about_out(self.reports.at(query.submission_id, query.path), query.path),
            theme=query.theme,
            answers=query.answers_id,
            state=found.state(shown),
            teams=sorted(
                (
                    QueryTeamOut(
                        code=named[team],
                        state=found.state_for(team),
                        phones=self._phones(query.id, found.newest.number, team),
                        open=self.open.get(team),
                    )
                    for team in shown
                ),
                key=lambda one: one.code,
            ),
            rounds=[self._round(one, named) for one in found.rounds],
            may_change=_may_change(self.caller, query),
        )

    def _phones(self, query: UUID, number: int, team: UUID) -> list[ArrivalOut]:
        return [
            ArrivalOut(phone=self.devices[one.device_id].letter, since=one.at)
            for one in sorted(self.arrivals.get(query, ()), key=lambda each: each.at)
            if one.round == number and self.devices[one.device_id].team_id == team
        ]

    def _round(self, one: Any, named: Mapping[UUID, str]) -> RoundOut:
        asker = self.people.get(one.asked_by) if one.asked_by else None
        return RoundOut(
            number=one.number,
            text=one.text,
            priority=one.priority,
            due=one.due,
            asked_by=asker.function if asker else None,
            asked_by_functions=asker.functions if asker else {},
            asked_at=one.asked_at,
            released_at=one.released_at,
            replies=[
                ReplyOut(
                    id=reply.id,
                    team=named[reply.team_id],
                    phone=self.devices[reply.device_id].letter,
                    text=reply.text,
                    revision=reply.revision,
                    is_here=reply.is_here,
                    made_at=reply.made_at,
                    received_at=reply.received_at,
                )
                for reply in one.replies
                if reply.team_id in named
            ],
        )


def _about_out(answered: AnswerPlace, path: str) -> AboutOut | None:
    found, question = answered
    if found is None:
        return None
    return AboutOut(submission=found.id, code=found.code, path=path, label=plain(question.label) if question else None)


async def team_questions(session: Session, caller: DeskCaller, fact_id: UUID | None = None) -> TeamQuestionsOut:
    """Return what teams asked headquarters, as far as the caller may read it, the last received first."""
    scope = caller.scope
    told = await told_teams(session, scope)
    of_report = col(SignedFact.subject_id).in_(scoped_submission_ids(scope))
    is_free = and_(col(SignedFact.subject_id).is_(None), true() if "internal" in scope.levels else false())
    query = (
        select(SignedFact, Device.letter)
        .join(Device, col(Device.id) == col(SignedFact.device_id))
        .where(
            SignedFact.mission_id == scope.mission,
            Device.mission_id == scope.mission,
            SignedFact.kind == "question",
            or_(of_report, and_(is_free, col(SignedFact.team_id).in_(list(told)))),
        )
    )
    if fact_id is not None:
        query = query.where(SignedFact.id == fact_id)
    answers = select(Query.answers_id, Query.id).where(readable_queries(scope), col(Query.answers_id).is_not(None))
    answered = dict((await session.exec(answers)).all())
    facts = (await session.exec(query.order_by(col(SignedFact.seq).desc()).limit(MOST_SHOWN))).all()
    reports = await _Reports.read(session, scope, [fact.subject_id for fact, _ in facts])
    lines = []
    for fact, letter in facts:
        path = fact.said.get("about", {}).get("path", "")
        report, question = reports.at(fact.subject_id, path)
        # Where nobody knows whether the answer is sealed, it is.
        if path and not scope.sees_sealed and (question is None or question.sealed):
            continue
        lines.append(
            TeamQuestionOut(
                id=fact.id,
                team=told[fact.team_id].code if fact.team_id in told else "",
                phone=letter,
                text=fact.said["text"],
                about=_about_out((report, question), path),
                made_at=fact.made_at,
                received_at=fact.received_at,
                answered_by=answered.get(fact.id),
            )
        )
    return TeamQuestionsOut(questions=lines)


async def unnoted_arrivals(session: ReadSession, caller: DeviceCaller, n: int) -> list[tuple[UUID, int]]:
    """Return query and round of what a phone has, having read the feed up to `n`, and nobody wrote down yet."""
    step, team, arrival = QueryStep, QueryTeam, QueryArrival
    noted = (
        select(arrival.query_id)
        .where(
            arrival.mission_id == caller.mission_id,
            arrival.device_id == caller.device_id,
            arrival.query_id == step.query_id,
            arrival.round == step.round,
        )
        .exists()
    )
    query = (
        select(step.query_id, step.round)
        .join(team, col(team.query_id) == col(step.query_id))
        .where(
            step.mission_id == caller.mission_id,
            team.mission_id == caller.mission_id,
            team.team_id == caller.team_id,
            step.step == "released",
            step.seq <= n,
            ~noted,
        )
        .order_by(col(step.query_id), col(step.round))
    )
    return list((await session.exec(query)).all())


async def for_phone(
    session: ReadSession, caller: DeviceCaller, mission: Mission, keys: Iterable[str]
) -> dict[str, dict[str, Any]]:
    """Return queries by their ids as a phone of the caller's team gets them, before anybody signs the statements.

    What no co-ordinator released, and what went to other teams, is not among them.
    """
    ids = [UUID(key) for key in keys]
    teams = await teams_of(session, mission.id, ids)
    own = [key for key in ids if caller.team_id in teams[key]]
    rows = (await session.exec(select(Query).where(Query.mission_id == mission.id, col(Query.id).in_(own)))).all()
    found = await threads(session, mission.id, own)
    told = {}
    for row in rows:
        one = found[row.id]
        if one.current is None:
            continue
        has_replied = any(reply.team_id == caller.team_id and reply.is_answer for reply in one.current.replies)
        told[str(row.id)] = {
            "statement": Statement(
                mission=mission.id,
                query=row.id,
                round=one.current.number,
                team=caller.team_code,
                text=one.current.text,
                theme=row.theme,
                priority=one.current.priority,
                asked_at=one.current.asked_at,
                due=one.current.due,
                submission=row.submission_id,
                path=row.path,
                answers=row.answers_id,
            ).payload(),
            "state": one.ended or ("answered" if has_replied else "open"),
        }
    return told
