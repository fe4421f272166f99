"""Who may do what: one function, asked by every route and by the SQL scopes.

Admins run the system and never read answers; observers work through their phones only. Levels of confidentiality are
those of the mission's report forms: `internal` is ordinary material, `restricted` names an institution that spoke in
confidence, `confidential` could harm a source, `sealed` never leaves the authoring team and the head of mission.
"""

from __future__ import annotations

from typing import Literal

Role = Literal["observer", "coordinator", "expert", "head", "admin", "auditor"]
Action = Literal["read_summaries", "read_reports", "export", "administer", "read_audit"]

_ACTIONS: dict[Role, frozenset[Action]] = {
    "observer": frozenset(),
    "coordinator": frozenset({"read_summaries", "read_reports", "export"}),
    "expert": frozenset({"read_summaries", "read_reports", "export"}),
    "head": frozenset({"read_summaries", "read_reports", "export", "read_audit"}),
    "admin": frozenset({"read_summaries", "export", "administer", "read_audit"}),
    "auditor": frozenset({"read_summaries", "read_audit"}),
}
_LEVELS: dict[Role, tuple[str, ...]] = {
    "observer": (),
    "coordinator": ("internal", "restricted", "confidential"),
    "expert": ("internal", "restricted"),
    "head": ("internal", "restricted", "confidential", "sealed"),
    "admin": (),
    "auditor": (),
}


def may(role: Role, action: Action) -> bool:
    """Say whether a role may do this at all."""
    return action in _ACTIONS[role]


def readable_levels(role: Role) -> tuple[str, ...]:
    """Return the confidentiality levels whose answers this role may read, for a SQL scope or an object check."""
    return _LEVELS[role]
