"""Text as a reader sees it: look-alike letters, full width and hidden characters folded away.

Every character of the folded text remembers where it came from, so that a
match can be shown in the original.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["fold", "is_hidden", "plain_digits"]

# Letters of other scripts that look like Latin ones (a part of Unicode TR 39, confusables.txt).
_ALIKE = str.maketrans(
    "аеорсухіјѕԁһԛԝɡкмтвнгАВЕКМНОРСТУХІЈЅαορνικτυεηΑΒΕΖΗΙΚΜΝΟΡΤΥΧıɑοⅼ𐐬ոսցօℓᎪᏴᏟᎠᎬᏀᎻᎫᏦᏞᎷᏢᎡᏚᎢᏙᎳᏃ",
    "aeopcyxijsdhqwgkmtbhrABEKMHOPCTYXIJSaopviktuenABEZHIKMNOPTYXiaolonugolABCDEGHJKLMPRSTVWZ",
)
_LEET = tuple(str.maketrans("0134579@$!|", one) for one in ("oieastgasil", "oleastgasil"))
_LEET_WORD = re.compile(r"(?<![\w@$])(?=[\w@$!|]*[a-z])(?=[\w@$!|]*[0134579@$!|])[\w@$!|]{3,30}(?![\w@$])")
_HIDDEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e01ef]"
)


def is_hidden(char: str) -> bool:
    """Tell whether a character leaves no trace on the screen."""
    return _HIDDEN.match(char) is not None


def fold(text: str) -> tuple[str, list[int] | None]:
    """Return the folded, lower-case text and the origin of each character (None: nothing moved)."""
    if text.isascii():
        return text.lower(), None
    out: list[str] = []
    origin: list[int] = []
    for at, char in enumerate(text):
        for piece in _folded(char):
            out.append(piece)
            origin.append(at)
    return "".join(out), origin


def _folded(char: str) -> str:
    if char.isascii():
        return char.lower()
    if is_hidden(char):
        return ""
    return unicodedata.normalize("NFKC", char).translate(_ALIKE).lower()


def plain_digits(low: str) -> list[str]:
    """Read digits and signs inside words as the letters that they stand for, as in ``1gn0re``."""
    if len(_LEET_WORD.findall(low)) < 2:
        return []
    reads = (_LEET_WORD.sub(lambda match, table=table: match[0].translate(table), low) for table in _LEET)  # type: ignore[misc]
    return [read for read in dict.fromkeys(reads) if read != low]
