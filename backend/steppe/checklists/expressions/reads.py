"""What every section, repeat, question and text (`You said ${age}`) of a checklist reads: the input of its evaluation
order.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from steppe.checklists.definition import Ast, Choice, Group, Question, Repeat, Section, Texts
from steppe.checklists.expressions.chains import is_flat
from steppe.checklists.expressions.graph import Reads, reads_only_earlier_rows, references_of
from steppe.checklists.expressions.paths import nodes_of_ast

OUTPUT: Final = re.compile(r"\$\{([^}]*)\}")
"""A value inside a text, its question in the first group."""


def outputs_of(texts: Texts | None) -> Iterator[str]:
    """The questions whose answers a text shows."""
    for text in (texts or {}).values():
        for match in OUTPUT.finditer(text):
            yield match[1].strip()


def walk(sections: Iterable[Section]) -> Iterator[tuple[Section, Repeat | None, Question]]:
    """Every question of some sections in document order, with its section and its repeat."""
    for section in sections:
        for node in section.nodes:
            if isinstance(node, Repeat):
                yield from ((section, node, question) for question in node.questions)
            else:
                yield section, None, node


def expressions_of(question: Question) -> Iterator[tuple[str, Ast]]:
    """The expressions of a question with the column each stands in."""
    columns = {"filter": "choice_filter", "read_only_when": "read_only"}
    for field in ("relevant", "required", "constraint", "soft", "calculation", "default", "filter", "read_only_when"):
        ast = getattr(question, field)
        if ast is not None:
            yield columns.get(field, field), ast


def has_flat_chain(sections: Iterable[Section]) -> bool:
    """Whether an expression of these sections can be read by phones of the second format only."""
    asts: list[Ast | None] = []
    for section in sections:
        asts.append(section.relevant)
        for node in section.nodes:
            if isinstance(node, Repeat):
                asts += (node.relevant, node.count)
        asts += (ast for _, _, question in walk([section]) for _, ast in expressions_of(question))
    return any(is_flat(node) for ast in asts if ast is not None for node in nodes_of_ast(ast))


def reads_of(
    sections: Iterable[Section], choices: Mapping[str, tuple[Choice, ...]], groups: Mapping[str, Group]
) -> dict[str, Reads]:
    """What each section, repeat and question reads, in document order; values shown in texts are read by checks."""
    shown_in = {
        name: {output for choice in held for output in outputs_of(choice.label)} for name, held in choices.items()
    }
    headings = {name: set(outputs_of(group.label)) for name, group in groups.items()}
    reads: dict[str, Reads] = {}
    for section in sections:
        reads[section.id] = _container((), section.relevant, None, outputs_of(section.title))
        for node in section.nodes:
            if isinstance(node, Repeat):
                inside = (section.id,) if node.inside is None else (section.id, node.inside)
                reads[node.id] = _container(inside, node.relevant, node.count, outputs_of(node.label))
                places = {question.id for question in node.questions if question.calculation == ["call", "position"]}
                for question in node.questions:
                    own = reads[question.id] = _question((section.id, node.id), question)
                    calculation = question.calculation
                    if calculation and reads_only_earlier_rows(calculation, question.id, node.id, places):
                        own.settles.discard(question.id)
            else:
                reads[node.id] = _question((section.id,), node)
    offered = _rows_read(sections)
    for _, _, question in walk(sections):
        reads[question.id].checks |= offered.get(question.rows or "", set()) - {question.id}
        reads[question.id].checks |= shown_in.get(question.list or "", set())
        reads[question.id].checks |= headings.get(question.group or "", set())
    return reads


def _rows_read(sections: Iterable[Section]) -> dict[str, set[str]]:
    """Question of a repeat → what decides over the choices that its rows offer: the repeats and all that is asked."""
    repeats = {node.id: node for section in sections for node in section.nodes if isinstance(node, Repeat)}
    found: dict[str, set[str]] = {}
    for repeat in repeats.values():
        ids = {question.id for question in repeat.questions}
        outer: Repeat | None = repeat
        while outer is not None:
            ids.add(outer.id)
            outer = repeats.get(outer.inside or "")
        found.update(dict.fromkeys((question.id for question in repeat.questions), ids))
    return found


def _container(inside: tuple[str, ...], relevant: Ast | None, count: Ast | None, shown: Iterable[str]) -> Reads:
    settling = [ast for ast in (relevant, count) if ast is not None]
    settles = {read for ast in settling for read in references_of(ast)}
    return Reads(inside, settles, set(shown), is_settled=bool(settling))


def _question(inside: tuple[str, ...], question: Question) -> Reads:
    runs = question.calculation is not None and question.trigger is None
    reads = Reads(inside, is_settled=question.relevant is not None or runs)
    for column, ast in expressions_of(question):
        if column == "relevant" or (column == "calculation" and runs):
            reads.settles.update(references_of(ast))
        elif column not in {"default", "calculation"}:
            reads.checks.update(references_of(ast))
    texts = (question.label, question.hint, question.guidance_hint)
    messages = (question.required_message, question.constraint_message, question.soft_message)
    for text in (*texts, *messages):
        reads.checks.update(outputs_of(text))
    seed = (question.parameters or {}).get("seed")
    if isinstance(seed, str):
        reads.checks.update(outputs_of({"": seed}))
    return reads
