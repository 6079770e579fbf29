"""Words that exclude each other: two statements which differ in them don't say the same.

``dark`` and ``light`` are opposites; ``pandas`` and ``polars`` are two of a kind, of which one uses one.
"""

from __future__ import annotations

import re
from collections.abc import Set

__all__ = ["KINDS_OF", "KIND_OF", "OPPOSITE_OF", "opposed"]

_OPPOSITES = """
inside outside
long short brief concise
dark light white
tab space
with without
always never
enjoy tire
like dislike hate
left right
above below under
upper lower
top bottom
horizontal vertical
single double
formal informal
ascending descending
metric imperial
detailed short brief
minimal detailed
more less fewer
first last
gross net
local utc
morning evening night
daily weekly monthly hourly yearly
enabled disabled
kurz knapp lang ausführlich
court courte bref brève long longue détaillé détaillée
corto corta breve largo larga detallado detallada
curto curta breve longo longa detalhado detalhada
hell dunkel
clair sombre
claro clara oscuro oscura escuro escura
简短 简洁 详细
深色 浅色
短い 長い 詳し 簡潔
明る 暗い
"""
_KINDS = """
english german french spanish portuguese chinese japanese italian dutch russian polish deutsch englisch
  französisch spanisch français anglais allemand español inglés alemán português inglês 中文 英文 英语 日文 日本語
  英語
vim neovim emacs vscode pycharm nano sublime rstudio spyder jupyterlab zed
pandas polars dask modin vaex cudf
png svg jpg jpeg webp gif pdf
matplotlib seaborn plotly altair bokeh plotnine ggplot hvplot pygal
pytorch tensorflow keras jax
csv parquet feather json hdf5 arrow excel xlsx pickle zarr netcdf
postgres postgresql mysql mariadb sqlite duckdb snowflake bigquery redshift oracle mongodb clickhouse
gunicorn uvicorn hypercorn
flask fastapi django litestar
windows linux macos ubuntu debian fedora arch mac
python r julia matlab stata sas rust java scala perl ruby
rmse mae mape auc accuracy f1 logloss pinball r2
airflow dagster prefect luigi
mlflow neptune wandb comet
sphinx quarto mkdocs
pip conda poetry uv
aws gcp azure
git svn mercurial
docker podman
github gitlab bitbucket
slack teams discord
celsius kelvin fahrenheit
monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag
january february march april may june july august september october november december
red blue green black white grey gray orange purple yellow pink
utc cet est pst gmt
xgboost lightgbm catboost ridge lasso
unittest pytest nose
black ruff yapf autopep8
kilograms kilogram kg grams gram tonnes tons pounds lbs ounces milligrams
metres meters kilometres kilometers km miles feet inches millimetres centimetres yards
litres liters gallons millilitres pints
dollars euros pounds francs yen yuan rupees euro usd eur gbp chf jpy
radiant grad gon
british american canadian australian
"""
_MEMBERS = [words.split() for words in re.split(r"\n(?! )", _KINDS)]
KIND_OF = {word: kind for kind, words in enumerate(_MEMBERS) for word in words}
KINDS_OF = {word: [kind for kind, words in enumerate(_MEMBERS) if word in words] for word in KIND_OF}
"""All kinds of which a word is a member: pounds are weighed and paid."""
OPPOSITE_OF = {
    word: {other for group in _OPPOSITES.splitlines() if word in group.split() for other in group.split()}
    for word in _OPPOSITES.split()
}


def opposed(mine: Set[str], theirs: Set[str]) -> bool:
    """Tell whether one set of words has a word, and the other its opposite in its place."""
    ours = {word for word in mine if word in OPPOSITE_OF}
    others = {word for word in theirs if word in OPPOSITE_OF}
    return any(b in OPPOSITE_OF[a] and a not in others and b not in ours for a in ours for b in others)
