"""One server and one browser for all tests of this folder; each test has a page and a kernel of its own.

Without a browser the tests are skipped with the reason; where ``CI`` is set they fail instead, because
there it must not go unnoticed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

try:
    from playwright.sync_api import BrowserContext, sync_playwright

    from tests.browser.frontends import FLAGS, NotebookPage, chromium
    from tests.browser.servers import JupyterServer
except ModuleNotFoundError as error:
    MISSING = f"{error.name} is not installed: pip install 'littlemem-ipy[test]'"
else:
    MISSING = "" if chromium() else "there is no Chromium: apt-get install chromium"

Open = Callable[..., "NotebookPage"]


class _Missing(pytest.Module):
    """A module of tests that can't run here."""

    def collect(self) -> list[pytest.Item]:
        if os.environ.get("CI"):
            pytest.fail(MISSING, pytrace=False)
        pytest.skip(MISSING, allow_module_level=True)


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    return _Missing.from_parent(parent, path=module_path) if MISSING else None


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """Give JupyterLab and Notebook 7 on one server."""
    with JupyterServer(tmp_path_factory.mktemp("jupyter")) as running:
        yield running


@pytest.fixture(scope="package")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """Give a headless Chromium with an empty profile."""
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            tmp_path_factory.mktemp("profile"),
            executable_path=chromium(),
            headless=True,
            args=FLAGS,
            viewport={"width": 1280, "height": 900},
        )
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        yield context
        context.close()


@pytest.fixture
def open_notebook(browser: BrowserContext, server: JupyterServer) -> Iterator[Open]:
    """Give a function that opens a notebook, or cells, in a front end; at the end nothing may have gone wrong.

    That is: no uncaught error, nothing on the console's error stream, and no request off this machine.
    """
    opened: list[NotebookPage] = []

    def open_(notebook: Path | Sequence[str], front_end: str) -> NotebookPage:
        opened.append(NotebookPage(browser, server))
        opened[-1].open(notebook, front_end)
        return opened[-1]

    yield open_
    for page in opened:
        page.close()
    assert [complaint for page in opened for complaint in page.complaints] == []
    assert [address for page in opened for address in page.elsewhere] == []
