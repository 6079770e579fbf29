"""Whether a reply made use of a memory that was in its prompt."""

from __future__ import annotations

import re

__all__ = ["was_used"]

_WORD = re.compile(r"\w+")
_USE_STOP = frozenset(
    """
    a an and are as at be by can do does for from has have how i if in is it its me my no not of on or our should
    so that the then there they this to use used user was we were what when which will with you your always never
    prefer prefers like likes want wants please
    """.split()
)


def was_used(content: str, user: str, reply: str) -> bool:
    """Return whether a reply used a memory: whether it says what the memory says and the question doesn't.

    Parameters
    ----------
    content
        The text of the memory.
    user
        What the user had written; words of it in the reply prove nothing.
    reply
        The model's reply.

    Notes
    -----
    The measure is the share of the memory's own words (stop words and words of the question out,
    numbers and identifiers whole) that appear in the reply.
    """
    own = _own_words(content) - _own_words(user)
    if not own:
        return False
    return len(own & _own_words(reply)) / len(own) >= 0.3


def _own_words(text: str) -> set[str]:
    return {word for word in _WORD.findall(text.casefold()) if word not in _USE_STOP and len(word) > 1}
