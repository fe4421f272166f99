"""Reading a revision: canonical or not, in shape or not, and never an exception."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
import rfc8785
from hypothesis import example, given, settings
from hypothesis import strategies as st

from steppe.submissions.revision import PhoneClock, RevisionIn, parse_revision
from steppe.submissions.sealing import content_hash, make_revision
from tests.fixtures_phone import MADE_AT

DEVICE = UUID("0190aaaa-0000-7000-8000-000000000001")
ATTACHMENT = {
    "path": "photo",
    "sha256": "a" * 64,
    "size": 1000,
    "type": "image/jpeg",
    "key": "A" * 43,
    "plain_sha256": "b" * 64,
}
FACTS: dict[str, Any] = json.loads(
    make_revision(
        id="0190aaaa-0000-7000-8000-000000000002",
        submission="0190aaaa-0000-7000-8000-000000000003",
        checklist_version="0190aaaa-0000-7000-8000-000000000004",
        patch={"q": "yes"},
        team="LTO01",
        author="0190aaaa-0000-7000-8000-000000000005",
        device=str(DEVICE),
        device_seq=1,
        made_at=MADE_AT,
        tz="Asia/Almaty",
        attachments=[ATTACHMENT],
    )
)


def read(**changed: Any) -> RevisionIn | str:
    return parse_revision(rfc8785.dumps({**FACTS, **changed}), DEVICE)


def test_a_revision_reads_as_it_was_made() -> None:
    found = read(patch={"q": ["a", "b"], "n": 41.5, "cleared": None, "rep/row-1/x": "ы", "rep": ["row-1"]})
    assert isinstance(found, RevisionIn)
    assert found.patch == {"q": ["a", "b"], "n": 41.5, "cleared": None, "rep/row-1/x": "ы", "rep": ["row-1"]}
    assert found.made_at == MADE_AT
    assert found.attachments[0].size == 1000


def test_an_attachment_may_belong_to_a_row_within_rows() -> None:
    path = "room/r1/person/p2/paper/q1/scan"
    found = read(attachments=[{**ATTACHMENT, "path": path}])
    assert isinstance(found, RevisionIn)
    assert found.attachments[0].path == path


def test_the_hash_is_of_the_canonical_bytes() -> None:
    canonical = rfc8785.dumps(FACTS)
    found = parse_revision(canonical, DEVICE)
    assert isinstance(found, RevisionIn)
    assert found.hash == content_hash(canonical)


@pytest.mark.parametrize(
    "changed",
    [
        {"id": "not-an-id"},
        {"id": FACTS["id"].upper()},
        {"id": None},
        {"submission": 7},
        {"base": "x"},
        {"base": ["x"]},
        {"base": [FACTS["id"]] * 65},
        {"checklist_version": ""},
        {"patch": []},
        {"patch": {"q": "with \x00"}},
        {"patch": {"q": ["with \x00"]}},
        {"state": "draft"},
        {"attachments": {}},
        {"attachments": [{**ATTACHMENT, "size": 0}]},
        {"attachments": [{**ATTACHMENT, "size": 21 * 1024 * 1024}]},
        {"attachments": [{**ATTACHMENT, "more": 1}]},
        {"attachments": [{**ATTACHMENT, "path": "room/r1"}]},
        {"attachments": [{**ATTACHMENT, "path": "room/r 1/scan"}]},
        {"attachments": [{**ATTACHMENT, "path": "q" + "/r/q" * 9}]},
        {"attachments": [ATTACHMENT, ATTACHMENT]},
        {"team": "LTO 01"},
        {"device": FACTS["id"]},
        {"device_seq": 0},
        {"device_seq": 2**31},
        {"device_seq": "1"},
        {"device_seq": True},
        {"made_at": "2021-01-10"},
        {"made_at": "2021-01-10T09:15:00Z"},
        {"made_at": "2021-13-10T09:15:00.000Z"},
        {"made_at": "9999-12-31T23:59:59.999Z"},
        {"made_at": "0000-01-01T00:00:00.000Z"},
        {"made_at": "0001-01-01T00:00:00.000Z"},
        {"tz": 6},
        {"prev_hash": "short"},
        {"extra": 1},
        {"clock": None},
        {"clock": {"ahead": 5}},
        {"clock": {"ahead": 5, "within": -1}},
        {"clock": {"ahead": 5.5, "within": 1}},
        {"clock": {"ahead": 1e20, "within": 1}},
        {"clock": {"ahead": 5, "within": 1, "more": 1}},
    ],
)
def test_what_is_no_revision_is_said_to_be_none(changed: dict[str, Any]) -> None:
    assert read(**changed) == "bad_revision"


@pytest.mark.parametrize("year", ["0002", "1899", "1970", "2100", "9998"])
def test_a_report_is_taken_whatever_year_the_phones_clock_says(year: str) -> None:
    found = read(made_at=f"{year}-12-31T23:59:59.999Z")
    assert isinstance(found, RevisionIn)
    assert found.made_at.year == int(year)


@pytest.mark.parametrize("ahead", [-86_400_000, 0, 100_000, 150_000, 10**15, -(10**15), 2**53 - 1])
def test_a_revision_tells_how_its_phones_clock_stood_and_no_year_is_too_far(ahead: int) -> None:
    found = read(clock={"ahead": ahead, "within": 400})
    assert isinstance(found, RevisionIn)
    assert found.clock == PhoneClock(ahead_ms=ahead, within_ms=400)
    # Up to two minutes a clock is right.
    is_corrected = 120_000 < abs(ahead) < 10**12
    expected = MADE_AT - timedelta(milliseconds=ahead) if is_corrected else MADE_AT
    assert found.finished_at == expected


@pytest.mark.parametrize("value", [[], 7, "x", None, True, {}])
def test_json_that_is_no_object_is_no_revision(value: Any) -> None:
    assert parse_revision(rfc8785.dumps(value), DEVICE) == "bad_revision"


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ('"q":"yes"', '"q": "yes"'),
        ('"q":"yes"', '"q":"\\u0079es"'),
        ('"q":"yes"', '"q":1.0'),
        ('"q":"yes"', '"q":1e2'),
        ('"q":"yes"', '"q":-0.0'),
        ('"q":"yes"', '"q":0.10'),
        ('"q":"yes"', '"q":1e-7,"q":1e-7'),
        ('"q":"yes"', '"q":NaN'),
        ('"q":"yes"', '"q":9007199254740993'),
        ('"q":"yes"', '"q":123456789012345678901234567890'),
        ('"q":"yes"', '"q":"yes","q":"no"'),
        ('"q":"yes"', '"q":"\\ud800"'),
        ('"q":"yes"', '"z":"1","q":"2"'),
        ('"q":"yes"', '"q":' + "[" * 5000 + "]" * 5000),
        ('"q":"yes"', '"q":' + "[" * 300 + "]" * 300),
        ("{", "\ufeff{"),
        ("}", "} "),
    ],
)
def test_bytes_that_are_not_canonical_are_told(given: str, written: str) -> None:
    text = rfc8785.dumps(FACTS).decode()
    assert given in text
    assert parse_revision(text.replace(given, written, 1).encode(), DEVICE) == "not_canonical"


def test_bytes_that_are_not_utf8_are_not_canonical() -> None:
    assert parse_revision(rfc8785.dumps(FACTS).replace(b"yes", b"\xff\xfe"), DEVICE) == "not_canonical"


numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53) + 1, 2**53 - 1)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
paths = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\x00"), min_size=1, max_size=8)


@settings(max_examples=400)
@given(st.dictionaries(paths, numbers | texts | st.lists(texts, max_size=3) | st.none(), max_size=6))
@example({"a": 1e21, "b": 1e-7, "c": 5e-324, "d": -0.0, "e": 1e16})
@example({"\U0001f600": 1, "\uffee": 2, "ы": 3})
@example({"q": '\b\t\n\f\r"\\\x1f\x7f\u2028'})
@example({"q": "\\u0000"})
def test_the_quick_proof_of_canonicality_agrees_with_rfc_8785(patch: dict[str, Any]) -> None:
    found = read(patch=patch)
    assert isinstance(found, RevisionIn)
    assert found.patch == patch


@settings(max_examples=400)
@given(st.dictionaries(paths, numbers | texts, min_size=1, max_size=6))
def test_what_another_writer_writes_passes_only_when_it_is_canonical(patch: dict[str, Any]) -> None:
    """orjson sorts keys and writes some floats otherwise: exactly then its bytes must not pass."""
    value = {**FACTS, "patch": patch}
    written = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    found = parse_revision(written, DEVICE)
    assert (found == "not_canonical") == (written != rfc8785.dumps(value))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(sorted(FACTS)), json_values, max_size=4))
def test_no_revision_can_make_reading_fail(changed: dict[str, Any]) -> None:
    written = json.dumps({**FACTS, **changed}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    parse_revision(written.encode("utf-8", "surrogatepass"), DEVICE)


@given(st.binary(max_size=200))
def test_no_bytes_can_make_reading_fail(raw: bytes) -> None:
    assert parse_revision(raw, DEVICE) in {"not_canonical", "bad_revision"}
