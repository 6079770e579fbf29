"""Memories to look at: a bit of everything, the same each time. The code runs in the notebook's kernel."""

from __future__ import annotations

__all__ = ["FILL", "HOSTILE", "SHOW"]

FILL = r"""
import os
import tempfile
os.environ["LITTLEMEM_HOME"] = tempfile.mkdtemp()
os.environ["LITTLEMEM_PROJECT"] = "churn"
from datetime import datetime, timedelta, timezone
from littlemem_ipy import open_store
store = open_store()
start = datetime(2026, 6, 1, 9, tzinfo=timezone.utc)
texts = [
    ("user_preference", "I prefer polars over pandas for joins", "style,polars", "user", None),
    ("user_preference", "Answer in short sentences, and show the code first", "style", "chat", None),
    ("project_knowledge", "The churn label is the column is_churned: 1 means the customer left",
     "churn,label", "user", 1),
    ("project_knowledge", "customers.parquet has one row per customer and month; the key is customer_id, month",
     "data", "user", 1),
    ("project_knowledge", "Revenue is in cents; divide by 100 before plotting", "data,revenue", "tool", 1),
    ("code_snippet", "import polars as pl\n\n# Only Portugal\ncustomers = pl.read_parquet('customers.parquet')\n"
     "joined = customers.filter(pl.col('country') == 'PT').join(orders, on='customer_id', how='left')\n"
     "print(joined.shape[0] / 12)", "loader,polars", "user", 1),
    ("solution", "# ParserError while reading sales.csv\n\nThe file has **semicolons** and decimal commas:\n\n"
     "```python\npd.read_csv('sales.csv', sep=';', decimal=',')\n```\n\n- works with `pandas` 2 and 3\n"
     "- see [the docs](https://pandas.pydata.org/docs/)", "csv,pandas", "chat", 1),
    ("conversation_context", "We agreed to drop customers without a contract before the split",
     "decision", "chat", 1),
    ("general", "The quarterly report is due on the first Friday of the quarter", "report", "user", 1),
    ("project_knowledge", "The forecast uses weekly buckets that begin on Monday", "weeks", "user", 2),
]
names = {None: None, 1: "churn", 2: "forecast"}
made = store.add_many(
    {"type": kind, "content": text, "tags": tags, "source": source, "project": names[project],
     "created_at": start + timedelta(days=17 * n)}
    for n, (kind, text, tags, source, project) in enumerate(texts)
)
more = store.add_many(
    {"content": f"Cohort {n:02}: {n * 37 % 100} of 100 customers stayed after a year", "type": "project_knowledge",
     "tags": "cohort", "created_at": start + timedelta(days=2 * n, hours=1)}
    for n in range(40)
)
store.add("The table orders has 1,204,331 rows", source="run", type="project_knowledge")
store.add("Use the staging server for large exports", source="import")
store.archive(more[0].id)
store.delete(more[1].id)
label = "The churn label is the column is_churned: 1 means the customer left within 90 days"
store.update(made[2].id, content=label, pinned=True)
for n, m in enumerate(made):
    for _ in range(n % 4):
        store.get(m.id)
"""

SHOW = "from littlemem_ipy import MemoryBrowser\nbrowser = MemoryBrowser(store)\nbrowser"

HOSTILE = r"""
attacks = [
    "<script>window.struck = 1</script>",
    "<img src=x onerror='window.struck = 2'>",
    "<svg onload=window.struck=3>",
    "<iframe srcdoc='<script>parent.struck = 4</script>'></iframe>",
    "[click](javascript:window.struck=5)",
    "![picture](https://evil.example/pixel.png)",
    "[a](https://evil.example/\"onmouseover=\"window.struck=6)",
    "```html\n</pre><script>window.struck = 7</script>\n```",
    "$\\href{javascript:window.struck=8}{x}$ $$\\unicode{x}$$",
    "\"><button autofocus onfocus=window.struck=9>",
    "<style>@import 'https://evil.example/x.css'</style>",
    "txt.\u202egpj and \u200b hidden",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=window.struck=10>",
    "{{constructor.constructor('window.struck=11')()}} ${window.struck = 12}",
    "<a href='data:text/html,<script>1</script>'>x</a>",
]
for n, attack in enumerate(attacks):
    line = attack.replace("\n", " ")
    tag = line[:60].replace(",", " ")
    m = store.add(f"hostile {n} {attack}", title=f"hostile {line}"[:190], tags=[tag], project="churn")
    store.accept(m.id)
    store.update(m.id, content=f"hostile {n} again\n{attack}\n> {attack}\n- {attack}")
store.add(f"hostile code {attacks[0]}", type="code_snippet", project="churn")
"""
