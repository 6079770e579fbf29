"""Secrets that are known by their place: URLs, headers, command lines, key files."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .findings import Finding
from .values import is_placeholder, is_random

__all__ = ["placed"]

_URL_USER = r"(?<![\w+.-])[A-Za-z][\w+.-]{1,30}://[^\s/:@\"'`<>?#]{0,120}"
_URL = re.compile(rf"{_URL_USER}:(?P<s>[^\s\"'`<>/]{{1,256}})@(?=[\w\[$<{{.%(-])")
_URL_SLASH = re.compile(
    r"(?<![\w+.-])(?:postgres(?:ql)?|mysql|mariadb|mongodb|rediss?|amqps?|mssql|oracle|clickhouse|snowflake)[\w+.-]{0,20}://"
    r"[^\s/:@\"'`<>?#]{0,120}:(?!\d{1,5}/)(?P<s>[^\s\"'`<>]{1,128})@(?=[\w\[.-])"
)
_URL_TOKEN = re.compile(r"(?<![\w+.-])https?://(?P<s>[A-Za-z0-9_~.-]{16,200})(?::x-oauth-basic|:)?@(?=[\w.-])")

_BASE64 = r"[A-Za-z0-9+/_-]"
_HEADER = re.compile(
    rf"""(?ix)
    (?:authorization|proxy-authorization|x-authorization)\\?["']?[ ]?[:=,][ ]?\\?[rbf]?["'(]{{0,2}}
        (?:(?:bearer|basic|token|negotiate|apikey|api-key|ntlm|key|sso-key|genie[-]?key|splunk|bot|digest|jwt|auth)[ ]+)?
        (?:key=)?(?P<header>[A-Za-z0-9+/=_.~:-]{{6,}})
  | (?<![A-Za-z])bearer[ ]+(?P<bearer>[A-Za-z0-9+/=_.~-]{{12,}})
  | (?<![A-Za-z])basic[ ]+(?P<basic>{_BASE64}{{12,}}={{0,2}})
  | (?<![\w-])(?:set-)?cookie\\?["']?[ ]?[:=][ ]?\\?["']?(?P<cookie>[^\s=;]{{1,60}}=[^\n"']{{1,800}})
    """
)
_COOKIE = re.compile(r"(?P<name>[^\s=;,]{1,60})=(?P<s>[^\s;,\"']{8,})")
_BASIC = re.compile(rf"{_BASE64}{{8,}}={{0,2}}")
_DOCKER = re.compile(rf"(?i)\"?_?auth\\?[\"']?[ ]?[:=][ ]?\\?[\"']?(?P<s>{_BASE64}{{8,}}={{0,2}})(?![\w.(\[])")
_COMMAND = re.compile(
    r"""(?x)
    (?:(?<![\w-])curl\b[^\n]{0,300}?[ ](?:-u|--user|--proxy-user|-U)|(?<![\w-])(?:http|https|wget|xh)[ ][^\n]{0,100}?[ ](?:-a|--auth))
        [ =]?["']?(?P<user>[^\s:"']{1,80}):(?P<curl>[^\s"']{1,120})
  | (?<![\w-])sshpass[ ]+-p[ ]?(?P<sq>["']?)(?P<sshpass>[^\s"']{1,120})(?P=sq)
  | (?<![\w-])(?:mysql|mysqldump|mysqladmin|mariadb)\b[^\n]{0,200}?[ ]-p(?P<mysql>[^\s"'-][^\s"']{2,120})
  | (?<![\w-])(?:docker|podman|helm|az|oc|skopeo|buildah|crane)[ ][^\n]{0,40}?login\b[^\n]{0,200}?[ ]-p[ ]?["']?(?P<docker>[^\s"']{3,120})
  | (?<![\w-])(?:7z|zip|unzip|rar)\b[^\n]{0,80}?[ ]-[pP][ ]?["']?(?P<zip>[^\s"'-][^\s"']{3,80})
  | (?<![\w-])(?:net[ ]use|smbclient|rpcclient)\b[^\n]{0,160}?%(?P<smb>[^\s"']{3,80})
  | (?<![\w-])redis-cli\b[^\n]{0,120}?[ ](?:-a|--pass)[ ]["']?(?P<redis>[^\s"']{3,120})
  | (?<![\w-])ldap(?:search|modify|add|passwd|whoami)\b[^\n]{0,200}?[ ]-w[ ]["']?(?P<ldap>[^\s"']{3,120})
  | (?<![\w-])openssl\b[^\n]{0,200}?\bpass:(?P<openssl>[^\s"']{2,120})
  | (?<![\w-])htpasswd\b[ ]+-[A-Za-z]*b[A-Za-z]*[ ]+\S{1,120}[ ]+\S{1,80}[ ]+["']?(?P<htpasswd>[^\s"']{3,120})
  | \b(?:chpasswd|passwd)\b.{0,4}<<<[ ]*["'](?P<chpasswd>[^\n"']{3,120})
    """
)
_COMMAND_WORDS = (
    "curl",
    "http",
    "wget",
    "sshpass",
    "mysql",
    "mariadb",
    " login",
    "zip",
    "7z",
    "rar",
    "net use",
    "smb",
    "rpcclient",
)
_COMMAND_WORDS += ("redis-cli", "ldap", "openssl", "passwd")
_PAIR = re.compile(
    r"(?i)auth[ ]?=[ ]?(?:\w{0,30})?\([ ]?[rf]?[\"'][^\"'\n]{1,80}[\"'],[ ]?[\"'](?P<s>[^\"'\n]{3,120})[\"']"
    r"|BasicAuth\([ ]?[\"'][^\"'\n]{1,80}[\"'],[ ]?[\"'](?P<t>[^\"'\n]{3,120})[\"']"
)
_PGPASS = re.compile(r"(?m)^[\w.*-]{1,80}:(?:\d{2,5}|\*):[\w.*-]{1,60}:[\w.*-]{1,60}:(?P<s>[^\s:]{3,120})[ \t]*$")
_WIREGUARD = re.compile(r"(?:PrivateKey|PresharedKey)[ ]{0,4}=[ ]{0,4}(?P<s>[A-Za-z0-9+/]{43}=)")
_JWK = re.compile(r"\"(?:d|p|q|dp|dq|qi|k)\"[ ]?:[ ]?\"(?P<s>[A-Za-z0-9_-]{32,})\"")
_MNEMONIC = re.compile(
    r"(?i)(?:seed|mnemonic|recovery|wallet|backup)[ ]?(?:phrase|words?|seed|mnemonic)[^\n:=]{0,20}[:=][ ]{0,3}[\"']?(?P<s>(?:[a-z]{3,8}[ ,]{1,2}){11,23}[a-z]{3,8})\b"
)
_ETHEREUM = re.compile(
    r"(?i)(?:private|secret|signing|wallet|eth)[ _-]?key[^\n]{0,20}?(?P<s>0x[0-9a-f]{64})(?![0-9a-f])"
)

# Names for what the URL of a connection carries; the password alone is masked.
_REASONS = {"password": "the password of a URL", "token": "a token in the place of a URL's user"}


def placed(text: str) -> Iterator[Finding]:
    """Yield secrets that are known by where they stand."""
    if "://" in text and "@" in text:
        yield from _urls(text)
    low = text.lower()
    if any(word in low for word in ("authorization", "bearer", "basic", "cookie")):
        yield from _headers(text)
    if "auth" in low:
        yield from _spans(_DOCKER, text, "basic credentials", "base64 credentials of a registry", _is_encoded_pair)
        for match in _PAIR.finditer(text):
            yield from _pair(match)
    if any(word in low for word in _COMMAND_WORDS):
        yield from _commands(text)
    yield from _files(text)


def _urls(text: str) -> Iterator[Finding]:
    for pattern in (_URL, _URL_SLASH):
        yield from _spans(pattern, text, "password", _REASONS["password"], lambda value: not is_placeholder(value))
    yield from _spans(_URL_TOKEN, text, "token", _REASONS["token"], lambda value: is_random(value, 16))


def _headers(text: str) -> Iterator[Finding]:
    for match in _HEADER.finditer(text):
        name = str(match.lastgroup)
        value = match[name]
        if name == "cookie":
            yield from _cookies(text, match.start(name), match.end(name))
        elif _header_ok(name, value):
            kind = "basic credentials" if name == "basic" else "authorization header"
            yield Finding(*match.span(name), kind, f"the value of a header ({name})")


def _header_ok(name: str, value: str) -> bool:
    if is_placeholder(value):
        return False
    if name == "basic":
        return _is_encoded_pair(value)
    return is_random(value, 8 if name == "header" else 12) or (name == "header" and _is_encoded_pair(value))


def _cookies(text: str, start: int, end: int) -> Iterator[Finding]:
    for match in _COOKIE.finditer(text, start, end):
        if is_random(match["s"], 8) and match["name"].lower() not in ("expires", "path", "domain", "_ga", "_gid"):
            yield Finding(*match.span("s"), "cookie", "the value of a cookie")


def _is_encoded_pair(value: str) -> bool:
    """Tell whether base64 holds ``user:password``."""
    import base64  # noqa: PLC0415
    import binascii  # noqa: PLC0415

    try:
        plain = base64.b64decode(
            value[:400].rstrip("=") + "=" * (-len(value[:400].rstrip("=")) % 4), altchars=b"-_"
        )
    except (binascii.Error, ValueError):
        return False
    return b":" in plain and all(32 <= byte < 127 or byte > 159 for byte in plain)


def _pair(match: re.Match[str]) -> Iterator[Finding]:
    name = "s" if match["s"] else "t"
    if not is_placeholder(match[name]):
        yield Finding(*match.span(name), "password", "the password of a pair given as auth")


def _commands(text: str) -> Iterator[Finding]:
    for match in _COMMAND.finditer(text):
        name = next(group for group, value in match.groupdict().items() if value and group not in ("user", "sq"))
        if not is_placeholder(match[name]):
            yield Finding(*match.span(name), "password", f"the password of a command ({name})")


def _files(text: str) -> Iterator[Finding]:
    if ":" in text and "\n" in text or text.count(":") == 4:
        yield from _spans(_PGPASS, text, "password", "a line of .pgpass", lambda value: not is_placeholder(value))
    if "Key" in text:
        yield from _spans(_WIREGUARD, text, "private key", "a WireGuard key")
    if '"kty"' in text:
        yield from _spans(_JWK, text, "private key", "the private part of a JSON web key")
    if "0x" in text:
        yield from _spans(_ETHEREUM, text, "private key", "a wallet's private key")
    yield from _spans(_MNEMONIC, text, "seed phrase", "the words of a wallet")


def _spans(pattern, text, kind, reason, accept=None):  # type: ignore[no-untyped-def]
    for match in pattern.finditer(text):
        if accept is None or accept(match["s"]):
            yield Finding(*match.span("s"), kind, reason)
