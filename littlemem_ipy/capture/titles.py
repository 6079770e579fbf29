"""Titles and tags of what is captured: deterministic, made of the content's own words."""

from __future__ import annotations

import re

from littlemem_ipy.models import MemoryType

__all__ = ["tags_of", "title_of"]

_LONGEST, _SHORTEST = 60, 26
_PROBLEM = re.compile(r"Problem: ?(.*?)(?:\nFix:|\Z)", re.DOTALL)
_PART = re.compile(
    r"[,;:!?](?= )|(?<!\.)\.(?= )|[，。；：！？、]| [-–—] "
    r"| (?:so|because|but|and then|weil|aber|parce que|mais|porque|pero|mas) "
)
_DANGLING = re.compile(
    r"(?: (?:a|an|the|of|in|on|at|to|by|for|and|or|with|from|my|our|your|is|are|as|than|that|der|die|das|den|dem"
    r"|ein|eine|und|mit|im|am|zu|le|la|les|de|du|des|un|une|et|en|el|los|las|del|y|o|os|do|da|dos|das|e|um|uma|no|na))+$",
    re.IGNORECASE,
)
_MOST_TAGS = 5
_DEFINED = re.compile(r"^\s*(?:async\s+)?(?:def|class|function)\s+(\w+)", re.MULTILINE)
_QUERY = re.compile(r"\b(?:FROM|INTO|UPDATE|TABLE)\s+([\w.]+)", re.IGNORECASE)
_FENCE = re.compile(r"```(\w*)")
_NAMED = re.compile(
    r"`([^`\n]{2,30})`|((?<![\w/.])[A-Za-z]\w*_\w+)|(?<![\w.])([A-Z][a-z]+[A-Z]\w*|[A-Z]{2,10}\d*)(?!\w)"
)
_KNOWN = re.compile(
    r"(?<![\w.])(python|pandas|polars|numpy|scipy|scikit-learn|sklearn|pytorch|tensorflow|keras|jax|xgboost|lightgbm"
    r"|matplotlib|seaborn|plotly|altair|bokeh|sql|duckdb|sqlite|postgres(?:ql)?|mysql|clickhouse|bigquery|snowflake|spark"
    r"|dask|parquet|csv|json|feather|arrow|excel|docker|kubernetes|airflow|dagster|prefect|dbt|mlflow|kafka|rabbitmq|redis"
    r"|aws|s3|gcp|azure|git|github|jupyter|conda|pip|uv|poetry|pytest|ruff|black|mypy|linux|macos|windows|latex|markdown"
    r"|quarto|sphinx|julia|rust|javascript|typescript|fastapi|django|flask|streamlit|statsmodels|geopandas)(?![\w])",
    re.IGNORECASE,
)
_OF_TYPE = {
    MemoryType.USER_PREFERENCE: "preference",
    MemoryType.CONVERSATION_CONTEXT: "next-step",
    MemoryType.PROJECT_KNOWLEDGE: "project",
    MemoryType.CODE_SNIPPET: "code",
    MemoryType.SOLUTION: "fix",
    MemoryType.GENERAL: "note",
}


def title_of(content: str, kind: MemoryType) -> str:
    """Return a title of at most 60 characters: what is defined in code, else the first words.

    >>> title_of("def lag(frame): ...", MemoryType.CODE_SNIPPET)
    'Code: lag'
    """
    if kind is MemoryType.CODE_SNIPPET:
        return _clip(_title_of_code(content), parts=False)
    told = _PROBLEM.match(content)
    words = " ".join((told.group(1) if told else content).replace("`", "").split())
    return _clip(_capital(words))


def _capital(words: str) -> str:
    """Return words with a capital first, unless they begin with the name of something: ``read_csv`` stays."""
    first = words.split(" ", 1)[0].rstrip(",;:")
    plain = first.replace("'", "").replace("’", "").isalpha()
    return words[:1].upper() + words[1:] if plain and not _KNOWN.fullmatch(first) else words


def _title_of_code(content: str) -> str:
    if defined := _DEFINED.search(content):
        return f"Code: {defined.group(1)}"
    if queried := _QUERY.search(content):
        return f"SQL: {queried.group(1)}"
    lines = [line.strip() for line in content.splitlines() if line.strip() and not line.startswith("```")]
    return f"Code: {lines[0]}" if lines else "Code"


def _clip(text: str, parts: bool = True) -> str:
    """Return a text in at most 60 characters: cut where a part of it ends, else between two words."""
    text = text.rstrip(" .。!！,;:")
    if len(text) <= _LONGEST:
        return text
    places = (end.start() for end in _PART.finditer(text[: _LONGEST + 1]))
    ends = [at for at in places if at >= _SHORTEST and text.count("(", 0, at) == text.count(")", 0, at)]
    if ends and parts:
        return text[: ends[-1]].rstrip(" ,;:.")
    cut = text[: _LONGEST - 1]
    space = cut.rfind(" ")
    cut = cut[:space] if space > _LONGEST // 2 else cut
    return _DANGLING.sub("", cut).rstrip(" ,;:.") + "…"


def tags_of(content: str, kind: MemoryType) -> tuple[str, ...]:
    """Return up to five tags: the kind, then the tools and the identifiers that are named.

    >>> tags_of("I prefer polars over pandas", MemoryType.USER_PREFERENCE)
    ('preference', 'polars', 'pandas')
    """
    head = content[:2_000]
    found = [_OF_TYPE[kind]]
    if kind is MemoryType.CODE_SNIPPET and (fence := _FENCE.search(head)):
        found.append(fence.group(1))
    found += [match.group(1) for match in _KNOWN.finditer(head)]
    if kind is not MemoryType.CODE_SNIPPET:
        found += [next(filter(None, match.groups())) for match in _NAMED.finditer(head)]
    clean = (re.sub(r"[^\w.\-]+", "-", tag.casefold()).strip("-") for tag in found)
    return tuple(dict.fromkeys(tag for tag in clean if tag))[:_MOST_TAGS]
