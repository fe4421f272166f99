"""The parser and its printer."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steppe.checklists.definition import Ast
from steppe.checklists.expressions.calls import REWRITTEN
from steppe.checklists.expressions.functions import SIGNATURES
from steppe.checklists.expressions.parser import BINDING, ExpressionError, parse
from steppe.checklists.expressions.printer import print_expression

NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_.\-]{0,8}", fullmatch=True)
COLUMNS = NAMES.filter(lambda name: name not in {*BINDING, "true", "false"})
NUMBERS = st.one_of(st.integers(0, 2**53 - 1), st.floats(0, 1e300, allow_nan=False).filter(lambda n: n != int(n)))
TEXTS = st.one_of(
    st.text(st.characters(exclude_characters="'", codec="utf-8"), max_size=8),
    st.text(st.characters(exclude_characters='"', codec="utf-8"), max_size=8),
)
LEAVES = st.one_of(
    NUMBERS.map(lambda number: ["n", number]),
    TEXTS.map(lambda text: ["s", text]),
    st.booleans().map(lambda truth: ["b", truth]),
    NAMES.map(lambda name: ["ref", name]),
    st.just(["self"]),
)
OPERATORS = st.sampled_from(["or", "and", "=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "div", "mod"])
PLAIN = sorted(set(SIGNATURES) - {"true", "false", "regex", "jr:choice-name", "position", "last-saved", *REWRITTEN})


def calls(inner: st.SearchStrategy[Ast]) -> st.SearchStrategy[Ast]:
    def arguments(name: str) -> st.SearchStrategy[Ast]:
        signature = SIGNATURES[name]
        most = signature.least + signature.cycle if signature.most is None else signature.most
        counts = [count for count in range(signature.least, most + 1) if signature.accepts(count)]
        return st.sampled_from(counts).flatmap(
            lambda count: st.tuples(*[inner] * count).map(lambda given: ["call", name, *given])
        )

    return st.sampled_from(PLAIN).flatmap(arguments)


def grown(inner: st.SearchStrategy[Ast]) -> st.SearchStrategy[Ast]:
    return st.one_of(
        st.tuples(OPERATORS, inner, inner).map(list),
        inner.map(lambda operand: ["neg", operand]),
        calls(inner),
        st.tuples(st.just("items"), NAMES, st.lists(ROW_ASTS, max_size=2), st.one_of(NAMES, st.just(""))).map(list),
    )


OWN_LEAVES = st.one_of(
    LEAVES,
    st.just(["call", "position"]),
    st.integers(1, 3).map(lambda depth: ["call", "position", ["n", depth]]),
    NAMES.map(lambda name: ["call", "last-saved", ["ref", name]]),
    st.tuples(NAMES, NAMES, NUMBERS).map(
        lambda parts: ["call", "indexed-repeat", ["ref", parts[0]], ["ref", parts[1]], ["n", parts[2]]]
    ),
)
ROW_ASTS: st.SearchStrategy[Ast] = st.recursive(
    st.one_of(LEAVES, COLUMNS.map(lambda name: ["col", name])),
    lambda inner: st.one_of(st.tuples(OPERATORS, inner, inner).map(list), calls(inner)),
    max_leaves=6,
).filter(lambda ast: ast[0] != "n")
ASTS: st.SearchStrategy[Ast] = st.recursive(OWN_LEAVES, grown, max_leaves=20)


@given(ASTS)
def test_what_is_printed_parses_to_the_same_ast(ast: Ast) -> None:
    assert parse(print_expression(ast)).ast == ast


@given(ROW_ASTS)
def test_a_filter_is_printed_as_it_is_asked_of_every_choice(ast: Ast) -> None:
    assert parse(print_expression(ast, in_rows=True), in_rows=True).ast == ast


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_at_a_place_inside_it(text: str) -> None:
    position = 0
    try:
        parse(text)
    except ExpressionError as error:
        position = error.position
    assert 0 <= position <= len(text)


@given(st.integers(0, 2**32))
def test_any_row_of_tokens_is_read_or_refused(seed: int) -> None:
    random = Random(seed)
    tokens = (
        "${a}",
        ".",
        "1",
        "'x'",
        "(",
        ")",
        ",",
        "and",
        "or",
        "div",
        "-",
        "<",
        "=",
        "not(",
        "if(",
        "position(..)",
        "true()",
        "../a",
        "/data/g/a",
        "current()/../a",
        "instance('l')/root/item[",
        "]/label",
        "[",
        "]",
        "|",
        "/",
        "name",
        "pulldata('f', 'a', 'b', ",
        "indexed-repeat(${a}, ${b}, 1)",
        "${last-saved#a}",
    )
    text = " ".join(random.choice(tokens) for _ in range(random.randint(1, 12)))
    try:
        ast = parse(text).ast
    except ExpressionError:
        return
    assert parse(print_expression(ast)).ast == ast


@pytest.mark.parametrize(
    ("expression", "position"),
    [
        ("${a} > 5 and ${b} >> 1", 19),
        ("1 + foo(2)", 4),
        ("concat('a', )", 12),
        ("(1 + 2", 0),
        ("1 2", 2),
        ("and", 0),
        ("${a b}", 0),
        ("'open", 0),
        ("regex(., '[z-a]')", 13),
        ("1" + "0" * 400, 0),
    ],
)
def test_the_place_of_a_fault(expression: str, position: int) -> None:
    with pytest.raises(ExpressionError) as raised:
        parse(expression)
    assert raised.value.position == position


def test_nesting_has_a_limit() -> None:
    assert parse("(" * 50 + "1" + ")" * 50).ast == ["n", 1]
    with pytest.raises(ExpressionError):
        parse("(" * 5000 + "1" + ")" * 5000)


def test_references_are_named_with_their_places() -> None:
    parsed = parse("${a} > ${b} and jr:choice-name(${c}, '${c}') = ''")
    assert [(reference.id, reference.position) for reference in parsed.references] == [
        ("a", 0),
        ("b", 7),
        ("c", 31),
        ("c", 37),
    ]


@pytest.mark.parametrize(
    ("written", "ast"),
    [
        ("${last-saved#a}", ["call", "last-saved", ["ref", "a"]]),
        ("current()/.", ["self"]),
        ("1 (: one :) + 1", ["+", ["n", 1], ["n", 1]]),
        ("count(${a} | ${b})", ["+", ["call", "count", ["ref", "a"]], ["call", "count", ["ref", "b"]]]),
        ("max(${a} | ${b})", ["call", "max", ["ref", "a"], ["ref", "b"]]),
        ("count(instance('l')/root/item)", ["call", "count", ["items", "l", [], ""]]),
        (
            "instance('l')/root/item[name = ${a}]/label",
            ["items", "l", [["=", ["col", "name"], ["ref", "a"]]], "label"],
        ),
        ("instance('l')/root/item[2]/label", ["items", "l", [["n", 2]], "label"]),
        ("instance('l')/root/item[position() = ${a}]/x", ["items", "l", [["call", "number", ["ref", "a"]]], "x"]),
        (
            "pulldata('towns.csv', 'code', 'name', ${a})",
            ["call", "string", ["items", "towns", [["=", ["col", "name"], ["ref", "a"]]], "code"]],
        ),
        ("position(../..)", ["call", "position", ["n", 1]]),
        (
            "count(instance('l')/root/item[position() < 3])",
            ["call", "count", ["items", "l", [["<", ["call", "number", ["col", "position()"]], ["n", 3]]], ""]],
        ),
        ("indexed-repeat(${a}, ${r}, 2)", ["call", "indexed-repeat", ["ref", "a"], ["ref", "r"], ["n", 2]]),
    ],
)
def test_xpath_as_form_authors_write_it(written: str, ast: Ast) -> None:
    assert parse(written).ast == ast


@pytest.mark.parametrize("operator", ["+", "*", "and", "or"])
def test_a_long_chain_is_one_node_and_reads_back(operator: str) -> None:
    names = [f"q{number}" for number in range(300)]
    ast = parse(f" {operator} ".join(f"${{{name}}}" for name in names)).ast
    assert ast == [operator, *(["ref", name] for name in names)]
    assert parse(print_expression(ast)).ast == ast


def test_a_short_chain_is_written_in_pairs_as_it_always_was() -> None:
    assert parse("1 + 2 + 3").ast == ["+", ["+", ["n", 1], ["n", 2]], ["n", 3]]


def test_brackets_on_the_left_of_a_chain_are_part_of_it() -> None:
    inner = " or ".join(f"${{a{number}}}" for number in range(20))
    assert parse(f"({inner}) or {inner}").ast == parse(f"{inner} or {inner}").ast


@pytest.mark.parametrize(
    "expression",
    [
        "(" * 300 + "1" + ")" * 300,
        " - ".join(["1"] * 220),
        "-" * 300 + "1",
        "not(" * 100 + "1" + ")" * 100,
        "1 + " * 9000 + "1",
    ],
)
def test_an_expression_beyond_its_depth_or_length_is_refused_with_what_to_do(expression: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        parse(expression)
    assert "row of its own" in refused.value.suggestion
