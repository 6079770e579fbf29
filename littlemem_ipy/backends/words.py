"""How text becomes index words.

The full-text index splits at everything that is neither a letter nor a digit, folds case and accents, and stems
English. That leaves out what people type in notebooks and in languages without spaces, so each memory carries a
few extra words: the parts of ``CamelCase``, the joined forms of ``snake_case``, ``fine-tuning`` and file names,
initials of such names, spelled-out umlauts, pairs of characters of Chinese, Japanese and Korean, and names for
emoji. Index and query go through the same functions, hence both live here, below every backend.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from littlemem_ipy.models.envelope import is_envelope

__all__ = [
    "INITIALS", "MOST_INITIALS", "beginnings", "bigrams", "camel_parts", "fold", "index_terms", "initials",
    "joined", "plain_words", "spellings", "stem", "symbols",
]  # fmt: skip

_WORD = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
# From the start of a word and without going back: a long run of letters (base64, say) must not cost its square.
_COMPOUND = re.compile(r"(?<![^\W_])[^\W_]++(?:[_\-./:=@~^\\]++[^\W_]++)+")
_SNAKE = re.compile(r"(?<![^\W_])[^\W_]++(?:[_-][^\W_]++){2,4}(?![_-]?[^\W_])")
_BETWEEN_PARTS = re.compile(r"[_-]")
_SEGMENT = re.compile(r"[/\\:=@~^]+")
# Han, kana, Hangul, Thai, Lao, Burmese, Khmer: written without spaces, or with endings glued to the word.
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]+"
)
_SYMBOL = re.compile(r"[\u2600-\u27bf\U0001f000-\U0001faff]")
_ACCENTS = re.compile(r"[\u0300-\u036f]")
_LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)
_SPELLED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "å": "aa", "æ": "ae", "œ": "oe"})
_LONGEST = 64
_FEWEST_INITIALS, MOST_INITIALS = 3, 5  # of a name
INITIALS = "zi"
"""What index words of initials begin with, so that ``map`` is not found in ``make_all_plots``."""
_BETWEEN = {code: " " for code in range(128) if not chr(code).isalnum()}


def fold(text: str) -> str:
    """Return `text` in lower case without accents, as the index sees it."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text.lower())
    return unicodedata.normalize("NFC", _ACCENTS.sub("", parts)).translate(_LETTERS)


def plain_words(text: str) -> list[str]:
    """Return the folded words of `text` in order, split as the index splits them."""
    if text.isascii():  # three times as fast as the expression, for what most texts are
        return text.lower().translate(_BETWEEN).split()
    return [_known(word) for word in _WORD.findall(fold(text))]


def _known(word: str) -> str:
    """Spell out letters younger than the index's table of letters: it would split the word there."""
    if word.isascii() or all(unicodedata.ucd_3_2_0.category(c)[0] in "LN" for c in word):
        return word
    return "x" + "x".join(f"{ord(c):x}" for c in word)[:_LONGEST]


def spellings(word: str) -> list[str]:
    """Return the spellings of a word with accents or ligatures that the index would not make by itself."""
    if word.isascii():
        return []
    lower = unicodedata.normalize("NFC", word.lower())
    forms = dict.fromkeys(plain_words(lower) + plain_words(lower.translate(_SPELLED)))
    return [form for form in forms if form != lower]


def camel_parts(word: str) -> list[str]:
    """Return the lower-case parts of ``CamelCase``; nothing for a word of one part."""
    if word.islower() or word.isdigit() or not word.isascii():
        return []
    parts = [part.lower() for part in _CAMEL.findall(word)]
    return parts if len(parts) > 1 else []


def joined(text: str) -> Iterator[str]:
    """Yield ``snake_case``, ``fine-tuning`` and file names of `text` as one word each, whole and by part."""
    for match in _COMPOUND.finditer(text):
        segments = _SEGMENT.split(match.group())
        for piece in dict.fromkeys((match.group(), *segments, *(s.rsplit(".", 1)[0] for s in segments))):
            word = "".join(_WORD.findall(piece))
            if len(word) != len(piece) and len(word) <= _LONGEST:
                yield fold(word)


def initials(*names: Sequence[str]) -> Iterator[str]:
    """Yield the initials of names of three to five parts, marked: ``zilos`` for ``length_of_stay``."""
    for parts in names:
        if _FEWEST_INITIALS <= len(parts) <= MOST_INITIALS:
            first = fold("".join(part[0] for part in parts))
            if first.isascii() and first.isalpha():
                yield INITIALS + first


def bigrams(text: str) -> list[str]:
    """Return pairs of neighbouring characters of what `text` holds in scripts without spaces."""
    if text.isascii():
        return []
    pairs: list[str] = []
    for run in _UNSPACED.findall(unicodedata.normalize("NFKC", text)):
        letters = "".join(c for c in run if unicodedata.category(c)[0] == "L")
        pairs += [letters[i : i + 2] for i in range(len(letters) - 1)] or [letters]
    return [pair for pair in pairs if pair]


def symbols(text: str) -> list[str]:
    """Return a word for each emoji, which the index would drop."""
    return [] if text.isascii() else [f"u{ord(c):x}" for c in _SYMBOL.findall(text)]


