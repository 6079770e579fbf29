"""A notebook in a real browser: opened, run, looked at, and everything it complains about noted."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import nbformat
from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Route

from tests.browser.servers import JupyterServer

FRONT_ENDS = {"lab": "/lab/tree/{path}?reset&token={token}", "notebook": "/notebooks/{path}?token={token}"}
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    # Pictures that can be repeated.
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
)
LOCAL = r"(?:(?:https?|wss?)://127\.0\.0\.1[:/]|data:|blob:|about:|chrome-extension:)"
# Complaints that come with an empty notebook as well.
NOISE = re.compile(
    r"reading 'schema'|RUNTIME-012|'filebrowser:open-path' not registered|ResizeObserver loop|favicon|"
    r"api/(?:workspaces|lsp)/|Failed to load resource.*(?:status of 404|custom\.css)"
)

_READY = """() => {
  const widget = window.jupyterapp?.shell?.currentWidget;
  return Boolean(widget?.content?.widgets?.length) && widget.sessionContext?.session?.kernel?.status === "idle";
}"""
_IDLE = """async () => {
  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  for (let quiet = 0; quiet < 250; ) {
    await new Promise((done) => setTimeout(done, 50));
    quiet = kernel.status === "idle" ? quiet + 50 : 0;
  }
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""
_COMMAND = "async ([name, options]) => { await window.jupyterapp.commands.execute(name, options); }"
_EXECUTE = """async (code) => {
  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  const future = kernel.requestExecute({ code, store_history: false });
  const texts = [];
  future.onIOPub = (message) => {
    const { content } = message;
    if (content.ename) texts.push(`${content.ename}: ${content.evalue}`);
    else if (content.text) texts.push(content.text);
  };
  await future.done;
  return texts.join("");
}"""
_LISTEN = """() => {
  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  const begun = Boolean(window.heard);
  window.heard = [];
  if (begun) return;
  kernel.anyMessage.connect((_, { msg, direction }) => {
    if (direction !== "recv") return;
    const { header, content } = msg;
    const size = JSON.stringify(content).length + (msg.buffers ?? []).reduce((sum, b) => sum + b.byteLength, 0);
    window.heard.push({ type: header.msg_type, content, size });
  });
}"""


def chromium() -> str | None:
    """Return the path of the system's Chromium, or None."""
    return next((path for name in CHROMIUMS if (path := shutil.which(name))), None)


class NotebookPage:
    """A notebook that is open in JupyterLab or Notebook 7.

    Parameters
    ----------
    context
        The browser.
    server
        The server.

    Attributes
    ----------
    complaints
        Uncaught errors and console errors, in order; known noise is left out.
    elsewhere
        The addresses off this machine that the page asked for; none of them is answered.
    """

    def __init__(self, context: BrowserContext, server: JupyterServer) -> None:
        self.server = server
        self.complaints: list[str] = []
        self.elsewhere: list[str] = []
        self.page: Page = context.new_page()
        self.page.set_default_timeout(20_000)
        self.page.on("pageerror", lambda error: self._complain(str(error)))
        self.page.on("console", self._console)
        self.page.route(re.compile(f"^(?!{LOCAL})"), self._refuse)

    def open(self, notebook: Path | Sequence[str], front_end: str, *, name: str = "test.ipynb") -> None:
        """Open a copy of a notebook, or a new one with these cells."""
        target = self.server.notebooks / name
        if isinstance(notebook, Path):
            shutil.copy(notebook, target)
        else:
            _write(notebook, target)
        path = FRONT_ENDS[front_end].format(path=quote(name), token=self.server.token)
        self.page.goto(self.server.url + path)
        self.page.wait_for_function(_READY, timeout=40_000)

    def close(self) -> None:
        """Close the page, end its kernel, and forget what was open."""
        self.page.close()
        self.server.stop_kernels()
        for workspace in (self.server.root / "workspaces").glob("*"):
            workspace.unlink()

    def command(self, name: str, **options: Any) -> None:
        """Run a command of the front end and wait for its end."""
        self.page.evaluate(_COMMAND, [name, options])

    def run_all(self) -> None:
        """Run all cells and wait until the kernel and the page are at rest."""
        self.command("notebook:run-all-cells")
        self.idle()

    def idle(self) -> None:
        """Wait until the kernel is at rest and the page is drawn."""
        self.page.evaluate(_IDLE)

    def execute(self, code: str) -> str:
        """Run code in the kernel without a cell and return what it printed."""
        return str(self.page.evaluate(_EXECUTE, code))

    def listen(self) -> None:
        """Note from now on the messages that arrive from the kernel."""
        self.page.evaluate(_LISTEN)

    def heard(self) -> list[dict[str, Any]]:
        """Return the messages since `listen`: type, content and size."""
        return list(self.page.evaluate("() => window.heard"))

    def theme(self, name: str) -> None:
        """Choose the light or the dark theme."""
        self.command("apputils:change-theme", theme=THEMES[name])
        self.page.wait_for_function(
            "dark => (document.body.dataset.jpThemeLight === 'false') === dark", arg=name == "dark"
        )
        self.page.wait_for_timeout(300)  # the sheet of the new theme

    @property
    def cells(self) -> Locator:
        """The cells of the notebook."""
        return self.page.locator(".jp-Notebook .jp-Cell")

    @property
    def outputs(self) -> Locator:
        """The outputs of all cells; the front end's own menus are no part of them."""
        return self.page.locator(".jp-Notebook .jp-OutputArea-output")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._complain(f"{message.text} ({message.location.get('url', '')})")

    def _complain(self, text: str) -> None:
        if not NOISE.search(text):
            self.complaints.append(text)

    def _refuse(self, route: Route) -> None:
        self.elsewhere.append(route.request.url)
        route.abort()


def _write(sources: Sequence[str], target: Path) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    # Without it the front end stops and asks for a kernel.
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    nbformat.write(notebook, target)
