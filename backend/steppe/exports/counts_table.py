"""A region summary as a table: a line per question and choice, counts and totals only; also the code book."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from steppe.exports.cells import Cell
from steppe.summaries.questions import NOT_APPLICABLE, NOT_OBSERVED
from steppe.summaries.schemas import ChoiceCountOut, FormSummaryOut, QuestionSummaryOut, SummaryOut

COUNTS_HEADER: Final = ("checklist", "versions", "section", "question", "text", "answer", "answer_text", "count")


def counts_rows(summary: SummaryOut, language: str, form: str = "") -> Iterator[list[Cell]]:
    """Yield the lines of every form of a summary, or of one, with texts in `language`."""
    for one in summary.forms:
        if not form or one.form == form:
            yield [one.form, " ".join(v.version for v in one.versions), "", "", "", "reports", "", one.reports]
            for question in one.questions:
                yield from _lines(one, question, language)


def _lines(form: FormSummaryOut, question: QuestionSummaryOut, language: str) -> Iterator[list[Cell]]:
    def line(answer: str, text: str, count: float) -> list[Cell]:
        head = [form.form, " ".join(question.versions), text_in(question.section, language), question.id]
        return [*head, text_in(question.label, language), answer, text, count]

    for choice in question.choices:
        for answer, count in _counted(choice):
            yield line(answer, text_in(choice.label, language), count)
    if question.not_observed:
        yield line(NOT_OBSERVED, "", question.not_observed)
    if question.not_applicable:
        yield line(NOT_APPLICABLE, "", question.not_applicable)
    if not question.choices and question.n is not None:
        yield line("answers", "", question.n)
    if question.total is not None:
        yield line("total", "", question.total)
    for severity, count in question.flags.items():
        if count:
            yield line(f"flags of severity {severity}", "", count)


def _counted(choice: ChoiceCountOut) -> Iterator[tuple[str, int]]:
    """Yield what is counted of a choice: how often it was made, of a ranking how often it stood in each place."""
    if choice.places:
        yield from ((f"{choice.name} in place {place}", count) for place, count in enumerate(choice.places, start=1))
    else:
        yield choice.name, choice.n


def text_in(texts: dict[str, str], language: str) -> str:
    """Return the text in a language, else in English, else in any there is."""
    return texts.get(language) or texts.get("en") or next(iter(texts.values()), "")
