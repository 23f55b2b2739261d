"""A fingerprint of code changes with what the code does, and with nothing else."""

import pytest

from prefvec.errors import PrefvecError
from prefvec.provenance import code_fingerprint, tree_of

CODE = 'def double(x):\n    """Twice."""\n    return 2 * x\n'


@pytest.mark.parametrize(
    "same",
    [
        "def double(x):\n    return 2 * x\n",
        'def double(x):\n    """Two times."""\n\n    return (2\n            * x)  # twice\n',
        '"""A module."""\n\n' + CODE,
    ],
    ids=["no-docstring", "layout-and-comment", "module-docstring"],
)
def test_words_and_layout_do_not_count(same):
    """Docstrings, comments, parentheses and line breaks leave the tree as it is."""
    assert tree_of(same) == tree_of(CODE)


@pytest.mark.parametrize("other", ["3 * x", "2 * y", "2 + x", "'2' * x"])
def test_every_change_of_meaning_counts(other):
    """Another number, name, operator or type is another tree."""
    assert tree_of(CODE.replace("2 * x", other)) != tree_of(CODE)


def test_the_order_of_modules_does_not_count_and_their_number_does():
    """The fingerprint is of a set of modules."""
    both = code_fingerprint("prefvec.generation.decoding", "prefvec.generation.noise")
    assert both == code_fingerprint("prefvec.generation.noise", "prefvec.generation.decoding")
    assert both != code_fingerprint("prefvec.generation.noise")


def test_a_module_without_source_is_named():
    """Nothing can be kept for code that cannot be read."""
    with pytest.raises(PrefvecError, match=r"prefvec\.nowhere has no source"):
        code_fingerprint("prefvec.nowhere")
