"""Lines that were pasted rather than said: code, logs, tracebacks, tables, mails, transcripts."""

from __future__ import annotations

import re

__all__ = ["blank", "code_in"]

_CODE = re.compile(
    r"\s*(?:"
    r"(?:import|from) [\w.]+(?: import .*| as \w+)?$"
    r"|(?:async )?def \w+\(|class \w+\s*[:(]|return\b(?=.*[()\[\]=])"
    r"|(?:assert|raise|yield|lambda|del|global|elif) .*[\"'=(\[]|@\w[\w.]*(?:\(.*)?$"
    r"|(?:for|while|if|elif|with|try|except|else)\b[^.?!]*:\s*$"
    r"|(?:SELECT|INSERT|UPDATE|DELETE|CREATE|DROP|ALTER|FROM|WHERE|GROUP BY|JOIN)\s.*[*=;(]"
    r"|(?:const|let|var|function|public|private|static|#include|using|namespace|package)\s+\S.*[;{=(>]"
    r"|[\w.\[\]\"']{1,80} ?(?:[-+*/|&]|<-|:)?= ?\S"
    r"|[\w.]+\([^()]*\)[;:,]?$|[{}()\[\];,]+$"
    r"|//|/\*|--\s|\#\s?\w|\#!|<!--|</?\w+[^>]*>\s*$"
    r"|(?:In|Out) ?\[\d*\]:|>>>|\.\.\. |\$ \w|%%?\w|!\w+ |\(\w+\) [\w@]+[$:#]"
    r")"
)
_LOG = re.compile(
    r"\s*(?:"
    r"Traceback \(most recent|File \"[^\"]+\", line \d+|-+> ?\d+ |at [\w.$<>]+\([^)]*\)"
    r"|\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\[?\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?\]\s|\[\d\d?/\d\d?/\d{2,4}"
    r"|(?:\[)?(?:DEBUG|INFO|WARN(?:ING)?|ERROR|CRITICAL|FATAL|TRACE)\b\]?[\s:]"
    r"|[\w.]*(?:Error|Exception|Warning|Interrupt)\b(?:: |$)"
    r"|@@ |diff --git |\+\+\+ |--- |[+-]\s{2,}\S"
    r")"
)
_TABLE = re.compile(
    r"\s*\|.*\||[^\t]*\t\S|\s*\d+ {2,}\S|\S+(?: {3,}\S+)+\s*$|[\w.\-]+(?:[,;|][\w.\-]*){3,}$|\w+ {2,}\w+$"
)
_HEADER = re.compile(r"\s*(?:From|To|Cc|Bcc|Subject|Date|Sent|Von|An|Betreff|De|À|Objet|Para|Asunto|Assunto): ?\S")
_HEADING = re.compile(r"\s*#{1,4} ?\w")
_QUOTED = re.compile(r"\s*(?:>|&gt;)")
_SALUTATION = re.compile(
    r"\s*(?:Dear|Hi|Hello|Hey|Liebe[rs]?|Hallo|Sehr geehrte[rs]?|Guten (?:Tag|Morgen)|Bonjour|Cher|Chère|Chers"
    r"|Madame|Monsieur|Estimad[oa]s?|Querid[oa]s?|Hola|Prezad[oa]s?|Car[oa]s?|Olá)\b[^?!:\n]{0,50}[,，!]\s*$"
    r"|\s*(?:尊敬的|亲爱的)[^\n]{0,20}[:：,，]\s*$|\s*\S{1,12}(?:様|さん)[、,]?\s*$"
)
_CLOSING = re.compile(
    r"\s*(?:(?:Best|Kind|Warm)(?: regards| wishes)?|Regards|Cheers|Sincerely|Yours|Thanks|Many thanks"
    r"|(?:Mit )?(?:freundlichen|besten|lieben|viele[n]?|herzliche[n]?|liebe|beste) Grü(?:ß|ss)en?|LG|MfG"
    r"|Cordialement|Bien à (?:vous|toi)|Amicalement|Saludos|Un saludo|Atentamente|Abraços?|Atenciosamente"
    r"|Cumprimentos"
    r"|此致|敬礼|祝好|敬具|よろしくお願いいたします)[^.?!\n]{0,30}[,，。!]?\s*$",
    re.IGNORECASE,
)
_SPEAKER = re.compile(
    r"\s*(?:[-*]\s)?(?:\[[^\]]{1,20}\]\s*)?(?:<\w{1,20}>|\[[A-ZÀ-Þ]\w{1,20}\]"
    r"|[A-ZÀ-Þ][\w.\-]{1,20}(?: [A-ZÀ-Þ][\w.\-]{0,20})?(?: \([^)]{1,20}\))?:)\s+\S"
)
_TAGGED = re.compile(r"<([a-z][a-z_-]{3,24})>[\s\S]{0,4000}?(?:</\1>|\Z)", re.IGNORECASE)
_STRING = re.compile(r"\"[^\"]*\"|'[^']*'")
_MEANS = re.compile(
    r"\b(?:means?|stands? for|denotes?|refers? to|bedeutet|heißt|steht für|signifie|veut dire|significa"
    r"|quer dizer)\b|表示|を表|意味"
)
_WORDS = re.compile(r"(?<![\w.\[(=])[a-zà-ÿ]{2,}(?: [a-zà-ÿ]{2,}){2}")


