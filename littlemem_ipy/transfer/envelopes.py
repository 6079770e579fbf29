"""Sensitive memories: their title and content in an envelope, which every backend keeps like any other text.

An envelope is `MARK`, a full stop, and in base64 (RFC 4648, for URLs, without padding): log2 of scrypt's N
in one byte, 16 bytes of salt, 12 bytes of nonce, and the ChaCha20-Poly1305 of a JSON object with ``title``
and ``content``; the bytes before the text are authenticated with it. All envelopes of one unlocking share
its salt, so that the key is made once.
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from typing import TYPE_CHECKING

from littlemem_ipy.errors import InvalidInput, MissingExtra
from littlemem_ipy.models import Memory
from littlemem_ipy.models.checks import MAX_CONTENT_BYTES
from littlemem_ipy.models.envelope import LOCKED_TITLE, MARK, is_envelope
from littlemem_ipy.transfer.sealing import check_passphrase, key_of

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

__all__ = ["Vault", "kept_passphrase"]

_COST = 17
_COSTS = range(10, 21)
_HEAD = 1 + 16
_NONCE = 12
_SERVICE, _NAME = "littlemem_ipy", "sensitive memories"


class Vault:
    """The passphrase of a session, and the keys that were made of it; locked at first."""

    def __init__(self) -> None:
        self._passphrase: str | None = None
        self._keys: dict[bytes, ChaCha20Poly1305] = {}
        self._head = b""

    @property
    def unlocked(self) -> bool:
        """Whether there is a passphrase."""
        return self._passphrase is not None

    def lock(self) -> None:
        """Forget the passphrase and all keys."""
        self.__init__()  # type: ignore[misc]  # as new

    def unlock(self, passphrase: str, known: list[str]) -> None:
        """Take a passphrase if it opens one of the envelopes that are known, or there are none.

        Raises
        ------
        InvalidInput
            If it opens none; the vault stays as it was.
        MissingExtra
            If the extra ``crypto`` is not installed.
        """
        check_passphrase(passphrase)
        attempt = Vault()
        attempt._passphrase = passphrase
        opening = next((content for content in known if attempt._text_in(content)), None)
        if known and opening is None:
            raise InvalidInput("the passphrase does not open the sensitive memories here; nothing was changed.")
        attempt._head = _bytes_of(opening)[:_HEAD] if opening else bytes([_COST]) + secrets.token_bytes(16)
        attempt._key(attempt._head)
        self._passphrase, self._keys, self._head = passphrase, attempt._keys, attempt._head

    def sealed(self, memory: Memory) -> Memory:
        """Return the memory with title and content in an envelope.

        Raises
        ------
        InvalidInput
            If the vault is locked, or the text is too long for an envelope.
        """
        if not self.unlocked:
            raise InvalidInput("sensitive memories are locked: %mem unlock first. Nothing was stored.")
        text = json.dumps({"title": memory.title, "content": memory.content}, ensure_ascii=False).encode()
        nonce = secrets.token_bytes(_NONCE)
        raw = self._head + nonce + self._key(self._head).encrypt(nonce, text, self._head)
        content = f"{MARK}.{base64.urlsafe_b64encode(raw).decode().rstrip('=')}"
        if len(content) > MAX_CONTENT_BYTES:
            raise InvalidInput(
                f"a sensitive memory has at most {MAX_CONTENT_BYTES * 3 // 4 - 1024:,} bytes; split it."
            )
        return memory.model_copy(update={"title": LOCKED_TITLE, "content": content})

    def opened(self, memory: Memory) -> Memory:
        """Return the memory with its text, if it is in an envelope that this passphrase opens; else as it is."""
        text = self._text_in(memory.content) if is_envelope(memory.content) and self.unlocked else None
        return memory.model_copy(update=text) if text else memory

    def _text_in(self, content: str) -> dict[str, str] | None:
        from cryptography.exceptions import InvalidTag

        raw = _bytes_of(content)
        head, nonce, sealed = raw[:_HEAD], raw[_HEAD : _HEAD + _NONCE], raw[_HEAD + _NONCE :]
        if not head or head[0] not in _COSTS:
            return None
        try:
            text = json.loads(self._key(head).decrypt(nonce, sealed, head))
        except InvalidTag:
            return None
        return {"title": text["title"], "content": text["content"]}

    def _key(self, head: bytes) -> ChaCha20Poly1305:
        if head not in self._keys:
            material = key_of(self._passphrase or "", head[1:], 32, head[0])
            from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

            self._keys[head] = ChaCha20Poly1305(material)
        return self._keys[head]


def _bytes_of(content: str) -> bytes:
    text = content.removeprefix(f"{MARK}.")
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return b""


def kept_passphrase() -> str:
    """Return the passphrase that the system's keyring keeps for this; a random one is put there at first use.

    Raises
    ------
    InvalidInput
        If the system has no keyring that can be used.
    MissingExtra
        If the extra ``crypto`` is not installed.
    """
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError as error:
        raise MissingExtra("The system's keyring", "crypto") from error
    if keyring.get_keyring().priority < 1:
        raise InvalidInput("this system has no keyring that can be used; give a passphrase instead.")
    try:
        found = keyring.get_password(_SERVICE, _NAME)
        if not found:
            found = secrets.token_urlsafe(32)
            keyring.set_password(_SERVICE, _NAME, found)
    except KeyringError as error:
        raise InvalidInput(f"the system's keyring can't be used ({error}); give a passphrase instead.") from error
    return found
