"""Reading a signed fact: told from a revision, in shape or not, and never an exception."""

from typing import Any
from uuid import UUID

import orjson
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from steppe.kit.clock import iso
from steppe.submissions.revision import PhoneClock, RevisionIn
from steppe.submissions.sealing import b64u, content_hash
from steppe.submissions.signed_fact import (
    LONGEST_TEXT,
    ConfirmationIn,
    QuestionIn,
    ReplyIn,
    SignedFactIn,
    WithdrawalIn,
    parse_made,
)
from tests.fixtures_phone import MADE_AT
from tests.submissions.test_revision import DEVICE, FACTS

HEAD = "0190aaaa-0000-7000-8000-000000000009"
OTHER = "0190aaaa-0000-7000-8000-000000000008"
QUERY = "0190aaaa-0000-7000-8000-00000000000a"
STATEMENT = f"eyJh.{b64u(orjson.dumps({'query': QUERY, 'round': 2}))}.{'A' * 86}"
COMMON: dict[str, Any] = {
    "id": "0190aaaa-0000-7000-8000-000000000007",
    "team": "LTO01",
    "author": "0190aaaa-0000-7000-8000-000000000005",
    "device": str(DEVICE),
    "device_seq": 2,
    "made_at": iso(MADE_AT),
    "tz": "Asia/Almaty",
    "prev_hash": "A" * 43,
}
SAID: dict[str, dict[str, Any]] = {
    "reply": {"query": STATEMENT, "text": "Да, по три раза"},
    "question": {"text": "May we enter after the count?"},
    "withdrawal": {"submission": HEAD, "heads": [HEAD], "reason": "twice"},
    "confirmation": {
        "submission": HEAD,
        "heads": [HEAD],
        "answers": {"box_sealed": "confirms", "inc/r1/what": "dissents"},
    },
}


def read(kind: str, /, **changed: Any) -> Any:
    return parse_made(rfc8785.dumps({**COMMON, "kind": kind, **SAID.get(kind, {}), **changed}), DEVICE)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("reply", ReplyIn(STATEMENT, "Да, по три раза", None, UUID(QUERY), 2)),
        ("question", QuestionIn("May we enter after the count?", None, "")),
        ("withdrawal", WithdrawalIn(UUID(HEAD), (HEAD,), "twice", "")),
        (
            "confirmation",
            ConfirmationIn(UUID(HEAD), (HEAD,), {"box_sealed": "confirms", "inc/r1/what": "dissents"}, ""),
        ),
    ],
)
def test_a_fact_reads_as_it_was_made(kind: str, content: Any) -> None:
    found = read(kind, clock={"ahead": 5, "within": 1})
    assert isinstance(found, SignedFactIn)
    assert (found.kind, found.content, found.said) == (kind, content, SAID[kind])
    assert (found.device_seq, found.made_at, found.clock) == (2, MADE_AT, PhoneClock(5, 1))
    assert found.hash == content_hash(
        rfc8785.dumps({**COMMON, "kind": kind, **SAID[kind], "clock": {"ahead": 5, "within": 1}})
    )


def test_a_question_names_its_report_and_its_answer() -> None:
    found = read("question", about={"submission": HEAD, "path": "inc/r1/what"})
    assert found.content == QuestionIn("May we enter after the count?", UUID(HEAD), "inc/r1/what")


def test_a_reply_may_be_a_revision_alone() -> None:
    found = parse_made(rfc8785.dumps({**COMMON, "kind": "reply", "query": STATEMENT, "revision": HEAD}), DEVICE)
    assert isinstance(found, SignedFactIn)
    assert found.content == ReplyIn(STATEMENT, "", UUID(HEAD), UUID(QUERY), 2)


def test_a_revision_stays_a_revision_whatever_its_answers_are_called() -> None:
    found = parse_made(rfc8785.dumps({**FACTS, "patch": {"kind": "reply"}}), DEVICE)
    assert isinstance(found, RevisionIn)


def test_a_kind_of_a_later_version_is_a_fact_without_content() -> None:
    found = read("handover", to="somebody")
    assert isinstance(found, SignedFactIn)
    assert (found.kind, found.content, found.said) == ("handover", None, {"to": "somebody"})


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        ("reply", {"query": "not.a.jws"}),
        ("reply", {"query": f"eyJh.eyJi.{'A' * 86}"}),
        ("reply", {"query": f"eyJh.{b64u(orjson.dumps([]))}.{'A' * 86}"}),
        ("reply", {"query": f"eyJh.{b64u(orjson.dumps({'query': QUERY, 'round': 0}))}.{'A' * 86}"}),
        ("reply", {"query": STATEMENT + "A" * 64 * 1024}),
        ("reply", {"text": "  "}),
        ("reply", {"text": "x" * (LONGEST_TEXT + 1)}),
        ("reply", {"text": "with \x00"}),
        ("reply", {"revision": "x"}),
        ("reply", {"more": 1}),
        ("question", {"about": {"path": "box_sealed"}}),
        ("question", {"about": {"submission": HEAD, "path": "inc/r1"}}),
        ("question", {"about": None}),
        ("question", {"text": ["x"]}),
        ("withdrawal", {"heads": []}),
        ("withdrawal", {"heads": [HEAD, HEAD]}),
        ("withdrawal", {"reason": "bored"}),
        ("withdrawal", {"reason": ["mistake"]}),
        ("confirmation", {"answers": {}}),
        ("confirmation", {"answers": {"box_sealed": "maybe"}}),
        ("confirmation", {"answers": {"inc/r1": "confirms"}}),
        ("question", {"kind": "Question"}),
        ("question", {"kind": 7}),
        ("question", {"device": HEAD}),
        ("question", {"device_seq": 0}),
        ("question", {"made_at": "2021-01-10"}),
        ("question", {"clock": {"ahead": 5}}),
        ("question", {"prev_hash": "short"}),
    ],
)
def test_what_is_no_fact_is_said_to_be_none(kind: str, changed: dict[str, Any]) -> None:
    assert read(kind, **changed) == "bad_fact"


@pytest.mark.parametrize("member", sorted(COMMON))
def test_a_fact_without_one_of_its_members_is_none(member: str) -> None:
    value = {name: one for name, one in {**COMMON, "kind": "question", "text": "x"}.items() if name != member}
    assert parse_made(rfc8785.dumps(value), DEVICE) == "bad_fact"


def test_a_reply_of_nothing_is_none() -> None:
    assert parse_made(rfc8785.dumps({**COMMON, "kind": "reply", "query": STATEMENT}), DEVICE) == "bad_fact"


def test_a_fact_that_is_not_canonical_is_said_so() -> None:
    canonical = rfc8785.dumps({**COMMON, "kind": "question", "text": "x"})
    assert parse_made(canonical.replace(b'"kind":', b'"kind": '), DEVICE) == "not_canonical"


_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(
    kind=st.sampled_from(sorted(SAID)),
    member=st.sampled_from([*COMMON, "query", "text", "about", "heads", "answers"]),
    value=_json,
)
def test_whatever_a_phone_signs_is_read_or_refused(kind: str, member: str, value: Any) -> None:
    found = read(kind, **{member: value})
    assert isinstance(found, SignedFactIn) or found in {"bad_fact", "not_canonical"}
