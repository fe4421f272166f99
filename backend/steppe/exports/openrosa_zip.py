"""A zip of OpenRosa instances in the folders ODK's own tools make: form and version, then a folder per report."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Final
from uuid import UUID

from steppe.checklists.definition import Definition
from steppe.exports.making import Page
from steppe.exports.openrosa import Model, instance_id, instance_xml, read_model

_UNSAFE: Final = re.compile(r"[^\w.-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class FormToFill:
    """A version with the XForm its reports are instances of."""

    definition: Definition
    xform: str


class OpenRosaMaker:
    """`<form>-<version>/form.xml` and `<form>-<version>/instances/uuid<id>/submission.xml` for each report.

    The folder of a report is its instance id without the colon, which no Windows path may hold (as ODK Briefcase does).
    """

    def __init__(self, file: IO[bytes], forms: Mapping[UUID, FormToFill]) -> None:
        """Begin the zip with the XForms."""
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED)
        self._forms = forms
        self._models: dict[UUID, Model] = {}
        self._folders: dict[UUID, str] = {}
        for version, form in forms.items():
            self._models[version] = read_model(form.xform)
            name = _UNSAFE.sub("_", f"{form.definition.id}-{form.definition.version}")
            folder = f"{name}~{version}" if name in self._folders.values() else name
            self._folders[version] = folder
            self._zip.writestr(f"{folder}/form.xml", form.xform)

    def add(self, page: Page) -> None:
        """Append reports."""
        for version, line in page:
            name = instance_id(line.id).replace(":", "")
            content = instance_xml(self._models[version], self._forms[version].definition, line)
            self._zip.writestr(f"{self._folders[version]}/instances/{name}/submission.xml", content)

    def close(self, reports: int) -> None:
        """Finish the zip."""
        del reports
        self._zip.close()
