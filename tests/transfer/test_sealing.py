"""Sealed files: what goes in comes out, and nothing else ever does."""

from __future__ import annotations

import io
import random
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from littlemem_ipy.errors import ArchiveError, InvalidInput, LittleMemError, MissingExtra
from littlemem_ipy.transfer import sealing
from littlemem_ipy.transfer.sealing import CHUNK, HEAD_BYTES, is_sealed, seal, unseal
from tests.conftest import FULL

pytest.importorskip("cryptography", reason="needs the extra crypto")

CHEAP = 10  # log2 of scrypt's N: these tests open files thousands of times
POSITIONS = 10_000 if FULL else 150
WORDS = "correct horse battery staple"


def sealed(text: bytes, passphrase: str = WORDS, cost: int = CHEAP) -> bytes:
    target = io.BytesIO()
    seal(io.BytesIO(text), target, passphrase, cost=cost)
    return target.getvalue()


def unsealed(data: bytes, passphrase: str = WORDS) -> bytes:
    target = io.BytesIO()
    unseal(io.BytesIO(data), target, passphrase)
    return target.getvalue()


def refused(data: bytes, passphrase: str = WORDS) -> str:
    """Assert that nothing comes out, and return why."""
    target = io.BytesIO()
    with pytest.raises(ArchiveError) as error:
        unseal(io.BytesIO(data), target, passphrase)
    assert target.getvalue() == b"", "nothing unchecked is released"
    assert "\n" not in str(error.value)
    assert passphrase not in str(error.value)
    return str(error.value)


@pytest.fixture
def quick(monkeypatch):
    """Keep the keys of the salts that were met: damage behind the head needs no new work."""
    known: dict[tuple, bytes] = {}
    derive = sealing.key_of

    def remembered(*arguments):
        if arguments not in known:
            known[arguments] = derive(*arguments)
        return known[arguments]

    monkeypatch.setattr(sealing, "key_of", remembered)


