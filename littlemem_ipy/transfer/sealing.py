"""Files that only a passphrase opens: encrypted and authenticated, in a stream of any length.

The layout, all numbers big-endian:

====== ======= =========================================================================
offset bytes   what
====== ======= =========================================================================
0      16      ``littlemem.sealed``
16     1       the version of the layout, 1
17     3       scrypt's log2(N), r and p
20     16      the salt
36     32      HMAC-SHA-256 of the bytes before
68     65,552  the first chunk: 65,536 bytes of ChaCha20-Poly1305 and its tag; more chunks follow
====== ======= =========================================================================

scrypt (RFC 7914) makes 64 bytes of the passphrase and the salt: the key of the chunks and that of the
HMAC, which tells a wrong passphrase from a damaged file. A chunk's nonce is its number in 11 bytes and
then 1 in the last chunk, else 0: the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár: Online
Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance, 2015), as the age format uses it. So a
chunk that was changed, left out, moved, added or cut off is noticed. Nonces never meet again because
each file has a key of its own.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import shutil
import struct
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import RawIOBase
from typing import IO, TYPE_CHECKING, Any

from littlemem_ipy.errors import ArchiveError, InvalidInput, MissingExtra
from littlemem_ipy.models.checks import shown

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

__all__ = ["HEAD_BYTES", "check_passphrase", "is_sealed", "key_of", "seal", "sealer", "unseal"]

MAGIC = b"littlemem.sealed"
CHUNK = 64 * 1024
_HEAD = struct.Struct(">16sBBBB16s")
_MAC = 32
_TAG = 16
HEAD_BYTES = _HEAD.size + _MAC
_COST = 17  # 128 MiB and about half a second: the least that OWASP recommends for scrypt
_COSTS = range(10, 21)
_MAX_MEMORY = 2**30


def check_passphrase(passphrase: object) -> bytes:
    """Return the bytes of a passphrase: the same for every way to write its letters.

    Raises
    ------
    InvalidInput
        If it is empty or no text. The message never shows it.
    """
    if not isinstance(passphrase, str) or not passphrase:
        raise InvalidInput("the passphrase must be text and not empty.")
    try:
        return unicodedata.normalize("NFC", passphrase).encode()
    except UnicodeEncodeError:
        raise InvalidInput("the passphrase contains half of a surrogate pair, which is not text.") from None


def key_of(passphrase: str, salt: bytes, length: int, cost: int = _COST, r: int = 8, p: int = 1) -> bytes:
    """Return key bytes made by scrypt.

    Parameters
    ----------
    passphrase
        What the user knows.
    salt
        What makes the key differ although the passphrase is the same.
    length
        How many bytes.
    cost, r, p
        The parameters of RFC 7914, `cost` being log2(N); the work takes 128 · N · r bytes of memory.

    Raises
    ------
    InvalidInput
        If the passphrase is empty.
    MissingExtra
        If the extra ``crypto`` is not installed.
    """
    secret = check_passphrase(passphrase)
    try:
        from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
    except ImportError as error:
        raise MissingExtra("Encryption", "crypto") from error
    return Scrypt(salt=salt, length=length, n=1 << cost, r=r, p=p).derive(secret)


def is_sealed(head: bytes) -> bool:
    """Return whether a file that begins with `head` (at least 16 bytes of it) is sealed."""
    return head.startswith(MAGIC)


@contextmanager
def sealer(target: IO[bytes], passphrase: str, *, cost: int = _COST) -> Iterator[IO[bytes]]:
    """Give a binary file to write to; what is written arrives sealed in `target`.

    The last chunk is written when the block ends well. If it raises, `target` holds a file that
    nobody can open: throw it away.

    Parameters
    ----------
    target
        A binary file; it stays open.
    passphrase
        What will open it; not empty.
    cost
        log2 of scrypt's N: one more doubles the time and the memory of each attempt.

    Raises
    ------
    InvalidInput
        If the passphrase is empty or the cost out of range.
    MissingExtra
        If the extra ``crypto`` is not installed.
    """
    if cost not in _COSTS:
        raise InvalidInput(f"the cost must be from {_COSTS[0]} to {_COSTS[-1]}, not {shown(cost)}.")
    salt = secrets.token_bytes(16)
    keys = _Keys.of(passphrase, salt, cost, 8, 1)
    head = _HEAD.pack(MAGIC, 1, cost, 8, 1, salt)
    target.write(head + keys.mac(head))
    file = _Sealer(target, keys.cipher)
    yield file  # type: ignore[misc]  # a RawIOBase is an IO[bytes] to everything but its annotation
    file.finish()


def seal(source: IO[bytes], target: IO[bytes], passphrase: str, *, cost: int = _COST) -> None:
    """Encrypt everything that `source` has left into `target`; see `sealer`."""
    with sealer(target, passphrase, cost=cost) as sealed:
        shutil.copyfileobj(source, sealed, CHUNK)


def unseal(source: IO[bytes], target: IO[bytes], passphrase: str) -> None:
    """Decrypt a sealed file.

    The whole file is checked before the first byte is written, so `target` stays as it was if anything
    is wrong.

    Parameters
    ----------
    source
        A binary file that can be read twice (``seek``), at its beginning.
    target
        A binary file.
    passphrase
        What it was sealed with.

    Raises
    ------
    ArchiveError
        If it is not sealed, of a newer version, asks for more work than a file of ours would, the
        passphrase is not the one, or the file is not what was written.
    InvalidInput
        If the passphrase is empty.
    MissingExtra
        If the extra ``crypto`` is not installed.
    """
    keys = _open_head(source, passphrase)
    begin = source.tell()
    for _ in _opened(source, keys.cipher):
        pass
    source.seek(begin)
    for text in _opened(source, keys.cipher):
        target.write(text)


@dataclass(frozen=True)
class _Keys:
    """What the passphrase opens: the cipher of the chunks, and the key that signs the head."""

    cipher: ChaCha20Poly1305
    signature: bytes

    @classmethod
    def of(cls, passphrase: str, salt: bytes, cost: int, r: int, p: int) -> _Keys:
        material = key_of(passphrase, salt, 64, cost, r, p)
        from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

        return cls(ChaCha20Poly1305(material[:32]), material[32:])

    def mac(self, head: bytes) -> bytes:
        return hmac.digest(self.signature, head, hashlib.sha256)


class _Sealer(RawIOBase):
    """A file to write to, which cuts into chunks and encrypts; a full chunk waits until more comes."""

    def __init__(self, target: IO[bytes], cipher: ChaCha20Poly1305) -> None:
        self._target, self._cipher = target, cipher
        self._waiting = bytearray()
        self._number = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        self._waiting += data
        while len(self._waiting) > CHUNK:
            self._emit(bytes(self._waiting[:CHUNK]), last=False)
            del self._waiting[:CHUNK]
        return len(data)

    def finish(self) -> None:
        self._emit(bytes(self._waiting), last=True)

    def _emit(self, text: bytes, *, last: bool) -> None:
        self._target.write(self._cipher.encrypt(_nonce(self._number, last), text, None))
        self._number += 1


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _open_head(source: IO[bytes], passphrase: str) -> _Keys:
    """Read the head and return what opens the rest; refuse what would only cost time."""
    check_passphrase(passphrase)
    raw = _read(source, HEAD_BYTES)
    if not is_sealed(raw):
        raise ArchiveError("This is not a sealed file of littlemem_ipy; nothing was read from it.")
    if len(raw) < HEAD_BYTES:
        raise _damage()
    head, mac = raw[: _HEAD.size], raw[_HEAD.size :]
    _, version, cost, r, p, salt = _HEAD.unpack(head)
    if version != 1:
        raise ArchiveError(
            f"The sealed file has version {version} and this littlemem_ipy reads 1: upgrade it, unless the file is "
            "damaged."
        )
    if cost not in _COSTS or not 1 <= r <= 32 or not 1 <= p <= 4 or (128 * r) << cost > _MAX_MEMORY:
        raise ArchiveError(
            f"The sealed file asks for a key of scrypt({cost}, {r}, {p}), which no file of littlemem_ipy does: "
            "it is damaged or hostile. Nothing was read from it."
        )
    keys = _Keys.of(passphrase, salt, cost, r, p)
    if not hmac.compare_digest(keys.mac(head), mac):
        raise ArchiveError(
            "The passphrase does not open this file (or the file's first bytes were changed); nothing was changed. "
            "Try the passphrase again."
        )
    return keys


def _opened(source: IO[bytes], cipher: ChaCha20Poly1305) -> Iterator[bytes]:
    """Yield the chunks' texts, each checked; raise if one is not what was written or the last is missing."""
    from cryptography.exceptions import InvalidTag

    number, chunk = 0, _read(source, CHUNK + _TAG)
    while True:
        following = _read(source, CHUNK + _TAG)
        try:
            text = cipher.decrypt(_nonce(number, not following), chunk, None)
        except (InvalidTag, ValueError):  # ValueError: shorter than a tag, in some versions
            raise _damage() from None
        yield text
        if not following:
            return
        number, chunk = number + 1, following


def _damage() -> ArchiveError:
    return ArchiveError(
        "The sealed file is damaged: it was changed or cut off since it was written. Nothing was taken from it; "
        "use another copy."
    )


def _read(source: IO[bytes], size: int) -> bytes:
    """Return exactly `size` bytes, or what there is until the end."""
    parts: list[bytes] = []
    while size and (part := source.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
