"""What the classifier says of a clause: how likely it is worth keeping, and as what.

It sees the words of the clause and what the rules say of it: which of them hold, which vetoes and cues. So a rule
is worth as much as it was right on the sentences of all languages, and what no rule foresaw can still be found.
The weights were trained by ``tests/benchmarks/train_capture.py`` on sentences written for this project
(``tests/benchmarks/capture_sentences``), so that the training can be repeated and argued with.
"""

from __future__ import annotations

from collections.abc import Iterator

from littlemem_ipy.capture.prose import CODE, QUOTE
from littlemem_ipy.capture.rules import Language
from littlemem_ipy.classifier import features, load

__all__ = ["NONE", "odds", "seen", "signs"]

NONE = "none"
"""The class of what is not worth keeping."""

_MARKS = {CODE: "<code>", QUOTE: "<quote>"}
_CUES = """
request question hedge project change negative past confirm unconfirmed thin goes_on link lead broken cancel polite
tag besides event hollow
""".split()
_HOPELESS = 0.999
"""If the words alone are so sure that there is nothing to keep, the rules are not asked."""


def seen(mask: str) -> set[str]:
    """Return what the classifier sees of the words of a masked clause."""
    return features(mask, _MARKS)


def signs(mask: str, lang: Language) -> set[str]:
    """Return what the rules of a language say of a masked clause."""
    held = set(_held(mask, lang))
    vetoes = {f"V|{name}" for name, veto in lang.vetoes.items() if veto.search(mask)}
    cues = {f"K|{name}" for name in _CUES if lang.cue(name).search(mask)}
    both = {f"{rule}&{veto}" for rule in held if rule.startswith("R|") for veto in vetoes or ("0",)}
    return held | vetoes | cues | both | {f"L|{lang.code}"}


def _held(mask: str, lang: Language) -> Iterator[str]:
    for family, rules in lang.families.items():
        for rule in rules:
            if rule.find(mask):
                mark = "R-" if rule.unless.search(mask) else "R"
                yield f"{mark}|{family}"
                yield f"{mark}|{rule.slug.split('.', 1)[1]}"


def odds(mask: str, lang: Language) -> dict[str, float]:
    """Return how likely each class is: the types of memory and `NONE`."""
    model = load("littlemem_ipy.capture", "clauses")
    words = model.sums(seen(mask))
    alone = model.shares(words)
    if alone[NONE] > _HOPELESS:
        return alone
    rules = model.sums(signs(mask, lang))
    return model.shares([one + two for one, two in zip(words, rules, strict=True)])