@settings(max_examples=60 if FULL else 25)
@given(st.binary(max_size=2000), st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30))
def test_round_trip(text, passphrase):
    data = sealed(text, passphrase)
    assert is_sealed(data)
    assert unsealed(data, passphrase) == text
    assert len(text) < 8 or text not in data[HEAD_BYTES:]


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 17])
def test_round_trip_around_the_edges_of_chunks(size):
    text = random.Random(size).randbytes(size)
    data = sealed(text)
    chunks = max(1, -(-size // CHUNK))
    assert len(data) == HEAD_BYTES + size + 16 * chunks
    assert unsealed(data) == text


def test_written_in_pieces_of_any_size(quick):
    rng, target = random.Random(1), io.BytesIO()
    text = rng.randbytes(200_000)
    with sealing.sealer(target, WORDS, cost=CHEAP) as file:
        place = 0
        while place < len(text):
            place += file.write(text[place : place + rng.randrange(1, 90_000)])
    assert unsealed(target.getvalue()) == text


def test_the_same_text_never_looks_the_same():
    assert sealed(b"text")[HEAD_BYTES:] != sealed(b"text")[HEAD_BYTES:]


def test_a_passphrase_is_the_same_however_its_letters_are_written():
    assert unsealed(sealed(b"text", "caf\u00e9"), "cafe\u0301") == b"text"


def test_what_was_not_finished_is_not_opened():
    target = io.BytesIO()

    def interrupted() -> None:
        with sealing.sealer(target, WORDS, cost=CHEAP) as file:
            file.write(b"x" * 100_000)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        interrupted()
    assert "damaged" in refused(target.getvalue())


@pytest.mark.slow
def test_every_flipped_byte_is_noticed(quick):
    """All bytes of the head, and so many others that a small file is tried completely in the full form."""
    data = sealed(random.Random(2).randbytes(POSITIONS - HEAD_BYTES - 16))
    assert len(data) == POSITIONS
    rng = random.Random(3)
    for place in range(len(data)):
        broken = bytearray(data)
        broken[place] ^= rng.randrange(1, 256)
        refused(bytes(broken))


def test_every_flipped_bit_of_the_head_is_noticed(quick):
    data = sealed(b"text")
    for place in range(HEAD_BYTES):
        for bit in (1, 128):
            broken = bytearray(data)
            broken[place] ^= bit
            refused(bytes(broken))


def test_a_file_cut_anywhere_is_noticed(quick):
    text = random.Random(4).randbytes(2 * CHUNK + 100)
    data = sealed(text)
    step = CHUNK + 16
    edges = {
        0,
        1,
        15,
        16,
        HEAD_BYTES - 1,
        HEAD_BYTES,
        HEAD_BYTES + 1,
        HEAD_BYTES + 15,
        HEAD_BYTES + 16,
        len(data) - 1,
    }
    edges |= {HEAD_BYTES + number * step + more for number in (1, 2) for more in (-1, 0, 1, 16)}
    for length in sorted(edges | set(random.Random(5).sample(range(len(data)), 200 if FULL else 10))):
        refused(data[:length])


def test_chunks_moved_left_out_doubled_or_added_are_noticed(quick):
    data = sealed(random.Random(6).randbytes(4 * CHUNK))
    head, step = data[:HEAD_BYTES], CHUNK + 16
    a, b, c, d = (data[HEAD_BYTES + n * step : HEAD_BYTES + (n + 1) * step] for n in range(4))
    assert unsealed(head + a + b + c + d)
    orders = (
        [b, a, c, d],
        [a, c, d],
        [a, b, c],
        [a, a, b, c, d],
        [a, b, c, d, d],
        [a, b, c, d, b""[:0] + b"x"],
        [d],
    )
    for order in orders:
        assert "damaged" in refused(head + b"".join(order))


def test_a_chunk_of_another_file_is_noticed(quick):
    one, two = sealed(b"one" * 50), sealed(b"two" * 50)
    assert "damaged" in refused(one[:HEAD_BYTES] + two[HEAD_BYTES:])
    refused(two[: HEAD_BYTES - 32] + one[HEAD_BYTES - 32 :])


def test_a_wrong_passphrase_says_so():
    data = sealed(b"text")
    for wrong in ("Correct horse battery staple", WORDS + " ", "x"):
        assert "passphrase does not open" in refused(data, wrong)


@pytest.mark.parametrize(
    ("cost", "r", "p"),
    [(63, 8, 1), (255, 8, 1), (21, 8, 1), (20, 32, 1), (17, 255, 1), (17, 8, 255), (0, 8, 1), (17, 0, 1)],
)
def test_a_head_that_asks_for_too_much_work_is_refused_before_it_is_done(cost, r, p):
    data = bytearray(sealed(b"text"))
    data[17:20] = bytes((cost, r, p))
    begun = time.perf_counter()
    assert "damaged or hostile" in refused(bytes(data))
    assert time.perf_counter() - begun < 0.5


def test_what_is_not_sealed_is_told():
    assert not is_sealed(b'{"version": 1}')
    assert not is_sealed(b"")
    for data in (b"", b"{}", b"littlemem.seale", b"SQLite format 3\x00" * 10):
        assert "not a sealed file" in refused(data)


def test_the_version_of_another_layout_is_told():
    data = bytearray(sealed(b"text"))
    data[16] = 2
    assert "version 2" in refused(bytes(data))


@pytest.mark.parametrize("passphrase", ["", None, b"bytes", 7, "half \ud800"])
def test_what_is_no_passphrase_is_refused(passphrase):
    for call in (
        lambda: seal(io.BytesIO(b"x"), io.BytesIO(), passphrase),
        lambda: unseal(io.BytesIO(sealed(b"x")), io.BytesIO(), passphrase),
    ):
        with pytest.raises(InvalidInput, match="passphrase"):
            call()


@pytest.mark.parametrize("cost", [0, 9, 21, None])
def test_a_cost_out_of_range_is_refused(cost):
    with pytest.raises(InvalidInput, match="from 10 to 20"):
        sealed(b"x", cost=cost)


def test_without_the_library_the_install_line_is_shown(monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] == "cryptography"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "cryptography", None)
    with pytest.raises(MissingExtra, match=r'pip install "littlemem-ipy\[crypto\]"'):
        sealed(b"text")


def test_the_usual_cost_works_and_is_worth_something():
    data = sealed(b"text", cost=sealing._COST)
    assert data[17:20] == bytes((17, 8, 1)), "what OWASP recommends at least"
    assert unsealed(data) == b"text"


@pytest.mark.slow
@settings(max_examples=2000 if FULL else 100)
@given(st.binary(max_size=300))
def test_no_bytes_at_all_make_it_fail_otherwise(data):
    try:
        unseal(io.BytesIO(sealing.MAGIC + data), io.BytesIO(), WORDS)
    except LittleMemError:
        return
    raise AssertionError("random bytes are no sealed file")
