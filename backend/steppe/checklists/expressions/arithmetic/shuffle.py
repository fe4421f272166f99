"""Shuffling as the ODK XForms specification shuffles: inside-out Fisher-Yates with Park and Miller's generator.

`pwa/src/engine/functions/shuffle.ts` is the twin: the same order for the same seed.
"""

import math
from collections.abc import Iterable
from typing import Final

_MODULUS: Final = 2_147_483_647


def shuffled(items: Iterable[str], seed: float) -> list[str]:
    """The items in the order a seed gives; a seed that is no number counts as 0."""
    state = int(math.fmod(math.trunc(seed), _MODULUS)) if math.isfinite(seed) else 0
    if state <= 0:
        state += _MODULUS - 1
    order: list[str] = []
    for place, item in enumerate(items):
        state = state * 16_807 % _MODULUS
        chosen = math.floor((state - 1) / (_MODULUS - 1) * (place + 1))
        order.append(item)
        order[place], order[chosen] = order[chosen], item
    return order