def index_terms(title: str, content: str, tags: Iterable[str]) -> str:
    """Return the extra index words of a memory, each once, separated by spaces; an envelope has none."""
    if is_envelope(content):
        return ""
    text = "\n".join((title, content, *tags))
    extra: dict[str, None] = {}
    names = [title.split(), *map(_BETWEEN_PARTS.split, _SNAKE.findall(text))]
    for word in set(_WORD.findall(text)):
        if parts := camel_parts(word):
            extra.update(dict.fromkeys(parts))
            names.append(parts)
        extra.update(dict.fromkeys(spellings(word)))
    for words in (joined(text), bigrams(text), symbols(text), initials(*names)):
        extra.update(dict.fromkeys(words))
    return " ".join(sorted(extra))


_STEP2 = {
    "ational": "ate", "tional": "tion", "enci": "ence", "anci": "ance", "izer": "ize", "logi": "log", "bli": "ble",
    "alli": "al", "entli": "ent", "eli": "e", "ousli": "ous", "ization": "ize", "ation": "ate", "ator": "ate",
    "alism": "al", "iveness": "ive", "fulness": "ful", "ousness": "ous", "aliti": "al", "iviti": "ive",
    "biliti": "ble",
}  # fmt: skip
_STEP3 = {"icate": "ic", "ative": "", "alize": "al", "iciti": "ic", "ical": "ic", "ful": "", "ness": ""}
_STEP4 = [
    "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou", "ism", "ate",
    "iti", "ous", "ive", "ize",
]  # fmt: skip


def _longest_first(suffixes: Iterable[str]) -> list[str]:
    return sorted(suffixes, key=len, reverse=True)


_RULES2 = [(suffix, _STEP2[suffix]) for suffix in _longest_first(_STEP2)]
_RULES3 = [(suffix, _STEP3[suffix]) for suffix in _longest_first(_STEP3)]
_RULES4 = _longest_first(_STEP4)


def _shape(word: str) -> str:
    """Return consonants as ``c`` and vowels as ``v``; a ``y`` is a vowel after a consonant."""
    shape = ""
    for char in word:
        vowel = char in "aeiou" or (char == "y" and shape.endswith("c"))
        shape += "v" if vowel else "c"
    return shape


def _measure(word: str) -> int:
    return _shape(word).count("vc")


def _short_end(word: str) -> bool:
    return _shape(word).endswith("cvc") and word[-1] not in "wxy"


def _step1(word: str) -> str:
    if word.endswith(("sses", "ies")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    if word.endswith("eed"):
        word = word[:-1] if _measure(word[:-3]) else word
    elif word.endswith("ed") and "v" in _shape(word[:-2]):
        word = _mend(word[:-2])
    elif word.endswith("ing") and "v" in _shape(word[:-3]):
        word = _mend(word[:-3])
    return word[:-1] + "i" if word.endswith("y") and "v" in _shape(word[:-1]) else word


def _mend(word: str) -> str:
    """Give a stem that lost ``ed`` or ``ing`` its ``e`` back, or take the doubled consonant away."""
    if word.endswith(("at", "bl", "iz")):
        return word + "e"
    if len(word) > 1 and word[-1] == word[-2] and _shape(word)[-1] == "c" and word[-1] not in "lsz":
        return word[:-1]
    return word + "e" if _measure(word) == 1 and _short_end(word) else word


def _replace(word: str, rules: list[tuple[str, str]]) -> str:
    for suffix, ending in rules:
        if word.endswith(suffix):
            rest = word[: -len(suffix)]
            return rest + ending if _measure(rest) else word
    return word


def _step4(word: str) -> str:
    for suffix in _RULES4:
        if word.endswith(suffix):
            rest = word[: -len(suffix)]
            keeps = _measure(rest) <= 1 or (suffix == "ion" and rest[-1:] not in ("s", "t"))
            return word if keeps else rest
    return word


def _step5(word: str) -> str:
    if word.endswith("e"):
        rest = word[:-1]
        measure = _measure(rest)
        if measure > 1 or (measure == 1 and not _short_end(rest)):
            word = rest
    return word[:-1] if word.endswith("ll") and _measure(word[:-1]) > 1 else word


@lru_cache(maxsize=1 << 15)
def stem(word: str) -> str:
    """Return the stem of a folded word, exactly as SQLite's porter tokenizer makes it.

    Source: M. F. Porter, An algorithm for suffix stripping, Program 14 (1980), with the two later changes
    (``bli``, ``logi``) that SQLite has as well.

    Examples
    --------
    >>> stem("caresses"), stem("relational"), stem("hopping")
    ('caress', 'relat', 'hop')
    """
    if len(word) < 3 or len(word) > _LONGEST or not word.isascii():
        return word
    return _step5(_step4(_replace(_replace(_step1(word), _RULES2), _RULES3)))


def beginnings(root: str) -> tuple[str, ...]:
    """Return what each word of this stem begins with: one of these.

    What a rule of the stemmer puts in the place of an ending begins as that ending does, all but for its last
    letter, or its last two in ``ble`` for ``bility``. A stem of two letters may have ended in ``y``.
    """
    if not root.isascii() or len(root) < 2:
        return (root,)
    if len(root) == 2:
        return (root, root[0] + "y") if root[1] == "i" else (root,)
    return (root[: max(2, len(root) - (2 if root.endswith("ble") else 1))],)
