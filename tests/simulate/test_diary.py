from datetime import UTC, date, datetime
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from steppe.checklists.definition import Definition
from steppe.simulate.diary import Period, plan
from steppe.simulate.habits import HOLIDAYS
from steppe.simulate.scene import Place

ELECTION_DAY = date(2021, 1, 10)
ALMATY = ZoneInfo("Asia/Almaty")
WEEKS = Period(date(2020, 12, 21), ELECTION_DAY, ELECTION_DAY, "Asia/Almaty")


@given(seed=st.integers(0, 2**32), submissions=st.integers(1, 60))
def test_meetings_are_on_working_days_and_stations_on_election_day(
    definitions: dict[str, Definition], places: list[Place], seed: int, submissions: int
) -> None:
    entries = plan(WEEKS, definitions, places, submissions=submissions, rng=Random(seed))
    assert len(entries) == submissions
    for entry in entries:
        day = entry.scene.local.date()
        if definitions[entry.version].kind == "polling_station":
            assert day == ELECTION_DAY
        elif definitions[entry.version].kind == "weekly":
            assert day.weekday() == 6
            assert day != ELECTION_DAY
        else:
            assert day.weekday() < 5
            assert (day.month, day.day) not in HOLIDAYS


@given(seed=st.integers(0, 2**32))
def test_every_week_is_written_up_once_before_six_on_its_sunday(
    definitions: dict[str, Definition], places: list[Place], seed: int
) -> None:
    entries = plan(WEEKS, definitions, places, submissions=30, rng=Random(seed))
    weekly = [entry.scene for entry in entries if definitions[entry.version].kind == "weekly"]
    days = [scene.finished_at.astimezone(ALMATY).date() for scene in weekly]
    assert days == [date(2020, 12, 27), date(2021, 1, 3)]
    assert all(scene.finished_at.astimezone(ALMATY).hour < 18 for scene in weekly)


@given(seed=st.integers(0, 2**32))
def test_a_team_visits_different_stations_of_its_own_area(
    definitions: dict[str, Definition], places: list[Place], seed: int
) -> None:
    entries = plan(WEEKS, definitions, places, submissions=20, rng=Random(seed))
    visited = [entry.scene.place for entry in entries if definitions[entry.version].kind == "polling_station"]
    assert len(visited) == 8
    assert len({place.station for place in visited}) == 8
    assert {place.region for place in visited} <= {place.region for place in places}


@given(seed=st.integers(0, 2**32))
def test_reports_come_in_the_order_they_were_finished_and_none_from_the_future(
    definitions: dict[str, Definition], places: list[Place], seed: int
) -> None:
    until = datetime(2021, 1, 10, 6, tzinfo=UTC)
    entries = plan(WEEKS, definitions, places, submissions=30, rng=Random(seed), until=until)
    finished = [entry.scene.finished_at for entry in entries]
    assert finished == sorted(finished)
    assert max(finished) <= until
    assert all(entry.scene.began_at < entry.scene.finished_at for entry in entries)


def test_without_an_election_in_the_period_nobody_visits_stations(
    definitions: dict[str, Definition], places: list[Place]
) -> None:
    december = Period(date(2020, 12, 14), date(2020, 12, 20), ELECTION_DAY, "Asia/Almaty")
    entries = plan(december, definitions, places, submissions=10, rng=Random(1))
    assert "polling_station" not in {definitions[entry.version].kind for entry in entries}


@given(seed=st.integers(0, 2**32))
def test_most_reports_before_election_day_are_of_meetings(
    definitions: dict[str, Definition], places: list[Place], seed: int
) -> None:
    entries = plan(WEEKS, definitions, places, submissions=200, rng=Random(seed))
    before = [definitions[entry.version].kind for entry in entries if entry.scene.local.date() < ELECTION_DAY]
    assert before.count("meeting") > len(before) // 2
    assert before.count("flash") < len(before) // 5


@given(seed=st.integers(0, 2**32))
def test_a_team_sees_an_opening_first_and_a_count_and_the_handover_last(
    definitions: dict[str, Definition], places: list[Place], seed: int
) -> None:
    entries = plan(WEEKS, definitions, places, submissions=20, rng=Random(seed))
    begun = sorted((entry.scene.local, definitions[entry.version].id) for entry in entries)
    visits = [(moment, form) for moment, form in begun if moment.date() == ELECTION_DAY]
    forms = [form for _, form in visits]
    assert forms[0] == "polling_station_opening"
    assert forms[-2:] == ["polling_station_counting", "tabulation"]
    assert set(forms[1:-2]) == {"polling_station_voting"}
    assert visits[0][0].hour == 6
    assert all(entry.scene.finished_at.astimezone(ALMATY).date() <= ELECTION_DAY for entry in entries)
