"""How functions of expressions are called: their names' arity and the kinds of their arguments.

A signature is a string of argument kinds: `n` number, `s` string, `b` boolean, `N` node-set, `v` any value.
Arguments are converted before the call, as XPath 1.0 §3.2 says.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from steppe.checklists.expressions.dates import Context
from steppe.checklists.expressions.values import Value

Kind: TypeAlias = Literal["n", "s", "b", "N", "v"]


class Scope(Protocol):
    """What a function may know besides its arguments."""

    context: Context
    version: str
    """The form's version."""

    def position(self, up: float) -> float:
        """The 1-based place of the row, or of the row `up` levels above it; 0 outside rows."""
        ...

    def spend(self, operations: int) -> None:
        """Take operations off the budget of this evaluation. Raises OverBudget."""
        ...

    def choice_name(self, question: str, name: str) -> str:
        """The label of a choice in the definition's default language; the empty string when there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Signature:
    """How a function is called and what it gives back.

    `kinds` are the argument kinds in order; with `most` None the kinds after `least` repeat the last `cycle`.
    """

    result: Kind
    kinds: str
    least: int
    most: int | None
    shown: str
    apply: Callable[..., Value]
    cycle: int = 1

    def accepts(self, count: int) -> bool:
        """Whether the function may be called with this many arguments."""
        if count < self.least or (self.most is not None and count > self.most):
            return False
        return self.most is not None or (count - self.least) % self.cycle == 0

    def kind(self, index: int) -> Kind:
        """The kind of the argument at a 0-based index."""
        if index >= len(self.kinds):
            index = len(self.kinds) - self.cycle + (index - len(self.kinds)) % self.cycle
        return self.kinds[index]  # type: ignore[return-value]  # a letter of a string of kinds

    def wanted(self) -> str:
        """The accepted number of arguments in words."""
        if self.most is None:
            return f"{self.least} or more arguments" + (" in pairs" if self.cycle > 1 else "")
        plural = "" if self.most == 1 else "s"
        if self.least == self.most:
            return f"{self.most or 'no'} argument{plural}"
        return f"{self.least} to {self.most} arguments"
