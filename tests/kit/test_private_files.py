"""Files are for the server's own user, whole or as before, and a lock is one process's."""

import os
import stat
from pathlib import Path

import pytest

from steppe.kit.private_files import locked, write_whole


def test_a_file_is_replaced_whole_and_is_for_its_own_user(tmp_path: Path) -> None:
    path = tmp_path / "new" / "mark.json"
    before = os.umask(0)
    try:
        write_whole(path, b"first")
        write_whole(path, b"second", is_synced=False)
    finally:
        os.umask(before)
    assert path.read_bytes() == b"second"
    assert [stat.S_IMODE(one.stat().st_mode) for one in (path.parent, path)] == [0o700, 0o600]
    assert [one.name for one in path.parent.iterdir()] == ["mark.json"]


def test_a_file_that_cannot_be_written_is_as_before_and_nothing_lies_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mark.json"
    write_whole(path, b"first")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("steppe.kit.private_files.os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, b"second")
    assert path.read_bytes() == b"first"
    assert [one.name for one in tmp_path.iterdir()] == ["mark.json"]


def test_a_lock_is_held_once_and_free_after_it(tmp_path: Path) -> None:
    with locked(tmp_path / "new" / "a.lock"), pytest.raises(BlockingIOError), locked(tmp_path / "new" / "a.lock"):
        pass
    with locked(tmp_path / "new" / "a.lock"):
        pass
