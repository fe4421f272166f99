"""How headquarters reads the answers to a question: counted, summed, quoted, under which theme.

None of it changes what a phone asks. So it lies beside the versions of a form, by form and question, outside their
hash: publishing the sheet again changes it, also for reports received long ago (docs/checklists.md §1).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias, get_args

from pydantic import BaseModel, ConfigDict

Speech: TypeAlias = Literal["observed", "documented", "stated", "alleged", "assessment"]
"""Whose knowledge an answer is: seen by the team, read in a document, said by somebody, claimed, the team's view."""

SPEECHES: Final[tuple[Speech, ...]] = get_args(Speech)


class QuestionReading(BaseModel):
    """The columns of one question that speak to headquarters; what is absent is not summed and not quoted.

    `is_counted` false (column `count: no`): its counts and flags in tallies are for co-ordinator and head only,
    because they tell that somebody may need protection. `theme_from` names the question whose answer is the theme of
    this one's texts.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    is_counted: bool = True
    is_summed: bool = False
    is_quoted: bool = False
    theme_from: str | None = None
    speech: Speech | None = None
    short_title: dict[str, str] | None = None


UNREAD: Final = QuestionReading()
"""The reading of a question about which the sheet says nothing."""

FormReading: TypeAlias = Mapping[str, QuestionReading]
"""Question id → its reading; a question that is not there is `UNREAD`."""
