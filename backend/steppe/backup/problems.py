"""What can be wrong with a backup, its key, and the place it is to be restored into."""

from __future__ import annotations

from http import HTTPStatus

from steppe.kit.problems import Problem


class KeyMade(Problem):
    """There is a recovery key already."""

    slug = "recovery-key-made"
    status = HTTPStatus.CONFLICT
    title = "This server has its recovery key"
    next = (
        "Use the 24 words that were written down then. If they are lost: `steppe backup key --replace`; "
        "earlier backups stay sealed to the lost words."
    )


class NoRecoveryKey(Problem):
    """Nobody could open a backup, so none is made."""

    slug = "no-recovery-key"
    status = HTTPStatus.CONFLICT
    title = "There is no recovery key yet"
    next = "Run `steppe backup key`, with pen and paper at hand; then make the backup."


class WrongWords(Problem):
    """What was typed is no recovery key."""

    slug = "wrong-words"
    title = "These are not the words of a recovery key"
    next = "Type the 24 words in their order, as they were written down."


class WordsNotRepeated(Problem):
    """Somebody who cannot repeat the words has not written them down."""

    slug = "words-not-repeated"
    title = "The words were not repeated, so no key was kept"
    next = "Run the command again: it shows new words. Write them down before you go on."
