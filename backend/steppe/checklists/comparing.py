"""Two versions of a checklist, question by question: what came, went, moved, changed, and what still counts together.

Answers to a question of two versions may be added up when it is the same question: same id, type and choices
(`meaning`). Another label is another wording of the same question; other choices are another question.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final, Literal

from steppe.checklists.definition import Ast, Choice, Definition, Question, Repeat, Texts
from steppe.checklists.expressions.printer import print_expression
from steppe.checklists.marks import plain

Kind = Literal["added", "removed", "moved", "changed"]
_EXPRESSIONS: Final = ("relevant", "required", "constraint", "soft", "calculation", "default", "filter")
_TEXTS: Final = ("label", "hint", "guidance_hint", "required_message", "constraint_message", "soft_message")
_SWITCHES: Final = ("sealed", "read_only", "short_form")
_WORDS: Final = ("theme", "location", "precision", "trigger", "metadata", "appearance", "figure", "reference")
_SOURCES: Final = ("table", "value", "text")
_RULES: Final = ("parameters", "negative")


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing about a question that differs.

    Attributes:
        part: `label` and the other texts, `type`, `place`, `choice`, `relevant` and the other rules …
        about: the language of a text, the name of a choice; else empty.
        before: as it was, in words; empty where it was not there.
        after: as it is now.
    """

    part: str
    about: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to one question or repeat; `label` holds the words of the newer version's, where it has one."""

    kind: Kind
    id: str
    label: Texts
    details: tuple[Detail, ...] = ()
    is_comparable: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that differs, in the order of the newer version, what went at its end; `comparable` question ids."""

    changes: tuple[Change, ...]
    comparable: tuple[str, ...]


def meaning(definition: Definition, question: Question) -> Hashable:
    """Return what must be equal for answers to be counted together: id, type and the names of the choices in order."""
    return question.id, question.type, choice_names(definition, question)


def choice_names(definition: Definition, question: Question) -> tuple[str, ...]:
    """Return the names a question may be answered with, in the order of its list or table."""
    if question.table is not None:
        return tuple(_rows_of(definition, question.table, question.value or "name", question.text or "label"))
    return tuple(choice.name for choice in definition.choices.get(question.list or "", ()))


def choices_of(definition: Definition, question: Question) -> Sequence[Choice]:
    """Return the choices a question may be answered with, those of a table with one text for every language."""
    if question.table is None:
        return definition.choices.get(question.list or "", ())
    rows = _rows_of(definition, question.table, question.value or "name", question.text or "label")
    return [Choice(name=name, label=dict.fromkeys(definition.languages, label)) for name, label in rows.items()]


@lru_cache(maxsize=256)
def _rows_of(definition: Definition, table: str, name: str, label: str) -> dict[str, str]:
    held = (definition.tables or {}).get(table)
    if held is None or name not in held.columns:
        return {}
    place = held.columns.index(name)
    text = held.columns.index(label) if label in held.columns else place
    return {row[place]: row[text] for row in held.rows if row[place]}


def compare(old: Definition, new: Definition) -> Comparison:
    """Compare two versions of a checklist."""
    before, after = _Asked(old), _Asked(new)
    moved = _moved(before, after)
    changes: list[Change] = []
    comparable: list[str] = []
    for key, question in after.nodes.items():
        held = before.nodes.get(key)
        if held is None:
            changes.append(Change("added", key, plain(question.label), (Detail("place", "", "", after.places[key]),)))
            continue
        is_comparable = _is_comparable(old, held, new, question)
        if is_comparable:
            comparable.append(key)
        details = tuple(_details(before, held, after, question))
        if key in moved:
            details = (Detail("place", "", before.places[key], after.places[key]), *details)
        if details:
            kind: Kind = "moved" if all(detail.part == "place" for detail in details) else "changed"
            changes.append(Change(kind, key, plain(question.label), details, is_comparable))
    for key, question in before.nodes.items():
        if key not in after.nodes:
            was = Detail("place", "", before.places[key], "")
            changes.append(Change("removed", key, plain(question.label), (was,)))
    return Comparison(tuple(changes), tuple(comparable))


class _Asked:
    """A definition's questions and repeats by id, each with the words for where it stands."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.nodes: dict[str, Question | Repeat] = {}
        self.places: dict[str, str] = {}
        for section in definition.sections:
            for node in section.nodes:
                self.nodes[node.id] = node
                self.places[node.id] = section.id
                if isinstance(node, Repeat):
                    self.places[node.id] = f"{section.id}, {node.inside}" if node.inside else section.id
                    for question in node.questions:
                        self.nodes[question.id] = question
                        self.places[question.id] = f"{section.id}, {node.id}"


