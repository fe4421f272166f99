"""The checklist of the tests: one question of every kind that counts, flags, places, dates or seals."""

from typing import Any

from steppe.checklists.definition import Choice, Definition, Question, Repeat, Section


def texts(text: str) -> dict[str, str]:
    return {"en": text, "ru": f"{text} (ru)"}


def choices(*names: str) -> tuple[Choice, ...]:
    return tuple(Choice(name=name, label=texts(name)) for name in names)


def question(name: str, kind: str, **extra: Any) -> Question:
    return Question.model_validate({"id": name, "type": kind, "label": texts(name), **extra})


DEFINITION = Definition(
    id="visit",
    version="2021-01-05",
    title=texts("Station visit"),
    short=texts("Visit"),
    languages=("en", "ru"),
    default_language="en",
    kind="polling_station",
    location="station",
    sections=(
        Section(
            id="start",
            title=texts("Start"),
            nodes=(
                question("station", "text", location="station"),
                question("observed_start", "datetime"),
                question("conf_level", "select_one", list="conf"),
            ),
        ),
        Section(
            id="voting",
            title=texts("Voting"),
            nodes=(
                question("box_sealed", "select_one", list="yno", theme="ed_vote", negative={"no": 3}),
                question("secrecy", "select_one", list="yno", theme="ed_vote", negative={"no": 2}),
                question("unauthorised", "select_multiple", list="persons", theme="ed_vote", negative={"any": 2}),
                question("voters", "integer", theme="ed_vote"),
                question("added", "integer", soft=["<=", ["self"], ["ref", "voters"]], negative={"fail": 1}),
                question("turnout", "decimal"),
                question("source_name", "text", sealed=True),
                question("source_kind", "select_one", list="yno", sealed=True),
                question("remarks", "text"),
                question("photo", "photo"),
            ),
        ),
        Section(
            id="incidents",
            title=texts("Incidents"),
            nodes=(
                Repeat(
                    id="inc",
                    label=texts("Incident"),
                    questions=(
                        question("inc_kind", "select_one", list="kinds", theme="ed_vote", negative={"violence": 3}),
                        question("inc_text", "text"),
                    ),
                ),
            ),
        ),
    ),
    choices={
        "yno": choices("yes", "no", "not_observed", "not_applicable"),
        "conf": choices("internal", "restricted", "confidential", "sealed"),
        "persons": choices("none", "police", "party", "official"),
        "kinds": choices("violence", "campaigning", "other"),
    },
    order=("added",),
    dependants={"voters": ("added",)},
)


def answers(**changed: Any) -> dict[str, Any]:
    """Return a plausible set of answers for `DEFINITION`; give None to leave one out."""
    given = {
        "station": "101",
        "observed_start": "2021-01-10T09:15+06:00",
        "conf_level": "internal",
        "box_sealed": "yes",
        "secrecy": "not_observed",
        "unauthorised": ["none"],
        "voters": 900,
        "added": 4,
        "turnout": 41.5,
        "source_name": "Somebody",
        "source_kind": "yes",
        "remarks": "Спокойно",
        **changed,
    }
    return {path: value for path, value in given.items() if value is not None}
