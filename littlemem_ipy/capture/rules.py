"""The rules, read from one file a language: patterns with the kind of memory that each of them shows.

A language file (``patterns/<code>.toml``) has

``[language]``
    ``words``: frequent small words by which the language is recognised, or ``script``: a class of characters.
``[words]``
    Alternations by name; ``{name}`` in any pattern below (and in later words) is replaced by it.
``[vetoes]``
    Groups of patterns: a clause in which one is found is not kept, unless the rule's ``allow`` names the group.
``[cues]``
    Patterns that are no rule by themselves: where a question begins, what leads in, what cancels ...
``[[rules]]``
    ``slug`` (its family, a dot, a name), ``type``, ``confidence``, ``patterns``, and optionally ``keep`` (what is
    kept: the whole clause, or what stands ``after`` or ``before`` the match), ``unless`` (more patterns that
    forbid it), ``allow``, and ``needs`` (a quick pattern without which none of the slow ones can be found).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from littlemem_ipy.models import MemoryType

__all__ = ["CODES", "Language", "Rule", "language"]

CODES = ("en", "de", "fr", "es", "pt", "zh", "ja")
_NAME = re.compile(r"\{([a-z_]+)\}")
_NEVER = re.compile(r"(?!)")


@dataclass(frozen=True)
class Rule:
    """One rule: if `pattern` is found in a clause, the clause (or a part of it) is worth keeping."""

    slug: str
    type: MemoryType | None
    confidence: float
    pattern: re.Pattern[str]
    unless: re.Pattern[str]
    keep: str
    allow: frozenset[str]
    needs: re.Pattern[str] | None = None

    def find(self, mask: str) -> re.Match[str] | None:
        """Return where the rule holds in a masked clause, if it does."""
        if self.needs is not None and not self.needs.search(mask):
            return None
        return self.pattern.search(mask)

    @property
    def family(self) -> str:
        """Return what the rule looks for: "explicit", "preference", "fact" ..."""
        return self.slug.split(".")[1]


@dataclass(frozen=True)
class Language:
    """Everything that capture knows of one language."""

    code: str
    words: frozenset[str]
    script: re.Pattern[str] | None
    vetoes: Mapping[str, re.Pattern[str]]
    cues: Mapping[str, re.Pattern[str]]
    families: Mapping[str, tuple[Rule, ...]]

    def cue(self, name: str) -> re.Pattern[str]:
        """Return a cue, or a pattern that is never found if the language has none of that name."""
        return self.cues.get(name, _NEVER)

    def family(self, name: str) -> tuple[Rule, ...]:
        """Return the rules of one family, in the order of the file."""
        return self.families.get(name, ())


def _alternation(patterns: Sequence[str], words: Mapping[str, str]) -> re.Pattern[str]:
    if not patterns:
        return _NEVER
    return re.compile("|".join(f"(?:{_filled(p, words)})" for p in patterns), re.IGNORECASE)


def _filled(pattern: str, words: Mapping[str, str]) -> str:
    return _NAME.sub(lambda name: f"(?:{words[name.group(1)]})", pattern)


def _rule(code: str, raw: Mapping[str, Any], words: Mapping[str, str]) -> Rule:
    kind = raw.get("type")
    return Rule(
        slug=f"{code}.{raw['slug']}",
        type=MemoryType(kind) if kind else None,
        confidence=raw["confidence"],
        pattern=_alternation(raw["patterns"], words),
        unless=_alternation(raw.get("unless", ()), words),
        keep=raw.get("keep", "all"),
        allow=frozenset(raw.get("allow", ())),
        needs=_alternation([raw["needs"]], words) if "needs" in raw else None,
    )


@cache
def language(code: str) -> Language:
    """Return the rules of one language, read once."""
    path = files("littlemem_ipy.capture").joinpath("patterns", f"{code}.toml")
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    words: dict[str, str] = {}
    for name, pattern in raw.get("words", {}).items():
        words[name] = _filled(" ".join(pattern.split()).replace(" | ", "|"), words)
    about = raw["language"]
    return Language(
        code=code,
        words=frozenset(about.get("words", "").split()),
        script=re.compile(about["script"]) if "script" in about else None,
        vetoes={name: _alternation(group, words) for name, group in raw.get("vetoes", {}).items()},
        cues={name: _alternation(group, words) for name, group in raw.get("cues", {}).items()},
        families=_families([_rule(code, rule, words) for rule in raw["rules"]]),
    )


def _families(rules: Sequence[Rule]) -> Mapping[str, tuple[Rule, ...]]:
    names = dict.fromkeys(rule.family for rule in rules)
    return {name: tuple(rule for rule in rules if rule.family == name) for name in names}
