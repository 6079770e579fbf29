"""Makes the pictures of the README and the notebooks: ``python -m tests.browser.pictures [FOLDER]``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.frontends import FLAGS, NotebookPage, chromium
from tests.browser.memories import FILL, SHOW
from tests.browser.servers import JupyterServer

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
IMAGES = NOTEBOOKS / "images"
_DAY_ONE = ["%load_ext littlemem_ipy", "%%chat\nRemember that I prefer polars over pandas for joins."]
_DAY_TWO = [
    "# The next day, in a new kernel\n%load_ext littlemem_ipy",
    "%%chat\nWhich library should I use for a join?",
    "%mem why",
]
# Only the notebook, with nothing of the front end that moves or says how far a cell is.
_QUIET = """
  .jp-Toolbar, .jp-cell-toolbar, .jp-Collapser, .jp-Notebook-footer { display: none !important }
"""
_BOX = """() => {
  const cells = [...document.querySelectorAll(".jp-Notebook .jp-Cell")].map((cell) => cell.getBoundingClientRect());
  return { top: Math.min(...cells.map((c) => c.top)), bottom: Math.max(...cells.map((c) => c.bottom)) };
}"""


def main(folder: Path) -> None:
    """Write all pictures into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as scratch,
        JupyterServer(Path(scratch) / "server") as server,
        sync_playwright() as playwright,
    ):
        context = playwright.chromium.launch_persistent_context(
            Path(scratch) / "profile",
            executable_path=chromium(),
            headless=True,
            args=FLAGS,
            viewport={"width": 860, "height": 1100},
            device_scale_factor=1200 / 860,
        )
        quickstart(NotebookPage(context, server), folder)
        memory_browser(NotebookPage(context, server), folder)
        dashboard(NotebookPage(context, server), folder)
        context.close()


def quickstart(page: NotebookPage, folder: Path) -> None:
    """Say it once, restart the kernel, and it is known."""
    page.open([*_DAY_ONE, *_DAY_TWO], "notebook")
    _prepare(page)
    _run(page, range(len(_DAY_ONE)))
    page.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    page.idle()
    _prepare(page)
    _run(page, range(len(_DAY_ONE), len(_DAY_ONE) + len(_DAY_TWO)))
    page.page.locator("summary").last.click()
    page.page.add_style_tag(content=_QUIET)
    for theme, name in (("light", "quickstart.png"), ("dark", "quickstart-dark.png")):
        page.theme(theme)
        page.page.evaluate("() => document.activeElement?.blur()")
        box = page.page.evaluate(_BOX)
        clip = {"x": 0, "y": box["top"] - 8, "width": 860, "height": box["bottom"] - box["top"] + 16}
        page.page.screenshot(path=folder / name, clip=clip)
    page.close()


def memory_browser(page: NotebookPage, folder: Path) -> None:
    """Every tab of the memory browser, light and dark; the first one with the details of a memory."""
    page.page.set_viewport_size({"width": 1240, "height": 1500})
    page.open([SHOW], "notebook")
    page.execute(FILL)
    page.run_all()
    widget = page.page.locator(".jp-Notebook .lm-browser")
    for theme, suffix in (("light", ""), ("dark", "-dark")):
        page.theme(theme)
        for tab in ("Browse", "Inbox", "Statistics", "Settings", "Maintain"):
            widget.get_by_role("tab", name=tab).click()
            if tab == "Browse":
                widget.locator("tbody tr").nth(2).click()
            if tab == "Maintain":
                widget.get_by_role("button", name="Check the store").click()
                page.idle()
                widget.get_by_role("spinbutton", name="Keep at most").fill("42")
                widget.get_by_role("button", name="Show the plan").click()
                page.idle()
                widget.get_by_role("button", name="Find duplicates").click()
            page.idle()
            page.page.mouse.move(0, 0)
            widget.screenshot(path=folder / f"browser-{tab.lower()}{suffix}.png")
    page.close()


def dashboard(page: NotebookPage, folder: Path) -> None:
    """The charts of the made-up half year in the notebook on analytics, light and dark."""
    page.page.set_viewport_size({"width": 1000, "height": 1700})
    page.open(NOTEBOOKS / "05_analytics.ipynb", "notebook")
    page.run_all()
    charts = page.page.locator(".jp-OutputArea-output div[style*='grid']")
    for theme, suffix in (("light", ""), ("dark", "-dark")):
        page.theme(theme)
        charts.scroll_into_view_if_needed()
        charts.screenshot(path=folder / f"dashboard{suffix}.png")
    page.close()


def _prepare(page: NotebookPage) -> None:
    page.execute("import os; os.environ.update(LITTLEMEM_MODEL='demo', LITTLEMEM_PROJECT='churn')")


def _run(page: NotebookPage, numbers: range) -> None:
    for number in numbers:
        page.page.evaluate("(n) => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = n }", number)
        page.command("notebook:run-cell")
        page.idle()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES)
