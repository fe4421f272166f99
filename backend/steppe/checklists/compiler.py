"""XLSForm → Definition: everything that can be wrong is found in one pass and named by sheet, row and column."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from os import PathLike
from pathlib import Path
from typing import Final

from steppe.checklists.cells import Cells
from steppe.checklists.definition import Ast, Choice, Definition, Question, Repeat, Section
from steppe.checklists.graph import (
    Circle,
    Reads,
    calls_of,
    dependants_of,
    evaluation_order,
    reads_itself,
    references_of,
)
from steppe.checklists.problems import CellProblem, ChecklistProblems
from steppe.checklists.survey import Known, SurveyReader
from steppe.checklists.texts import Languages, languages_of, title_texts
from steppe.checklists.xlsform import Row, Workbook, pyxform_problems, read_workbook, unknown_columns

KINDS: Final = (
    "meeting",
    "campaign_event",
    "commission",
    "polling_station",
    "complaint",
    "flash",
    "weekly",
    "other",
)
"""What a checklist is about: decides its tile on the phone and its place in summaries."""


def compile_checklist(source: str | PathLike[str] | bytes, filename: str = "") -> Definition:
    """The definition of an XLSForm.

    Args:
        source: path of an ``.xlsx`` or ``.md`` file, or its bytes.
        filename: the file's name when ``source`` is bytes; its suffix says how to read them, its stem is the form's id
            when the settings name none.

    Raises:
        ChecklistProblems: with every fault found, sorted by place.
        OSError: when the path cannot be read.
    """
    if isinstance(source, bytes):
        content, name, folder = source, filename, None
    else:
        content, name, folder = Path(source).read_bytes(), filename or Path(source).name, Path(source).parent
    workbook = read_workbook(content, name, folder)
    problems: list[CellProblem] = []
    for sheet in (workbook.survey, workbook.choices, workbook.settings_sheet):
        problems += unknown_columns(sheet)
    definition = _Compilation(workbook, problems).definition(content, Path(name).stem)
    taken = {(problem.sheet, problem.row) for problem in problems}
    problems += [
        problem
        for problem in pyxform_problems(workbook)
        # Without a row it is most likely what was found here already, with its place.
        if (problem.sheet, problem.row) not in taken and (problem.row or not taken)
    ]
    if problems or definition is None:
        raise ChecklistProblems([workbook.origins.place(problem) for problem in problems])
    return definition


@dataclass(slots=True)
class _Compilation:
    workbook: Workbook
    problems: list[CellProblem]
    languages: Languages = field(init=False)

    def __post_init__(self) -> None:
        self.languages = languages_of(self.workbook)

    def definition(self, content: bytes, stem: str) -> Definition | None:
        settings = self.workbook.settings.cells
        form = settings.get("form_id") or stem or "form"
        title = title_texts(self.workbook, self.languages, "form_title", self.languages.same(form))
        choices = self._choices()
        reader = SurveyReader(self.workbook.survey, self.languages, choices, title, self.problems)
        sections = reader.sections()
        if not sections and not self.problems:
            self.problems.append(CellProblem("survey", 0, "", "The form asks nothing.", "Add a question."))
        reads = reads_of(sections)
        self._check_references(reader.known, sections)
        order = self._order(reads, reader.known)
        kind = self._kind(settings.get("kind", "other"))
        location = self._location(settings.get("location", ""), sections)
        if self.problems:
            return None
        used = {question.list for _, _, question in walk(sections)}
        return Definition(
            id=form,
            version=settings.get("version") or hashlib.sha256(content).hexdigest()[:12],
            title=title,
            short=title_texts(self.workbook, self.languages, "short_title", title),
            languages=self.languages.codes,
            default_language=self.languages.default,
            kind=kind,
            location=location,
            sections=sections,
            choices={name: held for name, held in choices.items() if name in used},
            order=order,
            dependants=dependants_of(reads, order),
        )

    def _choices(self) -> dict[str, tuple[Choice, ...]]:
        sheet = self.workbook.choices
        lists: dict[str, dict[str, Choice]] = {}
        for row in sheet.rows:
            list_name, name = row.cells.get("list_name", ""), row.cells.get("name", "")
            if list_name == "":
                self._fault_choice(row, "list_name", "This choice belongs to no list.", "Write its list_name.")
                continue
            held = lists.setdefault(list_name, {})
            label = self.languages.texts(sheet, row, "label", self.problems)
            if name == "" or any(letter.isspace() for letter in name):
                self._fault_choice(row, "name", "A choice needs a name without spaces.", "Write a short name.")
            elif name in held:
                self._fault_choice(row, "name", f"'{name}' is already in the list '{list_name}'.", "Rename one.")
            elif label is None:
                self._fault_choice(row, "label", "This choice has no label.", "Write what the observer reads.")
            held[name] = Choice(name=name, label=label or self.languages.same(name))
        return {list_name: tuple(held.values()) for list_name, held in lists.items()}

    def _fault_choice(self, row: Row, column: str, message: str, suggestion: str) -> None:
        sheet = self.workbook.choices
        self.problems.append(CellProblem(sheet.name, row.number, sheet.header(column), message, suggestion))

    def _kind(self, written: str) -> str:
        if written not in KINDS:
            near = get_close_matches(written, KINDS, n=1)
            self._fault_setting(
                "kind",
                f"'{written}' is no kind of checklist.",
                f"Did you mean '{near[0]}'?" if near else "Write other.",
            )
        return written

    def _location(self, written: str, sections: tuple[Section, ...]) -> str | None:
        """The question that places the submission: the settings' own, else the finest place asked for."""
        placed = {question.id: question.location for _, repeat, question in walk(sections) if repeat is None}
        if written and not placed.get(written):
            self._fault_setting("location", f"'{written}' asks for no place.", "Name a question with a location.")
        if written:
            return written
        for level in ("station", "district", "region"):
            for name, location in placed.items():
                if location == level:
                    return name
        return None

    def _fault_setting(self, column: str, message: str, suggestion: str) -> None:
        sheet = self.workbook.settings_sheet
        row = self.workbook.settings.number
        self.problems.append(CellProblem("settings", row, sheet.header(column), message, suggestion))

    def _check_references(self, known: Known, sections: tuple[Section, ...]) -> None:
        selects = {question.id for _, _, question in walk(sections) if question.list is not None}
        rows = {question.id for _, repeat, question in walk(sections) if repeat is not None}
        for cells in known.uses:
            for column, reference in cells.references:
                fault = _reference_fault(reference.id, known)
                if fault is not None:
                    cells.fault(column, *fault, reference.position + 1)
        for _, _, question in walk(sections):
            self._check_calls(question, known, selects, rows)

    def _check_calls(self, question: Question, known: Known, selects: set[str], rows: set[str]) -> None:
        cells = Cells(self.workbook.survey, known.rows.get(question.id, Row(0)), self.problems)
        for column, ast in expressions_of(question):
            if question.id not in rows and "position" in calls_of(ast):
                cells.fault(column, "position(..) has a meaning only inside a repeat.", "Remove it.")
            if column in {"relevant", "calculation"} and reads_itself(ast):
                cells.fault(column, "'.' would read its own result here.", "Name another question, or use once(.).")
            for named in choice_names_of(ast):
                if named in known.kinds and named not in selects:
                    cells.fault(column, f"'{named}' has no choices for jr:choice-name().", "Name a select question.")

    def _order(self, reads: dict[str, Reads], known: Known) -> tuple[str, ...]:
        try:
            return evaluation_order(reads)
        except Circle as circle:
            row = next((known.rows[name] for name in circle.path if name in known.rows), Row(0))
            self.problems.append(
                CellProblem(
                    "survey",
                    row.number,
                    self.workbook.survey.header("relevant" if row.cells.get("relevant") else "calculation"),
                    f"These rows read each other in a circle: {circle}.",
                    "Let one of them do without the other.",
                )
            )
            return ()


