"""The file of a backup: a tar of small parts, sealed by age, written and read as a stream.

age authenticates every 64 KiB and marks the last piece, so what was cut or changed is noticed while reading
(https://age-encryption.org/v1). Whoever has the recovery key needs nothing of ours: `age -d`, then `tar x`.
Sealing and opening run in a thread of their own behind a pipe; nothing here holds more than one part in memory.
"""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import IO, Final

from pyrage import DecryptError, EncryptError, decrypt_io, encrypt_io, x25519

from steppe.backup.problems import BackupNotWritten, DamagedBackup, WrongRecoveryKey
from steppe.kit.private_files import PRIVATE_FILE, sync_to_disk

LARGEST_PART: Final = 64 * 1024 * 1024
"""Bytes. Parts we write are far smaller; a file by somebody else must not fill our memory."""


class SealedWriter:
    """Writes a sealed file part by part. Its methods block: call them in a thread."""

    def __init__(self, path: Path, recipients: Sequence[x25519.Recipient]) -> None:
        """Begin the file, which must not exist, readable by this user only. Raises BackupNotWritten."""
        self._path = path
        self._error: Exception | None = None
        try:
            self._sealed = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE), "wb")
        except OSError as error:
            raise BackupNotWritten(str(error)) from error
        reads, writes = os.pipe()
        self._plain = os.fdopen(writes, "wb")
        self._thread = Thread(target=self._seal, args=(os.fdopen(reads, "rb"), list(recipients)), daemon=True)
        self._thread.start()
        self._tar = tarfile.open(fileobj=self._plain, mode="w|")  # noqa: SIM115 - closed by finish() and abandon()

    def _seal(self, plain: IO[bytes], recipients: list[x25519.Recipient]) -> None:
        try:
            encrypt_io(plain, self._sealed, recipients)
        except (EncryptError, OSError) as error:
            self._error = error
        finally:
            # Whoever still writes parts gets a broken pipe, not an endless wait.
            plain.close()

    def add(self, name: str, content: bytes) -> None:
        """Append a part. Raises BackupNotWritten when the disk is full or fails."""
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = len(content), PRIVATE_FILE
        try:
            self._tar.addfile(entry, io.BytesIO(content))
        except OSError as error:
            raise self._failure(error) from error

    def finish(self) -> None:
        """End the file; it is on the disk when this returns. Raises BackupNotWritten."""
        try:
            self._tar.close()
            self._plain.close()
            self._thread.join()
            if self._error is None:
                self._sealed.flush()
                os.fsync(self._sealed.fileno())
                self._sealed.close()
                sync_to_disk(self._path.parent)
        except OSError as error:
            raise self._failure(error) from error
        if self._error is not None:
            raise self._failure(self._error)

    def abandon(self) -> None:
        """Stop, and leave no file behind."""
        with suppress(OSError, ValueError):
            self._tar.close()
        with suppress(OSError):
            self._plain.close()
        self._thread.join()
        with suppress(OSError):
            self._sealed.close()
        self._path.unlink(missing_ok=True)

    def _failure(self, error: Exception) -> BackupNotWritten:
        with suppress(OSError):
            self._plain.close()
        self._thread.join()
        return BackupNotWritten(str(self._error or error))


class _Opening:
    """A thread that opens a sealed file into a pipe."""

    def __init__(self, path: Path, identity: x25519.Identity) -> None:
        self.error: Exception | None = None
        self._sealed = path.open("rb")
        reads, writes = os.pipe()
        self.plain = os.fdopen(reads, "rb")
        self._thread = Thread(target=self._open, args=(os.fdopen(writes, "wb"), identity), daemon=True)
        self._thread.start()

    def _open(self, plain: IO[bytes], identity: x25519.Identity) -> None:
        try:
            decrypt_io(self._sealed, plain, [identity])
        except (DecryptError, OSError) as error:
            self.error = error
        finally:
            with suppress(OSError):
                plain.close()

    def close(self) -> None:
        self.plain.close()
        self._thread.join()
        self._sealed.close()


def read_parts(path: Path, identity: x25519.Identity) -> Iterator[tuple[str, bytes]]:
    """Yield the parts of a sealed file with their names, in order.

    Raises WrongRecoveryKey, and DamagedBackup when the file was cut or changed: at the place where that is, so what
    came before was given out already and counts only when the iteration ends well.
    """
    try:
        opening = _Opening(path, identity)
    except OSError as error:
        raise DamagedBackup(str(error)) from error
    try:
        yield from _members(opening)
        while opening.plain.read(LARGEST_PART):
            pass
    finally:
        opening.close()
    if opening.error is not None:
        raise _failure(opening.error)


def _members(opening: _Opening) -> Iterator[tuple[str, bytes]]:
    try:
        with tarfile.open(fileobj=opening.plain, mode="r|") as tar:
            while (entry := tar.next()) is not None:
                content = tar.extractfile(entry) if entry.isreg() and entry.size <= LARGEST_PART else None
                if content is None:
                    msg = f"{entry.name[:80]!r} is no part of a backup"
                    raise DamagedBackup(msg)
                yield entry.name, content.read()
                # A stream is read once: what tarfile remembers of it would only grow.
                tar.members.clear()  # type: ignore[attr-defined]  # typeshed does not list it
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        opening.close()
        raise _failure(opening.error or error) from error


def _failure(error: Exception) -> DamagedBackup | WrongRecoveryKey:
    if isinstance(error, DecryptError) and "No matching keys" in str(error):
        return WrongRecoveryKey()
    return DamagedBackup(str(error))
