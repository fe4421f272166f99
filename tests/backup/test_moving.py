"""A server moves to another engine and another store: the same rows and numbers, while phones push before and after."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from steppe import migrate
from steppe.attachments.blob_names import whole_name
from steppe.backup import moving
from steppe.backup.moving import Digest, Move
from steppe.backup.problems import MoveDiffers, PlaceNotEmpty
from steppe.backup.rows import write_rows
from steppe.cli import app
from steppe.kit.blobs import Blobs
from steppe.kit.settings import Settings
from steppe.kit.sqlite import served_alone
from tests.attachments.test_uploads import begin, named, patch
from tests.backup.conftest import done
from tests.backup.rooms import everything, send_photo
from tests.conftest import EngineName
from tests.fixtures_server import Server, node
from tests.postgres import Cluster
from tests.summaries.test_rebuild import push_random


async def moved(move: Move) -> Digest:
    try:
        await move.check_place()
        await migrate.migrate(move.target)
        await move.copy_files()
        return await move.copy_rows()
    finally:
        await move.close()


async def test_a_server_goes_on_elsewhere_with_the_next_number(
    server: Server, tmp_path: Path, engine_name: EngineName, request: pytest.FixtureRequest
) -> None:
    await push_random(server, 1)
    phone = server.phones[0]
    photo = await send_photo(server, phone, b"a protocol on a board")
    stored, facts = await named(server, phone, b"of which half is here")
    await begin(server, phone, facts["sha256"], len(stored))
    assert (await patch(server, phone, facts["sha256"], 0, stored[:10])).status_code == 204
    last = (await server.push(phone, phone.report()))["read"]["items"][0]["seq"]
    before = await everything(server.database, without=set())
    cluster: Cluster = request.getfixturevalue("postgres")
    name = cluster.create()
    url = cluster.url(name) if engine_name == "sqlite" else f"sqlite+aiosqlite:///{tmp_path / 'new.db'}"
    there = Settings(data=server.settings.data, database_url=url, blob_url=f"file://{tmp_path / 'store'}")
    digest = await moved(Move(server.settings, there))
    assert digest.rows["desk_session"] == 10
    async with node(there, server.seeded) as again:
        assert await everything(again.database, without=set()) == before
        answer = await again.push(phone, phone.report())
        assert (answer["read"]["items"][0]["seq"], answer["read"]["epoch"]) == (last + 1, 1)
        # An upload that was half-way goes on where it was.
        assert (await patch(again, phone, facts["sha256"], 10, stored[10:])).status_code == 204
        assert await Blobs(there).get(whole_name(server.seeded.mission.id, photo))
    with pytest.raises(PlaceNotEmpty):
        await moved(Move(server.settings, there))
    cluster.drop(name)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_a_piece_of_an_upload_that_goes_while_files_are_copied_is_on_neither_side(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = server.settings.model_copy(update={"blob_url": f"file://{tmp_path / 'store'}"})
    here = Blobs(server.settings)
    for name in ("mission/uploads/early", "mission/uploads/late", "mission/whole"):
        await here.put(name, name.encode())
    move, names = Move(server.settings, there), Blobs.names

    async def listed_too_early(blobs: Blobs) -> list[str]:
        listed = await names(blobs)
        await here.delete("mission/uploads/early")
        return listed

    with monkeypatch.context() as serving:
        serving.setattr(Blobs, "names", listed_too_early)
        assert await move.copy_files() == 2
    await here.delete("mission/uploads/late")
    assert await move.copy_files() == 0
    await move.close()
    assert await Blobs(there).names() == await here.names() == ["mission/whole"]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_rows_that_arrive_otherwise_are_not_kept(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await push_random(server, 1)
    there = Settings(data=server.settings.data, database_url=f"sqlite+aiosqlite:///{tmp_path / 'new.db'}")
    write = write_rows

    # With its quotes: four letters stand by chance in signed bytes too.
    async def write_badly(session: object, name: str, text: bytes) -> int:
        return await write(session, name, text.replace(b'"Town"', b'"Towm"'))  # type: ignore[arg-type]  # the session it is

    with monkeypatch.context() as failing:
        failing.setattr(moving, "write_rows", write_badly)
        with pytest.raises(MoveDiffers, match=r"^team$"):
            await moved(Move(server.settings, there))
    assert (await moved(Move(server.settings, there))).rows["inbox_item"] > 0


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_the_command_waits_for_the_server_to_stop_and_puts_the_old_file_aside(
    terminal: CliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = tmp_path / "steppe.db", tmp_path / "new.db"
    serving = served_alone(str(old))
    serving.__enter__()
    waited: list[float] = []

    async def stop_then(seconds: float) -> None:
        waited.append(seconds)
        serving.__exit__(None, None, None)

    monkeypatch.setattr("steppe.backup_cli.asyncio.sleep", stop_then)
    said = done(terminal.invoke(app, ["move", "--to", f"sqlite+aiosqlite:///{new}"]))
    assert len(waited) == 1
    assert said.index("Stop the server now") < said.index("Moved: ")
    assert (old.exists(), Path(f"{old}.moved").exists(), new.exists()) == (False, True, True)
