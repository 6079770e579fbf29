"""Secrets that are known by the word before them: ``password is …``, ``API_KEY=…``, ``"client_secret": "…"``.

A label is found by its stem, in a dozen languages; what follows says how the
two are tied together (assigned, said, or merely side by side), and the looser
the tie, the more the value itself must look like a secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .findings import Finding
from .values import is_code, is_passwordish, is_placeholder, is_plain_word, is_random, lowered

__all__ = ["labelled"]

_PASSWORDS = r"""
    pass[ _-]?(?:word|phrase|code|wd|wort)|passwörter|passwd|pwd|pswd|pwrd|kennwort|zugangscode
  | mot[ _]de[ _]passe|mdp|phrase[ ]secr[eè]te
  | contrase(?:ñ|n|nn)a|clave[ ](?:secreta|de[ ]acceso|wifi|del[ ]wifi)|palabra[ ]clave
  | palavra-passe|palavra[ ]passe|wachtwoord|hasło|lösenord|adgangskode|salasana|parola|пароль|비밀번호|şifre|mật[ ]khẩu
  | 密[码碼]|口令|パスワード|パスフレーズ|暗証番号|合言葉
  | pass|pw|senha|clave
"""
_SECRETS = r"""
    (?:client|app|application|shared|webhook|consumer|hmac|jwt|token)[ _-]?secret(?![ _-]?key)
  | (?:secret|private|master|signing|encryption|decryption|shared|account|storage|license|licence|service|session
      |subscription|aes|hmac|jwt|fernet|django|root)[ _-]?(?:access[ _-]?)?key(?:[ _-]?base)?
  | (?:x-)?(?:api|app|application|access|auth|admin|project|deploy|integration|write|read|ingest)[ _-]?key
  | (?:api|access|auth|authori[sz]ation|authentication|bearer|refresh|id|session|bot|personal[ _-]access|private|deploy
      |app|user|client|service|login|security|csrf|xsrf|registration|admin|device|identity|vault|push)[ _-]?token
  | api-?schlüssel|zugriffsschlüssel|geheimer?[ ]schlüssel|geheimnis|cl[eé][ ](?:d['’])?(?:api|acc[eè]s|secr[eè]te)
  | (?:clave|llave|chave)[ ](?:de[ ])?(?:la[ ]|da[ ])?api|(?:api|访问|訪問|アクセス)[ ]?(?:密[钥鑰匙]|キー|トークン|令牌)
  | 密[钥鑰]|令牌|秘[密密]鍵|シークレット|トークン
  | sessionid|phpsessid|jsessionid|connect\.sid|client-key-data|_authtoken|identitytoken|registrytoken
  | jeton|credentials?|creds|zugangsdaten|identifiants|credenciales|credenciais
  | secret|token|auth|key
"""
# Matched against the lowered text: without IGNORECASE the engine skips alternatives by their first letter.
_STEM = re.compile(f"(?x)(?P<token>{_SECRETS})|(?P<password>{_PASSWORDS})")
# One of these must occur for a label to be possible; the test spares most texts the big expression.
_TRIGGERS = tuple(
    """pass pwd pswd pw key token secret auth cred kennwort zugang mdp clave contrase senha palav wachtwoord hasło lösenord
    adgangs salasana parola пароль 비밀번호 şifre mật 密 口令 パス 暗証 合言葉 jeton identifiant schlüssel geheim clé cle llave chave キー
    令牌 シーク トーク sessid sessionid connect.sid""".split()
)
# Tokens that are no credentials: of a text, of a page, of a vocabulary; keys that are no secrets.
_HARMLESS = re.compile(
    r"(?i)(?<![A-Za-z])(?:pad|eos|bos|unk|mask|cls|sep|stop|start|end|next|prev|previous|page|sync|continuation|special|per|first|last"
    r"|new|max|min|num|input|output|image|text|public|cache|error|status|cancellation|cancel|by|one)[_ -]?$"
)

_TIE = re.compile(
    r"""(?ix)
    \d?(?:_?(?:dev|prod|production|staging|stage|test|live|main|old|new|\d{1,3})(?![A-Za-z]))?
    (?:\\?["'`]\]?)?
    (?P<about>[ ](?:for|of|on|to|at|für|fürs|beim?|vom|von|zum|pour|du|de|des|para|del|do|da|no)[ ][^\n:=.!?"'`,;(){}\[\]]{1,40}?
      |[ ]?[(（][^()（）\n:=]{1,30}[)）]|[ ](?:[a-z]{1,12}[ ])?(?=(?:is|lautet|est|es|é)[ ]))?
    (?:
        (?P<assign>[ \t]{0,3}(?:(?::[ ]?(?:str|SecretStr|Optional\[str\]|string)(?:[ ]\|[ ]None)?[ ]?)?(?:=>|={1,3})|:=|->|→|[:：＝]|>(?=[^<>\s]{3,200}</))[ \t]{0,4}\n?[ \t]{0,8})
      | (?P<said>[ ]{1,2}(?:is|was|are|equals|to|as|with|lautet|heißt|heisst|ist|war|est|était|es|era|é|eh|=|wordt|è)
            (?:[ ](?:now|still|currently|just|set[ ]to|changed[ ]to|jetzt|nun|maintenant|ahora|agora))?[ ]?:?[ ]{1,2}
          |[ ]?(?:是|为|為|は|が|を|改成|设为|設定は|입니다|는|은)[ ]?[:：]?[ ]?「?)
      | (?P<bare>(?(about)(?!)|[ \t]{1,3}))
    )
    """
)
_SEEN = 160
# The judges see so much of a value; what is accepted is then masked to its end.
_VALUE = re.compile(
    r"""(?x)
    [rbuf]{0,2}\\?(?:
        "(?P<double>[^"\n]{1,160})(?:(?=")|(?<![ ]))
      | '(?P<single>[^'\n]{1,160})(?:(?=')|(?<![ ]))
      | `(?P<tick>[^`\n]{1,160})(?:(?=`)|(?<![ ])) )
  | [“„«「『](?P<curly>[^“”„«»「」『』\n]{1,160})(?=[”“»」』])
  | (?P<open>[^\s"'`<>,;，。；、「」\u3040-\uffff]{1,160})
    """
)
_REST = {
    "double": re.compile(r'[^"\n]*+'),
    "single": re.compile(r"[^'\n]*+"),
    "tick": re.compile(r"[^`\n]*+"),
    "curly": re.compile(""),
    "open": re.compile(r"[^\s\"'`<>,;，。；、「」\u3040-\uffff]*+"),
}
_UNIT = re.compile(
    r"(?i)[ ]?(?:char|charac|zeichen|stell|days?|tage|times?|bytes?|bits?|ms\b|s\b|sec|min|hours?|weeks?|months?|letters?"
    r"|digits?|people|users?|attempts?|tokens?|per\b|or more|%|Monate|jours|días|dias|caract|個|文字|位|天|次)"
)
_LOGIN = re.compile(
    r"(?i)\b(?:login|user(?:name)?|machine|account|usuario|benutzer|utilisateur|my|the|with|and|use|using|mein|mi|mon|mit|con|avec|com)\b"
)

_ISSUERS = re.compile(
    r"(?i)(?:openai|anthropic|azure|cohere|mistral|deepseek|gemini|wandb|pinecone|datadog|serper|serpapi|tavily|algolia"
    r"|mapbox|newsapi|openweather|polygon|alphavantage|finnhub|fred|nasa|kaggle|rapidapi|assemblyai|deepgram|elevenlabs"
    r"|stripe|twilio|sendgrid|mailgun|cloudflare|fastly|sentry|comet|neptune|clearml|roboflow|quandl)\b[^\n]{0,16}$"
)


@dataclass(frozen=True, slots=True)
class _Value:
    """A value with what its judges need to know."""

    text: str
    start: int
    rest: re.Pattern[str] | None  # what it goes on with, where it is longer than the judges see
    tie: str
    quoted: bool
    shouted: bool  # the label is written like a variable of the environment
    spaced: bool  # white space between label and value
    after: str
    before: str


def labelled(text: str) -> Iterator[Finding]:
    """Yield the values that follow a word such as *password*, *token* or *client secret*."""
    done = 0
    for stem in _stems(text):
        found = _one(text, stem) if stem.start() >= done else None
        if found is not None:
            done = found.end
            yield found


def _stems(text: str) -> Iterator[re.Match[str]]:
    """Look for labels around the triggers only; most texts have none."""
    low = lowered(text)
    reach = 0
    for start, end in _windows(low):
        for stem in _STEM.finditer(low, max(start, reach), end):
            reach = stem.end()
            yield stem


def _windows(low: str) -> list[tuple[int, int]]:
    """The surroundings of each trigger, joined where they meet."""
    places: list[int] = []
    for trigger in _TRIGGERS:
        at = low.find(trigger)
        while at >= 0:
            places.append(at)
            at = low.find(trigger, at + 1)
    out: list[tuple[int, int]] = []
    for at in sorted(places):
        start, end = max(0, at - 32), at + 32
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], end)
        else:
            out.append((start, end))
    return out


def _one(text: str, stem: re.Match[str]) -> Finding | None:
    before = text[max(0, stem.start() - 60) : stem.start()]
    label = text[stem.start() : stem.end()]
    tie = _TIE.match(text, stem.end())
    if tie is None or not _stands_alone(label, before) or _HARMLESS.search(before[-16:]):
        return None
    value = _value(text, label, tie, before)
    if value is None:
        return None
    kind = _kind(stem)
    judge = _password_ok if kind == "password" else _token_ok
    if not judge(value, stem[0]):
        return None
    end = value.start + len(value.text)
    rest = value.rest and value.rest.match(text, end)
    return Finding(value.start, rest.end() if rest else end, kind, f"follows the word “{label}”")


def _stands_alone(label: str, before: str) -> bool:
    """Short stems inside a longer word (*compass*, *monkey*) are no labels; ``dbPass`` and ``DB_PASS`` are."""
    last = before[-1:]
    return not (last.isascii() and last.isalpha()) or len(label) > 6 or (last.islower() and label[0].isupper())


def _kind(stem: re.Match[str]) -> str:
    if stem["password"]:
        return "password"
    word = str(stem["token"])
    if word.endswith(("key", "キー", "schlüssel", "api")):
        return "api key" if "private" not in word else "private key"
    return "secret" if "secret" in word or "cred" in word else "token"


def _value(text: str, label: str, tie: re.Match[str], before: str) -> _Value | None:
    match = _VALUE.match(text, tie.end())
    if match is None:
        return None
    group = str(match.lastgroup)
    body = match[group] if group != "open" else _trimmed(match[group], tie)
    start = match.start(group)
    form = str(next(name for name in ("assign", "said", "bare") if tie[name]))
    if form == "bare" and before.endswith("--"):
        form = "assign"
    return _Value(
        text=body,
        start=start,
        rest=_REST[group] if len(match[group]) == _SEEN == len(body) and " " not in body else None,
        tie=form,
        quoted=group != "open",
        shouted=label.isupper(),
        spaced=tie[0].strip(" \t") != tie[0],
        after=text[start + len(body) : start + len(body) + 16],
        before=before,
    )


def _trimmed(value: str, tie: re.Match[str]) -> str:
    """Cut what belongs to the sentence or the code around the value."""
    if tie["assign"] and "&" in value and re.search(r"&\w+=", value):
        value = re.split(r"&\w+=", value, maxsplit=1)[0]
    value = re.sub(r"(?:\\[nrt]).*", "", value) if "\\" in value else value
    bare = value.rstrip(".:,;")
    while bare and bare[-1] in ")]}" and bare.count(bare[-1]) > bare.count("([{"[")]}".index(bare[-1])]):
        bare = bare[:-1].rstrip(".:,;")
    return bare


def _password_ok(value: _Value, label: str) -> bool:
    text = value.text
    if is_placeholder(text) or (not value.quoted and is_code(text)) or text.startswith(("(", "[")):
        return False
    if label == "pass" and value.tie != "assign":  # a verb
        return False
    if value.quoted:
        return _quoted_ok(value)
    if text.isdigit():
        return value.tie != "bare" and len(text) >= 4 and _UNIT.match(value.after) is None
    if value.tie == "bare":
        return _beside_ok(value, label)
    if value.tie == "said":
        return is_passwordish(text) or (_ends_clause(value) and _owned(value) and is_plain_word(text))
    return is_passwordish(text) or _assigned_word_ok(value)


def _quoted_ok(value: _Value) -> bool:
    text = value.text
    if value.tie == "assign":
        return 3 <= len(text) <= 200 and (" " not in text or is_passwordish(text.replace(" ", "")))
    plain = " " not in text and len(text) >= 4
    return plain and (value.tie == "said" or is_passwordish(text))


def _beside_ok(value: _Value, label: str) -> bool:
    text = value.text
    if len(text) < 6 or label in ("pw", "clave") or not is_passwordish(text):
        return False
    return is_random(text, 6) or _symbolic(text) or _LOGIN.search(value.before) is not None


def _symbolic(text: str) -> bool:
    return re.search(r"\w[!#$%&*@^+=?~|§]\w", text) is not None


def _ends_clause(value: _Value) -> bool:
    return re.match(r"[.!;,]?\s*(?:$|\n|[.!])", value.after) is not None


def _owned(value: _Value) -> bool:
    return re.search(r"(?i)\b(?:my|our|the|his|her|their|your)\b[\w -]{0,24}$", value.before) is not None


def _assigned_word_ok(value: _Value) -> bool:
    """A word of letters is a password in ``PASSWORD=sunflower``, but a variable in ``password=db_secret)``."""
    text = value.text
    if value.after.startswith((";", "&")):
        return len(text) >= 3
    if value.spaced or value.after.startswith((",", ")", "(", "[")):
        return _ends_clause(value) and is_plain_word(text)
    return len(text) >= 6 and (value.shouted or is_plain_word(text))


def _token_ok(value: _Value, label: str) -> bool:
    text = value.text
    if is_placeholder(text) or " " in text or (not value.quoted and is_code(text)):
        return False
    if label == "key":
        return value.tie == "assign" and (_is_keylike(text) or (_issued(value) and is_random(text, 16)))
    if value.tie == "bare" and value.shouted:
        return is_random(text, 20)
    if label in ("token", "auth", "トークン", "令牌", "jeton"):
        return value.tie != "bare" and is_random(text, 12 if value.tie == "assign" else 16) and not _dated(text)
    if value.tie == "assign":
        return is_random(text, 8) or _secret_word_ok(value, label)
    return is_random(text, 12 if value.tie == "said" else 16)


def _secret_word_ok(value: _Value, label: str) -> bool:
    """A secret that somebody chose: ``client_secret="tulip-4711"``; needs quotes or a shouted label."""
    text = value.text
    chosen = "secret" in label or "cred" in label or "api" in label
    long_run = len(text) >= 20 and text.isalnum()
    framed = value.quoted or value.shouted
    return framed and len(text) >= 8 and (long_run or (chosen and is_passwordish(text)))


def _is_keylike(text: str) -> bool:
    """A bare *key* may name a digest or a row; only what mixes letters of both cases and digits is a secret."""
    plain = re.fullmatch(r"[\w-]{24,}", text) is not None
    return plain and is_random(text, 24) and text not in (text.lower(), text.upper())


def _issued(value: _Value) -> bool:
    return _ISSUERS.search(value.before) is not None


def _dated(text: str) -> bool:
    return re.match(r"\d{4}-\d\d-\d\dT", text) is not None
