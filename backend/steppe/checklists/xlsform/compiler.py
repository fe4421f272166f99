"""XLSForm → Definition: everything that can be wrong is found in one pass and named by sheet, row and column."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from os import PathLike
from pathlib import Path
from typing import Final, Literal, get_args

from steppe.checklists.definition import Definition, Precision, Section
from steppe.checklists.expressions.graph import (
    Circle,
    Reads,
    dependants_of,
    evaluation_order,
    reads_itself,
    references_of,
)
from steppe.checklists.expressions.reads import expressions_of, has_flat_chain, reads_of, walk
from steppe.checklists.expressions.typing_checks import type_warnings
from steppe.checklists.fence import check_reads_back, fenced
from steppe.checklists.problems import CellProblem, ChecklistProblems, place_of
from steppe.checklists.question_reading import FormReading
from steppe.checklists.xlsform.attachments import Beside, MediaFiles
from steppe.checklists.xlsform.cells import Cells, Compiling
from steppe.checklists.xlsform.choice_sources import ChoiceReader, Sources
from steppe.checklists.xlsform.dialects import translate_calls
from steppe.checklists.xlsform.loops import without_loops
from steppe.checklists.xlsform.outline import YES, Outline, Place
from steppe.checklists.xlsform.reading_columns import check_theme
from steppe.checklists.xlsform.survey import SurveyReader
from steppe.checklists.xlsform.texts import Languages, languages_of, title_texts
from steppe.checklists.xlsform.xlsform import (
    Row,
    Workbook,
    column_problems,
    pyxform_problems,
    read_workbook,
    sheet_warnings,
)

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
VISITS: Final = frozenset({"polling_station", "tabulation"})
"""Kinds of checklist whose figures are of the few places that were visited."""
_NO_TOTAL: Final = (
    "A limited mission makes no total of figures from visits: it would read as a result or a turnout.",
    "Leave the cell empty.",
)


@dataclass(frozen=True, slots=True)
class Compiled:
    """A form that can be published.

    Attributes:
        definition: what phones, server and desk work from.
        warnings: what its author should look at, sorted by place.
        files: hex SHA-256 → bytes of the media that `definition.files` describes.
        reading: how headquarters reads the questions about which the sheet says so.
        totals: what a limited mission has against the form: each cell that asks for a total of figures from visits.
        missing: files that have to be attached before it can be published, each at the first cell that names it;
            empty unless it was compiled with stand-ins.
    """

    definition: Definition
    warnings: tuple[CellProblem, ...]
    files: Mapping[str, bytes]
    reading: FormReading
    totals: tuple[CellProblem, ...]
    missing: tuple[CellProblem, ...] = ()


def compile_checklist(source: str | PathLike[str] | bytes, filename: str = "") -> Definition:
    """The definition of an XLSForm; `compile_form` gives its warnings and media too."""
    return compile_form(source, filename).definition


def compile_form(
    source: str | PathLike[str] | bytes,
    filename: str = "",
    files: Mapping[str, bytes] | None = None,
    *,
    stands_in: bool = False,
) -> Compiled:
    """An XLSForm with what came with it, compiled.

    Args:
        source: path of an `.xlsx`, `.xls` or `.md` file, or its bytes.
        filename: the file's name when `source` is bytes; its suffix says how to read them, its stem is the form's id
            when the settings name none.
        files: media and tables by name. Without them those of `<stem>-media/` beside a path, then those beside it.
        stands_in: whether something stands in for files that are not there, for looking at the form.

    Raises:
        ChecklistProblems: with every fault found, sorted by place.
        OSError: when the path cannot be read.
    """
    with fenced():
        compiled = _compiled(source, filename, files, stands_in=stands_in)
    check_reads_back(compiled.definition)
    return compiled


def _compiled(
    source: str | PathLike[str] | bytes, filename: str, files: Mapping[str, bytes] | None, *, stands_in: bool
) -> Compiled:
    if isinstance(source, bytes):
        content, name, folder = source, filename, None
        beside = Beside(files or {}, stands_in=stands_in)
    else:
        path = Path(source)
        content, name, folder = path.read_bytes(), filename or path.name, path.parent
        beside = Beside.form(path, stands_in=stands_in) if files is None else Beside(files, stands_in=stands_in)
    workbook = read_workbook(content, name, folder)
    notes = sheet_warnings(workbook)
    for sheet in (workbook.survey, workbook.choices, workbook.settings_sheet):
        notes += column_problems(sheet)
    compilation = _Compilation(workbook, beside, notes)
    definition = compilation.definition(content, Path(name).stem)
    taken = {(note.sheet, note.row) for note in notes if note.severity == "problem"}
    notes += [
        note
        for note in pyxform_problems(workbook)
        # Without a row it is most likely what was found here already, with its place.
        if note.severity == "warning" or ((note.sheet, note.row) not in taken and (note.row or not taken))
    ]
    notes = [workbook.origins.place(note) for note in notes]
    problems = [note for note in notes if note.severity == "problem"]
    if problems or definition is None:
        raise ChecklistProblems(problems)
    warnings = tuple(sorted({note for note in notes if note.severity == "warning"}, key=place_of))
    missing = {replace(note, severity="problem") for note in notes if note.severity == "missing"}
    form = compilation.form
    totals = tuple(workbook.origins.place(note) for note in compilation.totals)
    absent = tuple(sorted(missing, key=place_of))
    return Compiled(definition, warnings, form.media.contents, form.readings, totals, absent)


class _Compilation:
    def __init__(self, workbook: Workbook, beside: Beside, problems: list[CellProblem]) -> None:
        self.workbook = workbook
        self.problems = problems
        self.totals: list[CellProblem] = []
        self.languages: Languages = languages_of(workbook)
        settings = workbook.settings.cells
        media = MediaFiles(beside)
        self._choices = ChoiceReader(
            workbook.choices,
            self.languages,
            media,
            problems,
            may_repeat=settings.get("allow_choice_duplicates", "").lower() in YES,
        )
        sources = Sources(workbook.choices, beside, self._choices.lists)
        sources.add_external(workbook.external)
        translate_calls(workbook.survey, problems)
        survey = without_loops(workbook.survey, self._choices.lists, problems)
        outline = Outline(survey, problems)
        self.form = Compiling(survey, self.languages, outline, sources, media, problems)

    def definition(self, content: bytes, stem: str) -> Definition | None:
        settings = self.workbook.settings.cells
        id_ = settings.get("form_id") or stem or "form"
        title = title_texts(self.workbook, self.languages, "form_title", self.languages.same(id_))
        reader = SurveyReader(self.form, title)
        sections = reader.sections()
        self._choices.check_outputs(self.form.outline)
        if not self._has_problems() and not any(question.type != "metadata" for _, _, question in walk(sections)):
            told = "The form asks nothing: a report of it holds what the phone notes by itself, if anything."
            severity: Literal["problem", "warning"] = "warning" if self.workbook.survey.rows else "problem"
            self.problems.append(CellProblem("survey", 0, "", told, "Add a question.", severity=severity))
            sections = sections or (Section(id="section-1", title=title, nodes=()),)
        choices = self.form.sources.choices({question.list or "" for _, _, question in walk(sections)})
        self._check_questions(sections)
        reads = reads_of(sections, choices, reader.groups)
        order = self._order(reads)
        kind = self._kind(settings.get("kind", "other"))
        location = self._location(settings.get("location", ""), sections)
        precision = self._precision(settings.get("precision", ""), sections)
        if self._has_problems():
            return None
        definition = Definition(
            format=2 if has_flat_chain(sections) else 1,
            id=id_,
            version=settings.get("version") or hashlib.sha256(content).hexdigest()[:12],
            title=title,
            short=title_texts(self.workbook, self.languages, "short_title", title),
            languages=self.languages.codes,
            default_language=self.languages.default,
            kind=kind,
            location=location,
            precision=precision,
            sections=sections,
            groups=reader.groups or None,
            choices=choices,
            tables=self.form.sources.tables or None,
            files=self.form.media.files or None,
            order=order,
            dependants=dependants_of(reads, order),
        )
        self._check_types(definition)
        if kind in VISITS:
            self.totals = [
                self._cells(self.form.outline.place(id_)).problem("sum", *_NO_TOTAL)
                for id_, reading in self.form.readings.items()
                if reading.is_summed
            ]
        return definition

    def _has_problems(self) -> bool:
        return any(problem.severity == "problem" for problem in self.problems)

    def _cells(self, place: Place | None) -> Cells:
        return Cells(self.form, place.row if place else Row(0), place or self.form.outline.root)

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

    def _precision(self, written: str, sections: tuple[Section, ...]) -> str | None:
        """The question whose answer says how fine a place may leave the phone; None when the form asks for none."""
        if not written:
            return None
        asked = {question.id: question for _, repeat, question in walk(sections) if repeat is None}
        question = asked.get(written)
        listed = self._choices.lists.get(question.list or "", ()) if question is not None else ()
        names = {each.choice.name for each in listed}
        levels = get_args(Precision)
        if question is None or question.type != "select_one" or not names or not names.issubset(levels):
            self._fault_setting(
                "precision",
                f"'{written}' does not ask how fine a place may be.",
                f"Name a select_one outside repeats whose choices are among: {', '.join(levels)}.",
            )
            return None
        return written

    def _fault_setting(self, column: str, message: str, suggestion: str) -> None:
        sheet = self.workbook.settings_sheet
        row = self.workbook.settings.number
        self.problems.append(CellProblem("settings", row, sheet.header(column), message, suggestion))

    def _check_questions(self, sections: tuple[Section, ...]) -> None:
        outline = self.form.outline
        asked = {question.id: question for _, _, question in walk(sections)}
        for place in outline.renamed():
            self._cells(place).warn(
                "name",
                f"'{place.name}' stands in another group too: here it is kept as '{place.id}'.",
                "Give it a name of its own.",
            )
        for cells, column, named in self.form.choice_names:
            question = asked.get(named)
            if question is not None and not {question.list, question.table, question.rows} - {None}:
                cells.fault(column, f"'{named}' has no choices for jr:choice-name().", "Name a select question.")
        for id_, reading in self.form.readings.items():
            if reading.theme_from is not None:
                check_theme(self._cells(outline.place(id_)), asked.get(reading.theme_from))
        for question in asked.values():
            cells = self._cells(outline.place(question.id))
            for column, ast in expressions_of(question):
                keeps = column == "relevant" or (column == "calculation" and question.trigger is None)
                if keeps and reads_itself(ast):
                    cells.fault(column, "'.' would read its own result here.", "Name another question, or use once(.).")
                for read in dict.fromkeys(references_of(ast)):
                    self._check_asked(cells, column, read, asked)

    def _check_asked(self, cells: Cells, column: str, read: str, asked: Mapping[str, object]) -> None:
        place = self.form.outline.place(read)
        if read not in asked and place is not None and place.kind == "question" and not self._has_problems():
            cells.fault(column, f"The row '{read}' asks nothing.", "Name a question.")

    def _order(self, reads: dict[str, Reads]) -> tuple[str, ...]:
        try:
            return evaluation_order(reads)
        except Circle as circle:
            place = next(filter(None, (self.form.outline.place(name) for name in circle.path)), None)
            cells = self._cells(place)
            column = next((name for name in ("relevant", "repeat_count") if cells.text(name)), "calculation")
            message = f"These rows read each other in a circle: {circle}."
            cells.fault(column, message, "Let one of them do without the other.")
            return ()

    def _check_types(self, definition: Definition) -> None:
        for warning in type_warnings(definition):
            cells = self._cells(self.form.outline.place(warning.id))
            # The relevance of groups stands in their questions: the cell that holds it is a group's further up.
            while warning.literal not in cells.text(warning.column) and cells.place.parent is not None:
                cells = self._cells(cells.place.parent)
            cells.warn(warning.column, warning.message, warning.suggestion)
