"""What a form may cost, in one place: beyond a limit it is refused at publishing, with its cell."""

from typing import Final

EXPRESSION_DEPTH: Final = 64
"""Nodes of an expression that stand one in the other; readers of JSON stop near 200 levels, and a form has some."""
EXPRESSION_LENGTH: Final = 32_767
"""Characters of an expression: as many as a cell of a spreadsheet holds."""
