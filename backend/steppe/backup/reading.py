"""Reading a backup whole: each part against its hash, and all of them against the manifest at the end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pyrage import x25519

from steppe.backup.manifest import FILES, MANIFEST, ROWS, SECRET, Contents, Manifest, is_named, read_manifest, sha256
from steppe.backup.problems import DamagedBackup
from steppe.backup.sealed_file import LARGEST_PART, read_parts
from steppe.kit.strict_json import BadJson, TooLarge, unzip


class BackupReader:
    """Gives the parts of a backup; what it gave is true only once the iteration has ended well."""

    def __init__(self, path: Path, identity: x25519.Identity) -> None:
        """Read the file at `path` with this key; each iteration begins anew."""
        self._path = path
        self._identity = identity
        self._manifest: Manifest | None = None

    @property
    def manifest(self) -> Manifest:
        """The manifest, after the iteration has ended well."""
        assert self._manifest is not None
        return self._manifest

    def __iter__(self) -> Iterator[tuple[str, bytes]]:
        """Yield name and content of each part but the manifest. Raises DamagedBackup, WrongRecoveryKey."""
        contents, said = Contents(), None
        for name, content in read_parts(self._path, self._identity):
            if said is not None:
                msg = "something follows its manifest"
                raise DamagedBackup(msg)
            if name == MANIFEST:
                said = read_manifest(content)
                continue
            _note(contents, name, content)
            yield name, content
        if said is None:
            msg = "its end is missing"
            raise DamagedBackup(msg)
        _compare(contents, said)
        self._manifest = said


def table_of_part(name: str) -> str:
    """Return the table whose rows a part holds; its name is `rows/<number>.<table>.jsonl.gz`."""
    return name.removeprefix(ROWS).partition(".")[2].partition(".")[0]


def _note(contents: Contents, name: str, content: bytes) -> None:
    if name.startswith(ROWS):
        contents.add_rows(name, table_of_part(name), unpacked(content).count(b"\n"), content)
    elif name.startswith(FILES):
        if not is_named(content, name, len(content)):
            msg = f"{name}: its bytes are others"
            raise DamagedBackup(msg)
        contents.add_inside(name.removeprefix(FILES), len(content))
    elif name == SECRET:
        contents.secret_sha256 = sha256(content)
    else:
        msg = f"{name[:80]!r} is no part of a backup"
        raise DamagedBackup(msg)


def unpacked(content: bytes) -> bytes:
    """Return the text of a part with rows. Raises DamagedBackup."""
    try:
        return unzip(content, LARGEST_PART)
    except (BadJson, TooLarge) as problem:
        raise DamagedBackup(problem.detail) from problem


def _compare(contents: Contents, said: Manifest) -> None:
    contents.close()
    inside = ("inside", "inside_size", "digest")
    is_whole = (
        contents.parts == said.parts
        and contents.tables == said.tables
        and contents.secret_sha256 == said.secret_sha256
        and all(getattr(contents.files, one) == getattr(said.files, one) for one in inside)
    )
    if not is_whole:
        msg = "its parts are not those that its manifest lists"
        raise DamagedBackup(msg)