def _moved(before: _Asked, after: _Asked) -> set[str]:
    """Return the ids that stand elsewhere: in another section or repeat, or in another order among those that stayed.

    Of an order that changed, as few are named as explain it.
    """
    both = [key for key in before.nodes if key in after.nodes]
    moved = {key for key in both if before.places[key] != after.places[key]}
    old = [key for key in both if key not in moved]
    new = [key for key in after.nodes if key in before.nodes and key not in moved]
    for block in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if block[0] in {"delete", "replace"}:
            moved.update(old[block[1] : block[2]])
    return moved


def _is_comparable(old: Definition, held: Question | Repeat, new: Definition, question: Question | Repeat) -> bool:
    if isinstance(held, Repeat) or isinstance(question, Repeat) or question.type == "note":
        return False
    return meaning(old, held) == meaning(new, question)


def _details(before: _Asked, held: Question | Repeat, after: _Asked, question: Question | Repeat) -> Iterator[Detail]:
    yield from _texts("label", held.label, question.label)
    if isinstance(held, Repeat) or isinstance(question, Repeat):
        yield from _of_repeats(held, question)
        return
    if held.type != question.type:
        yield Detail("type", "", held.type, question.type)
    for part in _TEXTS[1:]:
        yield from _texts(part, getattr(held, part), getattr(question, part))
    yield from _choices(choices_of(before.definition, held), choices_of(after.definition, question))
    for part in _EXPRESSIONS:
        yield from _expression(part, getattr(held, part), getattr(question, part))
    yield from _expression("read_only", held.read_only_when, question.read_only_when)
    for part in (*_SWITCHES, *_WORDS, *_SOURCES, *_RULES):
        old, new = _words(getattr(held, part)), _words(getattr(question, part))
        if old != new:
            yield Detail(part, "", old, new)
    yield from _media(held, question)


def _media(held: Question, question: Question) -> Iterator[Detail]:
    old, new = (node.media.model_dump(exclude_none=True) if node.media else {} for node in (held, question))
    for kind in dict.fromkeys([*new, *old]):
        yield from _texts(kind, old.get(kind), new.get(kind))


def _of_repeats(held: Question | Repeat, question: Question | Repeat) -> Iterator[Detail]:
    if isinstance(held, Repeat) and isinstance(question, Repeat):
        yield from _expression("relevant", held.relevant, question.relevant)
        yield from _expression("count", held.count, question.count)
    else:
        kinds = ["repeat" if isinstance(node, Repeat) else node.type for node in (held, question)]
        yield Detail("type", "", *kinds)


def _texts(part: str, old: Texts | None, new: Texts | None) -> Iterator[Detail]:
    old, new = old or {}, new or {}
    for language in dict.fromkeys([*new, *old]):
        was, now = old.get(language, ""), new.get(language, "")
        if was != now:
            yield Detail(part, language, was, now)


def _choices(old: Sequence[Choice], new: Sequence[Choice]) -> Iterator[Detail]:
    before, after = {choice.name: choice for choice in old}, {choice.name: choice for choice in new}
    for name, choice in after.items():
        if name not in before:
            yield Detail("choice", name, "", _in_words(choice.label))
        elif before[name].label != choice.label:
            yield Detail("choice", name, _in_words(before[name].label), _in_words(choice.label))
    for name, choice in before.items():
        if name not in after:
            yield Detail("choice", name, _in_words(choice.label), "")
    old_order, new_order = [n for n in before if n in after], [n for n in after if n in before]
    if old_order != new_order:
        yield Detail("choice_order", "", ", ".join(old_order), ", ".join(new_order))


def _in_words(label: Texts) -> str:
    return " / ".join(dict.fromkeys(label.values()))


def _expression(part: str, old: Ast | None, new: Ast | None) -> Iterator[Detail]:
    if old != new:
        yield Detail(part, "", *("" if ast is None else print_expression(ast) for ast in (old, new)))


def _words(value: object) -> str:
    if value is None or value is False:
        return ""
    if isinstance(value, dict):
        return " ".join(f"{key}:{held}" for key, held in value.items())
    if isinstance(value, tuple):
        return " ".join(str(held) for held in value)
    return "yes" if value is True else str(value)
