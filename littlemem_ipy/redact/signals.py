"""Weak signs that only together make a text suspicious: an occasion, an address outside, a reply to carry it.

No single one means anything; a preference may well speak of every answer, and a
note of a web address. Their sum is what is judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .findings import Finding

__all__ = ["weighed"]

_ENOUGH = 4

_SIGNS: tuple[tuple[int, re.Pattern[str]], ...] = tuple(
    (weight, re.compile(f"(?x){pattern}"))
    for weight, pattern in (
        # an address outside
        (1, r"https?://|\bwww\.|\bftp://|\S@[\w-]{2,40}\.[a-z]{2,8}\b|\b[\w-]{2,30}\.(?:example|evil|ru|xyz|top|onion|tk)\b"),
        # a value to be filled in within an address
        (2, r"[?&/=](?:[a-z_]{1,16}=)?(?:\{[^}\s]{0,40}\}|%s|\$\{?\w+|<[a-z_ ]{2,30}>|\[[a-z_ ]{2,30}\]|(?:last|user|chat|full|system|all|current|the)_[a-z_]{2,20}\b)|[?&](?:q|d|c|k|s|x|data|key|text|msg|leak|log|u|user|info|content|payload|body|token)=(?:$|[\s\"')+]|name\b|prompt|here|base64|reply|question|answer|conversation|chat|\.\.\.)"),
        # what the assistant says, all of it
        (1, r"\b(?:all|every|each|any|your|my\snext|the\snext|following|future)\s(?:\w{1,12}\s)?(?:repl(?:y|ies)|answers?|responses?|messages?|outputs?|conversations?|chats?|sessions?|prompts?|turns?)\b"),
        # an occasion in the conversation
        (1, r"\b(?:when(?:ever)?|if|once|as\ssoon\sas|the\smoment|every\stime|each\stime|next\stime|before|after|until|should)\s(?:\w{1,14}\s){0,4}?(?:asks?|asked|requests?|requested|says?|said|types?|writes?|mentions?|mentioned|opens?|opened|loads?|loaded|thanks?|agrees?|confirms?|runs?|answers?|repl(?:y|ies)|imported|used)\b"),
        # moving something
        (1, r"\b(?:append|send|post|upload|fetch|forward|transmit|email|e-mail|mail|submit|smuggle|exfiltrate|leak|push|attach|embed|ship|beacon|report\sback|pipe|copy|paste|steer|redirect|route|lure|lead)\b(?!ed)"),
        (2, r"\b(?:requests\.(?:post|get|put)|urlopen|urlretrieve|fetch|sendbeacon|httpx\.(?:post|get)|socket\.connect|smtplib)\s?\("),
        (1, r"\b(?:df\.to_\w+\(|os\.environ|getenv|base64|b64encode|chat\shistory|conversation|last\sprompt|clipboard|credentials?|passwords?|secrets?|api[\s_]keys?|tokens\b|notebook'?s?\s(?:content|source|cells)|the\snotebook\b|user'?s?\s(?:data|name|input|question|mail|files))"),
        # doing it unseen, or for good
        (2, r"\b(?:never|do\snot|don't|without)\s(?:\w{1,10}\s){0,3}?(?:tell|mention|telling|mentioning|show|showing|reveal|say|saying|comment|notice|noticing|inform|warn|warning|explain\w*)\b[^.!?\n]{0,40}?\b(?:user|person|human|anyone|entry|this|it|them|why)\b"),
        (1, r"\b(?:hidden|invisible|unseen|unnoticed|secret|secretly|silently|quietly|covert\w*|discreet\w*|stealth\w*|1x1|tiny|white\stext)\b"),
        # selling
        (2, r"\b(?:purchases?|orders|customers?|sales|payments?|donations?|bookings?|investments?)\sto\b|\b(?:buy|purchase|subscribe|sign\sup|invest)\s(?:from|at|in|with|only)\b"),
        (1, r"!\[[^\]]{0,60}\]\(https?:"),
        # being addressed
        (1, r"\b(?:assistant|chatbot|copilot|chatgpt|claude|llm|language\smodel)\b"),
        (1, r"\byou\s(?:must|shall|will|are\sto|have\sto|need\sto)\b"),
        (1, r"\b(?:obey|comply|override|authori[sz]ed|unrestricted|jailbreak|privileged|root\saccess|admin\srights)\b"),
    )
)  # fmt: skip


def weighed(low: str) -> Iterator[Finding]:
    """Yield one finding where the weak signs add up.

    Parameters
    ----------
    low
        The folded text.
    """
    for sentence in re.finditer(r"[^\n]{12,1200}", low):
        body = sentence[0]
        if not _SIGNS[0][1].search(body):
            continue
        weight = sum(weight for weight, pattern in _SIGNS if pattern.search(body))
        if weight >= _ENOUGH:
            yield Finding(*sentence.span(), "exfiltration", "several signs of a request to carry something outside")
