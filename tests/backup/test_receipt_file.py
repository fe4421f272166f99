"""A receipt as a file: what it proves without a server, and that no bit of it can be another."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from httpx import ASGITransport, AsyncClient
from joserfc.jwk import ECKey
from typer.testing import CliRunner

from steppe.backup.receipts.receipt_check import BadReceiptFile, check_receipt_file
from steppe.cli import app
from steppe.kit.db import Database
from steppe.kit.ids import uuid7
from steppe.kit.settings import Settings
from steppe.main import create_app
from steppe.missions import keys
from steppe.submissions.sealing import content_hash
from tests.backup.conftest import done, failed
from tests.backup.receipt_files import Maker, changed
from tests.conftest import run_apart
from tests.fixtures_mission import seed


@pytest.fixture
def maker() -> Maker:
    return Maker()


def test_a_file_proves_content_phone_and_time_to_whoever_trusts_the_root(maker: Maker) -> None:
    proven = check_receipt_file(maker.file(), maker.root.thumbprint())
    assert (proven.content_hash, proven.device) == (content_hash(maker.canonical), str(maker.device_id))
    assert (proven.received_at, proven.seq, proven.device_seq) == ("2021-01-09T08:00:00.000Z", 7, 1)


def test_without_a_root_it_rests_on_the_receipt_key_itself(maker: Maker) -> None:
    content = maker.file(root=False)
    assert check_receipt_file(content, maker.second.thumbprint()).seq == 7
    with pytest.raises(BadReceiptFile, match="another key"):
        check_receipt_file(content, maker.root.thumbprint())


def test_a_file_shows_that_the_receipt_stands_under_a_checkpoint(maker: Maker) -> None:
    covered, trusted = maker.covered(), maker.root.thumbprint()
    assert check_receipt_file(maker.file(), trusted).covered_by is None
    for content in (maker.file(covered=covered), maker.file(covered=maker.covered(0, 0))):
        head = check_receipt_file(content, trusted).covered_by
        assert head is not None
        assert head.at == "2021-01-09T20:00:00.000Z"
    proven = check_receipt_file(maker.file(covered=covered), trusted, maker.kept(covered))
    assert proven.covered_by is not None
    assert proven.covered_by.size == 7


def test_a_receipt_stands_to_no_other_checkpoint_than_the_one_kept(maker: Maker) -> None:
    content, trusted = maker.file(covered=maker.covered()), maker.root.thumbprint()
    other, later = maker.covered(place=4), maker.covered(9)
    for kept, said in (
        (maker.kept(later), "of 10: have it made"),
        (maker.kept(other), "two pasts of 7"),
        (Maker().kept(other), "another key"),
        (content, "no checkpoint"),
        (b"{}", "."),
    ):
        with pytest.raises(BadReceiptFile, match=said):
            check_receipt_file(content, trusted, kept)
    with pytest.raises(BadReceiptFile, match="no checkpoint"):
        check_receipt_file(maker.file(), trusted, maker.kept(other))


@pytest.mark.parametrize("version", [1, 2])
def test_no_bit_of_a_file_can_be_another(maker: Maker, version: int) -> None:
    content, trusted = maker.file(covered=maker.covered() if version > 1 else None), maker.root.thumbprint()
    passed = []
    for place in range(len(content)):
        # Over the length of a file every bit has its turns, next to every kind of neighbour.
        flipped = bytearray(content)
        flipped[place] ^= 1 << place % 8
        try:
            check_receipt_file(bytes(flipped), trusted)
        except BadReceiptFile:
            continue
        passed.append(place)
    assert passed == []


def test_a_file_that_was_cut_or_lengthened_proves_nothing(maker: Maker) -> None:
    content, trusted = maker.file(), maker.root.thumbprint()
    for other in (b"", content[:-1], content[:-2], content + b"\n", content + content, b" " + content, b"[]\n", b"7\n"):
        with pytest.raises(BadReceiptFile):
            check_receipt_file(other, trusted)


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda maker: maker.file(signer=keys.make_key()),
        lambda maker: maker.file(received=replace(maker.received, device_id=uuid7())),
        lambda maker: changed(maker.file(), keys=[maker.statements[0]]),
        lambda maker: changed(maker.file(), keys=maker.statements[::-1]),
        lambda maker: changed(maker.file(), report=json.loads(Maker().file())["report"]),
        lambda maker: changed(maker.file(), note="and more"),
        lambda maker: maker.file(covered=replace(maker.covered(), place=2)),
        lambda maker: maker.file(covered=replace(maker.covered(), path=[])),
        lambda maker: maker.file(covered=replace(maker.covered(), entry={**maker.covered().entry, "seq": 8})),
        lambda maker: maker.file(covered=replace(maker.covered(), checkpoint=maker.covered(place=4).checkpoint)),
        lambda maker: changed(maker.file(covered=maker.covered(1, 1)), place=True),
    ],
    ids=[
        "signed by another phone",
        "of another phone",
        "a list left out",
        "lists turned round",
        "another report",
        "more",
        "another place",
        "no path",
        "another entry",
        "another checkpoint",
        "a place that is no number",
    ],
)
def test_what_does_not_belong_together_proves_nothing(maker: Maker, spoilt: Callable[[Maker], bytes]) -> None:
    with pytest.raises(BadReceiptFile):
        check_receipt_file(spoilt(maker), maker.root.thumbprint())


def lay_report() -> str:
    """Load a mission with one received report; return the thumbprint of its receipt key."""
    trusted: list[str] = []

    async def lay() -> None:
        settings = Settings()
        database = Database(settings)
        seeded = await seed(database, settings)
        server = create_app(settings)
        async with AsyncClient(transport=ASGITransport(server), base_url="http://steppe.test") as client:
            phone = seeded.phones[0]
            body = phone.push_body(phone.report())
            assert (await client.post("/api/v1/sync/push", json=body, headers=phone.bearer)).status_code == 200
        await server.state.parts[Database].close()
        await database.close()
        trusted.append(seeded.receipt_jwk["kid"])

    run_apart(lay)
    return trusted[0]


def test_the_command_makes_a_file_of_a_held_report_and_checks_it_without_a_database(
    terminal: CliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted = lay_report()
    file = tmp_path / "proof.json"
    of_mission = ["--mission", "TST2021"]
    assert "No report" in failed(terminal.invoke(app, ["receipt", "make", "LTO01-A999", str(file), *of_mission]))
    assert f"--trust {trusted}" in done(terminal.invoke(app, ["receipt", "make", "LTO01-A001", str(file), *of_mission]))
    monkeypatch.setenv("STEPPE_DATABASE_URL", "sqlite+aiosqlite:////nowhere/at/all.db")
    said = done(terminal.invoke(app, ["receipt", "check", str(file), "--trust", trusted]))
    assert "Good." in said
    assert "no. 1" in said
    assert "among 1 receipts" in said
    file.write_bytes(file.read_bytes()[:-1])
    assert "proves nothing" in failed(terminal.invoke(app, ["receipt", "check", str(file), "--trust", trusted]))


def test_a_checkpoint_is_signed_for_all_and_written_for_somebody_who_keeps_it(
    terminal: CliRunner, tmp_path: Path
) -> None:
    lay_report()
    kept = tmp_path / "checkpoint.json"
    assert "TST2021: 1 receipts" in done(terminal.invoke(app, ["receipt", "checkpoint"]))
    done(terminal.invoke(app, ["receipt", "checkpoint", str(kept), "--mission", "TST2021"]))
    said = done(terminal.invoke(app, ["verify", "--held", str(kept)]))
    assert "ok   signed heads of the tree: " in said
    assert "BAD" not in said
    proof, trusted = tmp_path / "proof.json", json.loads(kept.read_text())["key"]
    done(terminal.invoke(app, ["receipt", "make", "LTO01-A001", str(proof), "--mission", "TST2021"]))
    thumbprint = ECKey.import_key(trusted).thumbprint()
    of_both = [str(proof), "--trust", thumbprint, "--checkpoint", str(kept)]
    assert "by the checkpoint you kept" in done(terminal.invoke(app, ["receipt", "check", *of_both]))
    proof.unlink()
    of_neighbour = [
        "receipt",
        "make",
        "LTO01-A001",
        str(proof),
        "--mission",
        "TST2021",
        "--checkpoint",
        str(tmp_path / "x"),
    ]
    (tmp_path / "x").write_text("none of ours")
    assert "does not stand under" in failed(terminal.invoke(app, of_neighbour))
