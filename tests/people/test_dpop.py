"""Proof of possession: fresh by the server's nonce, bound to method, path, token and key."""

import base64
import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey

from steppe.people.dpop import BadProof, UseDpopNonce, check_proof, is_fresh, make_nonce

SECRET = b"s" * 32
TOKEN = "token"
KEY = ECKey.generate_key("P-256")


def proof(key: ECKey = KEY, header: dict[str, Any] | None = None, **claims: Any) -> str:
    ath = base64.urlsafe_b64encode(hashlib.sha256(TOKEN.encode()).digest()).rstrip(b"=").decode()
    plain = {"htm": "POST", "htu": "https://any.host/api/v1/sync/pull", "jti": "1", "ath": ath, "iat": 0}
    plain |= {"nonce": make_nonce(SECRET), **claims}
    named = {"alg": "ES256", "typ": "dpop+jwt", "jwk": key.as_dict(private=False), **(header or {})}
    return jws.serialize_compact(named, json.dumps(plain), key)


def check(given: str) -> None:
    check_proof(
        given,
        method="POST",
        path="/api/v1/sync/pull",
        token=TOKEN,
        public_jwk=dict(KEY.as_dict(private=False)),
        secret=SECRET,
    )


def test_a_proof_holds_whatever_the_phones_clock_says() -> None:
    check(proof(iat=0))
    check(proof(iat=99_999_999_999))


@pytest.mark.parametrize(
    "changed",
    [{"htm": "GET"}, {"htu": "https://any.host/api/v1/other"}, {"ath": "another"}, {"jti": ""}],
    ids=lambda changed: next(iter(changed)),
)
def test_a_proof_for_another_request_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(BadProof):
        check(proof(**changed))


def test_a_proof_by_another_key_is_refused() -> None:
    with pytest.raises(BadProof):
        check(proof(ECKey.generate_key("P-256")))


def test_a_proof_of_another_type_is_refused() -> None:
    with pytest.raises(BadProof):
        check(proof(header={"typ": "jwt"}))


@pytest.mark.parametrize(
    "nonce",
    ["", "nonsense", make_nonce(b"x" * 32), make_nonce(SECRET, 0)],
    ids=["none", "nonsense", "foreign", "stale"],
)
def test_a_stale_or_foreign_nonce_asks_for_a_fresh_one(nonce: str) -> None:
    with pytest.raises(UseDpopNonce) as caught:
        check(proof(nonce=nonce))
    check(proof(nonce=caught.value.headers["DPoP-Nonce"]))


def test_a_nonce_lives_five_minutes() -> None:
    nonce = make_nonce(SECRET, 1_000)
    assert is_fresh(nonce, SECRET, 1_300)
    assert not is_fresh(nonce, SECRET, 1_301)


@given(st.text(max_size=200))
def test_no_text_is_a_proof_and_none_breaks_the_check(text: str) -> None:
    with pytest.raises(BadProof):
        check(text)
    assert not is_fresh(text, SECRET)
