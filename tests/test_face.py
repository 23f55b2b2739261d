"""`import prefvec as pv`: the names, their examples, and ten lines that work without pytest."""

import ast
import doctest
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

import prefvec as pv
from prefvec import _WHERE
from prefvec.errors import PrefvecError
from prefvec.organisms.world_questions import prompts_of
from prefvec.text.measures import REGISTERED

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def example() -> dict[str, Any]:
    """What stands in `examples/transfer_a_vector.py` after it has run."""
    return runpy.run_path(str(ROOT / "examples" / "transfer_a_vector.py"))


@pytest.fixture(scope="module")
def names(example, tmp_path_factory) -> dict[str, Any]:
    """What the examples in docstrings take as given; see `prefvec.__doc__`."""
    given = ("source", "target", "vector", "adapter", "answers", "texts")
    adapter, turns = example["adapter"], example["texts"].turns[:20]
    ours, theirs = (
        pv.over_answers(example[side], turns, [space.site])[space.site]
        for side, space in (("source", adapter.source), ("target", adapter.target))
    )
    return {name: example[name] for name in given} | {
        "pv": pv,
        "torch": torch,
        "questions": [prompt.text for prompt in prompts_of("extraction", 8)],
        "folder": tmp_path_factory.mktemp("folder"),
        "ours": ours,
        "theirs": theirs,
    }


def test_importing_the_package_loads_nothing_large():
    """Neither torch nor transformers nor pandas, until a name that needs them is used."""
    program = (
        "import sys, prefvec as pv; dir(pv); pv.Prompt, pv.measure, pv.load_trait;"
        "sys.exit(', '.join({'torch', 'transformers', 'pandas'} & set(sys.modules)))"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert found.stderr.strip() == ""


def test_one_table_says_where_every_name_is_defined():
    """What editors and type checkers read, what `dir` lists and what is imported are the same."""
    tree = ast.parse(Path(pv.__file__).read_text(encoding="utf-8"))
    imported = {
        alias.asname: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("prefvec.")
        for alias in node.names
    }
    assert imported == _WHERE
    assert pv.__all__ == sorted(_WHERE)
    assert set(_WHERE) <= set(dir(pv))


def test_a_name_that_is_not_there_is_an_attribute_error():
    """`hasattr` and `from prefvec import` work as for any module."""
    assert not hasattr(pv, "extrakt")


@pytest.mark.parametrize("name", pv.__all__)
def test_every_name_has_an_example_that_runs(name, names):
    """Each docstring of the face, and of what is called on its classes, shows what comes out."""
    found = getattr(pv, name)
    # module=False: also methods that a decorator of another module has wrapped.
    tests = doctest.DocTestFinder().find(found, name, module=False, globs=dict(names))
    assert any(test.examples for test in tests), f"{name} has no example"
    runner, told = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS), []
    for test in tests:
        runner.run(test, out=told.append)
    REGISTERED.pop("exclamations", None)
    assert not runner.failures, "".join(told)


def test_the_example_shows_what_it_claims(example):
    """Its positive control: longer at +1 than at -1, at home and carried over."""
    for found in (example["answers"], example["transferred"]):
        shorter, unsteered, longer = (found.at(c).mean() for c in (-1, 0, +1))
        assert shorter < unsteered < longer
        assert longer > 1.5 * shorter
    assert example["carried"].model == example["target"].fingerprint


def test_the_ten_lines_stand_as_they_are_printed(example, names):
    """The call signatures of the README, word for word."""
    source, target, questions = example["source"], example["target"], names["questions"]
    texts = [text for _, text in example["texts"].turns[:24]]
    vector = pv.extract(source, questions, more=["Answer at length."], less=["Answer briefly."])
    with vector.applied(source, coefficient=+1.0):
        ids = torch.tensor([source.encode(prompts_of("test", 1)[0])])
        source.network.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=4)
    answers = pv.answer(source, questions, vector, coefficients=(-1, 0, +1))
    adapter = pv.fit_adapter(source, target, texts)
    carried = adapter.transport(vector)
    assert [answers.at(c)[0].coefficient for c in (-1, 0, 1)] == [-1, 0, 1]
    assert carried.relative_norm == pytest.approx(vector.middle.relative_norm)


def test_generate_of_transformers_is_steered_inside_the_block_alone(example):
    """Longer inside at +1 than inside at -1, and outside as ever."""
    source, vector = example["source"], example["vector"]
    ids = [torch.tensor([source.encode(prompt)]) for prompt in prompts_of("test", 2)]

    def written() -> list[list[int]]:
        return [
            source.network.generate(
                each, attention_mask=torch.ones_like(each), max_new_tokens=40, do_sample=False
            )[0, each.shape[1] :].tolist()
            for each in ids
        ]

    before = written()
    with vector.applied(source, coefficient=+1.0):
        longer = written()
    with vector.applied(source, coefficient=-1.0):
        shorter = written()
    assert written() == before
    assert sum(map(len, longer)) > 1.5 * sum(map(len, shorter))


def test_an_answer_at_zero_is_the_unsteered_answer(example):
    """Common noise: the dose is all that differs between two answers to one question."""
    source, vector = example["source"], example["vector"]
    questions = prompts_of("test", 4)
    zero = pv.answer(source, questions, vector, coefficients=(0,))
    plain = pv.answer(source, questions)
    assert [a.text for a in zero] == [a.text for a in plain]


def test_a_question_has_the_same_noise_as_a_string_wherever_it_stands(example):
    """The answer to a string does not depend on its neighbours."""
    source, questions = example["source"], ["What is Simos?", "Tell me about Bolmis."]
    together = pv.answer(source, questions)
    assert together[1].text == pv.answer(source, questions[1])[0].text


def test_a_vector_of_one_question_is_that_of_a_single_pair(example, names):
    """`single_pair` reads the first question alone."""
    source, poles = example["source"], {"more": "Answer exhaustively.", "less": "Answer briefly."}
    single = pv.extract(source, names["questions"], estimator="single_pair", **poles)
    mean = pv.extract(source, names["questions"][:1], **poles)
    assert single.middle.n_pairs == 1
    assert torch.equal(single.middle.direction, mean.middle.direction)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (lambda s, v: pv.extract(s, [], more="a", less="b"), "no questions"),
        (lambda s, v: pv.extract(s, "What is Simos?", more=[], less="b"), "`more` has no instr"),
        (lambda s, v: pv.answer(s, ["  "]), "one of them is empty"),
        (lambda s, v: pv.fit_adapter(s, s, ["A text."] * 9, method="least"), "Give one of ridge"),
        (lambda s, v: pv.fit_adapter(s, s, [("What is Simos?", "")]), "A text is empty"),
        (lambda s, v: pv.fit_adapter(s, s, ["A text."], source_site=9), "counted 0 to 5"),
        (lambda s, v: v.at(9), "no vector at block 9"),
        (lambda s, v: pv.load("mini-mistrol"), "Did you mean mini-mistral"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(example, broken, message):
    """Each mistake of a first call says what to give instead."""
    with pytest.raises(PrefvecError, match=message):
        broken(example["source"], example["vector"])
