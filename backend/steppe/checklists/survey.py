"""The survey sheet as a tree: top-level groups become sections, deeper groups dissolve into relevance."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from pyxform.utils import default_is_dynamic

from steppe.checklists.answers import answer_of_value
from steppe.checklists.cells import RECORDED, Cells
from steppe.checklists.definition import Ast, Choice, Question, QuestionType, Repeat, Section, Texts
from steppe.checklists.figures import figure_of, reference_of
from steppe.checklists.problems import CellProblem
from steppe.checklists.texts import Languages
from steppe.checklists.xlsform import UNSUPPORTED, Row, Sheet

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]*")
_BRACKET: Final = re.compile(r"(begin|end)[ _](group|repeat)", re.IGNORECASE)
_LOCATIONS: Final = ("region", "district", "station")


@dataclass(slots=True)
class _Frame:
    """An open group or repeat. ``asks`` is the relevance that the questions below take over."""

    kind: Literal["group", "repeat"]
    row: int
    nodes: list[Question | Repeat] | None
    asks: Ast | None = None
    questions: list[Question] | None = None
    repeat: Repeat | None = None


@dataclass(slots=True)
class _SectionDraft:
    id: str
    title: Texts
    relevant: Ast | None
    nodes: list[Question | Repeat] = field(default_factory=list)


@dataclass(slots=True)
class Known:
    """Every name of the survey sheet and every place where an expression names one.

    ``kinds`` maps a name to ``question``, ``repeat``, ``group`` or ``recorded``; ``rows`` to its row.
    """

    kinds: dict[str, Literal["question", "repeat", "group", "recorded"]] = field(default_factory=dict)
    rows: dict[str, Row] = field(default_factory=dict)
    uses: list[Cells] = field(default_factory=list)


class SurveyReader:
    """Reads the rows of a survey sheet once, noting every fault and going on."""

    def __init__(
        self,
        sheet: Sheet,
        languages: Languages,
        choices: Mapping[str, tuple[Choice, ...]],
        form_title: Texts,
        problems: list[CellProblem],
    ) -> None:
        self.known = Known()
        self._sheet = sheet
        self._languages = languages
        self._choices = choices
        self._form_title = form_title
        self._problems = problems
        self._drafts: list[_SectionDraft] = []
        self._stack: list[_Frame] = []
        self._loose: _SectionDraft | None = None

    def sections(self) -> tuple[Section, ...]:
        """The sections with their questions, in document order; sections that ask nothing are left out."""
        for row in self._sheet.rows:
            cells = Cells(self._sheet, row, self._problems)
            written = cells.text("type")
            bracket = _BRACKET.fullmatch(written)
            if written == "":
                cells.fault("type", "This row has no type.", "Write what kind of question it is.")
            elif bracket is None:
                self._question_row(cells)
            elif bracket[1].lower() == "begin":
                self._begin(cells, "group" if bracket[2].lower() == "group" else "repeat")
            else:
                self._end(cells, bracket[2].lower())
            if cells.references:
                self.known.uses.append(cells)
        for frame in self._stack:
            self._fault_frame(frame, f"This {frame.kind} is never ended.")
        return tuple(
            Section(id=draft.id, title=draft.title, relevant=draft.relevant, nodes=tuple(draft.nodes))
            for draft in self._drafts
            if draft.nodes
        )

    def _begin(self, cells: Cells, kind: Literal["group", "repeat"]) -> None:
        self._refuse_unsupported(cells)
        name = self._name(cells, kind)
        relevant = cells.expression("relevant")
        label = self._languages.texts(self._sheet, cells.row, "label", self._problems)
        if kind == "repeat":
            self._begin_repeat(cells, name, label, relevant)
        elif not self._stack:
            draft = _SectionDraft(name, label or self._form_title, relevant)
            self._drafts.append(draft)
            self._loose = None
            self._stack.append(_Frame("group", cells.row.number, draft.nodes))
        else:
            outer = self._stack[-1]
            frame = _Frame("group", cells.row.number, outer.nodes, both(outer.asks, relevant), outer.questions)
            self._stack.append(frame)

    def _begin_repeat(self, cells: Cells, name: str, label: Texts | None, relevant: Ast | None) -> None:
        outer = self._stack[-1] if self._stack else None
        if outer is not None and outer.questions is not None:
            cells.fault("type", "A repeat inside a repeat is not supported.", "Put its questions into one repeat.")
        asks = both(outer.asks if outer else None, relevant)
        questions: list[Question] = []
        nodes = outer.nodes if outer is not None else self._loose_section().nodes
        repeat = Repeat(id=name, label=label or self._languages.same(name), relevant=asks, questions=())
        self._stack.append(_Frame("repeat", cells.row.number, nodes, None, questions, repeat))

    def _end(self, cells: Cells, kind: str) -> None:
        if not self._stack or self._stack[-1].kind != kind:
            cells.fault("type", f"This ends a {kind} that is not open here.", "Remove it or begin the group above.")
            return
        frame = self._stack.pop()
        if frame.repeat is None or frame.nodes is None:
            return
        if frame.questions:
            frame.nodes.append(frame.repeat.model_copy(update={"questions": tuple(frame.questions)}))
        else:
            self._fault_frame(frame, "This repeat asks nothing.")

    def _fault_frame(self, frame: _Frame, message: str) -> None:
        self._problems.append(CellProblem(self._sheet.name, frame.row, self._sheet.header("type"), message))

    def _loose_section(self) -> _SectionDraft:
        """Questions outside all groups gather in sections of their own, under the form's title."""
        if self._loose is None:
            number = len(self._drafts) + 1
            self._loose = _SectionDraft(f"section-{number}", self._form_title, None)
            self._drafts.append(self._loose)
        return self._loose

    def _question_row(self, cells: Cells) -> None:
        if cells.text("type").lower() in RECORDED:
            self.known.kinds[cells.text("name")] = "recorded"
            return
        self._refuse_unsupported(cells)
        question = self._question(cells)
        if question is None:
            return
        if not self._stack:
            self._loose_section().nodes.append(question)
            return
        frame = self._stack[-1]
        asked = question.model_copy(update={"relevant": both(frame.asks, question.relevant)})
        if frame.questions is not None:
            frame.questions.append(asked)
        elif frame.nodes is not None:
            frame.nodes.append(asked)

    def _question(self, cells: Cells) -> Question | None:
        name = self._name(cells, "question")
        found = cells.question_type()
        if found is None:
            return None
        kind, list_name = found
        names = self._list(cells, list_name) if list_name else frozenset()
        soft = cells.expression("soft")
        location = cells.text("location").lower()
        if location and location not in _LOCATIONS:
            cells.fault("location", f"'{location}' is no kind of place.", "Write region, district or station.")
        parts: dict[str, Any] = {
            "id": name,
            "type": kind,
            "label": self._label(cells, kind, name),
            "list": list_name or None,
            "appearance": tuple(cells.text("appearance").split()) or None,
            "relevant": cells.expression("relevant"),
            "required": cells.condition("required"),
            "constraint": cells.expression("constraint"),
            "soft": soft,
            "calculation": self._calculation(cells, kind),
            "read_only": True if cells.is_yes("read_only") else None,
            "theme": cells.text("theme") or None,
            "negative": cells.negative(kind, names, has_soft=cells.text("soft") != ""),
            "sealed": True if cells.is_yes("sealed") else None,
            "location": location if location in _LOCATIONS else None,
            "short_form": True if cells.is_yes("short_form") else None,
            "figure": figure_of(cells, kind),
            "reference": reference_of(cells, kind),
        }
        for texts in ("hint", "required_message", "constraint_message", "soft_message"):
            parts[texts] = self._languages.texts(self._sheet, cells.row, texts, self._problems)
        question = Question(**parts)
        return question.model_copy(update={"default": self._default(cells, question)})

    def _label(self, cells: Cells, kind: QuestionType, name: str) -> Texts:
        label = self._languages.texts(self._sheet, cells.row, "label", self._problems)
        if label is None and kind != "calculate":
            cells.fault("label", "This question has no label.", "Write what the observer reads.")
        return label or self._languages.same(name)

    def _calculation(self, cells: Cells, kind: QuestionType) -> Ast | None:
        calculation = cells.expression("calculation")
        if kind == "calculate" and cells.text("calculation") == "":
            cells.fault("calculation", "This calculate row has no calculation.", "Write its expression.")
        return calculation

    def _default(self, cells: Cells, question: Question) -> Ast | None:
        written = cells.text("default")
        if written == "":
            return None
        kind = "dateTime" if question.type == "datetime" else question.type
        if default_is_dynamic(written, kind):
            return cells.parsed("default", written)
        choices = self._choices.get(question.list or "", ())
        places = {question.id: {choice.name: at for at, choice in enumerate(choices)}}
        answer = answer_of_value(question, written, places, 0)
        known = question.type != "select_one" or written in places[question.id]
        if answer is None or not known:
            cells.fault("default", f"'{written}' is no answer to this question.")
        return ["s", written]

    def _list(self, cells: Cells, name: str) -> frozenset[str]:
        held = self._choices.get(name)
        if held is None:
            near = cells.nearest(name, self._choices)
            cells.fault("type", f"There is no choice list '{name}'.", f"Did you mean '{near}'?" if near else "")
            return frozenset()
        return frozenset(choice.name for choice in held)

    def _name(self, cells: Cells, kind: Literal["question", "repeat", "group"]) -> str:
        name = cells.text("name")
        if name == "" and kind == "group":
            return f"group-{cells.row.number}"
        if name == "":
            cells.fault("name", f"This {kind} has no name.", "Give it a short name in Latin letters.")
            return f"row-{cells.row.number}"
        if not _NAME.fullmatch(name):
            cells.fault(
                "name", f"'{name}' is no valid name.", "Use Latin letters, digits, '_', '-' and '.', a letter first."
            )
        if name in self.known.kinds:
            first = self.known.rows.get(name)
            where = f" in row {first.number}" if first else ""
            cells.fault("name", f"'{name}' is the name of another row{where}.", "Names are unique in a checklist.")
        self.known.kinds[name] = kind
        self.known.rows.setdefault(name, cells.row)
        return name

    def _refuse_unsupported(self, cells: Cells) -> None:
        for column, suggestion in UNSUPPORTED.items():
            if cells.text(column):
                cells.fault(column, f"The column '{column}' is not supported.", suggestion)
        if cells.text("parameters") and not cells.text("type").lower().startswith(("image", "photo")):
            cells.fault("parameters", "Parameters are not supported for this type.", "Remove them.")


def both(outer: Ast | None, inner: Ast | None) -> Ast | None:
    """Two relevances that must both hold; None is one that always does."""
    if outer is None or inner is None:
        return inner if outer is None else outer
    return ["and", outer, inner]
