"""A fingerprint of code changes with what the code does, and with nothing else."""

import ast
import importlib

import grimp
import pytest

from prefvec.errors import PrefvecError
from prefvec.experiments.tunings import TUNED_BY
from prefvec.provenance import PACKAGE, code_fingerprint, tree_of

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


READ = {
    "prefvec.experiments.what_is_read": "says what is in every key",
    "prefvec.models.decisive": "lists modules, and the modules listed are in every key",
    "prefvec.models.fingerprints": "its digits are in every key",
    "prefvec.provenance": "likewise",
    "prefvec.text.prompts": "holds what is read, which is in every key",
    "prefvec.text.verbatim": "holds what is read, likewise",
}
"""What does not matter to anything that is read of turns: `digest_of_reading` has it in its key."""

INDIFFERENT = {
    "prefvec.generation.requests": {
        "prefvec.errors": "the class of errors; nothing is kept of an answer that fails",
        "prefvec.generation.store": "keeps answers under the keys it is told",
        "prefvec.models.decisive": "lists modules, and the modules listed are in every key",
        "prefvec.models.fingerprints": "its digits are in every key",
        "prefvec.provenance": "likewise",
        "prefvec.text.completions": "holds what was written",
        "prefvec.text.prompts": "holds what is asked; the rendered prompt is in every key",
        "prefvec.text.verbatim": "holds what was written",
        "prefvec.vectors.vector": "holds what is added; its digits are in every key",
        "prefvec.vocabulary": "words; which positions are meant is in every key",
    },
    "prefvec.experiments.kept_doses": READ
    | {
        "prefvec.errors": "the class of errors; no dose is kept that fails",
        "prefvec.experiments.kept_tables": "keeps rows under the names it is told",
        "prefvec.vectors.vector": "holds what is dosed; its digits are kept beside each dose",
        "prefvec.vocabulary": "words; which positions are meant is in every key",
    },
    "prefvec.experiments.kept_shifts": READ
    | {
        "prefvec.errors": "the class of errors; no shift is kept that fails",
        "prefvec.experiments.kept_tables": "keeps rows under the names it is told",
        "prefvec.vectors.vector": "holds what is added; its digits name each row",
        "prefvec.vocabulary": "words; which positions are meant is in those digits",
    },
    "prefvec.experiments.kept_activations": READ
    | {
        "prefvec.errors": "the class of errors; nothing is kept of a reading that fails",
        "prefvec.text.traits": "holds pairs of prompts",
        "prefvec.whole_files": "writes what is kept, and changes nothing of it",
    },
}
"""What a module that keeps results imports, itself or by way of others, and its results do not
depend on; with the reason."""


def keepers():
    """The modules that keep results under a key of the code: they state a list `DECIDES`."""
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        targets = [
            name for node in tree.body if isinstance(node, ast.Assign) for name in node.targets
        ]
        if any(isinstance(name, ast.Name) and name.id == "DECIDES" for name in targets):
            yield "prefvec." + ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def reached(beginnings, indifferent):
    """What some modules reach by imports, they among it; and which of the indifferent they meet."""
    graph = grimp.build_graph("prefvec", cache_dir=None)
    decides, met, waiting = {*beginnings}, set(), [*beginnings]
    while waiting:
        for found in graph.find_modules_directly_imported_by(waiting.pop()):
            if found in indifferent:
                met.add(found)
            elif found not in decides:
                decides.add(found)
                waiting.append(found)
    return decides, met


@pytest.mark.parametrize("keeper", [*keepers()])
def test_all_that_a_kept_result_depends_on_is_in_its_key(keeper):
    """`DECIDES` is what the module reaches by imports, but for what is known not to matter."""
    indifferent = INDIFFERENT.get(keeper, {})
    decides, met = reached([keeper], indifferent)
    listed = set(importlib.import_module(keeper).DECIDES)
    assert listed == decides, "a module is missing, or no longer reached: mend DECIDES or say why"
    assert met == indifferent.keys()


TUNED_WHATEVER = {
    "prefvec.errors": "the class of errors; no adapter is kept of a training that fails",
    "prefvec.models.fingerprints": "its digits are in the folder's name",
    "prefvec.provenance": "likewise",
    "prefvec.text.prompts": "holds what is asked; its texts are in the name",
    "prefvec.text.traits": "holds instructions, which are in the name",
    "prefvec.text.verbatim": "holds answers, whose texts are in the name",
    "prefvec.tuning.cards": "writes what people read of an adapter",
    "prefvec.tuning.peft_library": "finds the library, whose version is in the name",
    "prefvec.tuning.recipe": "holds numbers, which are in the name",
    "prefvec.tuning.tuned": "holds what came of it",
    "prefvec.vectors.vector": "holds what is tuned in; its digits are in the name",
    "prefvec.whole_files": "writes what is kept, and changes nothing of it",
}
"""What training imports and an adapter does not depend on; with the reason."""


def test_all_that_an_adapter_depends_on_is_in_its_folders_name():
    """`TUNED_BY` is what both methods reach by imports, but for what is known not to matter."""
    decides, met = reached(["prefvec.tuning.lorra", "prefvec.tuning.rahf"], TUNED_WHATEVER)
    assert set(TUNED_BY) == decides
    assert met == TUNED_WHATEVER.keys()


def test_answers_are_kept_under_such_a_key():
    """The search for keepers finds at least the one that everything rests on."""
    assert "prefvec.generation.requests" in set(keepers())