def _reference_fault(name: str, known: Known) -> tuple[str, str] | None:
    kind = known.kinds.get(name)
    if kind in {"question", "repeat"}:
        return None
    if kind == "group":
        return f"'{name}' is a group, not a question.", "Name a question."
    if kind == "recorded":
        return f"'{name}' is recorded with every report, not asked.", "Ask for it in a question of its own."
    near = get_close_matches(name, [other for other, what in known.kinds.items() if what == "question"], n=1)
    return f"There is no question '{name}'.", f"Did you mean ${{{near[0]}}}?" if near else ""


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
    for column in ("relevant", "required", "constraint", "soft", "calculation", "default"):
        ast = getattr(question, column)
        if ast is not None:
            yield column, ast


def choice_names_of(ast: Ast) -> Iterator[str]:
    """The questions that calls of ``jr:choice-name`` name."""
    if ast[0] == "call" and ast[1] == "jr:choice-name":
        yield ast[3][1]
    for part in ast[1:]:
        if isinstance(part, list):
            yield from choice_names_of(part)


def reads_of(sections: Iterable[Section]) -> dict[str, Reads]:
    """What each section, repeat and question reads, in document order."""
    reads: dict[str, Reads] = {}
    for section in sections:
        reads[section.id] = _container_reads((), section.relevant)
        for node in section.nodes:
            if isinstance(node, Repeat):
                reads[node.id] = _container_reads((section.id,), node.relevant)
                for question in node.questions:
                    reads[question.id] = _question_reads((section.id, node.id), question)
            else:
                reads[node.id] = _question_reads((section.id,), node)
    return reads


def _container_reads(inside: tuple[str, ...], relevant: Ast | None) -> Reads:
    settles = set() if relevant is None else set(references_of(relevant))
    return Reads(inside, settles, is_settled=relevant is not None)


def _question_reads(inside: tuple[str, ...], question: Question) -> Reads:
    reads = Reads(inside, is_settled=question.relevant is not None or question.calculation is not None)
    for column, ast in expressions_of(question):
        if column in {"relevant", "calculation"}:
            reads.settles.update(references_of(ast))
        elif column != "default":
            reads.checks.update(references_of(ast))
    return reads
