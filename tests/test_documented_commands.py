"""What a page tells a reader to type can be typed: options, markers, targets, files are there."""

import importlib
import re
import shlex

import pytest

from prefvec.pytest_plugin.command_line import FINDING, MEASURING
from prefvec.pytest_plugin.markers import MARKERS
from tests.pages import PAGES, ROOT, blocks

PYTESTS_OWN = {"--help", "-k", "-m", "-s", "-n"}
REGISTERED = {"slow", "integration", "matrix"}
"""Markers of pytest.ini."""
WORDS = {"and", "or", "not"}


def _commands() -> list[tuple[str, list[str]]]:
    """Each line of a shell block, by its page, in words, without its comment."""
    found: list[tuple[str, list[str]]] = []
    for page in PAGES:
        for block in blocks(page, "sh"):
            for line in block.replace("\\\n", " ").splitlines():
                for one in shlex.join(shlex.split(line, comments=True)).split(" '&&' "):
                    if words := shlex.split(one):
                        found.append((page.name, words))
    return found


COMMANDS = _commands()


def _given_to(*beginning: str) -> list[list[str]]:
    """What follows a command, with or without a folder before it, wherever it is told."""
    found: list[list[str]] = []
    for _, words in COMMANDS:
        named = [words[0].rpartition("/")[2], *words[1:]]
        if tuple(named[: len(beginning)]) == beginning:
            found.append(named[len(beginning) :])
    return found


PYTESTS = [*_given_to("pytest"), *_given_to("python", "-m", "pytest")]
MODULES = [given for given in _given_to("python", "-m") if given[0].startswith("prefvec.")]


def test_there_are_commands_of_every_kind():
    """Else nothing would be tried here."""
    assert len(PYTESTS) > 30
    assert len(_given_to("make")) >= 6
    assert len(MODULES) >= 4


@pytest.mark.parametrize("given", PYTESTS, ids=shlex.join)
def test_a_run_names_options_markers_and_folders_that_there_are(given):
    """And gives a value to those options that take one."""
    declared = MEASURING | FINDING
    flags = {name for name, how in declared.items() if how.get("action") not in (None, "append")}
    waiting = iter(given)
    for word in waiting:
        if not word.startswith("-"):
            assert (ROOT / word).exists()
            continue
        assert word in declared.keys() | PYTESTS_OWN
        if word in flags | {"--help", "-s"}:
            continue
        value = next(waiting)
        assert not value.startswith("-")
        if word == "-m":
            assert set(re.findall(r"\w+", value)) <= WORDS | REGISTERED | MARKERS.keys()


def test_targets_of_make_are_there():
    """Whatever is said to be made."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = {word for given in _given_to("make") for word in given if "=" not in word}
    assert named <= targets


@pytest.mark.parametrize("given", MODULES, ids=shlex.join)
def test_a_module_knows_the_command_and_its_options(given, capsys):
    """By its own help."""
    module, command, *rest = given
    with pytest.raises(SystemExit) as left:
        importlib.import_module(f"{module}.__main__").main([command, "--help"])
    assert left.value.code == 0
    told = capsys.readouterr().out
    assert {word for word in rest if word.startswith("-")} <= set(re.findall(r"--?[a-z-]+", told))


@pytest.mark.parametrize("given", _given_to("python"), ids=shlex.join)
def test_scripts_are_there(given):
    """Those that python is given by their file."""
    assert given[0] == "-m" or (ROOT / given[0]).is_file()
