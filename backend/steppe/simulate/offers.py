"""Which choices a question offers in one place, after its filter: what a phone would draw there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from steppe.checklists.definition import Ast, Definition, Question
from steppe.checklists.evaluation.evaluation import Evaluation
from steppe.checklists.evaluation.plan import Places, chains_of, plan_of
from steppe.checklists.expressions.env import Closure
from steppe.checklists.expressions.expressions import compile_value


@dataclass
class Offers:
    """The offers of one definition; expressions are compiled when a question is first asked about."""

    definition: Definition
    _compiled: dict[str, Closure] = field(default_factory=dict, init=False)

    def names(self, evaluation: Evaluation, question: Question, prefix: str) -> Sequence[str]:
        """Return the names of the choices offered in the row at `prefix` (`""` outside repeats), in order.

        `evaluation` must hold the answers given so far.
        """
        ast = _offer(question)
        if ast is None:
            return list(plan_of(self.definition).list_order.get(question.id, ()))
        chain = plan_of(self.definition).asked[question.id].chain
        if question.id not in self._compiled:
            repeats = frozenset(repeat.id for _, repeat in self.definition.repeats())
            self._compiled[question.id] = compile_value(ast, Places(chains_of(self.definition), repeats, chain))
        found: list[str] = []
        for here in evaluation.env.enter(chain):
            if here == prefix:
                value = self._compiled[question.id](evaluation.env)
                found = [name for name in value if name] if isinstance(value, list) else []
        return list(dict.fromkeys(found))


def _offer(question: Question) -> Ast | None:
    """Return the expression that lists the choices; None when the whole list is offered."""
    if question.rows is not None:
        return ["ref", question.rows]
    source = question.table or question.list
    if source is None or question.filter is None:
        return None
    return ["items", source, [question.filter], question.value or "name"]
