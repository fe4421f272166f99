"""Phones whose app reads the first format get long chains as pairs: the same value, no deeper than they read."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from steppe.checklists.definition import Definition, definition_bytes
from steppe.checklists.evaluation.evaluation import evaluate
from steppe.checklists.expressions.chains import depth_of, is_flat
from steppe.checklists.expressions.dates import Context
from steppe.checklists.expressions.limits import DEFINITION_BYTES
from steppe.checklists.expressions.paths import nodes_of_ast
from steppe.checklists.expressions.reads import expressions_of
from steppe.checklists.formats import NESTED_DEPTH, SeveralDefinitions, in_first_format
from tests.checklists.forms import compiled

NOON = Context(datetime(2021, 1, 10, 6, tzinfo=UTC), "Asia/Almaty")


def form(calculation: str) -> Definition:
    return compiled(
        (
            {"type": "decimal", "name": "a"},
            {"type": "decimal", "name": "b"},
            {"type": "calculate", "name": "result", "calculation": calculation},
        )
    )


def first(definition: Definition) -> Definition:
    return Definition.model_validate(json.loads(in_first_format(definition_bytes(definition))))


def expression(definition: Definition) -> Any:
    return next(ast for _, _, question in definition.questions() for _, ast in expressions_of(question))


def result(definition: Definition) -> Any:
    return evaluate(definition, {"a": 0.1, "b": 0.7}, NOON).values["result"]


CHAINS = {
    "33 terms": " + ".join(["${a}"] * 33),
    "190 terms": " + ".join(["${a}", "${b}"] * 95),
    "a product": " * ".join(["${a}", "3", "${b}"] * 20),
    "a chain in a chain": f"if({' or '.join(['${a} > 5'] * 40)}, 1, {' + '.join(['${b}'] * 40)}) + 2",
    "1,200 conditions": f"if({' or '.join([*['${a} > 5'] * 1199, '${b} < 1'])}, 3, 4)",
    "chains 20 deep": "(" * 20 + "${a}" + f" + {' + '.join(['${b}'] * 40)})" * 20,
}


@pytest.mark.parametrize("calculation", CHAINS.values(), ids=CHAINS)
def test_a_long_chain_has_the_same_value_as_pairs(calculation: str) -> None:
    published = form(calculation)
    served = first(published)
    assert (published.format, served.format) == (2, 1)
    assert not any(is_flat(node) for node in nodes_of_ast(expression(served)))
    assert result(served) == pytest.approx(result(published), rel=1e-12)
    assert served.model_copy(update={"format": 2, "sections": ()}) == published.model_copy(update={"sections": ()})


@pytest.mark.parametrize("terms", [33, NESTED_DEPTH])
def test_pairs_stand_from_the_left_while_the_landed_app_reads_them_so(terms: int) -> None:
    ast = expression(first(form(" + ".join(["${a}"] * terms))))
    assert depth_of(ast) == terms
    assert ast[2] == ["ref", "a"]


@pytest.mark.parametrize("operator", ["+", "or"])
def test_no_chain_nests_deeper_than_the_landed_app_was_seen_to_read(operator: str) -> None:
    ast = expression(first(form(f" {operator} ".join(["${a}"] * 3500))))
    assert depth_of(ast) <= NESTED_DEPTH


def test_a_form_of_the_first_format_is_served_as_it_was_published() -> None:
    content = definition_bytes(form("${a} + ${b}"))
    assert in_first_format(content) == content


@pytest.mark.parametrize("content", [b'{"format":2', b'{"format":2,"x":' + b"[" * 5000 + b"]" * 5000 + b"}"])
def test_bytes_that_nobody_can_read_are_left_alone(content: bytes) -> None:
    assert in_first_format(content) == content


def test_words_that_are_the_names_of_operators_are_no_chain() -> None:
    written = json.loads(definition_bytes(form(" + ".join(["${a}"] * 33))))
    words = ["or", "and", "or", "and", "or"]
    written["choices"] = {"words": words}
    assert json.loads(in_first_format(json.dumps(written, separators=(",", ":")).encode()))["choices"]["words"] == words


def test_several_definitions_are_no_larger_than_one_may_be_and_the_first_is_always_there() -> None:
    large = b'"' + b"x" * (DEFINITION_BYTES - 2) + b'"'
    published = [(UUID(int=number), f"hash {number}", content) for number, content in enumerate((large, b"{}", large))]
    taken = [list(json.loads(SeveralDefinitions(published[at:]).content())) for at in range(3)]
    assert taken == [[str(UUID(int=0))], [str(UUID(int=1))], [str(UUID(int=2))]]
    small = [(version, digest, b"{}") for version, digest, _ in published]
    assert len(json.loads(SeveralDefinitions(small).content())) == 3
    assert SeveralDefinitions(small).tag != SeveralDefinitions(small[::-1]).tag != SeveralDefinitions(published).tag
