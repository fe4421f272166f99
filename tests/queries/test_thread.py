"""A query as it stands, folded from its steps: rounds, what is current, what counts as answered."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from steppe.kit.ids import uuid7
from steppe.queries.replying import KnownQuery, is_forgotten, reply_misfit
from steppe.queries.statement import Statement, read_statement
from steppe.queries.thread import Reply, Thread, thread
from steppe.submissions.signed_fact import ReplyIn

AT = datetime(2021, 1, 10, 12, tzinfo=UTC)
OURS, THEIRS = UUID(int=1), UUID(int=2)


@dataclass
class Step:
    step: str
    round: int = 1
    seq: int = 0
    text: str = "How often?"
    by_id: UUID | None = None
    at: datetime = AT
    priority: str = "today"
    due: datetime | None = None


def reply(number: int = 1, team: UUID = OURS, seq: int = 9) -> Reply:
    return Reply(uuid7(), number, team, UUID(int=7), "Twice", None, AT, AT + timedelta(minutes=5), seq)


def folded(*steps: str | tuple[str, int], replies: tuple[Reply, ...] = ()) -> Thread:
    named = [(one, 1) if isinstance(one, str) else one for one in steps]
    return thread([Step(step, number, seq) for seq, (step, number) in enumerate(named)], replies)


def test_what_nobody_released_is_shown_on_no_phone() -> None:
    assert folded("asked").current is None
    current = folded("asked", "released").current
    assert current is not None
    assert (current.number, current.released_at) == (1, AT)


def test_a_query_is_answered_once_each_of_its_teams_replied() -> None:
    one = folded("asked", "released", replies=(reply(),))
    assert (one.state([OURS, THEIRS]), one.state_for(OURS), one.state_for(THEIRS)) == ("open", "answered", "open")
    both = folded("asked", "released", replies=(reply(), reply(team=THEIRS)))
    assert both.state([OURS, THEIRS]) == "answered"


def test_a_correction_that_is_in_no_report_answers_nothing_and_words_beside_it_do() -> None:
    missing = replace(reply(), text="", revision=uuid7(), is_here=False)
    assert folded("asked", "released", replies=(missing,)).state([OURS]) == "open"
    for answer in (replace(missing, is_here=True), replace(missing, text="Twice")):
        assert folded("asked", "released", replies=(missing, answer)).state([OURS]) == "answered"


def test_what_was_said_to_an_earlier_round_does_not_answer_the_new_one() -> None:
    one = folded("asked", "released", ("asked", 2), ("released", 2), replies=(reply(1, seq=99),))
    assert one.state([OURS]) == "open"
    assert one.current is not None
    assert (one.current.number, one.current.replies) == (2, [])
    assert [len(each.replies) for each in one.rounds] == [1, 0]


def test_a_round_that_waits_for_the_co_ordinator_leaves_the_one_before_on_the_phones() -> None:
    one = folded("asked", "released", ("asked", 2), replies=(reply(),))
    assert one.current is not None
    assert (one.current.number, one.newest.number, one.state([OURS])) == (1, 2, "open")


def test_an_end_holds_until_it_is_asked_again() -> None:
    assert folded("asked", "released", "withdrawn", replies=(reply(),)).state([OURS]) == "withdrawn"
    assert folded("asked", "released", "resolved").state([OURS]) == "resolved"
    assert folded("asked", "released", "resolved", ("asked", 2)).state([OURS]) == "open"


def test_a_reply_to_a_round_nobody_knows_counts_nowhere() -> None:
    assert folded("asked", "released", replies=(reply(2),)).state([OURS]) == "open"


@given(st.randoms())
def test_the_order_in_which_steps_are_read_changes_nothing(random: Any) -> None:
    names = [
        ("asked", 1),
        ("released", 1),
        ("resolved", 1),
        ("asked", 2),
        ("released", 2),
        ("withdrawn", 2),
        ("asked", 3),
    ]
    steps = [Step(step, number, seq) for seq, (step, number) in enumerate(names)]
    replies = [reply(1, seq=11), reply(2, seq=12), reply(2, THEIRS, 13)]
    expected = thread(steps, replies)
    random.shuffle(steps)
    random.shuffle(replies)
    assert thread(steps, replies) == expected


SAID = Statement(
    UUID(int=3), UUID(int=4), 2, "LTO01", "How often?", "ed_vote", "today", AT, AT, UUID(int=5), "box", UUID(int=6)
)
KNOWN = KnownQuery(frozenset({OURS}), frozenset({1}), "KZ-AST", "internal")


def said_to(number: int) -> ReplyIn:
    return ReplyIn("a.b.c", "Twice", None, SAID.query, number)


def test_a_statement_reads_as_it_was_signed() -> None:
    assert read_statement(SAID.payload()) == SAID
    plain = Statement(UUID(int=3), UUID(int=4), 1, "LTO01", "?", "", "this_week", AT)
    assert read_statement(plain.payload()) == plain


def test_what_the_mission_signed_is_taken_though_the_server_forgot_it() -> None:
    assert reply_misfit(said_to(2), SAID, (OURS, "LTO01"), None) is None
    assert is_forgotten(SAID, OURS, None)
    assert is_forgotten(SAID, OURS, KNOWN)
    assert not is_forgotten(SAID, OURS, KNOWN.after(SAID, OURS))
    assert is_forgotten(SAID, THEIRS, KNOWN.after(SAID, OURS))


def test_what_it_asked_another_team_is_not_taken() -> None:
    assert reply_misfit(said_to(2), SAID, (THEIRS, "LTO02"), None) == "wrong_team"
    assert reply_misfit(said_to(1), None, (THEIRS, "LTO02"), KNOWN) == "wrong_team"


def test_what_nobody_signed_has_to_be_a_round_the_server_knows() -> None:
    assert reply_misfit(said_to(1), None, (OURS, "LTO01"), KNOWN) is None
    assert reply_misfit(said_to(2), None, (OURS, "LTO01"), KNOWN) == "unknown_query"
    assert reply_misfit(said_to(1), None, (OURS, "LTO01"), None) == "unknown_query"
