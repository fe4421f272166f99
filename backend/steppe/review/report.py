"""A report laid out for reading: answered questions in the order of the checklist, with the texts of their choices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from steppe.checklists.comparing import choices_of
from steppe.checklists.definition import Definition, Question, Repeat
from steppe.checklists.evaluation.answers import is_empty
from steppe.checklists.marks import plain
from steppe.review.schemas import AnswerOut, FlagOut, PartOut, RowOut, SectionOut, Texts

Answers = Mapping[str, Any]
_NEVER_SHOWN: Final = frozenset({"metadata", "hidden"})
"""What the phone or the form's author noted, not the observer."""


class Report:
    """One submission's answers against its definition. Sealed answers are blanked unless the reader may see them."""

    def __init__(
        self,
        definition: Definition,
        answers: Answers,
        flags: Sequence[Mapping[str, Any]],
        *,
        sees_sealed: bool,
        places: Mapping[str, Texts],
    ) -> None:
        """Prepare look-ups; `flags` are those kept with the submission, `places` the names of places by question."""
        self._definition = definition
        self._answers = answers
        self._flags = flags
        self._sees_sealed = sees_sealed
        self._places = places
        self._questions = {question.id: question for _, _, question in definition.questions()}
        self._inner: dict[str, list[Repeat]] = {}
        for _, repeat in definition.repeats():
            if repeat.inside is not None:
                self._inner.setdefault(repeat.inside, []).append(repeat)
        self._worst: dict[str, int] = {}
        for flag in flags:
            self._worst[flag["path"]] = max(self._worst.get(flag["path"], 0), flag["severity"])

    def sections(self) -> list[SectionOut]:
        """Return the sections in which something was answered."""
        laid = (
            SectionOut(id=section.id, title=plain(section.title), parts=list(self._parts(section.nodes)))
            for section in self._definition.sections
        )
        return [section for section in laid if section.parts]

    def noted(self) -> list[FlagOut]:
        """Return the flags, worst first, with the words a reader needs. Flags on sealed answers go with the answers."""
        flags = sorted(self._flags, key=lambda flag: -flag["severity"])
        return [
            self._flag(flag, self._questions[flag["question"]]) for flag in flags if self._may_see(flag["question"])
        ]

    def _may_see(self, question: str) -> bool:
        known = self._questions.get(question)
        return known is not None and (self._sees_sealed or not known.sealed)

    def _parts(self, nodes: Iterable[Question | Repeat]) -> Iterable[PartOut]:
        for node in nodes:
            if isinstance(node, Repeat):
                if node.inside is None:
                    yield from self._repeat(node, "")
            elif self._is_shown(node, node.id):
                yield PartOut(answer=self._answer(node, node.id, self._answers[node.id]))

    def _is_shown(self, question: Question, path: str) -> bool:
        return question.type not in _NEVER_SHOWN and not is_empty(self._answers.get(path))

    def _repeat(self, repeat: Repeat, prefix: str) -> Iterable[PartOut]:
        path = f"{prefix}{repeat.id}"
        rows = [self._row(repeat, row, f"{path}/{row}/") for row in self._answers.get(path) or ()]
        if rows:
            yield PartOut(repeat=plain(repeat.label), rows=rows)

    def _row(self, repeat: Repeat, row: str, prefix: str) -> RowOut:
        paths = [(question, f"{prefix}{question.id}") for question in repeat.questions]
        return RowOut(
            id=row,
            answers=[
                self._answer(question, path, self._answers[path])
                for question, path in paths
                if self._is_shown(question, path)
            ],
            repeats=[part for inner in self._inner.get(repeat.id, ()) for part in self._repeat(inner, prefix)],
        )

    def answer_at(self, path: str, value: Any) -> AnswerOut | None:
        """Return a value as an answer at a path, whether it counts or not; None where a reader is shown none."""
        question = self._questions.get(path.rpartition("/")[2])
        if question is None or question.type in _NEVER_SHOWN:
            return None
        return self._answer(question, path, value)

    def rows_label(self, path: str) -> Texts:
        """Return what the rows at the path of a repeat are called."""
        id_ = path.rpartition("/")[2]
        return next((plain(repeat.label) for _, repeat in self._definition.repeats() if repeat.id == id_), {})

    def _answer(self, question: Question, path: str, answered: Any) -> AnswerOut:
        is_sealed = bool(question.sealed) and not self._sees_sealed
        value = None if is_sealed else answered
        return AnswerOut(
            path=path,
            type=question.type,
            label=plain(question.label),
            theme=question.theme,
            value=value,
            labels=self._labels(question, value),
            is_sealed=is_sealed,
            severity=None if is_sealed else self._worst.get(path),
        )

    def _labels(self, question: Question, value: Any) -> list[Texts]:
        if value is None:
            return []
        if question.list is None and question.table is None:
            return [self._places[question.id]] if question.id in self._places else []
        texts = {choice.name: plain(choice.label) for choice in choices_of(self._definition, question)}
        return [texts.get(name, {}) for name in (value if isinstance(value, list) else [value])]

    def _flag(self, flag: Mapping[str, Any], question: Question) -> FlagOut:
        answer = flag.get("answer")
        labels = self._labels(question, answer)
        return FlagOut(
            path=flag["path"],
            kind=flag["kind"],
            severity=flag["severity"],
            label=plain(question.label),
            message=plain(question.soft_message) if flag["kind"] == "soft" and question.soft_message else None,
            answer=answer,
            answer_label=labels[0] if labels else None,
        )
