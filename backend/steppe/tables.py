"""Every table of the schema in one metadata: what migrations compare with."""

from __future__ import annotations

import steppe.attachments.models
import steppe.audit.models
import steppe.backup.models
import steppe.checklists.models
import steppe.decisions.models
import steppe.missions.models
import steppe.people.models
import steppe.queries.models
import steppe.submissions.models
import steppe.sync.models  # noqa: F401 - importing a model puts its table into the metadata
from steppe.kit.columns import metadata

__all__ = ["metadata"]