def blank(text: str) -> str:
    """Return `text` with the lines that were pasted replaced by line ends, every place kept."""
    lines = _TAGGED.sub(lambda tagged: "\n" * len(tagged.group()), text).split("\n")
    pasted = _mail(lines) | _transcript(lines)
    return "\n".join(
        "\n" * len(line) if number in pasted or _is_pasted(line) else line for number, line in enumerate(lines)
    )


def code_in(text: str) -> str:
    """Return the lines of `text` from the first to the last one that is code, or nothing."""
    lines = text.split("\n")
    code = [n for n, line in enumerate(lines) if _CODE.match(line[:2_000]) and not _is_said(line)]
    return "\n".join(lines[code[0] : code[-1] + 1]).strip("\n") if code else ""


def _is_pasted(line: str) -> bool:
    line = line[:2_000]
    if _QUOTED.match(line) or _LOG.match(line) or _TABLE.match(line) or _HEADER.match(line):
        return True
    return bool(_CODE.match(line)) and not _is_said(line)


def _is_said(line: str) -> bool:
    """Tell an assignment that goes on in plain words ("churned = 1 means they left") from code."""
    bare = _STRING.sub("", line).split("#", 1)[0]
    return bool(_WORDS.search(bare) or _MEANS.search(bare)) and not line.lstrip().startswith(
        ("#", "--", "//", "/*", "<!--", "@")
    )


def _mail(lines: list[str]) -> set[int]:
    """Return the lines of a letter: from its salutation to its closing, or the text under two lines of a head."""
    starts = [n for n, line in enumerate(lines) if _SALUTATION.match(line[:200])]
    ends = [n for n, line in enumerate(lines) if starts and n > starts[0] + 1 and _CLOSING.match(line[:200])]
    letter = set(range(starts[0], min(ends[-1] + 3, len(lines)))) if ends else set()
    return letter | _under_head(lines)


def _under_head(lines: list[str]) -> set[int]:
    """Return the lines under a mail's head ("From: ...", "Subject: ...") or a heading, to the next empty one."""
    head = [n for n, line in enumerate(lines) if _HEADER.match(line[:200])]
    page = [n for n, line in enumerate(lines) if n and _HEADING.match(line[:200])]
    if len(head) < 2 or head[1] != head[0] + 1:
        head = page
    if not head:
        return set()
    first = head[-1] + 1
    while first < len(lines) and not lines[first].strip():
        first += 1
    last = next((n for n in range(first, len(lines)) if not lines[n].strip()), len(lines))
    return set(range(head[0], last))


def _transcript(lines: list[str]) -> set[int]:
    """Return the lines of a pasted conversation: two or more that begin with a speaker's name."""
    spoken = [n for n, line in enumerate(lines) if _SPEAKER.match(line[:200])]
    names = {lines[n].split(":", 1)[0].strip() for n in spoken}
    return set(spoken) if len(spoken) >= 2 and 2 <= len(names) < len(spoken) + 1 else set()
