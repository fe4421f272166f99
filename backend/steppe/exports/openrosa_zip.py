"""A zip of OpenRosa instances in the folders ODK's own tools make: form and version, then a folder per report."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Final
from uuid import UUID

from steppe.checklists.definition import Definition
from steppe.checklists.xlsform.to_xlsform import KeptForm, xform
from steppe.exports.making import Page
from steppe.exports.openrosa import Model, instance_id, instance_xml, read_model

_UNSAFE: Final = re.compile(r"[^\w.-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class FormToFill:
    """A version, and the form whose XForm its reports are instances of."""

    definition: Definition
    kept: KeptForm


class OpenRosaMaker:
    """`<form>-<version>/form.xml` and `<form>-<version>/instances/uuid<id>/submission.xml` for each report.

    The folder of a report is its instance id without the colon, which no Windows path may hold (as ODK Briefcase does).
    """

    def __init__(self, file: IO[bytes], forms: Mapping[UUID, FormToFill]) -> None:
        """Begin the zip."""
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED)
        self._forms = forms
        self._models: dict[UUID, tuple[str, Model]] = {}

    def add(self, page: Page) -> None:
        """Append reports. Raises NoXForm."""
        for version, line in page:
            folder, model = self._models.get(version) or self._begin(version)
            name = instance_id(line.id).replace(":", "")
            content = instance_xml(model, self._forms[version].definition, line)
            self._zip.writestr(f"{folder}/instances/{name}/submission.xml", content)

    def _begin(self, version: UUID) -> tuple[str, Model]:
        """Make the XForm when its first report comes: pyxform takes up to a second for a large form."""
        form = self._forms[version]
        made = xform(form.kept)
        name = _UNSAFE.sub("_", f"{form.kept.form}-{form.kept.version}")
        folder = f"{name}~{version}" if name in {folder for folder, _ in self._models.values()} else name
        self._zip.writestr(f"{folder}/form.xml", made)
        self._models[version] = folder, read_model(made)
        return self._models[version]

    def close(self, reports: int) -> None:
        """Finish the zip."""
        del reports
        self._zip.close()
