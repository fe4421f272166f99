"""Expressions compiled to closures: an AST is walked once per definition, then only called.

The server evaluates relevance and soft checks while a phone waits for its receipt, hundreds of expressions a push.
Every node therefore becomes one Python function whose operands already know how to give a number, a string or a
truth, and the commonest shape, `${question} = 'choice'`, becomes a single dictionary look-up.
`pwa/src/engine/expressions.ts` evaluates the same AST to the same bytes.
"""

from collections.abc import Callable
from typing import Final

from steppe.checklists.definition import Ast
from steppe.checklists.expressions.chains import CHAINED, operands_of
from steppe.checklists.expressions.env import Closure, Env, Numeric, References, Textual, Truth
from steppe.checklists.expressions.functions import SIGNATURES, Kind
from steppe.checklists.expressions.lookups import Narrowing, choosing
from steppe.checklists.expressions.paths import repeat_of
from steppe.checklists.expressions.reading import (
    answer_reader,
    column_reader,
    indexed_reader,
    nodes_reader,
    rows_reader,
)
from steppe.checklists.expressions.values import (
    Value,
    divide,
    equal,
    float_of,
    nodes_of,
    number_of,
    number_of_text,
    ordered,
    pair_of,
    remainder,
    text_of,
    text_of_answer,
    text_of_number,
    truth_of,
    unequal,
)


def compile_value(ast: Ast, references: References) -> Closure:
    """The closure of an AST; calling it never raises."""
    return _Compiler(references).value(ast)[1]


def compile_truth(ast: Ast, references: References) -> Truth:
    """The closure of an AST as a condition (XPath's `boolean()` applied)."""
    return _Compiler(references).truth(ast)


def compile_number(ast: Ast, references: References) -> Numeric:
    """The closure of an AST as a number (XPath's `number()` applied)."""
    return _Compiler(references).number(ast)


def compile_choosing(predicates: list[Ast], references: References) -> Narrowing:
    """The rows of a source that predicates leave: a question's filter, or those of a lookup."""
    return _Compiler(references).choosing(predicates)


