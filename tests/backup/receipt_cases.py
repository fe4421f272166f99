"""The receipt files of tests/vectors/receipts.json, which the server's check and the app's page must judge alike.

Signatures contain chance: `python -m tests.backup.receipt_cases` makes all of them anew, with what each comes to here.
"""

import copy
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec

from steppe.backup.receipts.receipt_check import BadReceiptFile, check_receipt_file
from steppe.kit.ids import uuid7
from steppe.missions import keys
from steppe.missions.key_list import STATEMENT_TYPE
from steppe.missions.keys import ReceiptKey
from steppe.submissions.receipts import signed
from steppe.submissions.sealing import b64u, es256, unb64u
from tests.backup.receipt_files import Maker, changed

FILE: Final = Path(__file__).parents[1] / "vectors/receipts.json"
ABOUT: Final = (
    "Receipt files and checkpoints (docs/protocol.md §10, §11), by name in `files`. Each case: a file, the thumbprint "
    "that is trusted, a checkpoint that was kept or null, bits that are flipped in the file before it is checked "
    "([place of the byte, bit]), and what comes of it: what is proved, or the first fault. Made by "
    "tests/backup/receipt_cases.py; run by tests/backup/test_receipt_vectors.py and "
    "pwa/src/receipts/receiptFile.test.ts."
)
# Spread over a file: form, key, lists, proof, report, path, checkpoint, the last byte.
_FLIPS: Final = 16


@dataclass(frozen=True)
class Case:
    """A file to check, by whoever trusts a key and may have kept a checkpoint."""

    name: str
    file: bytes
    trust: str
    checkpoint: bytes | None = None
    flips: tuple[tuple[int, int], ...] = ()

    def content(self) -> bytes:
        """Return the bytes that are checked."""
        spoilt = bytearray(self.file)
        for place, bit in self.flips:
            spoilt[place] ^= 1 << bit
        return bytes(spoilt)

    def outcome(self) -> dict[str, Any]:
        """Return what the check says: `proved`, or the `fault`."""
        try:
            proven = check_receipt_file(self.content(), self.trust, self.checkpoint)
        except BadReceiptFile as error:
            return {"fault": error.fault.value}
        return {"proved": asdict(proven)}


def read_cases() -> list[tuple[Case, dict[str, Any]]]:
    """Return the cases of the file, each with what has to come of it."""
    told = json.loads(FILE.read_text())
    files = {name: text.encode() for name, text in told["files"].items()}
    return [
        (
            Case(
                one["name"],
                files[one["file"]],
                one["trust"],
                files[one["checkpoint"]] if one["checkpoint"] else None,
                tuple((place, bit) for place, bit in one["flips"]),
            ),
            one["outcome"],
        )
        for one in told["cases"]
    ]


