from datetime import UTC, datetime
from statistics import mean

import orjson

from steppe.checklists.evaluation.answers import check_answers
from steppe.checklists.evaluation.evaluation import evaluate
from steppe.checklists.expressions.dates import Context
from steppe.checklists.xlsform.compiler import compile_checklist
from tests.bench.sixty import BYTES, FORM, answers

REPORTS = [answers(number, "AST-01") for number in range(200)]


def test_the_measured_report_is_a_finished_one_of_sixty_answers() -> None:
    definition = compile_checklist(FORM)
    context = Context(datetime(2021, 1, 10, tzinfo=UTC), "Asia/Almaty")
    assert len(list(definition.questions())) == 60
    for given in REPORTS:
        assert check_answers(definition, given) == []
        evaluation = evaluate(definition, given, context)
        assert evaluation.gaps() == []
        assert evaluation.values == given
        assert len(given) == 60


def test_the_measured_report_has_the_size_others_were_measured_with() -> None:
    assert abs(mean(len(orjson.dumps(given)) for given in REPORTS) - BYTES) < 0.02 * BYTES


def test_the_measured_reports_differ_and_come_again_the_same() -> None:
    assert len({orjson.dumps(given) for given in REPORTS}) == len(REPORTS)
    assert answers(7, "AST-01") == REPORTS[7]
