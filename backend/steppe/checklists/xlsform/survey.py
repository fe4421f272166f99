"""The survey sheet as sections: top-level groups are sections, deeper ones headings whose relevance goes into what
they hold, repeats stand flat in their section whatever they are nested in.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from steppe.checklists.definition import Ast, Group, Node, Question, Repeat, Section, Texts
from steppe.checklists.expressions.chains import chain
from steppe.checklists.expressions.graph import references_of
from steppe.checklists.xlsform.appearances import appearance_of
from steppe.checklists.xlsform.cells import Cells, Compiling
from steppe.checklists.xlsform.headers import MEDIA
from steppe.checklists.xlsform.outline import Place
from steppe.checklists.xlsform.question_rows import questions_of

_TABLE: str = "table-list"


@dataclass(slots=True)
class _RepeatDraft:
    """A repeat whose rows are still being read; `last` is what was drawn last inside its row."""

    repeat: Repeat
    questions: list[Question] = field(default_factory=list)
    last: str | None = None

    def finished(self) -> Repeat:
        return self.repeat.model_copy(update={"questions": tuple(self.questions)})


@dataclass(slots=True)
class _SectionDraft:
    id: str
    title: Texts
    relevant: Ast | None
    nodes: list[Question | _RepeatDraft] = field(default_factory=list)

    def finished(self) -> Section:
        nodes = tuple(node.finished() if isinstance(node, _RepeatDraft) else node for node in self.nodes)
        return Section(id=self.id, title=self.title, relevant=self.relevant, nodes=nodes)


@dataclass(slots=True)
class _Frame:
    """An open group or repeat. `asks` is the relevance that what is below takes over, `group` its heading."""

    place: Place
    section: _SectionDraft
    asks: Ast | None = None
    repeat: _RepeatDraft | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class _Opening:
    """The relevance of a group that reads what stands in it: ids `inside` the group, and those of them it `reads`."""

    relevant: Ast
    inside: Collection[str]
    reads: Collection[str]


class SurveyReader:
    """Reads the rows of a survey sheet once, noting every fault and going on."""

    def __init__(self, form: Compiling, form_title: Texts) -> None:
        self.groups: dict[str, Group] = {}
        self._form = form
        self._form_title = form_title
        self._drafts: list[_SectionDraft] = []
        self._stack: list[_Frame] = []
        self._loose: _SectionDraft | None = None
        self._openings: list[_Opening] = []

    def sections(self) -> tuple[Section, ...]:
        """The sections with their questions, in document order; sections that ask nothing are left out."""
        for held in self._form.outline.rows:
            cells = Cells(self._form, held.row, held.place)
            if held.edge == "ask":
                for question in questions_of(cells):
                    self._add(question)
            elif held.edge == "end":
                self._end()
            elif held.place.kind == "repeat":
                self._begin_repeat(cells)
            else:
                self._begin_group(cells)
        sections = (*self._carried(), *(draft.finished() for draft in self._drafts if draft.nodes))
        for opening in self._openings:
            sections = tuple(_opened(section, opening) for section in sections)
        return sections

    def _carried(self) -> list[Section]:
        """A section that nobody sees: what conditions and texts read from the report before."""
        same = self._form.languages.same
        nodes = tuple(
            Question(id=id_, type="hidden", label=same(id_), default=["call", "last-saved", ["ref", read]])
            for read, id_ in self._form.carried.items()
        )
        return [Section(id="last-saved", title=self._form_title, nodes=nodes)] if nodes else []

    def _begin_group(self, cells: Cells) -> None:
        relevant, label = self._relevant_outside(cells), cells.texts("label")
        _warn_of_media(cells)
        appearance = appearance_of(cells, "group")
        if not self._stack:
            draft = _SectionDraft(cells.place.id, label or self._form_title, relevant)
            self._drafts.append(draft)
            self._loose = None
            # A section has a title of its own; as a group it only says that its selects are drawn as a grid.
            group = self._group(cells.place.id, None, appearance, None) if _TABLE in (appearance or ()) else None
            self._stack.append(_Frame(cells.place, draft, group=group))
            return
        outer = self._stack[-1]
        group = outer.group
        if label is not None or appearance is not None:
            group = self._group(cells.place.id, label, appearance, outer.group)
        self._stack.append(_Frame(cells.place, outer.section, both(outer.asks, relevant), outer.repeat, group))

    def _relevant_outside(self, cells: Cells) -> Ast | None:
        """A group's relevance where nothing inside the group is read by it; else None, and it is kept for later.

        Other tools read such an answer although its group does not apply, or refuse the form as a circle. Here what
        opens its own group is asked whatever the relevance says: once hidden, nobody could open the group again.
        """
        relevant = cells.expression("relevant")
        if relevant is None:
            return None
        inside = self._form.outline.below(cells.place)
        read = [id_ for id_ in dict.fromkeys(references_of(relevant)) if id_ in inside]
        if not read:
            return relevant
        self._openings.append(_Opening(relevant, frozenset(inside), frozenset(read)))
        named = ", ".join(f"'{id_}'" for id_ in read)
        cells.warn(
            "relevant",
            f"'{cells.place.name}' applies by what is answered inside it: {named} stays when the rest of it goes.",
            "Put it before the group.",
        )
        return None

    def _group(self, id_: str, label: Texts | None, appearance: tuple[str, ...] | None, inside: str | None) -> str:
        self.groups[id_] = Group(label=label, appearance=appearance, inside=inside)
        return id_

    def _begin_repeat(self, cells: Cells) -> None:
        outer = self._stack[-1] if self._stack else None
        section = outer.section if outer else self._loose_section()
        around = outer.repeat if outer else None
        place = cells.place
        appearance_of(cells, "repeat")
        _warn_of_media(cells)
        repeat = Repeat(
            id=place.id,
            label=cells.texts("label") or self._form.languages.same(place.name),
            relevant=both(outer.asks if outer else None, cells.expression("relevant")),
            inside=around.repeat.id if around else None,
            after=around.last if around else None,
            count=cells.expression("repeat_count"),
            group=outer.group if outer else None,
            questions=(),
        )
        draft = _RepeatDraft(repeat)
        section.nodes.append(draft)
        if around is not None:
            around.last = place.id
        self._stack.append(_Frame(place, section, None, draft))

    def _end(self) -> None:
        frame = self._stack.pop()
        draft = frame.repeat
        if frame.place.kind == "repeat" and draft is not None and draft.last is None:
            cells = Cells(self._form, frame.place.row, frame.place)
            cells.fault("type", "This repeat asks nothing.", "Add a question.")

    def _loose_section(self) -> _SectionDraft:
        """Questions outside all groups gather in sections of their own, under the form's title."""
        if self._loose is None:
            number = len(self._drafts) + 1
            self._loose = _SectionDraft(f"section-{number}", self._form_title, None)
            self._drafts.append(self._loose)
        return self._loose

    def _add(self, question: Question) -> None:
        if not self._stack:
            self._loose_section().nodes.append(question)
            return
        frame = self._stack[-1]
        asked = question.model_copy(update={"relevant": both(frame.asks, question.relevant), "group": frame.group})
        if frame.repeat is None:
            frame.section.nodes.append(asked)
        else:
            frame.repeat.questions.append(asked)
            frame.repeat.last = asked.id


