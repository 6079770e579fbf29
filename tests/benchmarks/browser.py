"""The memory browser with 100,000 memories in JupyterLab: ``python tests/benchmarks/browser.py [COUNT]``.

Prints the seconds from running the cell to the first row, to the next page and to the rows of a search
(debounce included), the kilobytes of kernel messages that reached the page until the first row, and the number
of widget models in the kernel. The reference is a pandas table of 25 rows in the same run.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from playwright.sync_api import sync_playwright

from tests.browser.frontends import FLAGS, NotebookPage, chromium
from tests.browser.servers import JupyterServer

# Past the gates, which read every text: they are no part of what is measured.
_FILL = """
import os, random, tempfile
os.environ["LITTLEMEM_HOME"] = tempfile.mkdtemp()
import pandas as pd
from littlemem_ipy import MemoryBrowser, open_store
from littlemem_ipy.backends import Change
from littlemem_ipy.models import Memory, MemoryType
rng = random.Random(7)
words = "table column join customer revenue churn model split feature index date month label".split()
kinds = list(MemoryType)
store = open_store(project="bench")
with store.backend.write():
    store.backend.put(
        Change(
            Memory(content=f"{n} " + " ".join(rng.choices(words, k=24)), type=rng.choice(kinds),
                tags=rng.sample(words, 2), project="bench"),
            "add",
        )
        for n in range(COUNT - 1)
    )
store.add("the postgres password rotates on tea day", tags="postgres")
"""
_SHOW = "browser = MemoryBrowser(store)\nbrowser"
_REFERENCE = "pd.DataFrame({'title': [m.title for m in store.search(limit=25).memories]})"
# Runs the cell and returns the milliseconds until something is on the page, watching each frame.
_WATCH = """([selector, text, act]) => new Promise((done) => {
  const start = performance.now();
  const look = () => {
    const found = [...document.querySelectorAll(selector)].some((node) => node.textContent.startsWith(text));
    if (found) done(performance.now() - start);
    else if (performance.now() - start > 20000) done(NaN);
    else requestAnimationFrame(look);
  };
  new Function(act)();
  look();
})"""
_RUN = "window.jupyterapp.commands.execute('notebook:run-cell')"
_TYPE = """const input = document.querySelector(".lm-search"); input.value = "postgres tea";
input.dispatchEvent(new Event("input", { bubbles: true }));"""


def main(count: int) -> None:
    """Print the figures."""
    with (
        tempfile.TemporaryDirectory() as scratch,
        JupyterServer(Path(scratch) / "server") as server,
        sync_playwright() as playwright,
    ):
        context = playwright.chromium.launch_persistent_context(
            Path(scratch) / "profile", executable_path=chromium(), headless=True, args=FLAGS
        )
        page = NotebookPage(context, server)
        page.open([_REFERENCE, _SHOW], "lab")
        print(page.execute(_FILL.replace("COUNT", str(count))), end="")
        measured = [_measure(page, count) for _ in range(3)]
        for name in measured[0]:
            print(f"{name}: {statistics.median(run[name] for run in measured):.3g}")
        context.close()


def _measure(page: NotebookPage, count: int) -> dict[str, float]:
    page.command("notebook:clear-all-cell-outputs")
    page.idle()
    _select(page, 0)
    reference = _watch(page, ".jp-OutputArea-output td", "", _RUN)
    page.idle()
    _select(page, 1)
    page.listen()
    before = int(page.execute("import ipywidgets; print(len(ipywidgets.widgets.widget._instances))"))
    first = _watch(page, ".lm-grid tbody .lm-title", "the postgres", _RUN)
    page.idle()
    bytes_ = sum(message["size"] for message in page.heard())
    after = int(page.execute("print(len(ipywidgets.widgets.widget._instances))"))
    turned = _watch(page, ".lm-pages", "26–50 of", "document.querySelector('.lm-foot button:last-of-type').click()")
    page.idle()
    click = "document.querySelector('th.lm-c-title button').click()"
    sorted_ = _watch(page, ".lm-grid tbody tr:first-child .lm-title", "0 ", click)
    page.idle()
    found = _watch(page, ".lm-pages", "1–1 of 1", _TYPE)
    page.idle()
    return {
        "memories": count,
        "first row, s": first / 1000,
        "a pandas table of 25 rows, s": reference / 1000,
        "ratio to it": first / reference,
        "next page, s": turned / 1000,
        "sorted by title, s": sorted_ / 1000,
        "search with its debounce, s": found / 1000,
        "to the page, kB": bytes_ / 1000,
        "kernel models": after - before,
    }


def _select(page: NotebookPage, number: int) -> None:
    page.page.evaluate("(n) => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = n }", number)


def _watch(page: NotebookPage, selector: str, text: str, act: str) -> float:
    return float(page.page.evaluate(_WATCH, [selector, text, act]))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
