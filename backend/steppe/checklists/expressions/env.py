"""What expressions are evaluated in, and where they find the answers they read."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol, TypeAlias

from steppe.checklists.expressions.dates import Context
from steppe.checklists.expressions.limits import EXPRESSION_OPERATIONS, REPORT_OPERATIONS, OverBudget
from steppe.checklists.expressions.sources import NO_SOURCES, Source
from steppe.checklists.expressions.values import Value, text_of_answer


class Item(NamedTuple):
    """A row of a choice list or table at hand: its 0-based place."""

    source: Source
    at: int


class Env:
    """What an expression is evaluated in: the answers that count, the row, the question's own answer, the clock.

    Attributes:
        values: path → answer of every relevant question; a missing path is an unanswered question.
        irrelevant: paths of answers that do not count; node-sets leave them out.
        prefixes: the prefix of each enclosing row, outermost first: `""` for outside, `"repeat/row/"` …
        positions: the 1-based place of each enclosing row, outermost first; one fewer than `prefixes`.
        self_value: answer of the question the expression belongs to.
        item: the row of a choice list or table that a predicate looks at.
        choice_names: question id → choice name → label in the definition's default language.
        sources: choice lists and tables by name.
        last_saved: question id → its answer when the form was last finished; only a phone knows.
        version: the form's version.
        spent: operations of the expression at hand; `spent_before` those of the expressions before it.
        unevaluated: path → question of what went beyond its budget.
    """

    __slots__ = (
        "choice_names",
        "context",
        "irrelevant",
        "item",
        "last_saved",
        "positions",
        "prefixes",
        "self_value",
        "sources",
        "spent",
        "spent_before",
        "unevaluated",
        "values",
        "version",
    )

    def __init__(
        self,
        values: dict[str, object],
        context: Context,
        choice_names: Mapping[str, Mapping[str, str]] | None = None,
        sources: Mapping[str, Source] = NO_SOURCES,
        last_saved: Mapping[str, object] | None = None,
        version: str = "",
    ) -> None:
        self.values = values
        self.context = context
        self.irrelevant: set[str] = set()
        self.prefixes: list[str] = [""]
        self.positions: list[int] = []
        self.self_value: object = None
        self.item: Item | None = None
        self.choice_names = choice_names or {}
        self.sources = sources
        self.last_saved = last_saved or {}
        self.version = version
        self.spent = 0
        self.spent_before = 0
        self.unevaluated: dict[str, str] = {}

    def begin(self) -> None:
        """Another expression is evaluated: it has a budget of its own, and the report one for all of them."""
        self.spent_before += self.spent
        self.spent = 0

    def spend(self, operations: int) -> None:
        """Take operations off the budgets. Raises OverBudget, before the work is done."""
        spent = self.spent + operations
        if spent > EXPRESSION_OPERATIONS or spent + self.spent_before > REPORT_OPERATIONS:
            raise OverBudget
        self.spent = spent

    @property
    def self_text(self) -> str:
        """The own answer as a string."""
        return text_of_answer(self.self_value)

    def position(self, up: float) -> float:
        """The place of this row, or of the one `up` levels above it; 0 outside rows."""
        if up != up // 1 or not 0 <= up < len(self.positions):
            return 0.0
        return float(self.positions[-1 - int(up)])

    def choice_name(self, question: str, name: str) -> str:
        """The label of a choice of a question in the definition's default language; empty when there is none."""
        return self.choice_names.get(question, {}).get(name, "")

    def rows_below(self, depth: int, chain: tuple[str, ...]) -> list[str]:
        """The prefixes of all rows under repeats that stand one in the other inside the enclosing row of a depth."""
        prefixes = [self.prefixes[depth]]
        for repeat in chain:
            prefixes = [
                f"{prefix}{repeat}/{row}/" for prefix in prefixes for row in rows_of(self.values, prefix + repeat)
            ]
        return prefixes

    def enter(self, chain: tuple[str, ...]) -> Iterator[str]:
        """Stands in each row under a chain of repeats in turn, beginning outside; yields the row's prefix."""
        if len(self.positions) == len(chain):
            yield self.prefixes[-1]
            return
        path = self.prefixes[-1] + chain[len(self.positions)]
        for position, row in enumerate(rows_of(self.values, path), 1):
            self.prefixes.append(f"{path}/{row}/")
            self.positions.append(position)
            yield from self.enter(chain)
            self.prefixes.pop()
            self.positions.pop()


def rows_of(values: Mapping[str, object], repeat: str) -> list[str]:
    """The row ids of the repeat at a path in order; none when the answer is not a list."""
    rows = values.get(repeat)
    return rows if isinstance(rows, list) else []


@dataclass(frozen=True, slots=True)
class Reach:
    """How a question or repeat is read from a place.

    Attributes:
        kind: `one` answer; `many` answers, one of each row; or the `rows` of a repeat.
        depth: of the enclosing row that reader and read have in common; 0 is outside all rows.
        below: the repeats between that row and the answers, outermost first.
    """

    kind: Literal["one", "many", "rows"]
    depth: int = 0
    below: tuple[str, ...] = field(default=())


class References(Protocol):
    """Where answers are found, seen from the place of an expression."""

    def reach(self, name: str) -> Reach:
        """How a question or repeat is read from here."""
        ...

    def chain(self, name: str) -> tuple[str, ...]:
        """The repeats a question stands in, outermost first."""
        ...

    def shared(self, name: str) -> int:
        """How many of these enclose this place too."""
        ...


Closure: TypeAlias = Callable[[Env], Value]
Truth: TypeAlias = Callable[[Env], bool]
Numeric: TypeAlias = Callable[[Env], float]
Textual: TypeAlias = Callable[[Env], str]
