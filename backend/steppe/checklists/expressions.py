"""Expressions compiled to closures: an AST is walked once per definition, then only called.

The server evaluates relevance and soft checks while a phone waits for its receipt, hundreds of expressions a push.
Every node therefore becomes one Python function whose operands already know how to give a number, a string or a
truth, and the commonest shape, ``${question} = 'choice'``, becomes a single dictionary look-up.
``pwa/src/checklists/expressions.ts`` evaluates the same AST to the same bytes.
"""

from collections.abc import Callable
from typing import Final, Protocol, TypeAlias

from steppe.checklists.dates import Context
from steppe.checklists.definition import Ast
from steppe.checklists.functions import SIGNATURES, Kind
from steppe.checklists.values import (
    Value,
    divide,
    equal,
    float_of,
    nodes_of,
    number_of,
    number_of_text,
    ordered,
    remainder,
    text_of,
    text_of_answer,
    text_of_number,
    truth_of,
    unequal,
)


class Env:
    """What an expression is evaluated in: the answers that count, the row, the question's own answer, the clock.

    Attributes:
        values: path → answer of every relevant question; a missing path is an unanswered question.
        irrelevant: paths of answers that do not count; node-sets leave them out.
        prefix: ``"repeat/row/"`` inside a row, else empty.
        position: 1-based place of the row, 0 outside rows.
        self_value: answer of the question the expression belongs to.
    """

    __slots__ = ("choice_names", "context", "irrelevant", "position", "prefix", "self_value", "values")

    def __init__(
        self, values: dict[str, object], context: Context, choice_names: dict[str, dict[str, str]] | None = None
    ) -> None:
        self.values = values
        self.context = context
        self.irrelevant: set[str] = set()
        self.prefix = ""
        self.position = 0
        self.self_value: object = None
        self.choice_names = choice_names or {}

    @property
    def self_text(self) -> str:
        """The own answer as a string."""
        return text_of_answer(self.self_value)

    def choice_name(self, question: str, name: str) -> str:
        """The label of a choice of a question in the definition's default language; empty when there is none."""
        return self.choice_names.get(question, {}).get(name, "")


class References(Protocol):
    """Where a question's answers are found, seen from the place of the expression."""

    def place(self, question: str) -> str:
        """Say how the question is read from here.

        ``"answer"``: it has one; ``"row"``: this row's; ``"rows"``: those of all rows; ``"count"``: it is a repeat.
        """
        ...

    def repeat_of(self, question: str) -> str:
        """The repeat whose rows hold the question."""
        ...


Closure: TypeAlias = Callable[[Env], Value]
Truth: TypeAlias = Callable[[Env], bool]
Numeric: TypeAlias = Callable[[Env], float]
Textual: TypeAlias = Callable[[Env], str]


def compile_value(ast: Ast, references: References) -> Closure:
    """The closure of an AST; calling it never raises."""
    return _Compiler(references).value(ast)[1]


def compile_truth(ast: Ast, references: References) -> Truth:
    """The closure of an AST as a condition (XPath's ``boolean()`` applied)."""
    return _Compiler(references).truth(ast)


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
        """The kind of value an AST gives (``v`` when only the answers decide) and its closure."""
        kind = ast[0]
        if kind in {"n", "s", "b"}:
            return _constant(ast)
        if kind == "ref":
            return self._reference(ast[1])
        if kind == "self":
            return "s", lambda env: text_of_answer(env.self_value)
        if kind == "call":
            return self._call(ast)
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
        if ast[0] == "ref" and (reader := self._reader(ast[1])) is not None:
            return lambda env: _number_of_answer(reader(env), env)
        kind, closure = self.value(ast)
        if kind == "n":
            return closure  # type: ignore[return-value]  # kind n promises numbers
        if kind == "s":
            return lambda env: number_of_text(closure(env), env.context.offset)  # type: ignore[arg-type]  # kind s
        return lambda env: number_of(closure(env), env.context.offset)

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

    def _reader(self, question: str) -> Callable[[Env], object] | None:
        """A closure for the raw answer of a question that has one answer here; None when it has many."""
        place = self._references.place(question)
        if place == "answer":
            return lambda env: env.values.get(question)
        if place == "row":
            return lambda env: env.values.get(env.prefix + question)
        return None

    def _reference(self, question: str) -> tuple[Kind, Closure]:
        reader = self._reader(question)
        if reader is not None:
            return "s", lambda env: text_of_answer(reader(env))
        repeat = self._references.repeat_of(question)
        if self._references.place(question) == "count":
            return "N", lambda env: [""] * len(rows_of(env.values, repeat))

        def nodes(env: Env) -> Value:
            paths = [f"{repeat}/{row}/{question}" for row in rows_of(env.values, repeat)]
            return [text_of_answer(env.values.get(path)) for path in paths if path not in env.irrelevant]

        return "N", nodes

    def _logic(self, ast: Ast) -> Truth:
        left, right = self.truth(ast[1]), self.truth(ast[2])
        if ast[0] == "or":
            return lambda env: left(env) or right(env)
        return lambda env: left(env) and right(env)

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
        return lambda env: compare(left(env), right(env), env.context.offset)

    def _choice_test(self, reference: Ast, literal: Ast) -> Truth | None:
        """``${question} = 'choice'`` for a question with one answer here: the shape of most relevance."""
        if reference[0] != "ref" or literal[0] != "s":
            return None
        question, name = str(reference[1]), str(literal[1])
        place = self._references.place(question)
        if place == "answer":

            def same(env: Env) -> bool:
                answer = env.values.get(question)
                return answer == name if answer.__class__ is str else text_of_answer(answer) == name

            return same
        if place == "row":
            return lambda env: text_of_answer(env.values.get(env.prefix + question)) == name
        return None

    def _relation(self, ast: Ast) -> Truth:
        holds = _RELATIONS[ast[0]]
        (left_kind, left), (right_kind, right) = self.value(ast[1]), self.value(ast[2])
        if {left_kind, right_kind} <= {"n", "s", "b"}:
            one, other = self.number(ast[1]), self.number(ast[2])
            return lambda env: holds(one(env), other(env))
        return lambda env: ordered(left(env), right(env), env.context.offset, holds)

    def _arithmetic(self, ast: Ast) -> Numeric:
        left, right = self.number(ast[1]), self.number(ast[2])
        if ast[0] == "div":
            return lambda env: divide(left(env), right(env))
        if ast[0] == "mod":
            return lambda env: remainder(left(env), right(env))
        apply = _ARITHMETIC[ast[0]]
        return lambda env: apply(left(env), right(env))

    def _call(self, ast: Ast) -> tuple[Kind, Closure]:
        name = str(ast[1])
        if name == "if":
            return self._choose(ast)
        if name == "once":
            fresh = self.text(ast[2])
            return "s", lambda env: text_of_answer(env.self_value) or fresh(env)
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


def rows_of(values: dict[str, object], repeat: str) -> list[str]:
    """The row ids of a repeat in order; none when the answer is not a list."""
    rows = values.get(repeat)
    return rows if isinstance(rows, list) else []


def _constant(ast: Ast) -> tuple[Kind, Closure]:
    kind, literal = ast
    value: Value = float(literal) if kind == "n" else literal
    return kind, lambda _: value


def _number_of_answer(answer: object, env: Env) -> float:
    if answer.__class__ is int or answer.__class__ is float:
        return float_of(answer)
    return number_of_text(text_of_answer(answer), env.context.offset)
