"""A checklist with repeats in repeats and every type that is more than a field: XLSForm, definition and a report."""

from typing import Any

from steppe.checklists.definition import Definition, Repeat, Section
from tests.fixtures_checklist import choices, question, texts

SOURCE = b"""
| survey |
| | type | name | label | sealed |
| | start | start | | |
| | begin group | visit | Visit | |
| | text | remark | Remark | |
| | text | source_name | Who said it? | yes |
| | rank things | wishes | Wishes | |
| | range | mood | Mood | |
| | image | door | Door | |
| | geopoint | spot | Spot | |
| | hidden | colour | | |
| | time | left_at | Left at | |
| | begin group | inner | Inner | |
| | datetime | seen_at | Seen at | |
| | select_multiple things | seen | Seen | |
| | end group | | | |
| | begin repeat | room | Room | |
| | text | room_name | Name | |
| | begin repeat | person | Person | |
| | integer | age | Age | |
| | audio | voice | Voice | |
| | begin repeat | paper | Paper | |
| | text | paper_title | Title | |
| | end repeat | | | |
| | end repeat | | | |
| | decimal | width | Width | |
| | end repeat | | | |
| | end group | | | |
| choices |
| | list_name | name | label |
| | things | table | Table |
| | things | chair | Chair |
| | things | lamp | Lamp |
| settings |
| | form_title | form_id | version |
| | Rooms | rooms | 1 |
"""


DEFINITION = Definition(
    id="rooms",
    version="1",
    title=texts("Rooms"),
    short=texts("Rooms"),
    languages=("en", "ru"),
    default_language="en",
    kind="other",
    sections=(
        Section(
            id="visit",
            title=texts("Visit"),
            nodes=(
                question("start", "metadata", metadata="start"),
                question("remark", "text"),
                question("source_name", "text", sealed=True),
                question("wishes", "rank", list="things"),
                question("mood", "range"),
                question("door", "photo"),
                question("spot", "geopoint"),
                question("colour", "hidden"),
                question("left_at", "time"),
                question("seen_at", "datetime"),
                question("seen", "select_multiple", list="things"),
                Repeat(
                    id="room",
                    label=texts("Room"),
                    questions=(question("room_name", "text"), question("width", "decimal")),
                ),
                Repeat(
                    id="person",
                    label=texts("Person"),
                    inside="room",
                    after="room_name",
                    questions=(question("age", "integer"), question("voice", "audio")),
                ),
                Repeat(
                    id="paper",
                    label=texts("Paper"),
                    inside="person",
                    after="voice",
                    questions=(question("paper_title", "text"),),
                ),
            ),
        ),
    ),
    choices={"things": choices("table", "chair", "lamp")},
)

PICTURE = "ab" * 32
ANSWERS: dict[str, Any] = {
    "start": "2021-01-10T09:00+06:00",
    "remark": "<quiet> & \x0bcold",
    "source_name": "Somebody Real",
    "wishes": ["lamp", "table", "chair"],
    "mood": 7,
    "door": PICTURE,
    "spot": "51.1 71.4 0 5",
    "colour": "blue",
    "left_at": "14:05",
    "seen_at": "2021-01-10T14:05+06:00",
    "seen": ["table", "lamp"],
    "room": ["r1", "r2"],
    "room/r1/room_name": "Hall",
    "room/r1/width": 4.25,
    "room/r1/person": ["p1", "p2"],
    "room/r1/person/p1/age": 30,
    "room/r1/person/p2/age": 40,
    "room/r1/person/p2/paper": ["q1"],
    "room/r1/person/p2/paper/q1/paper_title": "Passport",
    "room/r2/room_name": "Cellar",
    "room/r2/person": ["p3"],
    "room/r2/person/p3/age": 50,
}