def made_cases() -> list[Case]:
    """Make every case anew, of a mission and another one."""
    maker, stranger = Maker(), Maker()
    trust = maker.root.thumbprint()
    covered = maker.covered()
    good = maker.file(covered=covered)
    said: list[tuple[str, bytes]] = [
        ("under a checkpoint that only the mission vouches for", good),
        ("version 1, under no checkpoint", maker.file()),
        ("the only receipt of its checkpoint", maker.file(covered=maker.covered(0, 0))),
        ("the last of nine", maker.file(covered=maker.covered(8, 8))),
        *_of_another_content(maker, stranger, good),
        *_of_another_tree(maker, stranger, good),
        *_in_another_form(good, maker.file()),
    ]
    cases = [Case(name, content, trust) for name, content in said]
    cases += [
        Case("on the receipt key itself", maker.file(root=False, covered=covered), maker.second.thumbprint()),
        Case("trusted is another key", good, stranger.root.thumbprint()),
        *_with_checkpoints(maker, stranger, good),
    ]
    step = len(good) // _FLIPS
    return cases + [
        Case(f"flipped at byte {place}", good, trust, None, ((place, place % 7),))
        for place in [*range(step // 2, len(good), step), len(good) - 1]
    ]


def _of_another_content(maker: Maker, stranger: Maker, good: bytes) -> list[tuple[str, bytes]]:
    told, other = json.loads(good), json.loads(stranger.file(covered=stranger.covered()))
    edited = unb64u(told["report"]).replace(b"calm", b"riot")
    strange = copy.copy(maker)
    strange.statements = [_listed_for_another(maker)]
    odd = unb64u(told["report"]).replace(b"..", b".x.", 1)
    return [
        ("the content was edited", changed(good, report=b64u(edited))),
        ("the report of another receipt", changed(good, report=other["report"])),
        ("a report without a signature in front", changed(good, report=b64u(odd))),
        ("signed under another header", changed(good, report=b64u(_signed_otherwise(maker)))),
        ("signed by another phone's key", maker.file(signer=keys.make_key())),
        ("receipted as another phone's", maker.file(received=replace(maker.received, device_id=uuid7()))),
        ("another mission's word", changed(good, proof=other["proof"])),
        ("lists of another mission's root", changed(good, keys=other["keys"])),
        ("lists by the same root for another mission", strange.file()),
        ("a list left out", changed(good, keys=maker.statements[:1])),
        ("the lists turned round", changed(good, keys=maker.statements[::-1])),
        ("a list twice", changed(good, keys=[*maker.statements, maker.statements[1]])),
        ("the proof is a checkpoint", changed(good, proof=told["checkpoint"])),
    ]


def _signed_otherwise(maker: Maker) -> bytes:
    device = maker.device.private_key
    assert isinstance(device, ec.EllipticCurvePrivateKey)
    header = {"alg": "ES256", "b64": False, "crit": ["b64"], "kid": str(maker.device_id), "typ": "other"}
    protected = b64u(json.dumps(header).encode()).encode()
    signature = es256(protected + b"." + maker.canonical, device)
    return protected + b".." + b64u(signature).encode() + b"\n" + maker.canonical


def _listed_for_another(maker: Maker) -> str:
    private = maker.root.private_key
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    listed = json.loads(unb64u(maker.statements[1].split(".")[1]))
    key = ReceiptKey(maker.root.thumbprint(), private)
    return signed(key, {**listed, "mission": str(uuid7())}, STATEMENT_TYPE)


def _of_another_tree(maker: Maker, stranger: Maker, good: bytes) -> list[tuple[str, bytes]]:
    told, other = json.loads(good), json.loads(maker.file(covered=maker.covered(place=4)))
    strange = json.loads(stranger.file(covered=stranger.covered()))
    return [
        ("another place", changed(good, place=2)),
        ("a place outside the tree", changed(good, place=7)),
        ("a place that is no number", changed(maker.file(covered=maker.covered(1, 1)), place=True)),
        ("no path", changed(good, path=[])),
        ("a step of the path is another", changed(good, path=[told["path"][0], "00" * 32, told["path"][2]])),
        ("the path in capitals", changed(good, path=[step.upper() for step in told["path"]])),
        ("a step too many", changed(good, path=[*told["path"], told["path"][0]])),
        ("the checkpoint of another root", changed(good, checkpoint=other["checkpoint"])),
        ("another mission's checkpoint", changed(good, checkpoint=strange["checkpoint"])),
        ("the entry of another receipt", changed(good, entry=strange["entry"])),
        ("an entry that says another time", changed(good, entry={**told["entry"], "at": "2021-01-08T08:00:00.000Z"})),
        ("an entry that says another maker", changed(good, entry={**told["entry"], "row": "0" * 64})),
    ]


def _in_another_form(good: bytes, plain: bytes) -> list[tuple[str, bytes]]:
    told = json.loads(good)
    key, proof = told["key"], told["proof"]
    return [
        ("cut", good[: len(good) // 2]),
        ("without its last byte", good[:-1]),
        ("two lines at its end", good + b"\n"),
        ("spread over lines", json.dumps(told, indent=1).encode()),
        ("empty", b""),
        ("not JSON", b"Dear Sir or Madam\n"),
        ("a list", b"[]\n"),
        ("a version that is not known", changed(good, version=3)),
        ("a version that is no number", changed(plain, version=True)),
        ("a member more", changed(good, note="and more")),
        ("no receipt by its own word", changed(good, steppe="checkpoint")),
        ("lists that are a text", changed(good, keys="")),
        ("its key spelled otherwise", changed(good, key={**key, "x": _spelled_otherwise(key["x"])})),
        ("its key is none", changed(good, key={**key, "y": key["x"]})),
        ("its signature spelled otherwise", changed(good, proof=_spelled_otherwise(proof))),
        ("a member twice", good.replace(b'{"checkpoint"', b'{"place":3,"checkpoint"', 1)),
    ]


def _spelled_otherwise(text: str) -> str:
    """Return base64url whose last character, of whose bits not all count, is another for the same bytes."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return text[:-1] + alphabet[alphabet.index(text[-1]) ^ 1]


def _with_checkpoints(maker: Maker, stranger: Maker, good: bytes) -> list[Case]:
    covered = maker.covered()
    checked = maker.file(covered=covered)
    trust, kept = maker.root.thumbprint(), maker.kept(covered)
    told = json.loads(kept)
    unsigned = changed(kept, checkpoint=json.loads(stranger.kept(stranger.covered()))["checkpoint"])
    spoilt: list[tuple[str, bytes, bytes]] = [
        ("with the checkpoint that was kept", checked, kept),
        ("an older checkpoint was kept", checked, maker.kept(maker.covered(4))),
        ("a later checkpoint was kept", checked, maker.kept(maker.covered(9))),
        ("two pasts were signed", checked, maker.kept(maker.covered(place=4))),
        ("another mission's checkpoint was kept", checked, stranger.kept(covered)),
        ("the checkpoint kept is a receipt", checked, good),
        ("the checkpoint kept is cut", checked, kept[:-9]),
        ("the checkpoint kept is of a version not known", checked, changed(kept, version=2)),
        ("the checkpoint kept is not signed by its mission", checked, unsigned),
        ("the checkpoint kept lacks a list", checked, changed(kept, keys=told["keys"][:1])),
        ("under no checkpoint, and one was kept", maker.file(), kept),
    ]
    return [Case(name, content, trust, one) for name, content, one in spoilt]


def write() -> None:
    """Make the file of vectors anew."""
    names: dict[bytes, str] = {}
    cases = [
        {
            "name": case.name,
            "file": names.setdefault(case.file, case.name),
            "trust": case.trust,
            "checkpoint": case.checkpoint and names.setdefault(case.checkpoint, f"checkpoint: {case.name}"),
            "flips": [list(flip) for flip in case.flips],
            "outcome": case.outcome(),
        }
        for case in made_cases()
    ]
    files = {name: content.decode() for content, name in names.items()}
    FILE.write_text(json.dumps({"about": ABOUT, "cases": cases, "files": files}, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    write()
