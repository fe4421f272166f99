"""A pack is read whole: it loads in order, or every problem is named by file, line and column."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from steppe.missions.due import check_due_forms
from steppe.missions.pack import Pack, read_pack
from steppe.missions.tables import PackProblems

Spoil = Callable[[str, str, str], Path]

# file, what stands there, what is written instead, where the problem is expected, words of its text
SPOILT = [
    ("regions.csv", "KZ-ATY,KZ-23", "KZ-AKM,KZ-23", "regions.csv:3, column code", "'KZ-AKM' already stands on line 2"),
    ("regions.csv", "Asia/Atyrau", "Asia/Atirau", "regions.csv:3, column zone", "unknown time zone 'Asia/Atirau'"),
    ("regions.csv", "Asia/Atyrau", "../etc", "regions.csv:3, column zone", "unknown time zone"),
    ("regions.csv", "2022-06-07", "07.06.2022", "regions.csv:3, column valid_to", "'07.06.2022' is not a date"),
    ("regions.csv", "2022-06-07", "2012-06-07", "regions.csv:3, column valid_to", "ends before it begins"),
    ("regions.csv", "69.38", "69,38", "regions.csv:2: ", "the line has 14 cells, the header has 13"),
    ("regions.csv", "69.38", "east", "regions.csv:2, column lon", "'east' is not a number"),
    ("regions.csv", "69.38", "nan", "regions.csv:2, column lon", "out of range"),
    ("regions.csv", "53.28", "153.28", "regions.csv:2, column lat", "Give a number from -90 to 90"),
    ("regions.csv", ",0,0\n", ",1,0\n", "regions.csv:3, column grid_column", "the map tile already holds KZ-AKM"),
    ("regions.csv", "name_kk", "nmae_kk", "regions.csv:1, column nmae_kk", "Did you mean 'name_kk'?"),
    ("regions.csv", "name_kk", "nmae_kk", "regions.csv:1, column name_kk", "the column is missing"),
    ("regions.csv", "name_kk", "name_en", "regions.csv:1, column name_en", "the column occurs twice"),
    ("regions.csv", "Akmola Region", "Аkmola Region", "regions.csv:2, column name_en", "mixes Latin and Cyrillic"),
    ("regions.csv", "Akmola Region", "", "regions.csv:2, column name_en", "the cell is empty"),
    ("regions.csv", "Akmola Region", '"Akmola Region', "regions.csv:2: ", "double quote that is not closed"),
    ("districts.csv", "KZ-ATY", "KZ-ATI", "districts.csv:3, column region", "Did you mean 'KZ-ATY'?"),
    ("districts.csv", "city,K", "town,K", "districts.csv:2, column kind", "unknown kind of district 'town'"),
    ("districts.csv", "DE,,", "DE,KZ-AKM,", "districts.csv:4, column region", "a country abroad belongs to no region"),
    ("districts.csv", "DE,,", "GER,,", "districts.csv:4, column code", "'GER' is not a country code"),
    ("teams.csv", "KZ-ATY", "", "teams.csv:3, column regions", "the team has no region"),
    ("teams.csv", "KZ-ATY", "KZ-AKM", "teams.csv, column regions", "no team is responsible for region KZ-ATY"),
    ("teams.csv", "KZ-ATY", "KZ-ATY; KZ-XYZ", "teams.csv:3, column regions", "unknown region 'KZ-XYZ'"),
    ("teams.csv", "KZ-ATY", "KZ-ATY;KZ-ATY", "teams.csv:3, column regions", "'KZ-ATY' is named twice"),
    ("teams.csv", "LTO02", "LTO01", "teams.csv:3, column code", "'LTO01' already stands on line 2"),
    ("people.csv", "expert", "export", "people.csv:3, column role", "Did you mean 'expert'?"),
    ("people.csv", "law;cmp", "law;comp", "people.csv:3, column themes", "unknown theme 'comp'"),
    ("people.csv", "observer,LTO01", "observer,", "people.csv:4, column team", "an observer needs a team"),
    ("people.csv", "observer,LTO01", "observer,LTO09", "people.csv:4, column team", "unknown team 'LTO09'"),
    ("people.csv", "hom,head,,", "hom,head,LTO01,", "people.csv:2, column team", "only observers belong to a team"),
    ("people.csv", "legal,", "Legal A,", "people.csv:3, column username", "cannot be a user name"),
    ("stations.csv", "2,KZ-ATY", "1,KZ-ATY", "stations.csv:4, column number", "'1' already stands on line 3"),
    ("stations.csv", "2,KZ-ATY", "2a,KZ-ATY", "stations.csv:4, column number", "'2a' is not a station number"),
    ("stations.csv", "ATY-02", "ATY-12", "stations.csv:4, column district", "Did you mean 'ATY-02'?"),
    ("stations.csv", "2,KZ-ATY", "2,KZ-AKM", "stations.csv:4, column region", "Write KZ-ATY, or correct the district"),
    ("stations.csv", "2,KZ-ATY", "2,", "stations.csv:4, column region", "belongs to KZ-ATY, not to no region"),
    ("stations.csv", "3,,DE", "3,KZ-AKM,DE", "stations.csv:5, column region", "a station abroad belongs to no region"),
    ("stations.csv", ",300", ",300.5", "stations.csv:4, column voters", "'300.5' is not a whole number"),
    ("mission.toml", '"LEOM"', '"LEOMS"', "mission.toml:2, key type", "Did you mean 'LEOM'?"),
    ("mission.toml", "2020-12-15", '"15 Dec"', "mission.toml:14, key dates.deploys_on", "is not a date"),
    ("mission.toml", "2021-03-26", "2021-01-09", "mission.toml:16, key dates.closes_on", "before election_on"),
    ("mission.toml", "Asia/Almaty", "Almaty", "mission.toml:6, key zone", "unknown time zone 'Almaty'"),
    ("mission.toml", '"keep"', '"hold"', "mission.toml:19, key policy.local_copy", "unknown value 'hold'"),
    (
        "mission.toml",
        '"keep"',
        '"keep"\nsmall_cell = 1',
        "mission.toml:20, key policy.small_cell",
        "number from 2 to 100",
    ),
    *(
        (
            "mission.toml",
            '"keep"',
            f'"keep"\nlock_out_days = {days}',
            "mission.toml:20, key policy.lock_out_days",
            "not a number of days. Write a whole number from 3 to 365",
        )
        for days in ("2", "366", "30.5", "true", '"30"')
    ),
    ("mission.toml", "host =", "hots =", "mission.toml:3, key hots", "Did you mean 'host'?"),
    ("mission.toml", 'kk = "Сынақ"', "", "mission.toml, key name.kk", "the key is missing"),
    ("mission.toml", 'code = "T1"', "code = 1", "mission.toml:1, key code", "1 is not a text"),
    ("mission.toml", '["en", "kk"]', '"en"', "mission.toml:4, key languages", "is not a list of languages"),
    ("mission.toml", 'code = "T1"', "code = T1", "mission.toml:1: ", "not valid TOML"),
    ("mission.toml", '["LTO01"]', '["LTO09"]', "mission.toml:21, key due.teams", "unknown team 'LTO09'"),
    ("mission.toml", '["LTO01"]', '"LTO01"', "mission.toml:23, key due.teams", "is not a list of teams"),
    (
        "mission.toml",
        '"sunday"',
        '"weekly"',
        "mission.toml:24, key due.day",
        "'weekly' is not a day. Write a day of the",
    ),
    ("mission.toml", 'day = "sunday"\n', "", "mission.toml:21, key due.day", "the key is missing"),
    ("mission.toml", '"18:00"', '"25:00"', "mission.toml:25, key due.time", "'25:00' is not a time of day"),
    ("mission.toml", '"18:00"', "18", "mission.toml:25, key due.time", "'18' is not a time of day"),
    ("mission.toml", "teams =", "taems =", "mission.toml:23, key due.taems", "Did you mean 'teams'?"),
    ("mission.toml", '"visit"\nteams', "7\nteams", "mission.toml:22, key due.form", "7 is not a text"),
    ("mission.toml", "2021-01-11", "2021-01-11T10:00:00", "mission.toml:29, key due.day", "is not a day"),
    ("mission.toml", "Asia/Atyrau", "Atyrau", "mission.toml:31, key due.zone", "unknown time zone 'Atyrau'"),
]


def problems_of(folder: Path) -> list[str]:
    with pytest.raises(PackProblems) as caught:
        read_pack(folder)
    return [str(problem) for problem in caught.value.problems]


def test_a_pack_in_order_is_read_with_every_reference_resolved(small_pack: Path) -> None:
    pack = read_pack(small_pack)
    assert isinstance(pack, Pack)
    assert pack.mission.election_on == date(2021, 1, 10)
    assert [region.code for region in pack.regions] == ["KZ-AKM", "KZ-ATY"]
    assert pack.regions[1].names == {"en": "Atyrau Region", "kk": "Атырау облысы"}
    assert [team.regions for team in pack.teams] == [("KZ-AKM",), ("KZ-ATY",)]
    assert pack.people[1].themes == ("law", "cmp")
    assert [path.name for path in pack.checklists] == ["visit.md"]


def test_what_is_due_is_read_with_the_missions_zone_where_none_is_named(small_pack: Path) -> None:
    weekly, once = (entry.facts() for entry in read_pack(small_pack).mission.due)
    assert weekly == {"form": "visit", "teams": ["LTO01"], "day": "sunday", "time": "18:00", "zone": "Asia/Almaty"}
    assert once == {"form": "visit", "teams": [], "day": "2021-01-11", "time": "09:30", "zone": "Asia/Atyrau"}


def test_a_checklist_that_is_due_and_not_in_the_pack_is_named_with_its_line(small_pack: Path) -> None:
    due = read_pack(small_pack).mission.due
    check_due_forms("mission.toml", due, {"visit", "weekly"})
    with pytest.raises(
        PackProblems, match=r"mission\.toml:21, key due\.form: unknown checklist 'visit'\. Did you mean 'visits'"
    ):
        check_due_forms("mission.toml", due, {"visits"})


def test_a_station_abroad_has_a_country_and_no_region(small_pack: Path) -> None:
    station = read_pack(small_pack).stations[2]
    assert (station.number, station.region, station.district) == ("3", None, "DE")


@pytest.mark.parametrize(("file", "old", "new", "place", "words"), SPOILT)
def test_a_problem_names_its_place_and_what_to_do(
    spoil: Spoil, file: str, old: str, new: str, place: str, words: str
) -> None:
    problems = problems_of(spoil(file, old, new))
    assert [problem for problem in problems if problem.startswith(place) and words in problem], problems


def test_all_problems_of_all_files_are_told_at_once(spoil: Spoil) -> None:
    spoil("regions.csv", "Asia/Atyrau", "Asia/Atirau")
    spoil("people.csv", "expert", "export")
    spoil("stations.csv", ",300", ",many")
    files = {problem.split(":")[0] for problem in problems_of(spoil("teams.csv", "KZ-AKM", "KZ-AKX"))}
    assert files >= {"regions.csv", "people.csv", "stations.csv", "teams.csv"}


def test_an_unusable_table_makes_no_noise_in_the_tables_that_refer_to_it(small_pack: Path) -> None:
    (small_pack / "districts.csv").unlink()
    assert problems_of(small_pack) == [
        "districts.csv: the file is missing. Add it: packs/kazakhstan_2021/README.md says what a pack holds"
    ]


@pytest.mark.parametrize("mark", [";", "\t"])
def test_a_table_with_another_separator_says_which_one_is_expected(small_pack: Path, mark: str) -> None:
    path = small_pack / "teams.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",", mark), encoding="utf-8")
    assert "Separate them by commas" in "\n".join(problems_of(small_pack))


def test_utf_8_with_a_byte_order_mark_is_read(small_pack: Path) -> None:
    for path in small_pack.glob("*.*"):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(read_pack(small_pack).stations) == 3


@pytest.mark.parametrize("encoding", ["cp1251", "utf-16"])
def test_another_encoding_is_named_with_its_first_line(small_pack: Path, encoding: str) -> None:
    path = small_pack / "teams.csv"
    text = path.read_text(encoding="utf-8").replace("ө", "о").replace("қ", "к").replace("ү", "у")
    path.write_bytes(text.encode(encoding, errors="replace"))
    problems = problems_of(small_pack)
    assert len(problems) == 1
    assert problems[0].startswith(f"teams.csv:{2 if encoding == 'cp1251' else 1}: the file is not UTF-8 text. Save it")


@pytest.mark.parametrize("file", ["mission.toml", "regions.csv", "people.csv", "stations.csv"])
def test_a_missing_file_is_named(small_pack: Path, file: str) -> None:
    (small_pack / file).unlink()
    assert f"{file}: the file is missing" in "\n".join(problems_of(small_pack))


def test_an_empty_table_says_how_to_begin_it(small_pack: Path) -> None:
    (small_pack / "teams.csv").write_text("", encoding="utf-8")
    assert problems_of(small_pack) == ["teams.csv: the file is empty. Begin it with: code,base_en,base_kk,regions"]


def test_a_pack_without_a_checklist_is_not_in_order(small_pack: Path) -> None:
    (small_pack / "checklists" / "visit.md").unlink()
    assert problems_of(small_pack) == ["checklists: there is no checklist. Add an XLSForm as .xlsx, .xls or .md"]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "there is no such folder" in problems_of(tmp_path / "nowhere")[0]
