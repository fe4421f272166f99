"""Photos of a report that was kept aside leave the phone like others; nobody sees more for it: docs/protocol.md §5."""

from importlib.util import module_from_spec, spec_from_file_location
from typing import Any

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection

from steppe.kit.columns import table_of
from steppe.migrate import FOLDER
from steppe.submissions.models import AsideAttachment
from steppe.submissions.sealing import encrypt_attachment
from tests.attachments.test_uploads import begin, head, patch
from tests.fixtures_checklist import answers
from tests.fixtures_desk import cookie
from tests.fixtures_neighbour import own
from tests.fixtures_phone import Phone
from tests.fixtures_server import API, Server
from tests.sync.rows import assert_feed_has_no_gaps
from tests.sync.test_parcels import at_desk, take, upload


def with_photo(
    phone: Phone, picture: bytes = b"a picture", *, odd: dict[str, Any] | None = None, **changed: Any
) -> tuple[str, str, bytes]:
    """Make a report that will be kept aside for its `odd` answers; returns it, the photo's SHA-256 and its bytes."""
    stored, facts = encrypt_attachment(picture)
    attachment = {"path": "photo", "type": "image/jpeg", **facts}
    patched = {**answers(photo=facts["plain_sha256"]), **({"no_such_question": "x"} if odd is None else odd)}
    return phone.report(patched, attachments=[attachment], **changed), facts["sha256"], stored


async def test_a_report_kept_aside_brings_its_photo_and_gets_its_receipt(server: Server) -> None:
    phone, mate, _ = server.phones
    item, sha256, stored = with_photo(phone)
    [result] = (await server.push(phone, item))["results"]
    assert result == {"status": "quarantined", "reason": "bad_answers", "needs": [sha256]}
    # To others the file does not exist.
    assert (await begin(server, mate, sha256, len(stored))).status_code == 409
    assert (await head(server, mate, sha256)).status_code == 404
    assert (await begin(server, phone, sha256, len(stored) + 1)).status_code == 409
    assert (await begin(server, phone, sha256, len(stored))).status_code == 201
    last = await patch(server, phone, sha256, 0, stored)
    assert server.receipts(last.headers["steppe-receipt"])["seq"] > 0
    assert (await server.push(phone, item))["results"] == [{"status": "quarantined", "reason": "bad_answers"}]
    await assert_feed_has_no_gaps(server.database)
    for role in ("head", "coordinator", "admin"):
        shown = await server.client.get(f"{API}/attachments/{sha256}/content", headers=cookie(server, role))
        assert shown.status_code == 404


async def test_whoever_brings_a_report_that_is_kept_aside_may_bring_its_photo(server: Server) -> None:
    phone, _, carrier = server.phones
    item, sha256, stored = with_photo(phone)
    assert (await take(server, item))["results"][0]["needs"] == [sha256]
    assert (await upload(server, carrier.bearer, sha256, stored)).status_code == 409
    assert (await server.push(carrier, item))["results"][0]["needs"] == [sha256]
    assert (await upload(server, carrier.bearer, sha256, stored)).status_code == 204
    second, other, bytes_too = with_photo(phone)
    await take(server, second)
    assert (await upload(server, at_desk(server), other, bytes_too)).status_code == 204
    # The phone that made it hears of it with its next pull, and asks for the receipts of its photos.
    assert "steppe-receipt" in (await head(server, phone, other)).headers


async def test_what_nobody_can_read_lets_no_bytes_in(server: Server) -> None:
    phone, mate, _ = server.phones
    item, sha256, stored = with_photo(phone)
    forged = mate.seal(phone.made[-1])
    for unread in (item[:-4] + "AAAA", forged):
        assert "needs" not in (await server.push(phone, unread))["results"][0]
        assert (await begin(server, phone, sha256, len(stored))).status_code == 409


async def test_what_an_earlier_version_kept_aside_is_read_by_the_migration(server: Server) -> None:
    phone, _, carrier = server.phones
    for bringer in (phone, carrier):
        await server.push(bringer, with_photo(phone)[0])
    [script] = (FOLDER / "versions").glob("*_attachments_of_what_is_kept_aside.py")
    spec = spec_from_file_location("the_migration", script)
    assert spec is not None
    assert spec.loader is not None
    migration = module_from_spec(spec)
    spec.loader.exec_module(migration)

    def from_the_version_before(connection: Connection) -> None:
        table_of(AsideAttachment).drop(connection)
        with Operations.context(MigrationContext.configure(connection)):
            migration.upgrade()

    async def noted() -> list[str]:
        async with server.database.read() as session:
            return sorted(map(repr, (await session.exec(own(AsideAttachment))).all()))

    before = await noted()
    assert len(before) == 3
    async with server.database.writer.begin() as connection:
        await connection.run_sync(from_the_version_before)
    assert await noted() == before
