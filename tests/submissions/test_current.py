"""What a submission is, derived from its revisions: place, day, level, flags."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from steppe.checklists.definition import Definition, Repeat
from steppe.kit.ids import uuid7
from steppe.submissions.current import Author, SubmissionRow, level_after, project
from steppe.submissions.place_index import PlaceIndex
from steppe.submissions.revision import RevisionIn, parse_revision
from steppe.submissions.sealing import make_revision
from tests.fixtures_checklist import DEFINITION, answers, question
from tests.fixtures_phone import MADE_AT

DEVICE, SUBMISSION, VERSION = uuid7(), uuid7(), uuid7()
AUTHOR = Author(DEVICE, "B", uuid7(), "LTO05", uuid7())
PLACES = PlaceIndex(
    uuid7(),
    "Asia/Almaty",
    frozenset({"KZ-AST", "KZ-AKM"}),
    {"AST-01": "KZ-AST", "AKM-01": "KZ-AKM"},
    {"101": ("KZ-AST", "AST-01"), "66": ("", "")},
)


def revision(
    patch: dict[str, Any],
    seq: int = 17,
    made_at: datetime = MADE_AT,
    tz: str = "Asia/Almaty",
    clock: dict[str, int] | None = None,
) -> RevisionIn:
    found = parse_revision(
        make_revision(
            id=str(uuid7()),
            submission=str(SUBMISSION),
            checklist_version=str(VERSION),
            patch=patch,
            team="LTO05",
            author=str(AUTHOR.person_id),
            device=str(DEVICE),
            device_seq=seq,
            made_at=made_at,
            tz=tz,
            clock=clock,
        ),
        DEVICE,
    )
    assert isinstance(found, RevisionIn)
    return found


def first(patch: dict[str, Any], **changed: Any) -> SubmissionRow:
    return project(DEFINITION, revision(patch, **changed), AUTHOR, PLACES)


def test_a_code_names_team_device_and_the_first_number() -> None:
    made = first(answers())
    assert made["code"] == "LTO05-B017"
    assert project(DEFINITION, revision({}, seq=18), AUTHOR, PLACES, made)["code"] == "LTO05-B017"


@pytest.mark.parametrize(
    ("station", "expected"),
    [
        ("101", ("KZ-AST", "AST-01", "101")),
        ("66", ("", "", "66")),
        ("9999", ("", "", "9999")),
        (None, ("", "", "")),
    ],
)
def test_a_station_places_a_report_and_nothing_stands_in_for_an_unknown_one(
    station: str | None, expected: tuple[str, str, str]
) -> None:
    made = first(answers(station=station))
    assert (made["region_code"], made["district_code"], made["place"]) == expected


def test_an_edit_that_says_nothing_of_the_place_keeps_it() -> None:
    made = first(answers())
    elsewhere = PlaceIndex(PLACES.mission_id, PLACES.zone)
    edited = project(DEFINITION, revision({"voters": 1}), AUTHOR, elsewhere, made)
    assert (edited["region_code"], edited["place"]) == ("KZ-AST", "101")
    cleared = project(DEFINITION, revision({"station": None}), AUTHOR, PLACES, made)
    assert (cleared["region_code"], cleared["place"]) == ("", "")


def located(kind: str) -> Definition:
    """The checklist of the tests, placed by a question for a `kind` of place instead of a station."""
    start, *rest = DEFINITION.sections
    place = question("where", "text", location=kind)
    sections = (start.model_copy(update={"nodes": (place, *start.nodes[1:])}), *rest)
    return DEFINITION.model_copy(update={"location": "where", "sections": sections})


def asked_thrice() -> Definition:
    """The checklist of the tests, its first section asking for region, district and station."""
    start, *rest = DEFINITION.sections
    asked = (question("region", "text", location="region"), question("district", "text", location="district"))
    section = start.model_copy(update={"nodes": (*asked, *start.nodes)})
    return DEFINITION.model_copy(update={"sections": (section, *rest)})


@pytest.mark.parametrize(
    ("named", "flagged"),
    [
        ({"station": "101", "district": "AST-01", "region": "KZ-AST"}, []),
        ({"station": "101", "district": "AKM-01", "region": "KZ-AST"}, ["district"]),
        ({"station": "101", "district": "AKM-01", "region": "KZ-AKM"}, ["district", "region"]),
        ({"station": None, "district": "AKM-01", "region": "KZ-AST"}, ["region"]),
        ({"station": "66", "district": "AKM-01", "region": "KZ-AST"}, ["region"]),
        ({"station": "66", "district": "AKM-01"}, []),
        ({"station": "101", "district": None, "region": None}, []),
    ],
)
def test_a_district_or_region_that_the_finer_place_contradicts_is_flagged(
    named: dict[str, Any], flagged: list[str]
) -> None:
    made = project(asked_thrice(), revision(answers(**named)), AUTHOR, PLACES)
    told = [flag for flag in made["flags"] if flag["kind"] == "other_place"]
    assert [flag["path"] for flag in told] == flagged
    assert not any(flag["severity"] for flag in told)


def test_an_edit_clears_a_contradiction_and_one_of_other_answers_keeps_it() -> None:
    form = asked_thrice()
    made = project(form, revision(answers(station="101", district="AKM-01")), AUTHOR, PLACES)
    elsewhere = PlaceIndex(PLACES.mission_id, PLACES.zone)
    kept = project(form, revision({"voters": 1}), AUTHOR, elsewhere, made)
    assert [flag["path"] for flag in kept["flags"] if flag["kind"] == "other_place"] == ["district"]
    cleared = project(form, revision({"district": "AST-01"}), AUTHOR, PLACES, kept)
    assert not [flag for flag in cleared["flags"] if flag["kind"] == "other_place"]


def test_places_of_a_row_are_held_against_each_other_and_not_against_those_outside() -> None:
    (start, *rest), rows = DEFINITION.sections, uuid7()
    asked = (question("d", "text", location="district"), question("r", "text", location="region"))
    visits = Repeat(repeat=True, id="visits", label={"en": "Visits"}, questions=asked)
    section = start.model_copy(update={"nodes": (*start.nodes, visits)})
    form = DEFINITION.model_copy(update={"sections": (section, *rest)})
    row = f"visits/{rows}"
    patch = answers(station="101", **{"visits": [str(rows)], f"{row}/d": "AKM-01", f"{row}/r": "KZ-AST"})
    made = project(form, revision(patch), AUTHOR, PLACES)
    assert [flag["path"] for flag in made["flags"] if flag["kind"] == "other_place"] == [f"{row}/r"]


@pytest.mark.parametrize(
    ("kind", "code", "expected"),
    [
        ("district", "AKM-01", ("KZ-AKM", "AKM-01", "Kosshy")),
        ("district", "ELSE-01", ("", "ELSE-01", "Kosshy")),
        ("region", "KZ-AKM", ("KZ-AKM", "", "Kosshy")),
        ("region", "KZ-NONE", ("", "", "Kosshy")),
    ],
)
def test_a_report_is_placed_in_the_region_of_its_district_and_nowhere_when_that_is_unknown(
    kind: str, code: str, expected: tuple[str, str, str]
) -> None:
    patch = answers(station=None, where=code, locality="Kosshy")
    made = project(located(kind), revision(patch), AUTHOR, PLACES)
    assert (made["region_code"], made["district_code"], made["place"]) == expected
    moved = project(
        located(kind), revision({"where": "KZ-AST" if kind == "region" else "AST-01"}), AUTHOR, PLACES, made
    )
    assert moved["region_code"] == "KZ-AST"


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        ({"station": "101", "region": "KZ-AKM"}, ("KZ-AST", "AST-01", "101")),
        ({"station": None, "district": "AKM-01", "region": "KZ-AST"}, ("KZ-AKM", "AKM-01", "")),
        ({"station": None, "region": "KZ-AKM"}, ("KZ-AKM", "", "")),
    ],
)
def test_without_its_own_place_a_report_is_placed_by_the_finest_one_that_was_answered(
    patch: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    start, *rest = DEFINITION.sections
    coarser = (question("region", "text", location="region"), question("district", "text", location="district"))
    asks_all = DEFINITION.model_copy(
        update={"sections": (start.model_copy(update={"nodes": (*coarser, *start.nodes)}), *rest)}
    )
    made = project(asks_all, revision(answers(**patch)), AUTHOR, PLACES)
    assert (made["region_code"], made["district_code"], made["place"]) == expected
    moved = project(asks_all, revision({"station": None, "district": None, "region": "KZ-AST"}), AUTHOR, PLACES, made)
    assert moved["region_code"] == "KZ-AST"


def test_the_day_is_the_one_the_observers_gave() -> None:
    assert first(answers())["observed_on"] == date(2021, 1, 10)


def test_without_a_day_the_phone_s_day_at_its_place_counts() -> None:
    late = datetime.fromisoformat("2021-01-09T20:30:00+00:00")
    assert first(answers(observed_start=None), made_at=late)["observed_on"] == date(2021, 1, 10)
    assert first(answers(observed_start=None), made_at=late, tz="Europe/Warsaw")["observed_on"] == date(2021, 1, 9)
    for strange in ("Nowhere/Else", "Europe", "../../etc/passwd"):
        assert first(answers(observed_start=None), made_at=late, tz=strange)["observed_on"] == date(2021, 1, 10)


@pytest.mark.parametrize("days", [1, -1, 365, -365])
def test_a_phone_that_knew_its_clock_was_wrong_does_not_move_the_day(days: int) -> None:
    off = timedelta(days=days)
    clock = {"ahead": off // timedelta(milliseconds=1), "within": 200}
    row = first(answers(observed_start=None), made_at=MADE_AT + off, clock=clock)
    assert row["observed_on"] == MADE_AT.date()


@pytest.mark.parametrize("level", ["internal", "restricted", "confidential", "sealed"])
def test_the_level_is_the_one_the_observers_chose(level: str) -> None:
    assert first(answers(conf_level=level))["level"] == level


def test_a_report_without_a_level_is_internal() -> None:
    assert first(answers(conf_level=None))["level"] == "internal"


@pytest.mark.parametrize("answered", ["secret", "SEALED", "", 3, ["internal"], {"internal": 1}, True])
def test_a_level_nobody_knows_closes_the_report_and_says_why(answered: object) -> None:
    made = first(answers(conf_level=answered))
    assert made["level"] == "sealed"
    assert made["flags"][0]["kind"] == "unknown_level"
    corrected = project(DEFINITION, revision({"conf_level": "internal"}), AUTHOR, PLACES, made)
    assert corrected["level"] == "sealed"
    assert [flag["kind"] for flag in corrected["flags"]] == ["unknown_level"]


def test_a_later_revision_raises_the_level_and_never_lowers_it() -> None:
    levels = ["internal", "restricted", "internal", "confidential", None, "sealed", "restricted", "internal"]
    expected = ["internal", "restricted", "restricted", "confidential", "confidential", "sealed", "sealed", "sealed"]
    made: SubmissionRow | None = None
    for answered, level in zip(levels, expected, strict=True):
        made = project(DEFINITION, revision({"conf_level": answered}), AUTHOR, PLACES, made)
        assert made["level"] == level


def test_the_level_after_a_revision_is_the_strictest_of_before_and_answered() -> None:
    order = ("internal", "restricted", "confidential", "sealed")
    for before in (None, *order):
        for answered in (None, *order):
            ranks = [order.index(one) for one in (before, answered) if one]
            assert level_after(before, answered) == order[max(ranks, default=0)]


def test_flags_and_the_worst_severity_follow_the_answers() -> None:
    made = first(answers(box_sealed="no", unauthorised=["police"], added=2000))
    assert [(flag["question"], flag["severity"]) for flag in made["flags"]] == [
        ("box_sealed", 3),
        ("unauthorised", 2),
        ("added", 1),
    ]
    assert made["severity"] == 3
    assert project(DEFINITION, revision({"box_sealed": "yes"}), AUTHOR, PLACES, made)["severity"] == 2


def test_a_flag_of_a_sealed_question_does_not_tell_the_answer() -> None:
    sections = tuple(
        section.model_copy(
            update={
                "nodes": tuple(
                    node.model_copy(update={"negative": {"yes": 2}}) if node.id == "source_kind" else node
                    for node in section.nodes
                )
            }
        )
        for section in DEFINITION.sections
    )
    definition = DEFINITION.model_copy(update={"sections": sections})
    [flag] = project(definition, revision(answers()), AUTHOR, PLACES)["flags"]
    assert flag["question"] == "source_kind"
    assert "answer" not in flag


def test_a_patch_clears_with_null_and_keeps_the_rest() -> None:
    made = first(answers())
    edited = project(DEFINITION, revision({"remarks": None, "voters": 1}), AUTHOR, PLACES, made)
    assert edited["answers"] == answers(remarks=None, voters=1)
    assert made["answers"] == answers()
    assert isinstance(edited["head_revision_id"], UUID)
