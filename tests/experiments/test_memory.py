"""What was measured before is told again only where nothing that decided it has changed."""

from collections.abc import Callable
from dataclasses import replace

import pytest

import prefvec.experiments.memory
import prefvec.experiments.shelf
from prefvec.experiments.lab import Lab
from prefvec.experiments.material import Material
from prefvec.experiments.measured import Evidence
from prefvec.experiments.memory import Memory
from prefvec.experiments.options import Options
from prefvec.experiments.pairs import Pair, crossed
from prefvec.generation.store import CompletionStore
from prefvec.organisms.roster import homes
from prefvec.pytest_plugin.selection import Named, declared_claims
from tests.judged import judged
from tests.simulated import NATIVE, Scene, steers

pytestmark = pytest.mark.integration

MODEL = "mini-llama-small"
ASKED = ("a claim", Pair(source=MODEL, target=MODEL))


@pytest.fixture
def remember(tmp_path) -> Callable[..., Memory]:
    """The memory of a new run, with some of its settings and material stated otherwise."""
    usual = Options(
        sources=(MODEL,),
        targets=(MODEL,),
        device="cpu",
        samples=2,
        n_prompts=24,
        store=tmp_path / "completions.sqlite",
        quick=True,
    )

    def new(material: Callable[[Material], Material] = lambda usual: usual, **settings) -> Memory:
        options = replace(usual, **settings)
        put = material(Material.of(options))
        return Memory(Lab(options, CompletionStore(":memory:"), material=put))

    return new


def of_another_question(usual: Material) -> Material:
    """The last test prompt asks something else."""
    *rest, last = usual.splits["test"]
    return replace(usual, splits=usual.splits | {"test": [*rest, replace(last, text="Why?")]})


def of_other_words(usual: Material) -> Material:
    """One paraphrase of an instruction is another."""
    asked = replace(usual.trait.positive, held_out=("Go on at length.",))
    trait = replace(usual.trait, positive=asked)
    return replace(usual, trait=trait, traits=usual.traits | {trait.name: trait})


def of_other_counting(usual: Material) -> Material:
    """A measure of the user's, whose code was edited."""
    trait = replace(usual.trait, measure=replace(usual.trait.measure, code="edited"))
    return replace(usual, trait=trait, traits=usual.traits | {trait.name: trait})


def test_the_same_measurement_is_made_once(remember):
    """A later run is told what the first one measured."""
    assert remember().recall(ASKED, [MODEL], lambda: 1) == 1
    later = remember()
    assert later.has(ASKED, [MODEL])
    assert later.recall(ASKED, [MODEL], lambda: 2) == 1
    assert later.found == 1


@pytest.mark.parametrize(
    "differs",
    [
        {"seed": 1},
        {"samples": 3},
        {"max_new_tokens": 64},
        {"dtype": "float64"},
        {"quick": False},
        {"material": of_another_question},
        {"material": of_other_words},
        {"material": of_other_counting},
    ],
    ids=lambda differs: "-".join(map(str, differs)),
)
def test_another_setting_is_another_measurement(remember, differs):
    """Whatever a run states otherwise, it measures."""
    remember().recall(ASKED, [MODEL], lambda: 1)
    assert remember(**differs).recall(ASKED, [MODEL], lambda: 2) == 2


def test_other_code_measures_again(remember, monkeypatch):
    """A source that differs in one file."""
    remember().recall(ASKED, [MODEL], lambda: 1)
    code = prefvec.experiments.memory.code_fingerprints() | {"prefvec/rules.py": "0"}
    monkeypatch.setattr(prefvec.experiments.memory, "code_fingerprints", lambda: code)
    assert remember().recall(ASKED, [MODEL], lambda: 2) == 2


def test_other_weights_under_the_same_name_are_another_model(remember, monkeypatch):
    """The result is there, of a model that is gone: it is measured again, and kept instead."""
    remember().recall(ASKED, [MODEL], lambda: 1)
    monkeypatch.setattr(
        prefvec.experiments.shelf, "homes", lambda: homes() | {MODEL: homes()["mini-llama"]}
    )
    assert remember().has(ASKED, [MODEL])
    assert remember().recall(ASKED, [MODEL], lambda: 2) == 2
    assert remember().recall(ASKED, [MODEL], lambda: 3) == 2


def test_what_would_come_out_otherwise_is_not_kept(remember):
    """A measurement that was cut off by a fault is made again."""
    remember().recall(ASKED, [MODEL], lambda: 1, keep=lambda _: False)
    assert remember().recall(ASKED, [MODEL], lambda: 2) == 2


def test_a_file_cut_short_is_measured_again(remember, tmp_path):
    """A damaged file is replaced."""
    remember().recall(ASKED, [MODEL], lambda: 1)
    (path,) = (tmp_path / "measured").iterdir()
    path.write_bytes(path.read_bytes()[:-3])
    assert remember().recall(ASKED, [MODEL], lambda: 2) == 2
    assert remember().recall(ASKED, [MODEL], lambda: 3) == 2


def test_evidence_comes_back_as_it_was(remember):
    """The verdict of what was kept is that of what was measured, to the last digit."""
    scene = Scene(1)
    assessment = steers(scene, scene.arm("native", *NATIVE))

    def measure() -> Evidence:
        return Evidence(assessment=assessment, shown={"notes": []}, complete=True)

    remember().recall(ASKED, [MODEL], measure)
    kept = remember().recall(ASKED, [MODEL], lambda: pytest.fail("measured again"))
    assert judged(kept.assessment).record() == judged(assessment).record()


def test_a_claim_is_told_by_what_it_states(pytestconfig):
    """Read twice from its file it has the same representation; no two claims share one."""
    named = Named(sources=("a",), pairs=crossed(("a",), ("b", "c")), by_hand=False)
    once, again = (
        [repr(each) for each in declared_claims(pytestconfig.rootpath / "claims", named)]
        for _ in range(2)
    )
    assert once == again
    assert len(set(once)) == len(once)
    assert not any(" at 0x" in each for each in once)