def _opened(section: Section, opening: _Opening) -> Section:
    """A section in which a group's relevance lies on all that stands in the group but on what opens it."""
    if not any(node.id in opening.inside for node in section.nodes):
        return section
    open_ids = _opening_ids(section.nodes, opening)
    return section.model_copy(update={"nodes": tuple(_laid_on(section.nodes, opening, open_ids))})


def _laid_on(nodes: Sequence[Node], opening: _Opening, open_ids: Collection[str]) -> Iterable[Node]:
    covered: set[str] = set()
    for node in nodes:
        lies_on = node.id in opening.inside and node.id not in open_ids
        if not isinstance(node, Repeat):
            yield _with_relevance(node, opening.relevant) if lies_on else node
            continue
        if node.inside in covered:
            covered.add(node.id)
        elif lies_on:
            covered.add(node.id)
            yield node.model_copy(update={"relevant": both(opening.relevant, node.relevant)})
            continue
        elif node.id in opening.inside:
            questions = (
                question if question.id in open_ids else _with_relevance(question, opening.relevant)
                for question in node.questions
            )
            yield node.model_copy(update={"questions": tuple(questions)})
            continue
        yield node


def _with_relevance(question: Question, relevant: Ast) -> Question:
    return question.model_copy(update={"relevant": both(relevant, question.relevant)})


def _opening_ids(nodes: Sequence[Node], opening: _Opening) -> set[str]:
    """What a group's relevance reads inside the group, what decides over that, and the repeats around both."""
    read_by: dict[str, set[str]] = {}
    around: dict[str, str | None] = {}
    for node in nodes:
        if not isinstance(node, Repeat):
            read_by[node.id] = _settling(node.relevant, node.calculation)
            continue
        around[node.id] = node.inside
        read_by[node.id] = _settling(node.relevant, node.count)
        for question in node.questions:
            read_by[question.id] = _settling(question.relevant, question.calculation)
            around[question.id] = node.id
    found: set[str] = set()
    ahead = list(opening.reads)
    while ahead:
        id_ = ahead.pop()
        if id_ in opening.inside and id_ not in found:
            found.add(id_)
            ahead += [*read_by.get(id_, ()), *filter(None, [around.get(id_)])]
    return found


def _settling(*asts: Ast | None) -> set[str]:
    return {read for ast in asts if ast is not None for read in references_of(ast)}


def _warn_of_media(cells: Cells) -> None:
    for column in MEDIA:
        if column in cells.row.texts:
            cells.warn(column, "Media beside the label of a group are left aside.", "Add a note with it.")


def both(outer: Ast | None, inner: Ast | None) -> Ast | None:
    """Two relevances that must both hold; None is one that always does."""
    if outer is None or inner is None:
        return inner if outer is None else outer
    return chain("and", [outer, inner])
