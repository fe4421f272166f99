"""Signing and sealing against another JOSE: each side must read what the other made, and refuse what was changed."""

import json
from base64 import urlsafe_b64decode
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from joserfc import jwe, jws
from joserfc.jwk import ECKey

from steppe.checklists.expressions.limits import SIGNED_BYTES
from steppe.submissions.opening import (
    CannotOpenError,
    decrypted_attachment,
    inflated,
    is_signed_by,
    read_signed,
    unsealed,
)
from steppe.submissions.sealing import b64u, deflate, encrypt_attachment, seal, sign

TRANSPORT = ec.generate_private_key(ec.SECP256R1())
DEVICE = ec.generate_private_key(ec.SECP256R1())
KEYS = {"t1": TRANSPORT}
PUBLIC: dict[str, Any] = {**ECKey.import_key(TRANSPORT).as_dict(private=False), "kid": "t1"}
CANONICAL = '{"a":"Наблюдение"}'.encode()


def signed() -> bytes:
    return sign(CANONICAL, key=DEVICE, kid="d1")


def test_what_we_seal_another_jose_opens() -> None:
    sealed = seal(signed(), transport=PUBLIC)
    read = jwe.decrypt_compact(sealed, ECKey.import_key(TRANSPORT))
    assert read.protected["typ"] == "steppe-rev+jwe"
    assert read.plaintext is not None
    assert read.plaintext == unsealed(sealed, KEYS)


def test_what_another_jose_seals_we_open() -> None:
    header = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": "t1", "typ": "steppe-rev+jwe"}
    sealed = jwe.encrypt_compact(header, deflate(signed()), ECKey.import_key(PUBLIC))
    found = read_signed(unsealed(sealed, KEYS))
    assert (found.kid, found.canonical) == ("d1", CANONICAL)
    assert is_signed_by(found, DEVICE.public_key())


def test_what_we_sign_another_jose_verifies() -> None:
    head, _, payload = signed().partition(b"\n")
    read = jws.deserialize_compact(head, ECKey.import_key(DEVICE.public_key()), algorithms=["ES256"], payload=payload)
    assert read.headers() == {"alg": "ES256", "b64": False, "crit": ["b64"], "kid": "d1"}


def test_what_another_jose_signs_we_verify() -> None:
    header = {"alg": "ES256", "b64": False, "crit": ["b64"], "kid": "d1"}
    made = jws.serialize_compact(header, CANONICAL, ECKey.import_key(DEVICE), algorithms=["ES256"])
    protected, _, signature = str(made).split(".") if made.count(".") == 2 else ("", "", "")
    found = read_signed(deflate(f"{protected}..{signature}\n".encode() + CANONICAL))
    assert is_signed_by(found, DEVICE.public_key())


def test_a_signature_holds_for_its_key_and_bytes_only() -> None:
    found = read_signed(deflate(signed()))
    other = ec.generate_private_key(ec.SECP256R1())
    assert is_signed_by(found, DEVICE.public_key())
    assert not is_signed_by(found, other.public_key())
    changed = read_signed(deflate(signed().replace(b'"a"', b'"b"')))
    assert not is_signed_by(changed, DEVICE.public_key())
    empty = read_signed(deflate(signed().partition(b"..")[0] + b".." + b"A" * 86 + b"\n" + CANONICAL))
    assert not is_signed_by(empty, DEVICE.public_key())


@pytest.mark.parametrize(
    "changed",
    [
        {"alg": "ECDH-ES+A256KW"},
        {"enc": "A128GCM"},
        {"kid": "t2"},
        {"typ": "JWT"},
        {"zip": "DEF"},
        {"crit": ["b64"]},
        {"apu": "QQ"},
        {"epk": None},
        {"epk": {"kty": "EC", "crv": "P-384", "x": "QQ", "y": "QQ"}},
        # On no curve: an invalid-curve attack would fish for bits of the transport key.
        {"epk": {"kty": "EC", "crv": "P-256", "x": b64u(b"\1" * 32), "y": b64u(b"\1" * 32)}},
        {"epk": {"kty": "EC", "crv": "P-256", "x": b64u(b"\1" * 31), "y": b64u(b"\1" * 32)}},
    ],
)
def test_a_header_other_than_the_protocol_s_is_not_opened(changed: dict[str, Any]) -> None:
    head, _, iv, text, tag = seal(signed(), transport=PUBLIC).split(".")
    header = {**json.loads(urlsafe_b64decode(head + "==")), **changed}
    with pytest.raises(CannotOpenError):
        unsealed(f"{b64u(json.dumps(header).encode())}..{iv}.{text}.{tag}", KEYS)


@settings(max_examples=300)
@given(st.integers(0, 10_000), st.characters())
def test_a_sealed_text_changed_anywhere_is_not_opened(place: int, character: str) -> None:
    sealed = SEALED
    place %= len(sealed)
    changed = sealed[:place] + character + sealed[place + 1 :]
    assume(changed != sealed)
    try:
        opened = unsealed(changed, KEYS)
    except CannotOpenError:
        return
    # The last character of a base64 part has bits that carry nothing; nothing else may survive a change.
    assert opened == unsealed(sealed, KEYS)
    assert sealed[place + 1 : place + 2] in {"", "."}


SEALED = seal(signed(), transport=PUBLIC)


@given(st.text(max_size=300) | st.from_regex(r"[\w-]{0,80}\.\.[\w-]{16}\.[\w-]{0,40}\.[\w-]{22}", fullmatch=True))
def test_no_text_does_more_than_fail_to_open(text: str) -> None:
    with pytest.raises(CannotOpenError):
        unsealed(text, KEYS)


@given(st.binary(max_size=300) | st.binary(max_size=300).map(deflate))
def test_no_bytes_do_more_than_fail_to_be_signed(raw: bytes) -> None:
    with pytest.raises(CannotOpenError):
        read_signed(raw)


def test_deflated_bytes_are_bounded_whole_and_alone() -> None:
    assert len(inflated(deflate(bytes(SIGNED_BYTES - 1)))) == SIGNED_BYTES - 1
    for raw in (deflate(bytes(SIGNED_BYTES + 1)), deflate(b"x" * 99)[:-3], deflate(b"x") + b"y"):
        with pytest.raises(CannotOpenError):
            inflated(raw)


def test_an_attachment_opens_with_its_key_only() -> None:
    stored, facts = encrypt_attachment(b"photo")
    assert decrypted_attachment(stored, facts["key"]) == b"photo"
    for bytes_, key in ((stored[:-1], facts["key"]), (stored, b64u(bytes(32))), (b"", facts["key"]), (stored, "AA")):
        with pytest.raises(CannotOpenError):
            decrypted_attachment(bytes_, key)
