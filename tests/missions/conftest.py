"""A small mission pack in order, for tests to spoil in one place."""

from collections.abc import Callable
from pathlib import Path

import pytest

FILES = {
    "mission.toml": """\
code = "T1"
type = "LEOM"
host = "KZ"
languages = ["en", "kk"]
default_language = "en"
zone = "Asia/Almaty"

[name]
en = "Trial"
kk = "Сынақ"

[dates]
opens_on = 2020-12-08
deploys_on = 2020-12-15
election_on = 2021-01-10
closes_on = 2021-03-26

[policy]
local_copy = "keep"

[[due]]
form = "visit"
teams = ["LTO01"]
day = "sunday"
time = "18:00"

[[due]]
form = "visit"
day = 2021-01-11
time = 09:30:00
zone = "Asia/Atyrau"
""",
    "regions.csv": """\
code,iso_2022,name_en,name_kk,centre_en,centre_kk,lon,lat,zone,valid_from,valid_to,grid_column,grid_row
KZ-AKM,KZ-11,Akmola Region,Ақмола облысы,Kokshetau,Көкшетау,69.38,53.28,Asia/Almaty,2018-06-19,,1,0
KZ-ATY,KZ-23,Atyrau Region,Атырау облысы,Atyrau,Атырау,51.88,47.12,Asia/Atyrau,2018-06-19,2022-06-07,0,0
""",
    "districts.csv": """\
code,region,kind,name_en,name_kk,lon,lat
AKM-01,KZ-AKM,city,Kokshetau city,Көкшетау қ.,69.38,53.28
ATY-02,KZ-ATY,district,Inder District,Індер ауданы,51.78,48.56
DE,,country,Germany,Германия,13.40,52.52
""",
    "teams.csv": """\
code,base_en,base_kk,regions
LTO01,Kokshetau,Көкшетау,KZ-AKM
LTO02,Atyrau,Атырау,KZ-ATY
""",
    "people.csv": """\
username,role,team,themes,name_en,name_kk
hom,head,,,Head of mission,Миссия басшысы
legal,expert,,law;cmp,Legal analyst,Заң талдаушысы
lto01a,observer,LTO01,,Observer A of LTO01,LTO01 тобының A бақылаушысы
""",
    "stations.csv": """\
# made up
number,region,district,name_en,name_kk,locality,address,lon,lat,voters
1,KZ-AKM,AKM-01,"School No. 1, Kokshetau","№1 мектеп, Көкшетау",Kokshetau,Demo 1,69.38,53.28,900
2,KZ-ATY,ATY-02,"School, Inder","Мектеп, Індер",Inder,Demo 2,51.78,48.56,300
3,,DE,"Embassy, Germany","Елшілік, Германия",Germany,Demo 3,13.40,52.52,90
""",
    "checklists/visit.md": "| survey |\n",
    "checklists/_shared.md": "| survey |\n",
}


@pytest.fixture
def small_pack(tmp_path: Path) -> Path:
    """The folder of a pack that loads: two regions, three districts (one abroad), two teams, three stations."""
    folder = tmp_path / "pack"
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def spoil(small_pack: Path) -> Callable[[str, str, str], Path]:
    """Replace a text that occurs once in a file of the pack; gives the pack's folder."""

    def replace(file: str, old: str, new: str) -> Path:
        path = small_pack / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        path.write_text(text.replace(old, new), encoding="utf-8")
        return small_pack

    return replace
