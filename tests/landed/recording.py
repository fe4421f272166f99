"""A database and a phone as a landed version left them: read, and laid into an engine of today."""

import base64
import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from alembic import command
from alembic.config import Config
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Uuid,
    insert,
)
from sqlalchemy.types import TypeEngine

from steppe.kit.clock import now
from steppe.kit.columns import UtcDateTime, json_column
from steppe.kit.db import Database
from steppe.kit.settings import Settings
from steppe.migrate import FOLDER, migrate

HERE = Path(__file__).parent

TYPES: dict[str, Callable[[], TypeEngine[Any]]] = {
    "utc": UtcDateTime,
    "json": json_column,
    "uuid": Uuid,
    "bytes": LargeBinary,
    "date": Date,
    "bool": Boolean,
    "big": BigInteger,
    "int": Integer,
    "float": Float,
    "text": String,
}
READ: dict[str, Callable[[Any], Any]] = {
    "utc": datetime.fromisoformat,
    "uuid": UUID,
    "bytes": base64.b64decode,
    "date": date.fromisoformat,
}


@dataclass
class Recording:
    """What was recorded, as JSON (`schema_0002.json`, `profile_0002.json.gz`)."""

    content: dict[str, Any]

    @classmethod
    def read(cls, name: str) -> "Recording":
        packed = HERE / f"{name}.json.gz"
        return cls(
            json.loads(gzip.decompress(packed.read_bytes()) if packed.exists() else packed.with_suffix("").read_bytes())
        )

    def settings(self, data: Path, url: str) -> Settings:
        """Settings of the server that takes the recorded one's place: same secret, same files."""
        for name, content in self.content["files"].items():
            path = data / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(base64.b64decode(content))
        return Settings(data=data, database_url=url, secret=self.content["secret"])

    async def lay(self, database: Database) -> None:
        """Lay the recorded rows into an empty database at the recorded schema, then migrate it to today's."""

        def at_recorded(connection: Connection) -> None:
            config = Config()
            config.set_main_option("script_location", str(FOLDER))
            config.attributes["connection"] = connection
            command.upgrade(config, self.content["revision"])
            for name, table in self._in_order():
                self._insert(connection, name, table)

        async with database.writer.begin() as connection:
            await connection.run_sync(at_recorded)
        await migrate(database)

    def _in_order(self) -> list[tuple[str, dict[str, Any]]]:
        """Tables so that what a row points at is there: as recorded, sorted by what they depend on."""
        return [(name, self.content["tables"][name]) for name in self.content["order"]]

    def _insert(self, connection: Connection, name: str, recorded: dict[str, Any]) -> None:
        kinds: dict[str, str] = dict(recorded["columns"])
        table = Table(name, MetaData(), *(Column(column, TYPES[kind]()) for column, kind in kinds.items()))
        rows = [
            {
                column: None if value is None else READ.get(kind, lambda same: same)(value)
                for (column, kind), value in zip(kinds.items(), row, strict=True)
            }
            for row in recorded["rows"]
        ]
        for row in rows:
            # A recording grows old; what it lets in must not.
            if "expires_at" in row:
                row["expires_at"] = now() + timedelta(hours=1)
        if rows:
            connection.execute(insert(table), rows)
