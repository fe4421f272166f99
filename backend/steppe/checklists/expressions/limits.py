"""What a form and its answers may cost, in one place: the same names and numbers as ``pwa/src/checklists/limits.ts``.

A form is somebody else's program that every phone and the server run. Beyond a limit nothing is lost: a form is refused
at publishing with its cell; an expression has no value, and its report is kept with the flag ``unevaluated``.
"""

from typing import Final

EXPRESSION_DEPTH: Final = 64
"""Nodes of an expression that stand one in the other; readers of JSON stop near 200 levels, and a form has some."""
EXPRESSION_LENGTH: Final = 32_767
"""Characters of an expression: as many as a cell of a spreadsheet holds."""
