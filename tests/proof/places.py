"""Where a server of the proof keeps its data, on each engine: laid once, copied for every schedule."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from steppe.kit.settings import Settings
from tests.postgres import Cluster


@dataclass(frozen=True, slots=True)
class Place:
    """A data folder, and the database that goes with it."""

    data: Path
    database_url: str

    @property
    def settings(self) -> Settings:
        """Settings of a server on this place."""
        return Settings(data=self.data, database_url=self.database_url, public_url="https://hq.test")


class Engine(Protocol):
    """How places are made and copied. No server runs on a place while it is copied."""

    def make(self, name: str) -> Place:
        """Return a new, empty place."""

    def copy(self, source: Place, name: str) -> Place:
        """Return a place of this name that holds what `source` holds; what it held before is gone."""

    def put_back(self, copied: Place, place: Place) -> Place:
        """Put the database of a copy in the place of another, by hand: what lies beside it in the data folder stays."""

    def close(self) -> None:
        """Leave nothing behind."""


class Sqlite:
    """SQLite files below one folder."""

    def __init__(self, folder: Path) -> None:
        """Keep the folder."""
        self._folder = folder

    def make(self, name: str) -> Place:
        """Return a new, empty place."""
        data = self._folder / name
        data.mkdir()
        return Place(data, f"sqlite+aiosqlite:///{data / 'steppe.db'}")

    def copy(self, source: Place, name: str) -> Place:
        """Copy the folder. The log of changes goes into the file first: a copy of the file alone would lack it."""
        target = self._folder / name
        with closing(sqlite3.connect(source.data / "steppe.db")) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source.data, target)
        return Place(target, f"sqlite+aiosqlite:///{target / 'steppe.db'}")

    def put_back(self, copied: Place, place: Place) -> Place:
        """Copy the file, and take away the log of the one that was there."""
        for log in ("-wal", "-shm"):
            (place.data / f"steppe.db{log}").unlink(missing_ok=True)
        shutil.copy(copied.data / "steppe.db", place.data / "steppe.db")
        return place

    def close(self) -> None:
        """Nothing runs."""


class Postgresql:
    """Databases of one cluster, with folders for the bytes beside them."""

    def __init__(self, folder: Path) -> None:
        """Start the cluster."""
        self._folder = folder
        self._cluster = Cluster()
        self._names: dict[str, str] = {}

    def make(self, name: str) -> Place:
        """Return a new, empty place."""
        data = self._folder / name
        data.mkdir()
        return self._place(data, name, self._cluster.create())

    def copy(self, source: Place, name: str) -> Place:
        """Copy folder and database."""
        target = self._folder / name
        before = self._names.get(name)
        made = self._cluster.create(self._names[source.data.name])
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source.data, target)
        if before:
            self._cluster.drop(before)
        return self._place(target, name, made)

    def put_back(self, copied: Place, place: Place) -> Place:
        """Make the database anew out of the copy's."""
        before = self._names[place.data.name]
        made = self._cluster.create(self._names[copied.data.name])
        self._cluster.drop(before)
        return self._place(place.data, place.data.name, made)

    def _place(self, data: Path, name: str, database: str) -> Place:
        self._names[name] = database
        return Place(data, self._cluster.url(database))

    def close(self) -> None:
        """Stop the cluster."""
        self._cluster.close()
