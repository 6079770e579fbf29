"""Judging the value beside a label: a real secret, or code, prose or a stand-in."""

from __future__ import annotations

import re

__all__ = ["is_code", "is_passwordish", "is_placeholder", "is_plain_word", "is_random", "is_wordy", "lowered"]

_STANDIN = re.compile(
    r"""(?ix)
    [<$%{\[(].*                                   # <your key>, ${VAR}, {{ var }}, %(x)s, [redacted…
  | (?:[x*•.…_?#0-]|\\u2022)+                      # xxxx, ****, ...
  | (?:example|sample|dummy|fake|foo|bar|baz|foobar|test|testing|demo|todo|tbd|abc|abc123|qwerty|asdf)(?:[-_]?\w{0,12})?
  | (?:none|null|nil|true|false|undefined|nan|na|n/a|str|string|text|int|bool|bytes|any|object|optional|required
      |default|empty|blank|unset|prompt|stdin|env|keyring|vault|hidden|secretstr|varchar|basic|bearer|digest|oauth2?
      |password|passwd|passphrase|pass|pwd|pw|secret|token|api[-_]?key|key|value|passwort|kennwort|contraseña|senha)\d?
  | (?:op|vault|ssm|arn|secretsmanager|keyring|file|env|https?)(?:://|:).*
    """
)
_STANDIN_PART = re.compile(
    r"""(?ix)
    (?:your|my)[-_ ]?(?:api|app|own|secret|access|auth|super|very|new|db|pass|pw|key|token|real|actual|user)
  | change[-_ ]?me | replace[-_ ]?(?:me|this) | insert[-_ ] | placeholder | redacted | removed | masked
  | x{4} | \*{4} | \.\.\. | …
  | environ | getenv | getpass | process\.env | (?:secrets?|config|settings)[.\[] | vault[.:/] | keyring[.:]
    """
)
_LABELLED = re.compile(r"(?i)(?:pass(?:word|wd|phrase)|pwd|secret|token|api_?key|credential)s?_?\d?$")
_CODE = re.compile(
    r"""(?x)
    f?[\w.]+[(\[].*                               # a call or an index: getpass(), cfg[
  | (?:[A-Za-z_][a-z0-9_]*|[A-Z_][A-Z0-9_]*)(?:\.(?:[A-Za-z_][a-z0-9_]*|[A-Z_][A-Z0-9_]*))+   # args.password
  | ~?\.{0,2}/[\w.~/-]*                           # a path
  | [A-Za-z]:\\.*
    """
)
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_TURNS = re.compile(r"[A-Za-z](?=[0-9])|[0-9](?=[A-Za-z])")
_HEX = re.compile(r"(?:[0-9a-f]{24,}|[0-9A-F]{24,})")
_UUID = re.compile(r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TECHNICAL = re.compile(
    r"""(?ix)
    (?:sha-?\d|md-?5|base-?\d\d|utf-?\d|1password|oauth|bcrypt|argon|pbkdf|scrypt|aes-?\d|rsa|ed25519|ecdsa|hs256|rs256|hmac
      |blake|ntlm|v?\d+(?:\.\d+)+|\d{1,4}[-–/.]\d|\d+\+|\d{1,3}[-–]?(?:char|day|bit|digit|min|hour|month|week|year|zeichen
      |stellig|caract|letter|byte|time)|[@\#]|iso-?\d|win32|unicode)[-\w.+/,%]*
  | (?:v\d+|sm4|i18n|k8s|s3|ec2|ldap|[23]fa|mfa|ascii|auth0|tls|ssl|https?|\d{1,3}(?:h|x|%|st|nd|rd|th))(?:[-.+/,%][-\w.+/,%]*)?
  | [\w.+-]+@[\w-]+\.[\w.-]+                      # a mail address
    """
)
_SYMBOL = re.compile(r"[!#$%&*@^+=?~|§]")
_SPOKEN = frozenset(
    """wrong correct right invalid valid missing optional secret safe secure weak strong long short unknown here there below
    above mandatory new old same different fine okay good gone public private plain sensitive unique random simple complex
    easy hard okay also not now still never always too very what when where only just being about enough available active
    nothing something stuff confidential case-sensitive read-only plaintext up down off on in at to for by with from
    temporary permanent identical fixed static dynamic common shared global local internal external""".split()
)
_ADJECTIVE = re.compile(
    r"(?:ed|en|ing|able|ible|ive|ory|ful|less|ous|ant|ent|ary|ly|ten|set|ic|ical|ial|lost|kept|sent|out)$"
)


def is_placeholder(value: str) -> bool:
    """Tell whether the value stands for a secret instead of being one (``<your key>``, ``$TOKEN``, ``None``)."""
    if not value or _STANDIN.fullmatch(value) is not None:
        return True
    return _STANDIN_PART.search(value[:80]) is not None or _LABELLED.search(value[-24:]) is not None


def is_code(value: str) -> bool:
    """Tell whether an unquoted value is an expression: a call, an attribute, an index, a path."""
    return _CODE.fullmatch(value) is not None and _is_readable(value)


def _is_readable(value: str) -> bool:
    return is_wordy(value) or "(" in value or "[" in value


def is_wordy(value: str) -> bool:
    """Tell whether the value reads as words: an identifier, a slug, a version."""
    words = _WORDS.findall(value)
    # Slugs have short words between their hyphens; a run of twenty characters and more does not.
    least = 3.7 if len(value) >= 20 and value.isalnum() else 2.95
    return sum(map(len, words)) >= least * len(words) and len(_TURNS.findall(value)) < 4


def is_random(value: str, least: int) -> bool:
    """Tell whether the value looks like the output of a generator.

    Parameters
    ----------
    least
        The smallest length that counts.
    """
    if len(value) < least or not value.isascii():
        return False
    if _HEX.fullmatch(value) or _UUID.fullmatch(value):
        return True
    return _is_mixed(value) and not is_wordy(value)


def _is_mixed(value: str) -> bool:
    letters = any(map(str.isalpha, value))
    digits = any(map(str.isdigit, value))
    return letters and (digits or (len(value) >= 20 and value != value.lower() and value != value.upper()))


def is_passwordish(value: str) -> bool:
    """Tell whether an unquoted word is no ordinary word: it has digits or symbols within."""
    core = value.rstrip("!?")
    if len(value) < 4 or _TECHNICAL.fullmatch(value) or is_code(value):
        return False
    return any(map(str.isdigit, core)) or _SYMBOL.search(core) is not None or _is_scrambled(core)


def _is_scrambled(value: str) -> bool:
    return (
        len(value) >= 8 and value.isascii() and value not in (value.lower(), value.upper()) and not is_wordy(value)
    )


def is_plain_word(value: str) -> bool:
    """Tell whether a bare lower-case word could be a chosen password and not what English says of passwords."""
    return (
        len(value) >= 6
        and value.isascii()
        and value.isalpha()
        and value.islower()
        and value not in _SPOKEN
        and _ADJECTIVE.search(value) is None
    )


def lowered(text: str) -> str:
    """Lower a text without moving anything in it: a letter that would grow (İ) stays."""
    low = text.lower()
    return low if len(low) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
