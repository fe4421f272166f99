"""Reports as OpenRosa XML: the instance of the form's own XForm, filled in. Pure.

The XForm's primary instance says which elements there are and how they nest; an instance made here has no other. What
exports leave out everywhere stays empty in it: sealed answers, positions, what the phone noted by itself. Media stand
there by the name of their file; the files are not in the export.
"""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID
from xml.etree import ElementTree as ET

from steppe.checklists.definition import Definition, Question
from steppe.checklists.expressions.values import text_of_number
from steppe.exports.tables import MEDIA, POSITIONS, Line
from steppe.kit.clock import iso

_XFORMS: Final = "{http://www.w3.org/2002/xforms}"
_TEMPLATE: Final = "{http://openrosa.org/javarosa}template"
_COUNT: Final = "_count"
"""pyxform keeps the number of rows of a counted repeat in an element of this name beside it."""
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LEFT_OUT: Final = POSITIONS | {"note", "metadata"}
_TIME: Final = re.compile(r"(?P<day>[0-9-]+T)?(?P<minute>[0-9]{2}:[0-9]{2})(?P<second>:[0-9.]+)?(?P<zone>Z|[+-].*)?")


@dataclass(frozen=True, slots=True)
class Element:
    """One element of the primary instance; a group or a repeat has children."""

    name: str
    is_repeat: bool
    children: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """The primary instance of an XForm: its root with what identifies the form."""

    root: Element
    form: str
    version: str


def read_model(xform: str) -> Model:
    """Return the primary instance of an XForm that pyxform made."""
    instance = ET.fromstring(xform).find(f".//{_XFORMS}instance")  # noqa: S314 # our own pyxform wrote it
    assert instance is not None, "every XForm has a primary instance"
    root = instance[0]
    return Model(_element(root), root.get("id", ""), root.get("version", ""))


def _element(node: ET.Element) -> Element:
    children: dict[str, Element] = {}
    for child in node:
        # A repeat stands there twice: its template and a first row. One of them says it all.
        children.setdefault(_name(child), _element(child))
    return Element(_name(node), _TEMPLATE in node.attrib, tuple(children.values()))


def _name(node: ET.Element) -> str:
    return node.tag.rpartition("}")[2]


def instance_id(submission: UUID) -> str:
    """Return the OpenRosa id of a report."""
    return f"uuid:{submission}"


def instance_xml(model: Model, definition: Definition, line: Line) -> bytes:
    """Return one report as an instance of the model, UTF-8 with declaration."""
    questions = {question.id: question for _, _, question in definition.questions()}
    root = ET.Element(
        model.root.name,
        {
            "id": model.form,
            "version": model.version,
            "instanceID": instance_id(line.id),
            "submissionDate": iso(line.received_at),
        },
    )
    for child in model.root.children:
        if child.name == "meta":
            _fill_meta(ET.SubElement(root, "meta"), child, line)
        else:
            root.extend(_filled(child, questions, line, ""))
    content: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return content


def _fill_meta(meta: ET.Element, model: Element, line: Line) -> None:
    for child in model.children:
        text = {"instanceID": instance_id(line.id), "instanceName": line.code}.get(child.name)
        ET.SubElement(meta, child.name).text = text


def _filled(model: Element, questions: Mapping[str, Question], line: Line, prefix: str) -> Iterator[ET.Element]:
    path = prefix + model.name
    if model.is_repeat:
        for row in line.answers.get(path) or ():
            yield _branch(model, questions, line, f"{path}/{row}/")
    elif model.children:
        yield _branch(model, questions, line, prefix)
    else:
        leaf = ET.Element(model.name)
        leaf.text = _text(questions.get(model.name), line, path)
        yield leaf


def _branch(model: Element, questions: Mapping[str, Question], line: Line, prefix: str) -> ET.Element:
    branch = ET.Element(model.name)
    for child in model.children:
        branch.extend(_filled(child, questions, line, prefix))
    return branch


def _text(question: Question | None, line: Line, path: str) -> str | None:
    if question is None:
        rows = line.answers.get(path.removesuffix(_COUNT)) if path.endswith(_COUNT) else None
        return str(len(rows)) if isinstance(rows, list) else None
    answer = line.answers.get(path)
    if answer is None or question.sealed or question.type in _LEFT_OUT:
        return None
    if question.type in MEDIA:
        return media_name(answer, line.media.get(answer, ""))
    return _NOT_XML.sub("", _written(question, answer))


def _written(question: Question, answer: Any) -> str:
    if isinstance(answer, list):
        return " ".join(answer)
    if isinstance(answer, int | float):
        return text_of_number(float(answer))
    if question.type in {"time", "datetime"} and (match := _TIME.fullmatch(answer)):
        second = (match["second"] or ":00") + ("" if "." in (match["second"] or "") else ".000")
        return f"{match['day'] or ''}{match['minute']}{second}{match['zone'] or ''}"
    return str(answer)


def media_name(sha256: str, type: str) -> str:  # noqa: A002 - a media type
    """Return the file name of a photo or recording: the first 16 digits of its hash, with the ending of its type."""
    return f"{sha256[:16]}{mimetypes.guess_extension(type) or ''}"
