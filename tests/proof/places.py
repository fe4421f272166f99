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
    """How places are made and copied, below one `folder`. No server runs on a place while it is copied."""

    folder: Path

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
        self.folder = folder

    def make(self, name: str) -> Place:
        """Return a new, empty place."""
        data = self.folder / name
        data.mkdir()
        return Place(data, f"sqlite+aiosqlite:///{data / 'steppe.db'}")

    def copy(self, source: Place, name: str) -> Place:
        """Copy the folder. The log of changes goes into the file first: a copy of the file alone would lack it."""
        target = self.folder / name
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
        self.folder = folder
        self._cluster = Cluster()

    def make(self, name: str) -> Place:
        """Return a new, empty place."""
        return self._made(name, "template0")

    def copy(self, source: Place, name: str) -> Place:
        """Copy folder and database."""
        shutil.rmtree(self.folder / name, ignore_errors=True)
        place = self._made(name, _database(source))
        shutil.copytree(source.data, place.data, dirs_exist_ok=True)
        return place

    def put_back(self, copied: Place, place: Place) -> Place:
        """Make the database anew out of the copy's."""
        self._cluster.drop(_database(place))
        self._cluster.sql(f"CREATE DATABASE {_database(place)} TEMPLATE {_database(copied)}")
        return place

    def _made(self, name: str, template: str) -> Place:
        # Always the same address: statements that were compiled for it serve the next schedule too.
        data = self.folder / name
        data.mkdir()
        place = Place(data, self._cluster.url(f"proof_{name}"))
        self._cluster.drop(_database(place))
        self._cluster.sql(f"CREATE DATABASE {_database(place)} TEMPLATE {template}")
        return place

    def close(self) -> None:
        """Stop the cluster."""
        self._cluster.close()


def _database(place: Place) -> str:
    return f"proof_{place.data.name}"
