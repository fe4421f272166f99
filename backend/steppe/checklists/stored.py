"""Reading definitions back as they were stored: one that cannot be read is set aside and never fails its readers."""

from __future__ import annotations

import logging
from functools import lru_cache
from http import HTTPStatus
from typing import Final

from steppe.checklists.definition import Definition
from steppe.checklists.evaluation.plan import plan_of
from steppe.checklists.models import ChecklistVersion
from steppe.kit.problems import Problem

_UNREADABLE: Final = (ValueError, RecursionError, KeyError, IndexError, TypeError, AttributeError)
"""What validating or planning raises over bytes that are no definition of this program: it walks trees it trusts."""

_log = logging.getLogger(__name__)


class UnreadableVersion(Problem):
    """This program cannot read the version's definition; its reports stay as they are."""

    slug = "unreadable-version"
    status = HTTPStatus.CONFLICT
    title = "This version of the checklist cannot be read"
    next = "Publish the form again under a new version, and tell whoever runs the server which one it is."


@lru_cache(maxsize=256)
def read_definition(content: bytes) -> Definition | None:
    """Return the definition in stored bytes, ready to be evaluated; None when it cannot be read."""
    try:
        definition = Definition.model_validate_json(content)
        plan_of(definition)
    except _UNREADABLE as error:
        _log.warning("a stored checklist definition cannot be read: %s", type(error).__name__)
        return None
    return definition


def blank_definition(version: ChecklistVersion) -> Definition:
    """Return what stands for an unreadable definition: the version's names, and no questions."""
    languages = tuple(version.title) or ("en",)
    return Definition(
        id=version.form,
        version=version.version,
        title=version.title,
        short=version.short,
        languages=languages,
        default_language=languages[0],
        kind=version.kind,
        sections=(),
    )


def definition_of(version: ChecklistVersion) -> Definition:
    """Return a version's definition. Raises UnreadableVersion."""
    definition = read_definition(version.definition)
    if definition is None:
        msg = f"{version.form} {version.version}"
        raise UnreadableVersion(msg)
    return definition
