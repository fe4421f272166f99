"""Narratives: which answers they are, and whose."""

from steppe.checklists.definition import Definition, Question, Repeat, Section
from steppe.summaries.narratives import narratives

TEXT = {"en": "Q"}


def question(name: str, **extra: object) -> Question:
    return Question.model_validate({"id": name, "type": "text", "label": TEXT, **extra})


DEFINITION = Definition(
    id="meeting",
    version="1",
    title=TEXT,
    short=TEXT,
    languages=("en",),
    default_language="en",
    kind="meeting",
    sections=(
        Section(
            id="s",
            title=TEXT,
            nodes=(
                question("said", theme="camp"),
                question("source", theme="camp", sealed=True),
                question("note"),
                Repeat(id="t", label=TEXT, questions=(question("heard", theme="adm"),)),
            ),
        ),
    ),
)


def test_texts_with_a_theme_are_narratives_in_the_order_of_the_checklist() -> None:
    answers = {"t": ["r1", "r2"], "t/r1/heard": "one", "t/r2/heard": "two", "said": "first", "note": "no theme"}
    found = [(question.id, text) for question, text in narratives(DEFINITION, answers)]
    assert found == [("said", "first"), ("heard", "one"), ("heard", "two")]


def test_a_sealed_text_is_never_a_narrative() -> None:
    assert list(narratives(DEFINITION, {"source": "a name"})) == []


def test_blank_text_is_nothing_to_read() -> None:
    assert list(narratives(DEFINITION, {"said": " \n"})) == []
