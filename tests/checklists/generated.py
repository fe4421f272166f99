"""Random expressions and the answers they meet, reproducible from a seed."""

from collections.abc import Callable
from random import Random
from typing import Any, Final

from steppe.checklists.definition import Ast
from steppe.checklists.evaluation.volatile import GIVEN
from steppe.checklists.expressions.functions import SIGNATURES

_ONE: Final = ("a", "b", "c", "d", "when", "clock", "moment", "many", "missing")
_MANY: Final = ("rows", "votes", "none")
_TEXTS: Final = (
    *("", " ", "0", "1", "-1", "5", "007", " 12 ", "3.14", ".5", "5.", "1e3", "+2", "-", ".", "abc", "ABC", "a b c"),
    *(
        "yes",
        "no",
        "none",
        "true",
        "false",
        "Қазақстан",
        "a😀b",
        "2021-01-10",
        "2020-02-29",
        "2021-02-29",
        "1969-12-31",
    ),
    *("0000-01-01", "9999-12-31", "2021-01-10T14:05", "2021-01-10T14:05+06:00", "2021-01-10T14:05:06.789Z", "14:05"),
    *(
        "2021-01-10T23:59:59-05:30",
        "24:00",
        "06:00:30.25",
        "red green",
        "\u00a0",
        "a\tb\nc",
        "%Y-%m-%d %H:%M:%S.%3",
        "%e %b %y %a",
    ),
)
_PATTERNS: Final = (
    *("", "[0-9]+", "^[0-9]+$", "a|b|abc", ".*", "\\w+", "\\d{1,3}", "[^a]*", "(a|b)*c?", "(a+)+", "\\s*\\S+\\s*"),
    *("[A-Za-z ]+", "[а-яА-ЯҚқ]+", "a.b", "(true|false)?", "-?\\d+(\\.\\d+)?", "(((", "[z-a]", "a{3,1}", "\\p{L}"),
)
_NUMBERS: Final = (
    *(0, 1, 2, 3, 5, 7, 10, 100, 1000, 0.1, 0.2, 0.5, 1.5, 2.5, 3.14159, 0.49999999999999994, 1e-7, 1e15, 1e21, 1e22),
    *(123456789, 9007199254740991, 18637, 18637.586805555555, 1e300, 5e-324, 0.30000000000000004, 2.675, 1.005),
)
_COLUMNS: Final = ("name", "label", "region", "number", "")
_TABLE: Final = {
    "columns": ["name", "label", "region", "number"],
    "rows": [
        ["yes", "Yes", "a b c", "1"],
        ["no", "Жоқ", "2021-01-10", "5"],
        ["none", "", "a b c", " 12 "],
        ["x", "Yes", "14:05"],
        ["yes", "Again", "", "1"],
    ],
}
_PLACES: Final = ("43.2 76.9 0 5", "51.1 71.4", "0 0 0 0", "-33.86 151.2", "90 180", "91 0", "43.2", "43.2566 76.9286")
_LINES: Final = (
    *(
        "43 76; 44 76; 44 77; 43 77; 43 76",
        "43 76;44 77;43 77;44 76;43 76;",
        "0 0 0 0; 0 10 0 0; 10 10 0 0",
        "0 0;1 1;2 2;1 1",
    ),
    *(
        "43.25 76.9 0 5; 43.26 76.91 0 5",
        "52 70; 52 70",
        "",
        "x;y",
        "0 0; 4 0; 2 0; 2 5",
        "10 10; 10 -10; -10 -10; -10 10; 10 10",
    ),
)
_ALGORITHMS: Final = ("MD5", "SHA-1", "SHA-256", "sha-384", "SHA-512", "CRC")
_DIGESTED: Final = ("", "abc", "Қостанай 😀", "x" * 55, "x" * 56, "x" * 64, "y" * 111, "y" * 112, "z" * 200)
_GIVEN_TEXTS: Final[dict[str, dict[int, tuple[str, ...]]]] = {
    "area": {0: _LINES, 1: _PLACES},
    "base64-decode": {0: ("", "0JDQsdCw0Lk=", "8J+YgA==", "/w==", "a", "77u/QQ==", "4pi=", "====")},
    "digest": {0: _DIGESTED, 1: _ALGORITHMS, 2: ("hex", "base64", "HEX", "x")},
    "distance": {0: _LINES + _PLACES, 1: _PLACES},
    "enclosed-area": {0: _LINES},
    "geofence": {0: _PLACES, 1: _LINES},
    "intersects": {0: _LINES},
}
_UNDRAWN: Final = frozenset({"true", "false", *GIVEN} - {"last-saved"})
"""Not drawn: literals, and what only a phone can answer."""
_OPERATORS: Final = ("or", "and", "=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "div", "mod")


def cases(seed: int, count: int) -> list[dict[str, Any]]:
    """`count` random ASTs, each with its context; the same for the same seed."""
    random = Random(seed)
    return [{"ast": _ast(random, random.randint(1, 5)), "context": _context(random)} for _ in range(count)]


def _number(random: Random) -> float:
    if random.random() < 0.5:
        return random.choice(_NUMBERS)
    return random.choice((random.randint(-1000, 1000), random.uniform(-1e6, 1e6), 10 ** random.uniform(-12, 24)))


def _answer(random: Random) -> object:
    kind = random.random()
    if kind < 0.4:
        return random.choice(_TEXTS)
    if kind < 0.75:
        return random.choice((1, -1)) * _number(random)
    if kind < 0.9:
        return random.sample(("red", "green", "none", "other", "x"), random.randint(0, 4))
    return random.choice((True, False, 12345678901234567890))


def _context(random: Random) -> dict[str, Any]:
    answers = {name: _answer(random) for name in _ONE if name != "missing"}
    answers |= {"when": f"{random.randint(1960, 2040)}-0{random.randint(1, 9)}-{random.randint(10, 31)}"}
    rows = {name: [str(random.choice(_TEXTS + _TEXTS[:7])) for _ in range(random.randint(0, 4))] for name in _MANY}
    context: dict[str, Any] = {
        "answers": answers,
        "rows": rows | {"none": []},
        "now": f"20{random.randint(10, 30)}-06-{random.randint(10, 28)}T23:05:06.{random.randint(100, 999)}Z",
        "zone": random.choice(("Asia/Almaty", "Asia/Aqtau", "UTC", "America/St_Johns", "Asia/Kathmandu")),
        "position": random.randint(0, 5),
        "outer": [random.randint(1, 5)],
        "tables": {"t": _TABLE},
        "lastSaved": {"a": _answer(random)},
        "choices": {"a": {"yes": "Yes", "no": "Жоқ"}},
    }
    if random.random() < 0.7:
        context["self"] = _answer(random)
    return context


def _ast(random: Random, depth: int) -> Ast:
    if depth <= 0 or random.random() < 0.15:
        return _leaf(random)
    kind = random.random()
    if kind < 0.45:
        return [random.choice(_OPERATORS), _ast(random, depth - 1), _ast(random, depth - 1)]
    if kind < 0.5:
        return ["neg", _ast(random, depth - 1)]
    return _call(random, depth)


def _leaf(random: Random) -> Ast:
    if random.random() < 0.12:
        return ["items", "t", [_predicate(random) for _ in range(random.randint(0, 2))], random.choice(_COLUMNS)]
    leaves: tuple[Callable[[], Ast], ...] = (
        lambda: ["n", _number(random)],
        lambda: ["s", random.choice(_TEXTS)],
        lambda: ["b", random.random() < 0.5],
        lambda: ["ref", random.choice(_ONE)],
        lambda: ["ref", random.choice(_ONE)],
        lambda: ["ref", random.choice(_MANY)],
        lambda: ["self"],
    )
    return random.choice(leaves)()


def _predicate(random: Random) -> Ast:
    kind = random.random()
    if kind < 0.15:
        return ["n", random.randint(0, 4)]
    column: Ast = ["col", random.choice(_COLUMNS)]
    equality = random.choice((["=", column, _leaf(random)], ["=", _leaf(random), column]))
    if kind < 0.5:
        return equality
    other = [random.choice(("=", "!=", "<", ">=")), ["col", random.choice(_COLUMNS)], _leaf(random)]
    return [random.choice(("and", "or")), random.choice((equality, _leaf(random))), other]


def _call(random: Random, depth: int) -> Ast:
    name = random.choice([name for name in SIGNATURES if name not in _UNDRAWN])
    if name == "indexed-repeat":
        many = random.choice(_MANY)
        return ["call", name, ["ref", many], ["ref", f"rows-of-{many}"], _ast(random, depth - 1)]
    if name == "last-saved":
        return ["call", name, ["ref", random.choice(_ONE)]]
    signature = SIGNATURES[name]
    if signature.most is None:
        count = signature.least + signature.cycle * random.randint(0, 2)
    else:
        count = random.randint(signature.least, signature.most)
    arguments = [_ast(random, depth - 1) for _ in range(count)]
    for place, texts in _GIVEN_TEXTS.get(name, {}).items():
        if place < count and random.random() < 0.8:
            arguments[place] = ["s", random.choice(texts)]
    if name == "regex":
        arguments[1] = ["s", random.choice(_PATTERNS)]
    if name == "jr:choice-name":
        arguments[1] = ["s", random.choice(("a", "b"))]
    return ["call", name, *arguments]
