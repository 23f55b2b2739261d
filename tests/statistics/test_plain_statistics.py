"""The room of statistics knows prompts and numbers, and nothing of what is made of them."""

import re
from pathlib import Path

import pytest

import prefvec.statistics

FOREIGN = r"\b(claims?|verdicts?|arms?|native|adapted|outcomes?|supported|refuted)\b"
MODULES = sorted(Path(prefvec.statistics.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("module", MODULES, ids=[path.stem for path in MODULES])
def test_statistics_says_no_word_about_claims(module: Path) -> None:
    """Neither in code nor in a docstring or a message."""
    found = re.findall(FOREIGN, module.read_text(encoding="utf-8"), flags=re.IGNORECASE)
    assert not found


def test_the_search_finds_such_words() -> None:
    """It would, in a sentence of another room."""
    assert re.search(FOREIGN, "What a claim must show of its arms.", flags=re.IGNORECASE)