_ARITHMETIC: Final[dict[str, Callable[[float, float], float]]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
}
_RELATIONS: Final[dict[str, Callable[[float, float], bool]]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


class _Compiler:
    def __init__(self, references: References) -> None:
        self._references = references

    def value(self, ast: Ast) -> tuple[Kind, Closure]:
        """The kind of value an AST gives (`v` when only the answers decide) and its closure."""
        kind = ast[0]
        if kind in {"n", "s", "b"}:
            return _constant(ast)
        if kind in {"ref", "self", "col", "items"}:
            return self._read(ast)
        if kind == "call":
            return self._call(ast)
        return self._operation(ast)

    def _read(self, ast: Ast) -> tuple[Kind, Closure]:
        if ast[0] == "ref":
            return self._reference(ast[1])
        if ast[0] == "self":
            return "s", lambda env: text_of_answer(env.self_value)
        if ast[0] == "col":
            return "s", column_reader(ast[1])
        return "N", self._items(ast)

    def _operation(self, ast: Ast) -> tuple[Kind, Closure]:
        kind = ast[0]
        if kind == "neg":
            operand = self.number(ast[1])
            return "n", lambda env: -operand(env)
        if kind in {"or", "and"}:
            return "b", self._logic(ast)
        if kind in {"=", "!="}:
            return "b", self._equality(ast)
        if kind in _RELATIONS:
            return "b", self._relation(ast)
        return "n", self._arithmetic(ast)

    def truth(self, ast: Ast) -> Truth:
        """The AST as a boolean."""
        kind, closure = self.value(ast)
        if kind == "b":
            return closure  # type: ignore[return-value]  # kind b promises booleans
        if kind == "s":
            return lambda env: closure(env) != ""
        return lambda env: truth_of(closure(env))

    def number(self, ast: Ast) -> Numeric:
        """The AST as a number."""
        if ast[0] == "self":
            return lambda env: _number_of_answer(env.self_value, env)
        if ast[0] == "ref" and (reader := answer_reader(ast[1], self._references)) is not None:
            return lambda env: _number_of_answer(reader(env), env)
        kind, closure = self.value(ast)
        if kind == "n":
            return closure  # type: ignore[return-value]  # kind n promises numbers
        if kind == "s":
            return lambda env: number_of_text(closure(env), env.context)  # type: ignore[arg-type]  # kind s
        return lambda env: number_of(closure(env), env.context)

    def text(self, ast: Ast) -> Textual:
        """The AST as a string."""
        kind, closure = self.value(ast)
        if kind == "s":
            return closure  # type: ignore[return-value]  # kind s promises strings
        if kind == "n":
            return lambda env: text_of_number(closure(env))  # type: ignore[arg-type]  # kind n promises numbers
        return lambda env: text_of(closure(env))

    def _argument(self, ast: Ast, kind: Kind) -> Closure:
        if kind == "n":
            return self.number(ast)
        if kind == "s":
            return self.text(ast)
        if kind == "b":
            return self.truth(ast)
        closure = self.value(ast)[1]
        if kind == "N":
            return lambda env: nodes_of(closure(env))
        return closure

    def _reference(self, name: str) -> tuple[Kind, Closure]:
        reader = answer_reader(name, self._references)
        if reader is not None:
            return "s", lambda env: text_of_answer(reader(env))
        return "N", nodes_reader(name, self._references)

    def choosing(self, predicates: list[Ast]) -> Narrowing:
        """See `compile_choosing`."""
        return choosing(predicates, lambda ast: self.value(ast)[1], self.truth)

    def _items(self, ast: Ast) -> Closure:
        _, name, predicates, column = ast
        chosen = self.choosing(predicates)
        repeat = repeat_of(name)
        if repeat is not None:
            return rows_reader(repeat, chosen, column, self._references)

        def items(env: Env) -> Value:
            source = env.sources.get(name)
            if source is None:
                return []
            places = chosen(source, None, env)
            if column == "":
                return [""] * len(places)
            cells = source.column(column)
            return [cells[at] for at in places]

        return items

    def _logic(self, ast: Ast) -> Truth:
        conditions = [self.truth(operand) for operand in operands_of(ast, ast[0])]
        if len(conditions) == 2:
            left, right = conditions
            if ast[0] == "or":
                return lambda env: left(env) or right(env)
            return lambda env: left(env) and right(env)
        if ast[0] == "or":
            return lambda env: any(condition(env) for condition in conditions)
        return lambda env: all(condition(env) for condition in conditions)

    def _equality(self, ast: Ast) -> Truth:
        wanted = ast[0] == "="
        fast = self._choice_test(ast[1], ast[2]) or self._choice_test(ast[2], ast[1])
        if fast is not None:
            return fast if wanted else lambda env: not fast(env)
        (left_kind, left), (right_kind, right) = self.value(ast[1]), self.value(ast[2])
        kinds = {left_kind, right_kind}
        if kinds == {"s"}:
            return (lambda env: left(env) == right(env)) if wanted else (lambda env: left(env) != right(env))
        if "n" in kinds and kinds <= {"n", "s"}:
            one, other = self.number(ast[1]), self.number(ast[2])
            return (lambda env: one(env) == other(env)) if wanted else (lambda env: one(env) != other(env))
        compare = equal if wanted else unequal

        def compared(env: Env) -> bool:
            one, other = left(env), right(env)
            _spend_pairs(env, one, other)
            return compare(one, other, env.context)

        return compared

    def _choice_test(self, reference: Ast, literal: Ast) -> Truth | None:
        """`${question} = 'choice'` for a question with one answer here: the shape of most relevance."""
        if reference[0] != "ref" or literal[0] != "s":
            return None
        question, name = str(reference[1]), str(literal[1])
        reach = self._references.reach(question)
        if reach.kind != "one":
            return None
        depth = reach.depth
        if depth > 0:
            return lambda env: text_of_answer(env.values.get(env.prefixes[depth] + question)) == name

        def same(env: Env) -> bool:
            answer = env.values.get(question)
            return answer == name if answer.__class__ is str else text_of_answer(answer) == name

        return same

    def _relation(self, ast: Ast) -> Truth:
        holds = _RELATIONS[ast[0]]
        (left_kind, left), (right_kind, right) = self.value(ast[1]), self.value(ast[2])
        if left_kind == right_kind == "s":
            return lambda env: holds(*pair_of(left(env), right(env), env.context))
        if {left_kind, right_kind} <= {"n", "s", "b"}:
            one, other = self.number(ast[1]), self.number(ast[2])
            return lambda env: holds(one(env), other(env))

        def compared(env: Env) -> bool:
            one, other = left(env), right(env)
            _spend_pairs(env, one, other)
            return ordered(one, other, env.context, holds)

        return compared

    def _arithmetic(self, ast: Ast) -> Numeric:
        if ast[0] in CHAINED and (len(ast) > 3 or ast[1][0] == ast[0]):
            return self._folded(ast)
        if ast[0] == "-" and (difference := self._difference(ast)) is not None:
            return difference
        left, right = self.number(ast[1]), self.number(ast[2])
        if ast[0] == "div":
            return lambda env: divide(left(env), right(env))
        if ast[0] == "mod":
            return lambda env: remainder(left(env), right(env))
        apply = _ARITHMETIC[ast[0]]
        return lambda env: apply(left(env), right(env))

    def _difference(self, ast: Ast) -> Numeric | None:
        """What lies between two texts, which may be moments; None where a side is something else anyhow."""
        (left_kind, left), (right_kind, right) = self.value(ast[1]), self.value(ast[2])
        if not {left_kind, right_kind} <= {"s", "v"}:
            return None

        def between(env: Env) -> float:
            one, other = pair_of(left(env), right(env), env.context)
            return one - other

        return between

    def _folded(self, ast: Ast) -> Numeric:
        """A chain from the left, as pairs would come out: rounding is the same."""
        apply = _ARITHMETIC[ast[0]]
        first, *others = [self.number(operand) for operand in operands_of(ast, ast[0])]

        def folded(env: Env) -> float:
            whole = first(env)
            for other in others:
                whole = apply(whole, other(env))
            return whole

        return folded

    def _call(self, ast: Ast) -> tuple[Kind, Closure]:
        name = str(ast[1])
        if name == "if":
            return self._choose(ast)
        if name == "once":
            fresh = self.text(ast[2])
            return "s", lambda env: text_of_answer(env.self_value) or fresh(env)
        if name == "last-saved":
            question = ast[2][1]
            return "s", lambda env: text_of_answer(env.last_saved.get(question))
        if name == "indexed-repeat":
            numbers = {ast[at][1]: self.number(ast[at + 1]) for at in range(3, len(ast) - 1, 2)}
            return "s", indexed_reader(ast[2][1], numbers, self._references)
        signature = SIGNATURES[name]
        arguments = [self._argument(argument, signature.kind(index)) for index, argument in enumerate(ast[2:])]
        apply = signature.apply
        if len(arguments) == 1:
            only = arguments[0]
            return signature.result, lambda env: apply(env, only(env))
        if len(arguments) == 2:
            first, second = arguments
            return signature.result, lambda env: apply(env, first(env), second(env))
        return signature.result, lambda env: apply(env, *[argument(env) for argument in arguments])

    def _choose(self, ast: Ast) -> tuple[Kind, Closure]:
        condition = self.truth(ast[2])
        (then_kind, then), (else_kind, otherwise) = self.value(ast[3]), self.value(ast[4])
        kind: Kind = then_kind if then_kind == else_kind else "v"
        return kind, lambda env: then(env) if condition(env) else otherwise(env)


def _spend_pairs(env: Env, left: Value, right: Value) -> None:
    """Node-sets are compared each with each."""
    if isinstance(left, list) or isinstance(right, list):
        env.spend((len(left) if isinstance(left, list) else 1) * (len(right) if isinstance(right, list) else 1))


def _constant(ast: Ast) -> tuple[Kind, Closure]:
    kind, literal = ast
    value: Value = float(literal) if kind == "n" else literal
    return kind, lambda _: value


def _number_of_answer(answer: object, env: Env) -> float:
    if answer.__class__ is int or answer.__class__ is float:
        return float_of(answer)
    return number_of_text(text_of_answer(answer), env.context)
