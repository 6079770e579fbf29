"""Tools and libraries that a memory prefers or rules out, and which of them the reply uses."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["outcomes"]

# What shows that a library or tool is used; names alone count as well.
_SIGNS = {
    "polars": r"\bpl\.|polars|\.group_by\(|\.with_columns\(",
    "pandas": r"\bpd\.|import pandas|\.groupby\(|\.iloc\[|\.loc\[",
    "numpy": r"\bnp\.|import numpy",
    "matplotlib": r"\bplt\.|matplotlib|\bax\.\w+\(",
    "seaborn": r"\bsns\.|seaborn",
    "plotly": r"\bpx\.|\bgo\.Figure|plotly",
    "altair": r"\balt\.|altair",
    "bokeh": r"bokeh",
    "ggplot": r"ggplot|plotnine",
    "duckdb": r"duckdb",
    "spark": r"\bspark\.|pyspark",
    "dask": r"\bdd\.|dask",
    "lightgbm": r"\blgb\.|lightgbm|LGBM",
    "xgboost": r"\bxgb\.|xgboost|XGB",
    "catboost": r"catboost",
    "sklearn": r"sklearn|scikit-learn",
    "pytorch": r"\btorch\b|pytorch",
    "tensorflow": r"\btf\.|tensorflow",
    "keras": r"keras",
    "jax": r"\bjax\b|\bjnp\.",
    "statsmodels": r"\bsm\.|\bsmf\.|statsmodels",
    "httpx": r"httpx",
    "requests": r"\brequests\.|import requests",
    "aiohttp": r"aiohttp",
    "pytest": r"pytest|(?m:^def test_)",
    "unittest": r"unittest|self\.assert",
    "loguru": r"loguru",
    "pydantic": r"pydantic|BaseModel",
    "dataclasses": r"dataclass",
    "typer": r"typer",
    "click": r"@click|import click",
    "argparse": r"argparse",
    "sqlalchemy": r"sqlalchemy|create_engine",
    "fastapi": r"fastapi|FastAPI",
    "flask": r"\bFlask\(|import flask|from flask",
    "django": r"django",
    "uv": r"(?m)(?:^|[`$ ])uv (?:add|pip|sync|run|venv|lock|tool|init)\b",
    "pip": r"\bpip install\b",
    "poetry": r"poetry (?:add|install|run)",
    "conda": r"conda (?:install|create|env|activate)|mamba",
    "npm": r"\bnpm (?:i|install|run|ci)\b",
    "pnpm": r"\bpnpm\b",
    "yarn": r"\byarn (?:add|install)\b",
    "ruff": r"\bruff\b",
    "black": r"\bblack \S|\bblack\b\.",
    "parquet": r"parquet",
    "csv": r"\.csv\b|_csv\(",
    "feather": r"feather",
    "postgresql": r"postgres|psycopg",
    "mysql": r"mysql",
    "sqlite": r"sqlite",
    "docker": r"\bdocker\b",
    "podman": r"podman",
    "vim": r"\bvim\b",
    "emacs": r"emacs",
    "bash": r"\bbash\b",
    "fish": r"\bfish\b|\bset -x\b",
    "zsh": r"\bzsh\b",
    "typescript": r"```(?:ts|typescript)|: (?:string|number|boolean)\b|interface \w+ \{",
    "rust": r"```rust|\bfn \w+\(|let mut",
    "julia": r"```julia|\busing \w+",
    "pathlib": r"\bPath\(|pathlib",
    "os.path": r"os\.path",
    "tidyverse": r"tidyverse|dplyr|%>%|\|>\s*(?:mutate|summari[sz]e|filter|group_by|select|arrange)\(",
    "data.table": r"data\.table|fread\(",
    "prefect": r"prefect|@flow",
    "airflow": r"airflow|DAG\(",
    "dbt": r"\bdbt\b",
    "hydra": r"hydra",
    "mlflow": r"mlflow",
    "wandb": r"wandb",
    "huggingface": r"transformers|huggingface|AutoModel",
    "spacy": r"spacy",
    "nltk": r"nltk",
    "leaflet": r"leaflet|folium",
    "folium": r"folium",
    "streamlit": r"\bst\.\w+[.(]|streamlit",
    "gradio": r"\bgr\.[A-Z]|gradio",
    "latex": r"\\begin\{|\\documentclass|latex",
    "helm": r"\bhelm (?:install|upgrade|repo|template|rollback)\b",
    "kubernetes": r"\bkubectl \w|kubernetes",
    "powershell": r"\$env:|\b(?:Get|Set|New|Remove|Select|Where|ForEach)-[A-Z]\w+|powershell",
    "geopandas": r"geopandas|\bgpd\.",
    "svelte": r"svelte",
    "react": r"\breact\b|useState",
    "vue": r"\bvue\b",
    "terraform": r"terraform|resource \"",
}
_ALIASES = {"scikit-learn": "sklearn", "scikit": "sklearn", "torch": "pytorch", "pyspark": "spark", "postgres": "postgresql", "plotnine": "ggplot", "transformers": "huggingface", "dataclass": "dataclasses", "kubectl": "kubernetes", "k8s": "kubernetes"}  # fmt: skip
_TOOL = re.compile(
    "|".join(
        rf"(?<![\w.-]){re.escape(name)}(?![\w-])" for name in sorted((*_SIGNS, *_ALIASES), key=len, reverse=True)
    ),
    re.IGNORECASE,
)
_CODE = re.compile(
    r"[=(){}\[\]]|^\s*(?:import|from) |`|(?m:^(?:pip|uv|conda|poetry|npm|pnpm|yarn|docker|podman|kubectl|helm|terraform|git|\$) )|```"
)

_REFUSES = re.compile(
    r"\b(?:no|not|never|avoid\w*|without|don't|do not|dislikes?|hates?|instead of|rather than|over|to|than|replac\w+|away from|banned|forbidden|stopped|kein\w*|nicht|nie|statt|ohne|vermeide\w*"
    r"|pas(?: de)?|jamais|sans|plutôt que|au lieu de|no uses?|nunca|sin|en vez de|en lugar de|evita\w*|não|sem|em vez de|non|mai|senza|invece di)\s+(?:\w+\s+){0,2}$",
    re.IGNORECASE,
)
_WANTS = re.compile(
    r"\b(?:prefer\w*|uses?|using|favou?rs?|likes?|loves?|always|only|stick\w*|default\w*|standard|switched|moved|migrated|plain|(?:work|deploy|buil|made|done|run|manag|writ)\w*(?: \w+)? (?:with|in|on|by)|written (?:in|with)|we|our|plots?|frames?|tables?"
    r"|nutz\w*|verwend\w*|bevorzug\w*|benutz\w*|arbeite\w*|immer|utilis\w*|préfèr\w*|toujours|emploi\w*|usa\w*|uso|prefier\w*|siempre|utiliz\w*|prefiro|prefere|sempre|preferisc\w*)\b|を使|使用|用|好む",
    re.IGNORECASE,
)


def outcomes(content: str, user: str, reply: str) -> Iterator[bool | None]:
    """Yield for each tool of a memory whether the reply uses it as wished; None without occasion.

    A tool that the question names, or uses itself, says nothing about the memory.
    """
    if not _CODE.search(reply) and not re.search(r"\b(?:install|run|use)\b", reply):
        return
    wanted, refused = _tools(content)
    if not wanted and not refused:
        return
    asked = {tool for tool in (*wanted, *refused) if _shows(tool, user)}
    yield from (
        False for tool in refused if tool not in asked and _shows(tool, reply) and not _negated(tool, reply)
    )
    used = [tool for tool in wanted if _shows(tool, reply)]
    if used and _WANTS.search(content):
        yield True if any(tool not in asked for tool in used) and _CODE.search(reply) else None


def _tools(content: str) -> tuple[list[str], list[str]]:
    """Return the tools that a memory speaks for, and those that it speaks against."""
    wanted: dict[str, None] = {}
    refused: dict[str, None] = {}
    against = False
    end = 0
    for match in _TOOL.finditer(content):
        tool = _ALIASES.get(match[0].lower(), match[0].lower())
        between = content[end : match.start()]
        # "no X or Y" refuses both.
        goes_on = against and re.fullmatch(r"\s*(?:,|or|and|nor|oder|und|ou|o|/)\s*", between)
        against = bool(goes_on or _REFUSES.search(content[: match.start()]))
        if (
            against
            and re.search(r"\bto\s+$", content[: match.start()])
            and not re.search(r"prefer|préfèr|prefier|prefiro", content[: match.start()], re.IGNORECASE)
        ):
            against = False  # "switched to X"
        (refused if against else wanted)[tool] = None
        end = match.end()
    return list(wanted), [tool for tool in refused if tool not in wanted]


def _shows(tool: str, text: str) -> bool:
    named = rf"(?<![\w.-]){re.escape(tool)}(?![\w-])"
    return bool(
        re.search(_SIGNS[tool], text)
        or (tool not in ("click", "black", "spark", "requests", "fish") and re.search(named, text, re.IGNORECASE))
    )


def _negated(tool: str, text: str) -> bool:
    match = re.search(rf"(?<![\w.-]){re.escape(tool)}", text, re.IGNORECASE)
    return bool(match and _REFUSES.search(text[: match.start()]))
