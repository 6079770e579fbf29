"""How alike two errors are: whether what mended the one is worth showing under the other.

The class must be the same. Then the words of the message decide, unless they say nothing ("list index out of
range", a missing key): then what the code does there decides. Names of types count more than words; a key, a
column or a path counts nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from littlemem_ipy.notebook.symptom import Symptom

__all__ = ["ALIKE", "likeness"]

ALIKE = 0.6
"""The likeness from which on two errors are of the same kind."""

# One of these says little by itself; every other class names one kind of trouble.
_GENERAL = frozenset(
    """ArithmeticError AssertionError AttributeError EOFError Exception FileExistsError FileNotFoundError
    FutureWarning ImportError IndexError KeyError LookupError ModuleNotFoundError NameError NotImplementedError
    OSError RuntimeError RuntimeWarning StopIteration SyntaxError SystemError TypeError UserWarning ValueError
    Warning""".split()
)
_SMALL = frozenset(
    """a an and are as at be by can could did do does for from got has have if in is it not object of on or that the
    this to was with you your""".split()
)
# A type that is a kind of trouble of its own: something returned nothing, or a module was taken for what is in it.
_TELLING = frozenset({"NoneType", "function", "method", "module"})
# Messages of the interpreter that it gives in many situations.
_VAGUE = (
    {"index", "out", "range"},
    {"no", "such", "file", "directory"},
    {"file", "exists"},
    {"permission", "denied"},
)
_SMALL_WEIGHT, _TYPE_WEIGHT = 0.3, 2.0
_SURE_WORDS = 0.62
_SPECIAL_WORDS = 0.5
_SURE_THOUGH = 0.8  # with different operators
_SOME_WORDS = 0.2  # with the same operator


def likeness(one: Symptom, two: Symptom) -> float:
    """Return how alike two errors are, from 0 to 1; from `ALIKE` on they are of the same kind.

    It is symmetric.
    """
    if one.kind != two.kind or _TELLING & set(one.types) != _TELLING & set(two.types):
        return 0.0
    words, code = _words(one, two), _code(one, two)
    # Of two that pass, the one with more in common is the better.
    better = (1 - ALIKE) * (0.6 * words + 0.4 * min(max(code, 0.0), 1.0))
    return ALIKE + better if _same_kind(one, two, words, code) else min(better, ALIKE / 2)


def _same_kind(one: Symptom, two: Symptom, words: float, code: float) -> bool:
    if one.name in ("NameError", "ModuleNotFoundError"):
        return bool(one.names) and one.names == two.names
    if not (one.words or one.types) or not (two.words or two.types):
        return not (one.words or two.words) and code >= ALIKE
    if _content(one) and _content(two) and not _content(one) & _content(two) and one.name in _GENERAL:
        return False
    if one.name not in _GENERAL:
        return words >= _SPECIAL_WORDS or (bool(one.place) and one.place == two.place)
    if _vague(one) or _vague(two):
        return words >= _SURE_WORDS and _same_way(one, two)
    if one.name == "AttributeError" and not _same_attribute(one, two):
        return False
    if _content(one) == _content(two) and one.operation == two.operation != "":
        return True
    if _operator(one) and _operator(two):
        return words >= (_SOME_WORDS if one.operation == two.operation else _SURE_THOUGH)
    return words >= _SURE_WORDS


def _operator(symptom: Symptom) -> bool:
    return symptom.operation.istitle()


def _same_way(one: Symptom, two: Symptom) -> bool:
    """Tell whether the same is done: to the same type, with the same sort of key, reading or writing a file."""
    keyed = bool(one.key and two.key)
    return one.key == two.key and one.writes == two.writes and (not keyed or one.subject == two.subject)


def _same_attribute(one: Symptom, two: Symptom) -> bool:
    """Tell whether both miss the same attribute, or are told the same about theirs."""
    if not one.types or not two.types or "NoneType" in one.types:
        return True
    return one.types[-1] == two.types[-1] or _dice(one.advice, two.advice) >= _SURE_WORDS


def _content(symptom: Symptom) -> set[str]:
    return set(symptom.words) - _SMALL


def _vague(symptom: Symptom) -> bool:
    return any(message <= set(symptom.words) for message in _VAGUE)


def _words(one: Symptom, two: Symptom) -> float:
    """Return Dice's coefficient of the messages' words and types, weighted."""
    mine, theirs = _weights(one), _weights(two)
    shared = sum(min(mine[word], theirs[word]) for word in mine.keys() & theirs.keys())
    whole = sum(mine.values()) + sum(theirs.values())
    return 2 * shared / whole if whole else 0.0


def _weights(symptom: Symptom) -> dict[str, float]:
    weights = {word: _SMALL_WEIGHT if word in _SMALL else 1.0 for word in symptom.words}
    return weights | dict.fromkeys(symptom.types, _TYPE_WEIGHT)


def _code(one: Symptom, two: Symptom) -> float:
    """Return how alike the places in the code are; negative where they contradict each other."""
    score = 0.3 * (one.package == two.package) + 0.2 * _operations(one, two) + 0.2 * _dice(one.calls, two.calls)
    if one.subject and two.subject:
        score += 0.3 if one.subject == two.subject else 0.15 * (one.package == two.package != "")
    if one.near is not None and two.near is not None:
        score += 0.1 if one.near == two.near else -0.3
    return score - 0.15 * (one.key_type != two.key_type)


def _operations(one: Symptom, two: Symptom) -> float:
    if one.operation == two.operation:
        return 1.0
    return -1.0 if "loc[]" in (one.operation, two.operation) else 0.0


def _dice(one: Iterable[str], two: Iterable[str]) -> float:
    mine, theirs = set(one), set(two)
    return 2 * len(mine & theirs) / (len(mine) + len(theirs)) if mine or theirs else 0.0
