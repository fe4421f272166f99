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


class BackupNotWritten(Problem):
    """The file could not be written."""

    slug = "backup-not-written"
    title = "The backup could not be written"
    next = (
        "See that the folder or the store is there, lets this server write and has room; then run the command again. "
        "Nothing that looks like a backup was left; earlier backups are whole."
    )


class BackupNotGood(Problem):
    """What was read back is not what the server holds."""

    slug = "backup-not-good"
    title = "The backup was written, but does not stand the check"
    next = "It was not kept. `steppe rebuild --check` and `steppe verify` say what is wrong with the data itself."


class BackupRunning(Problem):
    """Somebody else makes one at this moment."""

    slug = "backup-running"
    status = HTTPStatus.CONFLICT
    title = "Another backup of this server is being made"
    next = "Wait until it has ended."


class DamagedBackup(Problem):
    """The file is not what was written."""

    slug = "damaged-backup"
    title = "This file is no whole backup"
    next = "Nothing was changed. Take another copy of the file, or an earlier backup."


class WrongRecoveryKey(Problem):
    """The words are somebody's recovery key, but not the one the file is sealed to."""

    slug = "wrong-recovery-key"
    title = "These words do not open this backup"
    next = "Look for the paper of the day on which the key of this server was made."


class UnknownBackup(Problem):
    """No backup that was found good has this content."""

    slug = "unknown-backup"
    status = HTTPStatus.NOT_FOUND
    title = "This is none of the server's backups"
    next = "Name a file, or the SHA-256 of a file, that `steppe backup list` shows."


class PlaceNotEmpty(Problem):
    """A restore adds to nothing and replaces nothing."""

    slug = "place-not-empty"
    status = HTTPStatus.CONFLICT
    title = "There is something already where the backup should go"
    next = "Nothing was changed. Name an empty place by STEPPE_DATA, STEPPE_DATABASE_URL and STEPPE_BLOB_URL."


class LaterBackup(Problem):
    """The file was made by a version whose tables this one does not know."""

    slug = "later-backup"
    status = HTTPStatus.CONFLICT
    title = "This backup was made by a later version of Steppe"
    next = "Nothing was changed. Install the version named above, or a later one, and restore with that."


class FilesMissing(Problem):
    """Photos that lay beside the backup are not there."""

    slug = "files-missing"
    status = HTTPStatus.CONFLICT
    title = "Photos and recordings of this backup are missing beside it"
    next = "Nothing was changed. Bring the folder `files`, or go on with --incomplete: phones are then asked for them."


class MoveDiffers(Problem):
    """What was read back is not what was sent."""

    slug = "move-differs"
    status = HTTPStatus.CONFLICT
    title = "The rows did not arrive as they left"
    next = "Nothing was moved: start the server as it was. The names above are the tables that differ."


class UnknownReport(Problem):
    """A receipt was asked for of a report that is not here."""

    slug = "unknown-report"
    status = HTTPStatus.NOT_FOUND
    title = "No report of this mission is called that"
    next = "Name it by its short code as the desk shows it, or by the id of a revision."


class NotCovered(Problem):
    """A receipt does not stand under the checkpoint that is meant."""

    slug = "not-covered"
    status = HTTPStatus.CONFLICT
    title = "This receipt does not stand under that checkpoint"
    next = (
        "It was given later, or the checkpoint is not in this database, or a key that signed it was declared stolen. "
        "Make the file without `--checkpoint`: it then stands under the first one after the receipt."
    )
