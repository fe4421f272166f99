"""The recovery key as 24 words: the private half of an age key pair, written on paper and kept nowhere else.

An age key (X25519) is 32 bytes, and so are 24 words of BIP 39 with their checksum; so the words *are* the key, in the
form of https://age-encryption.org/v1 any age tool takes.

The mission's root, which signs lists of its keys, comes from the same words: HKDF (RFC 5869) with a label of its own,
so that neither key says anything of the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

from bech32 import bech32_decode, bech32_encode, convertbits
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc.jwk import ECKey
from mnemonic import Mnemonic
from pyrage import IdentityError, x25519

from steppe.backup.problems import WrongWords

WORDS: Final = 24
_ROOT_INFO: Final = b"steppe mission root, P-256, 1"
_CURVE_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_ROOT_BYTES: Final = 48
"""128 bits more than the curve's order has: the remainder is then even enough (FIPS 186-5, A.2.1)."""
_KEY_BYTES: Final = 32
_PREFIX: Final = "age-secret-key-"


@dataclass(frozen=True, slots=True)
class RecoveryWords:
    """A recovery key: the words for paper, and its public half for the server."""

    words: tuple[str, ...]
    public: str

    @property
    def root(self) -> ECKey:
        """The key pair of the mission's root that belongs to these words."""
        return root_of(identity_of(" ".join(self.words)))


@cache
def _list() -> Mnemonic:
    return Mnemonic("english")


def make_recovery_words() -> RecoveryWords:
    """Return a new recovery key. Nothing is kept of it here."""
    identity = x25519.Identity.generate()
    return RecoveryWords(tuple(_list().to_mnemonic(_bytes_of(identity)).split()), str(identity.to_public()))


def identity_of(text: str) -> x25519.Identity:
    """Return the private key that words stand for, or a line of an age key file (`AGE-SECRET-KEY-1…`).

    Case and spacing do not count, and the four letters that tell a word apart are enough for it. Raises WrongWords.
    """
    typed = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    words = " ".join(typed).lower().split()
    if len(words) == 1 and words[0].startswith(_PREFIX):
        return _identity(words[0].upper())
    if len(words) != WORDS:
        msg = f"{len(words)} words instead of {WORDS}"
        raise WrongWords(msg)
    whole = [_list().expand_word(word) for word in words]
    if unknown := [word for word in whole if word not in _list().wordlist]:
        msg = f"no such word: {', '.join(unknown)}"
        raise WrongWords(msg)
    if not _list().check(" ".join(whole)):
        msg = "one of the words is another, or two changed places"
        raise WrongWords(msg)
    digits = convertbits(_list().to_entropy(whole), 8, 5)
    assert digits is not None
    return _identity(bech32_encode(_PREFIX, digits).upper())


def root_of(identity: x25519.Identity) -> ECKey:
    """Return the key pair of the root that belongs to these words; the same words give the same one."""
    derived = HKDF(algorithm=SHA256(), length=_ROOT_BYTES, salt=None, info=_ROOT_INFO).derive(_bytes_of(identity))
    scalar = int.from_bytes(derived) % (_CURVE_ORDER - 1) + 1
    key = ECKey.import_key(ec.derive_private_key(scalar, ec.SECP256R1()))
    return ECKey.import_key({**key.as_dict(private=True), "kid": key.thumbprint()})


def _bytes_of(identity: x25519.Identity) -> bytes:
    _, digits = bech32_decode(str(identity))
    assert digits is not None
    key = convertbits(digits, 5, 8, False)
    assert key is not None
    return bytes(key)


def _identity(text: str) -> x25519.Identity:
    try:
        return x25519.Identity.from_str(text)
    except IdentityError as error:
        raise WrongWords(str(error)) from error
