"""How many tokens a text takes, estimated without any model's tokenizer."""

from __future__ import annotations

import functools
import math
import re

__all__ = ["tokens"]

_PIECE = re.compile(r"[A-Za-z]+|[0-9]+|[^A-Za-z0-9]")
_EAST, _EAST_END = "\u3000", "\ud7ff"  # kana, Han and Hangul, with their punctuation
_LATIN_END = "\u024f"

# The pairs of letters that words of Latin-script languages are mostly made of. A run of letters with few of
# them is no word (a hash, a random id), and no vocabulary has it in one piece.
_PAIRS = frozenset(
    """
    th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co
    me de hi ri ro ic ne ea ra ce li ch ll be ma si om ur ca el ta la ns di fo ho pe ec pr no ct us
    ac ot il tr ly nc et ut ss so rs un lo wa ge ie wh ee wi em ad ol rt po we na ul ni ts mo ow pa
    im mi ai sh ir su id os iv ia am fi ci vi pl ig tu ev ld ry mp fe bl ab gh ty op wo sa ay ex ke
    fr oo av ag if ap gr od bo sp rd do uc bu ei ov by rm ep tt oc fa ef cu rn sc gi da yo cr cl du
    ga qu ue ff ba ey ls va um pp ua up lu go ht ru ug ds lt pi rc rr eg au ck ew mu br bi pt ak pu
    ui rg ib tl ny ki rk ys ob mm fu ph og ms ye ud mb ip ub
    """.split()
)
_WORDLIKE = 0.6


@functools.lru_cache(maxsize=512)  # every message of a chat counts the same profile
def tokens(text: str) -> int:
    """Estimate the tokens of a text, rather too high than too low.

    A word counts one token and a part for what is long of it, a run of letters that is no word one for each
    letter and a half, a digit two thirds, another ASCII sign and a line end one, an East Asian character one
    and a half, and everything else more. Beside the encodings of gpt-4o and gpt-3.5-turbo, English prose, code
    and notes come out between 1.1 and 1.3 times the true count.
    """
    return math.ceil(sum(map(_chunk, text.split())) + text.count("\n"))


@functools.lru_cache(maxsize=1 << 15)  # the words of a person repeat themselves
def _chunk(chunk: str) -> float:
    return sum(map(_piece, _PIECE.findall(chunk)))


def _piece(piece: str) -> float:
    if not piece.isascii():
        return 1.5 if _EAST <= piece <= _EAST_END or piece <= _LATIN_END else 3.0
    if piece.isalpha():
        return _letters(piece)
    return len(piece) * 2 / 3 if piece.isdigit() else 1.0


def _letters(run: str) -> float:
    size, low = len(run), run.lower()
    if size <= 3:
        return 1.0
    pairs = [low[at : at + 2] for at in range(size - 1)]
    if sum(pair in _PAIRS for pair in pairs) < _WORDLIKE * len(pairs):
        return math.ceil(size / 1.5)
    return 1.0 if size <= 8 else 1.0 + (size - 4) / 8
