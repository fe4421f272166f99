"""Counts as a table: what a line is for each kind of question."""

from steppe.checklists.question_reading import QuestionReading
from steppe.exports.counts_table import counts_rows
from steppe.summaries.questions import CountedVersion, question_summaries
from steppe.summaries.schemas import FormSummaryOut, SummaryOut
from tests.fixtures_checklist import texts
from tests.fixtures_nested import DEFINITION


def test_of_a_ranking_there_is_a_line_for_every_place_of_a_choice() -> None:
    counts = {"wishes": {"lamp": {"1": 2, "2": 1}, "table": {"1": 1}}, "mood": {"n": 3, "sum": 12}}
    form = FormSummaryOut(
        form="rooms",
        kind="other",
        title=texts("Rooms"),
        reports=3,
        versions=[],
        days=[],
        questions=question_summaries([CountedVersion(DEFINITION, counts, {"mood": QuestionReading(is_summed=True)})]),
    )
    summary = SummaryOut(
        n=1, region="all", name={}, frame=None, note={}, reports=3, statuses={}, flags={}, forms=[form]
    )
    lines = {(row[3], row[5]): row[7] for row in counts_rows(summary, "en")}
    assert lines["wishes", "lamp in place 1"] == 2
    assert lines["wishes", "lamp in place 2"] == 1
    assert lines["wishes", "table in place 1"] == 1
    assert lines["mood", "total"] == 12
    assert ("wishes", "lamp") not in lines
