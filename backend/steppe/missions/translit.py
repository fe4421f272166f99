"""One search key for a name written in Kazakh Cyrillic, Russian or any Latin romanisation.

"Қызылорда", "Кызылорда", "Kyzylorda" and "qyzylorda" all become "kizilorda". The phone folds with the same rules
(pwa/src/missions/translit.ts); tests/vectors/translit.json is run by both.

The key prefers the longer spelling (ж → "zh", х → "kh"), so that what is typed letter by letter stays the beginning
of what will be found. It is for finding, never for showing.
"""

import unicodedata
from functools import lru_cache

_LETTERS = {
    "а": "a", "ә": "a", "б": "b", "в": "v", "г": "g", "ғ": "g", "д": "d", "е": "e", "ё": "e", "ж": "zh", "з": "z",
    "и": "i", "й": "i", "к": "k", "қ": "k", "л": "l", "м": "m", "н": "n", "ң": "n", "о": "o", "ө": "o", "п": "p",
    "р": "r", "с": "s", "т": "t", "у": "u", "ұ": "u", "ү": "u", "ф": "f", "х": "kh", "һ": "kh", "ц": "ts", "ч": "ch",
    "ш": "sh", "щ": "sh", "ъ": "", "ы": "i", "і": "i", "ь": "", "э": "e", "ю": "iu", "я": "ia",
    "c": "ts", "h": "kh", "j": "zh", "q": "k", "w": "u", "x": "ks", "y": "i",
    "ç": "ch", "č": "ch", "ş": "sh", "š": "sh", "ž": "zh", "ı": "i", "ə": "a",
}  # fmt: skip
_PAIRS = {"ch": "ch", "gh": "g", "kh": "kh", "sh": "sh", "zh": "zh"}
_SILENT = frozenset("'’‘ʼʻ`´ʹʺ\"")
# Spellings that differ between romanisations, settled on the folded word: Щ shch/sh, Дж dzh/zh, Ң ng/n,
# Е ye/e after a vowel sign, Ё yo/e.
_SETTLED = (("shch", "sh"), ("dzh", "zh"), ("ng", "n"), ("ie", "e"), ("io", "e"))


def fold(text: str) -> str:
    """The search key of `text`: words of a–z and 0–9 separated by single spaces. Folding a key changes nothing."""
    lowered = unicodedata.normalize("NFC", text.lower())
    words = "".join(_kept(char) for char in lowered).split()
    return " ".join(key for key in map(_fold_word, words) if key)


def _kept(char: str) -> str:
    """Letters and digits stay, without marks no table knows; apostrophes vanish; everything else parts words."""
    if char in _SILENT or unicodedata.category(char).startswith("M"):
        return ""
    return char if char in _LETTERS else _base(char) or " "


@lru_cache(maxsize=2048)
def _base(char: str) -> str:
    """The plain a–z or 0–9 under a letter's marks ("ö" → "o"); "" for what is neither."""
    first = unicodedata.normalize("NFD", char)[:1]
    return first if first.isascii() and first.isalnum() else ""


@lru_cache(maxsize=65536)
def _fold_word(word: str) -> str:
    out = []
    i = 0
    while i < len(word):
        pair = _PAIRS.get(word[i : i + 2])
        if pair is not None:
            out.append(pair)
            i += 2
        else:
            char = word[i]
            out.append(_LETTERS.get(char, char))
            i += 1
    return _settle("".join(out))


def _settle(word: str) -> str:
    """Apply the settled spellings and drop doubled letters until nothing changes."""
    while True:
        before = word
        word = "".join(char for i, char in enumerate(word) if i == 0 or char != word[i - 1] or char.isdigit())
        for spelling, settled in _SETTLED:
            word = word.replace(spelling, settled)
        if word == before:
            return word
