"""`python -m tests.e2e.publish_definition FILE.json`: publish a definition as it is, with the files beside it.

Ways to answer are tested apart from the way a spreadsheet becomes a definition.
"""

import asyncio
import sys
from pathlib import Path

from steppe.checklists.commands import keep_files, publish
from steppe.checklists.definition import Definition
from steppe.checklists.xlsform.form_files import Form, FormFile
from steppe.kit.blobs import Blobs
from steppe.missions.queries import mission_by_code
from steppe.terminal import opened


async def main(path: Path) -> None:
    """Publish into the database that the environment names."""
    definition = Definition.model_validate_json(path.read_bytes())
    held = [media.name for media in (definition.files or {}).values() if path.with_name(media.name).exists()]
    files = tuple(FormFile(name, "media", path.with_name(name).read_bytes()) for name in held)
    form = Form(path.name, path.read_bytes(), definition, (), files)
    async with opened() as (settings, database):
        async with database.read() as reading:
            mission = await mission_by_code(reading, None)
        await keep_files(Blobs(settings), mission.id, form)
        async with database.write() as session:
            await publish(session, mission_id=mission.id, form=form, actor="test")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
