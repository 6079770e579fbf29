"""The settings: where their values come from, and that saved ones survive."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from traitlets.config import Config

from littlemem_ipy.config import LittleMem, find_project, home
from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.store import open_store
from tests import strategies as some


@pytest.fixture
def saved() -> Path:
    return home() / "settings.json"


def test_the_home_is_where_it_is_said_to_be(tmp_path, monkeypatch):
    monkeypatch.setenv("LITTLEMEM_HOME", "~/memories")
    assert home() == Path(os.environ["HOME"]) / "memories"
    monkeypatch.delenv("LITTLEMEM_HOME")
    assert home().name == "littlemem_ipy"
    assert tmp_path in home().parents
    monkeypatch.setenv("LITTLEMEM_HOME", "~nobody-has-this-name/x")
    with pytest.raises(InvalidInput, match="no such home"):
        home()


def test_precedence(monkeypatch):
    assert (LittleMem().budget, LittleMem().origin("budget")) == (1500, "default")
    LittleMem().set("budget", "100", save=True)
    assert (LittleMem().budget, LittleMem().origin("budget")) == (100, "saved")
    monkeypatch.setenv("LITTLEMEM_BUDGET", "200")
    assert (LittleMem().budget, LittleMem().origin("budget")) == (200, "environment")
    configured = LittleMem(config=Config({"LittleMem": {"budget": 300}}))
    assert (configured.budget, configured.origin("budget")) == (300, "%config")
    assert LittleMem(budget=400).budget == 400


def test_a_change_while_running_comes_first(monkeypatch):
    monkeypatch.setenv("LITTLEMEM_MODEL", "from-environment")
    settings = LittleMem()
    settings.model = "typed"
    assert (settings.model, settings.origin("model")) == ("typed", "%config")


def test_the_argument_comes_before_all(tmp_path, monkeypatch):
    monkeypatch.setenv("LITTLEMEM_STORE", str(tmp_path / "environment.db"))
    LittleMem().set("store", str(tmp_path / "saved.db"), save=True)
    assert open_store(project=None).backend.path == tmp_path / "environment.db"
    assert open_store(tmp_path / "argument.db", project=None).backend.path == tmp_path / "argument.db"
    monkeypatch.delenv("LITTLEMEM_STORE")
    assert open_store(project=None).backend.path == tmp_path / "saved.db"
    LittleMem().reset("store")
    assert open_store(project=None).backend.path == home() / "memory.db"


def test_saved_settings_survive_and_can_be_forgotten(saved):
    first = LittleMem()
    first.set("model", "demo", save=True)
    first.set("memory", "off", save=True)
    first.set("budget", "900", save=False)
    assert (first.origin("model"), first.origin("budget")) == ("saved", "%config")
    second = LittleMem()
    assert (second.model, second.memory, second.budget) == ("demo", False, 1500)
    second.reset("model")
    assert (second.model, second.origin("model")) == ("", "default")
    third = LittleMem()
    assert (third.model, third.memory) == ("", False)
    assert json.loads(saved.read_text()) == {"memory": False}


@pytest.mark.parametrize("setting", sorted(LittleMem.settings()))
def test_every_setting_survives_being_saved(setting):
    texts = {
        "aliases": "fast=a/b, slow=c/d",
        "capture": "review",
        "capture_types": "solution, general",
        "memory": "off",
        "stream": "no",
        "log_chats": "false",
        "tools": "off",
        "embedder": "static",
        "capture_runs": "on",
        "backups": "weekly:3",
        "share_sensitive": "on",
        "auto_cleanup": "on",
    }
    numbers = {
        "budget": "7",
        "max_memories": "3",
        "timeout": "2.5",
        "threshold": "0.25",
        "capture_threshold": "0.5",
    }
    LittleMem().set(setting, (texts | numbers).get(setting, "some-words"), save=True)
    here, default = LittleMem(), LittleMem().trait_defaults(setting)
    assert here.origin(setting) == "saved"
    assert getattr(here, setting) != default
    here.reset(setting)
    assert getattr(LittleMem(), setting) == getattr(here, setting) == default
    assert LittleMem().origin(setting) == here.origin(setting) == "default"


def test_every_setting_says_what_it_is():
    for name, trait in LittleMem.settings().items():
        assert trait.help, name


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("capture_types", "solution", ["solution"]),
        ("capture_types", '["general", "solution"]', ["general", "solution"]),
        ("capture_types", "", []),
        ("capture_types", "solution, general:propose", ["solution", "general:propose"]),
        ("aliases", '{"a": "b"}', {"a": "b"}),
        ("aliases", "a=b,c = d", {"a": "b", "c": "d"}),
        ("memory", "Yes", True),
        ("memory", "0", False),
        ("budget", "1_000", 1000),
        ("timeout", "5", 5.0),
        ("model", "a b", "a b"),
    ],
)
def test_values_as_people_type_them(name, text, value):
    settings = LittleMem()
    settings.set(name, text, save=False)
    assert getattr(settings, name) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("budget", "many"),
        ("budget", "-1"),
        ("budget", "1.5"),
        ("threshold", "nan"),
        ("threshold", "2"),
        ("timeout", "inf"),
        ("timeout", "0"),
        ("memory", "maybe"),
        ("capture", "sometimes"),
        ("capture_types", "banana"),
        ("capture_types", "general:ask"),
        ("capture_types", "[1]"),
        ("capture_types", "[" * 100_000),
        ("aliases", "just-a-name"),
        ("aliases", "{"),
        ("colour", "red"),
        ("store", "a\x00b"),
    ],
)
def test_values_that_do_not_fit_change_nothing(name, text, saved):
    settings = LittleMem()
    before = {each: getattr(settings, each) for each in settings.settings()}
    with pytest.raises(InvalidInput) as refused:
        settings.set(name, text, save=True)
    assert len(str(refused.value)) < 600
    assert {each: getattr(settings, each) for each in settings.settings()} == before
    assert not saved.exists()


@given(name=some.any_text, text=some.any_text)
def test_any_text_fits_or_is_refused(name, text):
    settings = LittleMem()
    for each in (name, "budget", "aliases", "capture_types", "memory", "model"):
        try:
            settings.set(each, text, save=False)
        except InvalidInput:
            continue


def test_an_alias_can_be_set_by_its_own_name():
    settings = LittleMem()
    settings.set("model.fast", "openai/gpt-4o-mini", save=True)
    settings.set("model.slow", "anthropic/claude", save=True)
    assert LittleMem().aliases == {"fast": "openai/gpt-4o-mini", "slow": "anthropic/claude"}
    settings.set("model.fast", "", save=True)
    assert LittleMem().aliases == {"slow": "anthropic/claude"}


def test_what_a_newer_version_has_saved_stays(saved):
    saved.parent.mkdir(parents=True)
    saved.write_text('{"of_tomorrow": [1, 2], "budget": 10}')
    settings = LittleMem()
    settings.set("model", "demo", save=True)
    settings.reset("budget")
    assert json.loads(saved.read_text()) == {"of_tomorrow": [1, 2], "model": "demo"}


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '"x"', "\x00", "[" * 100_000, "\udc80"], ids=lambda text: repr(text)[:9]
)
def test_an_unreadable_file_is_reported_and_left_alone(text, saved):
    saved.parent.mkdir(parents=True)
    content = text.encode("utf-8", "surrogateescape")
    saved.write_bytes(content)
    with pytest.raises(InvalidInput, match=r"settings\.json.*can't be read"):
        LittleMem()
    assert saved.read_bytes() == content


def test_a_bad_saved_value_names_the_file(saved):
    saved.parent.mkdir(parents=True)
    saved.write_text('{"budget": "lots"}')
    with pytest.raises(InvalidInput, match=r"'lots' does not fit the setting budget \(from .*settings\.json"):
        LittleMem()


def test_a_bad_variable_is_named(monkeypatch):
    monkeypatch.setenv("LITTLEMEM_BUDGET", "lots")
    with pytest.raises(InvalidInput, match="LITTLEMEM_BUDGET"):
        LittleMem()


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_saved_settings_are_for_the_user_alone(saved):
    before = os.umask(0)
    try:
        LittleMem().set("model", "demo", save=True)
    finally:
        os.umask(before)
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    assert stat.S_IMODE(saved.parent.stat().st_mode) == 0o700
    assert [file.name for file in saved.parent.iterdir()] == ["settings.json"]


# -- projects ---------------------------------------------------------------------------------


def test_a_project_is_a_git_root(tmp_path, monkeypatch):
    inner = tmp_path / "churn" / "notebooks" / "deep"
    inner.mkdir(parents=True)
    assert find_project(inner) is None
    (tmp_path / "churn" / ".git").mkdir()
    assert find_project(inner) == find_project(tmp_path / "churn") == "churn"
    monkeypatch.chdir(inner)
    assert LittleMem().project_name == open_store().project == "churn"


def test_a_worktree_is_a_project_too(tmp_path):
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / ".git").write_text("gitdir: elsewhere")
    assert find_project(tmp_path / "tree") == "tree"


def test_dot_files_in_a_home_are_no_project(monkeypatch):
    own = Path(os.environ["HOME"])
    (own / ".git").mkdir()
    (own / "work").mkdir()
    assert find_project(own / "work") is None


def test_a_working_directory_that_is_gone_is_no_project(tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert find_project() is None


def test_the_setting_comes_before_the_git_root(tmp_path, monkeypatch):
    (tmp_path / "here" / ".git").mkdir()
    assert LittleMem().project_name == "here"
    monkeypatch.setenv("LITTLEMEM_PROJECT", "")
    assert LittleMem().project_name is None
    monkeypatch.setenv("LITTLEMEM_PROJECT", "named")
    assert open_store().project == "named"
    assert open_store(project="argument").project == "argument"
    assert open_store(project=None).project is None


def test_names_are_compared_in_one_form(tmp_path, monkeypatch):
    """Some file systems give decomposed letters; what was stored under the name is found again."""
    (tmp_path / "Mu\u0308ller" / ".git").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "Mu\u0308ller")
    store = open_store()
    assert store.project == "Müller"
    store.add("a fact")
    assert store.search("fact").total == 1
