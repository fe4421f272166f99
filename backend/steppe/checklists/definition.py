"""The compiled checklist: what phones, server and desk work from (docs/checklists.md §1).

`pwa/src/engine/definition.ts` declares the same types. A definition is immutable once published; its hash is
the SHA-256 of its canonical JSON (RFC 8785), so two machines that compiled the same file agree on the version.
"""

import hashlib
from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal, TypeAlias

import rfc8785
from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

Texts: TypeAlias = dict[str, str]
"""Language code → text; every language of the definition is present."""

Ast: TypeAlias = list[Any]
"""An expression as nested JSON arrays (docs/checklists.md §3)."""

Severity: TypeAlias = Literal[1, 2, 3]
"""1 procedural, 2 serious, 3 critical."""

QuestionType: TypeAlias = Literal[
    "text",
    "integer",
    "decimal",
    "date",
    "time",
    "datetime",
    "select_one",
    "select_multiple",
    "note",
    "photo",
    "geopoint",
    "calculate",
    "acknowledge",
    "range",
    "rank",
    "audio",
    "video",
    "file",
    "barcode",
    "geotrace",
    "geoshape",
    "hidden",
    "metadata",
]

Precision: TypeAlias = Literal["exact", "locality", "district", "region"]
"""How fine a place is told, the finest first."""

SELECT_TYPES: Final = frozenset({"select_one", "select_multiple"})
"""Types of questions that are answered by naming choices."""
NO_OPINION: Final = frozenset({"none", "not_observed", "not_applicable"})
"""Choices that say nothing went wrong: the negative key `any` skips them."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Media(_Part):
    """Pictures and sounds beside a text: per language the hex SHA-256 of a file that `Definition.files` names."""

    image: Texts | None = None
    big_image: Texts | None = None
    audio: Texts | None = None
    video: Texts | None = None


class Choice(_Part):
    """One answer of a choice list; `columns` are those that a filter or a lookup reads."""

    name: str
    label: Texts
    columns: dict[str, str] | None = None
    media: Media | None = None


class Table(_Part):
    """A CSV file attached to the form, or choices kept outside the choices sheet: every cell a string."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class File(_Part):
    """A media file of the form; `size` in bytes, `type` a media type."""

    name: str
    type: str
    size: int


class Group(_Part):
    """A group inside a section: a heading, and how its questions are drawn. Its relevance is and-ed into them."""

    label: Texts | None = None
    appearance: tuple[str, ...] | None = None
    inside: str | None = None


class Question(_Part):
    """One question. Group relevance is and-ed into `relevant`; the section's and the repeat's stay with them."""

    id: str
    type: QuestionType
    label: Texts
    hint: Texts | None = None
    guidance_hint: Texts | None = None
    media: Media | None = None
    group: str | None = None
    list: str | None = None
    table: str | None = None
    rows: str | None = None
    value: str | None = None
    text: str | None = None
    filter: Ast | None = None
    appearance: tuple[str, ...] | None = None
    parameters: dict[str, str | int | float] | None = None
    metadata: str | None = None
    trigger: tuple[str, ...] | None = None
    figure: str | None = None
    reference: Literal["entry"] | None = None
    relevant: Ast | None = None
    required: Ast | None = None
    required_message: Texts | None = None
    constraint: Ast | None = None
    constraint_message: Texts | None = None
    soft: Ast | None = None
    soft_message: Texts | None = None
    calculation: Ast | None = None
    default: Ast | None = None
    read_only: Literal[True] | None = None
    read_only_when: Ast | None = None
    theme: str | None = None
    negative: dict[str, Severity] | None = None
    sealed: Literal[True] | None = None
    location: Literal["region", "district", "station"] | None = None
    precision: Precision | None = None
    short_form: Literal[True] | None = None


class Repeat(_Part):
    """Questions asked once per row; rows are added by the observer, or as many as `count` says.

    A nested repeat stands flat in its section, after the one that holds it: `inside` names that one, `after` the
    question or repeat it is drawn after (None: at the beginning of the row).
    """

    repeat: Literal[True] = True
    id: str
    label: Texts
    relevant: Ast | None = None
    inside: str | None = None
    after: str | None = None
    count: Ast | None = None
    group: str | None = None
    questions: tuple[Question, ...]


def _node_kind(node: object) -> str:
    if isinstance(node, dict):
        return "repeat" if "repeat" in node else "question"
    return "repeat" if isinstance(node, Repeat) else "question"


Node: TypeAlias = Annotated[
    Annotated[Question, Tag("question")] | Annotated[Repeat, Tag("repeat")], Discriminator(_node_kind)
]


class Section(_Part):
    """One screen of the phone: a top-level group of the XLSForm."""

    id: str
    title: Texts
    relevant: Ast | None = None
    nodes: tuple[Node, ...]


class Definition(_Part):
    """A whole compiled checklist; see docs/checklists.md §1 for what each field means."""

    format: Literal[1, 2] = 1
    """2 when an expression has a flat chain (`expressions/chains.py`): phones of the first format refuse it."""
    id: str
    version: str
    title: Texts
    short: Texts
    languages: tuple[str, ...]
    default_language: str
    kind: str
    location: str | None = None
    precision: str | None = None
    sections: tuple[Section, ...]
    groups: dict[str, Group] | None = None
    choices: dict[str, tuple[Choice, ...]] = Field(default_factory=dict)
    tables: dict[str, Table] | None = None
    files: dict[str, File] | None = None
    order: tuple[str, ...] = ()
    dependants: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    # Plans are cached per definition object; hashing thousands of fields at every lookup would cost more than the plan.
    __hash__ = object.__hash__

    def questions(self) -> Iterator[tuple[Section, Repeat | None, Question]]:
        """Every question in document order with its section and, inside a repeat, its repeat."""
        for section in self.sections:
            for node in section.nodes:
                if isinstance(node, Repeat):
                    for question in node.questions:
                        yield section, node, question
                else:
                    yield section, None, node

    def repeats(self) -> Iterator[tuple[Section, Repeat]]:
        """Every repeat in document order with its section."""
        for section in self.sections:
            for node in section.nodes:
                if isinstance(node, Repeat):
                    yield section, node


def definition_bytes(definition: Definition) -> bytes:
    """Canonical JSON (RFC 8785) of a definition, absent fields left out: what is stored, hashed and sent."""
    return rfc8785.dumps(definition.model_dump(mode="json", exclude_none=True))


def definition_hash(definition: Definition) -> str:
    """Hex SHA-256 of `definition_bytes`: the identity of a checklist version's content."""
    return hashlib.sha256(definition_bytes(definition)).hexdigest()
