"""What a form and its answers may cost, in one place; `pwa/src/engine/functions/limits.ts` has the phone's share."""

from typing import Final

EXPRESSION_DEPTH: Final = 64
"""Nodes of an expression that stand one in the other; readers of JSON stop near 200 levels, and a form has some."""
EXPRESSION_LENGTH: Final = 32_767
"""Characters of an expression: as many as a cell of a spreadsheet holds."""
DEFINITION_BYTES: Final = 4 * 1024 * 1024
"""Bytes of a whole definition: a checklist of 1,000 questions has 160,000, its tables may add 2 MB."""
TEXT_BYTES: Final = 65_536
"""Bytes of UTF-8 of a text answer, and of what an expression may put together."""
SIGNED_BYTES: Final = 1_048_576
"""Bytes of a signed revision with everything in it, before it is packed and sealed. A report
has a few kilobytes; more than a push may hold unpacked is a bomb."""
PUSH_BYTES: Final = 1_048_576
"""Bytes of the body of a push; a sealed revision has to fit into one."""
PATCH_PATHS: Final = 5_000
"""Answers of one revision."""
ATTACHMENTS: Final = 64
"""Photos, recordings and files of one revision."""
EXPRESSION_OPERATIONS: Final = 1_000_000
"""What one evaluation of an expression may spend: rows read or tested, pairs compared, steps of a pattern times the
length of its text, a sixteenth of the bytes a text function walks. About a third of a second here, half on a phone."""
REPORT_OPERATIONS: Final = 2_000_000
"""What all expressions of one report may spend in one pass."""


class OverBudget(Exception):
    """An expression asked for more than its limits: it has no value, and whoever evaluates it says so."""


def utf8_length(text: str) -> int:
    """The bytes of a text in UTF-8; a lone surrogate counts three, as in JavaScript."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
