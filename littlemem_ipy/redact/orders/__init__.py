"""Orders to an assistant, in the languages of the users: the patterns are data, one file a language."""

from __future__ import annotations

from . import de, en, es, fr, ja, pt, zh
from .rules import Rule, rule

__all__ = ["RULES", "Rule"]

#: All rules of all languages; the kind and the reason of each come first.
RULES: tuple[Rule, ...] = tuple(rule(*row) for module in (en, de, fr, es, pt, zh, ja) for row in module.ROWS)
