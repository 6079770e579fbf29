"""Wishes about form in a memory, and whether the reply follows or breaks them.

A wish is followed only where the reply had an occasion to break it: a date to write, a function to annotate. What the
question itself asks for or shows proves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from littlemem_ipy.context.usage import languages, libraries
from littlemem_ipy.context.usage.occasions import code_of, prose_of

__all__ = ["BROKEN", "FOLLOWED", "verdict"]

FOLLOWED, BROKEN = 1.5, -3.0

# True: followed. False: broken. None: there was no occasion.
Check = Callable[[str, str], bool | None]


def verdict(content: str, user: str, reply: str) -> float:
    """Return `FOLLOWED` if the reply follows a wish of the memory, `BROKEN` if it breaks one, else 0."""
    outcomes = [outcome for outcome in _outcomes(content, user, reply) if outcome is not None]
    if not outcomes:
        return 0.0
    followed = sum(outcomes)
    return FOLLOWED if followed * 2 >= len(outcomes) and followed else BROKEN


def _outcomes(content: str, user: str, reply: str) -> Iterator[bool | None]:
    yield from languages.outcomes(content, user, reply)
    yield from libraries.outcomes(content, user, reply)
    yield _seeded(content, user, reply)
    for wish, check in _WISHES:
        if wish.search(content):
            yield check(user, reply)


_SEED = re.compile(
    r"(?:\bseed\w*|random_state|zufallszahlen|semilla|graine)\b\D{0,24}(\d+)|\b(\d+) (?:as|for|als) (?:\w+ )?(?:seed|random_state)",
    re.IGNORECASE,
)
_SEEDED = re.compile(r"(?:seed\w*|random_state|default_rng)\s*[=(]\s*(\d+)")


def _seeded(content: str, user: str, reply: str) -> bool | None:
    """Tell whether code takes the seed that the memory names."""
    wanted, taken = _SEED.search(content), _SEEDED.search(reply)
    if wanted is None or taken is None or _SEEDED.search(user):
        return None
    return taken[1] in wanted.groups()


def _wish(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _has(pattern: str, *, of: Callable[[str], str] = str, unless: str | None = None, flags: int = 0) -> Check:
    """Return a check that is True where the reply has something that the question has not; None where it hasn't.

    With `unless` the check is False where the reply has that instead.
    """
    good = re.compile(pattern, flags)
    bad = re.compile(unless, flags) if unless else None

    def check(user: str, reply: str) -> bool | None:
        text = of(reply)
        if good.search(text):
            return None if good.search(user) else True
        return False if bad is not None and bad.search(text) else None

    return check


def _lacks(pattern: str, occasion: str | None = None, *, of: Callable[[str], str] = str, flags: int = 0) -> Check:
    """Return a check that is False where the reply has what it shall not have, and True at an `occasion` without it."""
    bad = re.compile(pattern, flags)
    chance = re.compile(occasion, flags) if occasion else None

    def check(user: str, reply: str) -> bool | None:
        if bad.search(of(reply)):
            return False
        return True if chance is not None and chance.search(of(reply)) and bad.search(user) else None

    return check


def _typed(user: str, reply: str) -> bool | None:
    heads = re.findall(r"def \w+\(([^)]*)\)\s*(->)?", reply)
    if not heads:
        return None
    return any(arrow or re.search(r"\w\s*:\s*\w", inside) for inside, arrow in heads)


# Asks for an explanation, which is long or comes first unless somebody wishes otherwise.
_WORDY = re.compile(
    r"\b(?:explain|why|how|describe|what|tell|compare|erklär\w*|warum|wieso|wie|was (?:ist|macht|bedeutet)|pourquoi|comment|explique|por qué|cómo|qué (?:es|hace|significa))\b",
    re.IGNORECASE,
)


def _code_first(user: str, reply: str) -> bool | None:
    code, prose = code_of(reply).strip(), prose_of(reply).strip()
    if not code or len(prose.split()) < 3:
        return True if code and _WORDY.search(user) else None
    first = reply.strip().removeprefix("```python").removeprefix("```").strip()
    return first.startswith(code.splitlines()[0].strip()[:12])


def _code_only(user: str, reply: str) -> bool | None:
    code, prose = code_of(reply), prose_of(reply)
    if not code.strip():
        return None
    return len(prose.split()) <= 3


def _sentences(text: str) -> int:
    return len([part for part in re.split(r"(?<=[.!?。])\s+", text.strip()) if len(part.split()) > 1])


def _short(user: str, reply: str) -> bool | None:
    words = len(reply.split())
    if words > 90:
        return False
    return True if _WORDY.search(user) and 3 <= words <= 22 and not code_of(reply).strip() else None


def _one_sentence(user: str, reply: str) -> bool | None:
    count = _sentences(prose_of(reply))
    if not count:
        return None
    return count == 1 if len(reply.split()) > 4 else None


def _last_line(pattern: str) -> Check:
    sign = re.compile(pattern, re.IGNORECASE)

    def check(user: str, reply: str) -> bool | None:
        lines = [line for line in reply.strip().splitlines() if line.strip()]
        if len(lines) < 2 and _sentences(reply) < 2:
            return None
        return bool(sign.search(lines[-1])) or None

    return check


def _first_line(pattern: str) -> Check:
    sign = re.compile(pattern, re.IGNORECASE)

    def check(user: str, reply: str) -> bool | None:
        return bool(sign.match(reply.strip())) or None

    return check


def _decimals(count: int) -> Check:
    def check(user: str, reply: str) -> bool | None:
        found = [len(part) for part in re.findall(r"\d[.,](\d+)(?![\d.,]*\d)", reply)]
        asked = [len(part) for part in re.findall(r"\d[.,](\d+)(?![\d.,]*\d)", user)]
        if (
            f".{count}f" in reply
            or f"round({count})" in reply.replace(" ", "")
            or re.search(rf"round\([^()]+,\s*{count}\)", reply)
        ):
            return True
        if not found or (not asked and len(found) < 1):
            return None
        return all(length == count for length in found)

    return check


_EMOJI = r"[\u2600-\u27bf\U0001f300-\U0001faff]"
_BULLET = r"(?m)^\s*(?:[-*•]|\d+[.)])\s+\S"
_TABLE = r"(?m)^\s*\|.+\|\s*$"
_WHOLE = r"(?:all(?:es)?|every|any|the)\b"

_WISHES: tuple[tuple[re.Pattern[str], Check], ...] = (
    # -- code
    (_wish(r"type[- ]?hint|type annotation|annotat\w+ (?:functions|arguments)|typ(?:e)?annotation|typhinweis|annotations de type|anotaciones de tipo|tipado"), _typed),
    (_wish(r"num(?:py|pydoc)[- ]?(?:style )?docstring|docstrings? .{0,30}num(?:py|pydoc)"), _has(r"Parameters\s*\n\s*-{4,}|Returns\s*\n\s*-{4,}", unless=r"Args:|:param ")),
    (_wish(r"google[- ]?(?:style )?docstring|docstrings? .{0,30}google"), _has(r"\bArgs:|\bReturns:", unless=r"-{5,}|:param ")),
    (_wish(r"(?:sphinx|rest|restructuredtext)[- ]?(?:style )?docstring|docstrings? .{0,30}(?:sphinx|rest\b|restructured)"), _has(r":param |:returns?:", unless=r"Args:|-{5,}")),
    (_wish(r"(?:no|without|skip|omit) docstrings?"), _lacks(r'"""')),
    (_wish(r"snake[_ ]?case"), _has(r"\b[a-z]+_[a-z_]+\b", unless=r"\b[a-z]+[A-Z][a-z]+\w*\b")),
    (_wish(r"camel[- ]?case"), _has(r"\b[a-z]+[A-Z][a-z]+\w*\b", unless=r"\b[a-z]+_[a-z_]+ ?=")),
    (_wish(r"single quotes"), _has(r"'[^'\n]+'", unless=r'"[^"\n]+"', of=code_of)),
    (_wish(r"double quotes"), _has(r'"[^"\n]+"', unless=r"'[^'\n]+'", of=code_of)),
    (_wish(r"f-?strings?"), _has(r"\bf['\"]", unless=r"\.format\(|['\"]\s*%\s*[\w(]")),
    (_wish(r"\bpathlib\b"), _has(r"\bPath\(|pathlib", unless=r"os\.path|glob\.glob")),
    (_wish(r"list comprehension|comprehensions"), _has(r"[\[{(][^\[\]\n]+ for \w+.* in ", unless=r"\.append\(|\bmap\(")),
    (_wish(r"\basserts?\b"), _has(r"(?m)^\s*assert\b")),
    (_wish(r"(?:method )?chain(?:ing|ed|s)\b"), _has(r"(?s)\(\s*\n?\s*\w+(?:\s*\n?\s*\.\w+\([^)]*\)){2,}|(?:\.\w+\([^()]*\)){3,}")),
    (_wish(r"(?:no|not|avoid|without|never)\b.{0,20}\b(?:print|print\(\))|logging (?:instead|rather)|logger"), _has(r"\blog(?:ger|ging)\.", unless=r"\bprint\(")),
    (_wish(r"sql.{0,30}\b(?:capitals?|upper[- ]?case|großbuchstaben|majuscules|mayúsculas)|(?:upper[- ]?case|capital)\w* .{0,12}sql"), _has(r"\bSELECT\b[\s\S]*\bFROM\b", unless=r"\bselect\b[\s\S]*\bfrom\b")),
    (_wish(r"sql.{0,30}(?:lower[- ]?case|kleinbuchstaben|minuscules|minúsculas)|lower[- ]?case .{0,12}sql"), _has(r"\bselect\b[\s\S]*\bfrom\b", unless=r"\bSELECT\b")),
    (_wish(r"\bctes?\b|common table expression|with[- ]clause"), _has(r"(?i)\bwith\s+\w+\s+as\s*\(", unless=r"(?i)from\s*\(\s*select")),
    (_wish(r"select \*|star selects?"), _lacks(r"(?i)select \*", r"(?i)\bselect\b[\s\S]*\bfrom\b")),
    (_wish(r"(?:no|without|skip|omit|ohne|kein\w*|sans|sin)\b.{0,16}(?:code )?(?:comments|kommentare|commentaires|comentarios)"), _lacks(r"(?m)(?:^|\s)#\s*\w")),
    (_wish(r"(?:comment every|every line .{0,12}comment|well[- ]commented|with comments|jede zeile kommentier)"), _has(r"(?m)#\s*\w")),
    (_wish(r"code (?:always |comes )?(?:first|before)|first (?:the )?code|erst (?:den |der )?code|code zuerst|le code d'abord|primero el código"), _code_first),
    (_wish(r"(?:only|just|nur|solo|seulement) (?:the )?(?:code|código)|code only|no (?:explanations?|prose)|without (?:any )?explanation|ohne erklärung|sans explication|sin explicaci"), _code_only),
    # -- layout
    (_wish(r"bullet|aufzählung|stichpunkt|listes? à puces|viñetas|as (?:a )?lists?\b"), _has(_BULLET)),
    (_wish(r"(?:no|never|not|avoid|without|kein\w*|pas de|sin)\b.{0,14}(?:bullets?|lists?\b|aufzählung)|prose (?:only|instead|rather)"), _lacks(_BULLET)),
    (_wish(r"numbered (?:list|steps)|nummerierte|step[- ]by[- ]step|numerad|numérot"), _has(r"(?m)^\s*(?:\d+[.)]|step \d)\s*\S", flags=re.IGNORECASE)),
    (_wish(r"\b(?:in|as|with) (?:a )?(?:markdown )?tables?\b|tabular|als tabelle|en tableau|en tabla|markdown tables?|tables? for comparisons?"), _has(_TABLE)),
    (_wish(r"\b(?:no|avoid|without)\b.{0,10}tables\b"), _lacks(_TABLE)),
    (_wish(r"(?:no|never|without|avoid|keine?|ohne|pas d['e]|sans|sin|nada de|sem|niente|ohne jegliche)\b.{0,16}emojis?|emojis? (?:are )?(?:unwanted|forbidden|off)"), _lacks(_EMOJI)),
    (_wish(r"(?<!no )(?<!any )\b(?:with|use|add|likes?|loves?|mit|avec|con)\b.{0,12}emojis?"), _has(_EMOJI)),
    (_wish(r"exclamation marks?|ausrufezeichen"), _lacks(r"\w!")),
    (_wish(r"(?:no|without|avoid)\b.{0,10}(?:markdown|bold|headings?|headers)"), _lacks(r"\*\*\w")),
    (_wish(r"(?:with|use|under)\b.{0,10}(?:headings?|headers)|überschriften"), _has(r"(?m)^#{1,4} \w")),
    (_wish(r"latex|\bformulas? in (?:tex|math)"), _has(r"\$[^$\n]+\$|\\frac|\\\(")),
    (_wish(r"\b(?:short|brief|concise|terse|succinct)\b.{0,24}(?:answers?|replies|reply|responses?|explanations?)?|(?:answers?|replies|responses?)\b.{0,16}(?:short|brief|concise|terse)|kurze? antwort|antworte\w* (?:immer |bitte |möglichst )?(?:kurz|knapp)|kurz (?:und|fassen)|fasse? (?:dich|sich) kurz|réponses? (?:courtes?|brèves?)|respuestas (?:cortas|breves)|respostas curtas|risposte brevi|簡潔|简短"), _short),
    (_wish(r"one sentence|single sentence|ein(?:em)? satz|une (?:seule )?phrase|una (?:sola )?frase|uma frase"), _one_sentence),
    (_wish(r"tl;?dr|summary first|begin with (?:a |the )?(?:summary|conclusion|answer)|conclusion first|zusammenfassung (?:zuerst|am anfang)"), _first_line(r"(?:\W*(?:tl;?dr|summary|in short|short answer|conclusion|kurz|result|answer|zusammenfassung))")),
    (_wish(r"\bends? (?:each|every|all|with|your|the)\b.{0,40}(?:bullets?|points)"), _last_line(r"^\s*(?:[-*•]|\d+[.)])\s")),
    (_wish(r"\bends? (?:each|every|all|with|your|the)\b.{0,40}(?:question|follow)|(?:am ende|zum schluss).{0,20}frage|termina\w* con una pregunta"), _last_line(r"\?\s*$")),
    (_wish(r"\bends? (?:each|every|all|with|your|the)\b.{0,40}(?:next steps?|to-?dos?|summary|recommendation)|(?:nächste schritte|zusammenfassung) am ende"), _last_line(r"next|step|todo|to do|summary|recommend|in short|schritt|fazit|zusammen")),
    # -- numbers, dates, units
    (_wish(r"decimal commas?|dezimalkomma|virgule (?:comme|décimale)|coma decimal|vírgula decimal|virgola decimale"), _has(r"\d,\d{1,3}(?!\d)(?!,)", unless=r"(?<![\d.])\d+\.\d{1,2}(?![\d.])")),
    (_wish(r"decimal points?|dezimalpunkt|punto decimal"), _has(r"\d\.\d", unless=r"(?<![\d,])\d+,\d{1,2}(?![\d,])")),
    (_wish(r"(?:no|without|ohne|sans|sin) (?:any )?(?:decimals?|nachkommastellen|décimales?|decimales)|whole (?:numbers|euros)|(?:round|rounded) to (?:integers?|whole)"), _lacks(r"\d[.]\d{1,2}(?!\d)", r"\d", of=prose_of)),
    (_wish(r"\b(?:one|1|eine) (?:decimal|nachkommastelle)|round\w* to (?:one|1)\b"), _decimals(1)),
    (_wish(r"\b(?:two|2|zwei|deux|dos|duas|due) (?:decimal|nachkommastellen|décimales|decimales|casas|digits after)|round\w* to (?:two|2|cents)\b"), _decimals(2)),
    (_wish(r"\b(?:three|3|drei|trois|tres|três) (?:decimal|nachkommastellen|décimales|decimales)|round\w* to (?:three|3)\b"), _decimals(3)),
    (_wish(r"thousands? separators?|tausendertrenn|separador de miles"), _has(r"\d[,.' ]\d{3}\b|:,", unless=r"\b\d{5,}\b")),
    (_wish(r"\biso[- ]?(?:8601|dates?|format)|\byyyy-mm-dd|dates?.{0,20}\biso\b"), _has(r"\b\d{4}-\d{2}-\d{2}|%Y-%m-%d|isoformat", unless=r"\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b|\b\d{1,2}(?:st|nd|rd|th)? (?:of )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)|\b(?:Jan|Feb|Mar|Apr|May|June|July|Aug|Sep|Oct|Nov|Dec)\w* \d{1,2}\b")),
    (_wish(r"day[/. -]?(?:month|first)|dd[./-]mm|\bdd\.mm|european date|tag\.monat|día/mes|jour/mois"), _has(r"\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b|%d[./-]%m|dayfirst", unless=r"\b\d{4}-\d{2}-\d{2}")),
    (_wish(r"month[/ -]?(?:day|first)|mm[/-]dd|us date"), _has(r"\b\d{1,2}/\d{1,2}/\d{2,4}\b|%m/%d", unless=r"\b\d{4}-\d{2}-\d{2}")),
    (_wish(r"\b(?:times?|timestamps?|clock|zeit\w*|heures?|horas?)\b.{0,24}\butc\b|\butc\b.{0,16}\b(?:times?|timestamps?|zeit\w*)"), _has(r"\d\s*Z\b|\bUTC\b|tz=|timezone\.utc|utc=True", unless=r"\d{1,2}[:.]\d{2}|\b\d{1,2} ?(?:am|pm)\b")),
    (_wish(r"24[- ]?(?:hour|h|stunden|heures|horas)|military time"), _has(r"\b(?:1[3-9]|2[0-3]):\d{2}\b", unless=r"\b\d{1,2}(?::\d{2})? ?[ap]\.?m\b", flags=re.IGNORECASE)),
    (_wish(r"12[- ]?hour|am/pm"), _has(r"\b\d{1,2}(?::\d{2})? ?[ap]\.?m\b", unless=r"\b(?:1[3-9]|2[0-3]):\d{2}\b", flags=re.IGNORECASE)),
    (_wish(r"metric (?:units|system)|\bin (?:kilomet|celsius|metric|kilogram|metr)|metrische?\b|système métrique|sistema métrico|\bcelsius\b"), _has(r"\d\s*(?:km|kg|cm|mm|m|g|l|ml|°\s?C|kilomet\w+|met(?:er|re)s|celsius|grams?|lit(?:er|re)s?)\b|\d\s*°\s?C", unless=r"\d\s*(?:miles?|feet|foot|inch\w*|lbs?|pounds?|°\s?F|oz|yards?)\b")),
    (_wish(r"imperial units|\bin (?:miles|feet|inches|pounds|fahrenheit)"), _has(r"\d\s*(?:miles?|feet|ft|inch\w*|in|lbs?|pounds?|°\s?F|oz|yards?)\b", unless=r"\d\s*(?:km|kg|cm|°\s?C)\b")),
    (_wish(r"\b(?:euros?|eur)\b.{0,20}(?:not|instead|rather)|(?:prices?|amounts?|costs?|currency|money|preise|beträge)\b.{0,24}(?:\beuros?\b|\beur\b|€)"), _has(r"€|\bEUR\b|\beuros?\b", unless=r"\$\s?\d|\bUSD\b|\bdollars?\b")),
    (_wish(r"(?:prices?|amounts?|costs?|currency|money)\b.{0,24}(?:dollars?|usd|\$)"), _has(r"\$\s?\d|\bUSD\b|\bdollars?\b", unless=r"€|\bEUR\b")),
    (_wish(r"\b(?:amounts?|figures|values|sums|revenue|beträge|montants|importes)\b.{0,24}\bthousands?\b|in thousand|in tsd|in tausend|en milliers|en miles"), _has(r"\bthousands?\b|\bk€|\bk\b|\btsd\b|tausend|milliers|miles\b|T€")),
    (_wish(r"\b(?:percent|percentages?|prozent)\b.{0,24}(?:not|instead|rather|never)"), _has(r"\d\s?%|percent", unless=r"\b0\.\d+")),
    # -- tone
    (_wish(r"\b(?:formal(?:ly)?|siezen|per sie|mit sie|vouvoie|vouvoyer|de usted)\b"), _has(r"\b(?:Sie|Ihnen|Ihre?n?|vous|votre|usted|su)\b", unless=r"\b(?:du|dich|dir|dein\w*|tu|toi|tes|tú|ti)\b")),
    (_wish(r"\b(?:duzen|per du|mit du|tutoie|tutoyer|informal(?:ly)?|de tú|tutear)\b"), _has(r"\b(?:du|dich|dir|dein\w*|tu|toi|ton|tes|tú|ti)\b", unless=r"\b(?:Sie|Ihnen|Ihre?n?|vous|votre|usted)\b")),
    (_wish(r"(?:no|skip|without|avoid|kein\w*)\b.{0,14}(?:greetings?|pleasantries|small talk|begrüßung|apolog\w+)"), _lacks(r"(?i)^\W*(?:hi|hello|hey|dear|sure|of course|great question|hallo|certainly|sorry)\b")),
)  # fmt: skip
