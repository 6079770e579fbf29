"""The language of a reply, and whether it is the one that a memory wishes for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from littlemem_ipy.context.usage.occasions import comments_of, prose_of

__all__ = ["language_of", "outcomes"]

_NAMES = {
    "en": "english englisch anglais inglés ingles inglês inglese 英語 英语",
    "de": "german deutsch deutsche deutschen allemand alemán alemao alemão tedesco ドイツ語 德语",
    "fr": "french französisch francais français francés francês francese フランス語 法语",
    "es": "spanish spanisch espagnol español espanol castellano espanhol spagnolo スペイン語 西班牙语",
    "it": "italian italienisch italien italiano 意大利语",
    "pt": "portuguese portugiesisch portugais portugués portugues português 葡萄牙语",
    "nl": "dutch niederländisch nederlands néerlandais holandés",
    "pl": "polish polnisch polonais polaco polski",
    "ja": "japanese japanisch japonais japonés japonês 日本語 日语",
    "zh": "chinese chinesisch chinois chino chinês mandarin 中文 中国語 汉语",
    "ko": "korean koreanisch coréen coreano 한국어",
    "ru": "russian russisch russe ruso russo русский",
}
_OF_NAME = {name: code for code, names in _NAMES.items() for name in names.split()}
_NAME = re.compile(
    "|".join(
        rf"(?<![^\W_]){name}(?![^\W_])" if name.isascii() else name
        for name in sorted(_OF_NAME, key=len, reverse=True)
    ),
    re.IGNORECASE,
)

_SMALL = {
    "en": "a the of and to is in that it for with you are this on be as not was from by have or an at if can will its which when there your into than then after before only same each so keep remove show use",
    "de": "der die das und ist nicht ein eine mit für auf von zu den dem des im sich auch wird werden sind als bei nach aus wie oder wenn kann man es wir sie ich nur noch mehr über zum zur vor durch hier alle ohne leere zeilen spalten hat einen um pro sowie beträgt liegt mein",
    "fr": "le la les des et est un une pour dans que qui sur pas avec ce sont au aux du en il elle nous vous par plus ou cette ces votre mais être a été voici depuis je ne se sans lignes d'abord mon",
    "es": "el la los las de y es un una para en que por con no se del al como más pero su son está este esta lo hay desde sus ya o si fue sin cuando cada filas hasta entre mi mucho",
    "it": "il lo la gli le di e è un una per in che con non si del della sono come più ma questo questa anche al dal nel i ho mio righe ogni dei alla",
    "pt": "o a os as de e é um uma para em que por com não se do da no na como mais mas seu são está este esta dos das ao foi já ou sem linhas pelo meu cada",
    "nl": "de het een en van is niet met voor op te dat die in zijn er aan ook als bij of uit maar naar wordt je ik geen",
    "pl": "i w na nie jest z do się to że jak dla po przez są od oraz tylko który mam mój",
}  # fmt: skip
_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("ru", re.compile(r"[\u0400-\u04ff]{3}")),
)
_MARKS = {"de": "äöüß", "fr": "çèêàùœ", "es": "ñ¿¡", "pt": "ãõ", "pl": "łąężść", "it": "ìò"}

# Where the language is wanted, if not everywhere.
_COMMENTS = re.compile(
    r"\b(?:comment\w*|docstrings?|kommentare?n?|commentaires?|comentarios?|comentários?|commenti)\b|コメント|注释",
    re.IGNORECASE,
)
_PARTS = re.compile(
    r"\b(?:labels?|titles?|axis|axes|captions?|legends?|beschriftung\w*|titel|achsen\w*|légendes?|titres?|etiquetas?|títulos?|column names|variable names|headings"
    r"|commit messages?|e-?mails?|examples?|beispiele|reports?|slides?|letters?)\b",
    re.IGNORECASE,
)
_WISHED = re.compile(
    r"\b(?:in|auf|en|em|im|answers?|answer|reply|replies|respond|write|prefer\w*|speak\w*|antworte\w*|schreib\w*|répon\w+|écri\w+|respond\w+|escrib\w+|responda|rispond\w+|uses?|native|muttersprache|for \w+:)\b|で|用|を使",
    re.IGNORECASE,
)
_BRITISH = re.compile(
    r"\b(?:\w+(?:isations?|ising|ised|ise|ises|yses?|ysed|ysing)|colou?r(?=s?\b)(?<=our)|\w*(?:colour|behaviour|favour|neighbour|labour|honour)\w*|centres?|metres?|litres?|grey|modelled|modelling"
    r"|labelled|travell\w+|programme|catalogue|licence|defence|whilst|learnt|spelt)\b",
    re.IGNORECASE,
)
_AMERICAN = re.compile(
    r"\b(?:\w+(?:izations?|izing|ized|izes?)|analyz\w+|\w*(?:color|behavior|favor|neighbor|labor)(?:s|ed|ing|ite|hood|al)?|centers?|meters?|liters?|gray|modeled|modeling|labeled|traveled|catalog|defense)\b",
    re.IGNORECASE,
)
_NOT_BRITISH = frozenset("otherwise likewise raise raised raises rise rises exercise precise noise promise premise advise advised wise revise revised surprise surprised comprise supervise supervised enterprise concise expertise disguise franchise merchandise compromise improvise televise analyses arise praise cruise bruise paradise treatise demise raising rising advising promising supervising arising noised".split())  # fmt: skip


def language_of(text: str) -> str | None:
    """Return the code of the language that a text is in; None if it is too short or mixed to tell."""
    for code, script in _SCRIPTS:
        if script.search(text):
            return code
    lower = text.lower()
    words = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", lower)
    score = {code: float(sum(word in small for word in words)) for code, small in _small().items()}
    for code, marks in _MARKS.items():
        score[code] += sum(lower.count(mark) for mark in marks)
    best, second = sorted(score, key=lambda code: -score[code])[:2]
    if score[best] < 1 or score[best] == score[second]:
        return None
    return best


@cache
def _small() -> dict[str, frozenset[str]]:
    return {code: frozenset(words.split()) for code, words in _SMALL.items()}


def outcomes(content: str, user: str, reply: str) -> Iterator[bool | None]:
    """Yield for each wish of a memory about language whether the reply follows it; None without occasion."""
    yield _spelling(content, user, reply)
    wanted = list(dict.fromkeys(_OF_NAME[match[0].lower()] for match in _NAME.finditer(content)))
    if not wanted or not _WISHED.search(content):
        return
    if _COMMENTS.search(content):
        yield _spoken(comments_of(reply), wanted)
    elif _PARTS.search(content):
        yield _strings(user, reply, wanted)
    elif language_of(user) not in wanted:
        yield _whole(content, reply, wanted)


def _whole(content: str, reply: str, wanted: list[str]) -> bool | None:
    if len(reply.split()) < 3 and not re.search(r"[\u3040-\u9fff]", reply):
        return None
    found = language_of(prose_of(reply))
    if found in wanted:
        return True
    # A language for some readers only ("for Madrid") is no wish where others are spoken to.
    everywhere = re.search(
        r"\b(?:answers?|reply|replies|respond|always|antworte\w*|répon\w+|respond\w+)\b|で答|用中文回答",
        content,
        re.IGNORECASE,
    )
    return False if found and everywhere else None


def _spoken(text: str, wanted: list[str]) -> bool | None:
    found = language_of(text) if text.strip() else None
    return None if found is None else found in wanted


def _strings(user: str, reply: str, wanted: list[str]) -> bool | None:
    """Look at texts inside of the code, or at the whole if there is none; English ones prove nothing."""
    strings = " ".join(part for parts in re.findall(r"\"([^\"\n]+)\"|'([^'\n]+)'", reply) for part in parts)
    found = {language_of(part) for part in (strings, prose_of(reply))} - {None}
    if found & (set(wanted) - {"en"}):
        return None if language_of(user) in wanted else True
    return None


def _spelling(content: str, user: str, reply: str) -> bool | None:
    british = re.search(r"\bbritish\b|\buk (?:english|spelling)|britisches englisch", content, re.IGNORECASE)
    american = re.search(r"\bamerican (?:english|spelling)|\bus (?:english|spelling)", content, re.IGNORECASE)
    if not british and not american:
        return None
    text = prose_of(reply) + " " + comments_of(reply)
    uk = sum(word.lower() not in _NOT_BRITISH for word in _BRITISH.findall(text))
    us = len(_AMERICAN.findall(text))
    if uk == us:
        return None
    return (uk > us) == bool(british)
