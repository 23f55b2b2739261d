"""A rehearsal asks what a run asks: the measuring code is the same, and models are a law."""

import dataclasses
import runpy
from collections import Counter

import pytest
import torch

from prefvec.experiments.costs import bytes_in_memory, keep_rate, rate_of
from prefvec.experiments.measuring import measure
from prefvec.experiments.options import Options
from prefvec.experiments.pairs import Pair
from prefvec.experiments.rehearsal import RehearsalLab
from prefvec.generation.requests import MEMORY, MOST_ROWS, _rows_that_fit
from prefvec.generation.store import CompletionStore
from prefvec.models.outlines import Outline, outline_of
from prefvec.pytest_plugin.plan import keep_plan, planned, rehearse
from prefvec.pytest_plugin.plan_table import told
from prefvec.shipped import SHIPPED
from tests.claim_suite import ROOT
from tests.fake_laboratory import GAINS, SOURCE, TARGET, WIDTH, laboratory, material
from tests.tiny import save_tiny, tiny

pytestmark = pytest.mark.integration

OUTLINE = Outline(
    n_layers=len(GAINS),
    d_model=WIDTH,
    parameters=10**6,
    kept_a_token=512,
    vocab_size=300,
    kind="chat",
)
CLAIMS = (
    "self_steering",
    "as_good_as_asking",
    "raw_transfer",
    "adapted_transfer_exposed",
    "neutral_statements_same_block",
    "anchors",
    "quantised_weights",
)


def stated(name, which="CLAIM"):
    """The claim, or the claims, of a file of the suite."""
    return runpy.run_path(str(ROOT / "claims" / f"test_{name}.py"))[which]


def pair_of(claim):
    """The fake laboratory's models."""
    return Pair.alone(SOURCE) if claim.about_source else Pair(source=SOURCE, target=TARGET)


class Listening(RehearsalLab):
    """A rehearsal that counts requests about test prompts by model and arm."""

    def __init__(self, *args, **others):
        super().__init__(*args, **others)
        self.heard = Counter()

    def ask(self, name, requests, what, **others):
        """As in any rehearsal, counted."""
        self.heard.update((name, what, r.arm) for r in requests if r.prompt.id.startswith("test-"))
        return super().ask(name, requests, what, **others)


def test_it_asks_of_the_test_prompts_what_a_laboratory_is_asked(tmp_path):
    """As often by each model in each arm, whichever cell the search before has chosen."""
    with laboratory() as fake, CompletionStore(":memory:") as store:
        options = dataclasses.replace(fake.options, store=tmp_path / "s.sqlite")
        rehearsal = Listening(options, store, lambda _: OUTLINE, material=material())
        for name in CLAIMS:
            claim = stated(name)
            for lab in (fake, rehearsal):
                assert measure(claim, pair_of(claim), lab).complete
        asked = [entry for entry in fake.log.asked if entry.split == "test"]
        assert asked
        assert rehearsal.heard == Counter((e.model, e.what, e.arm) for e in asked)


@pytest.fixture(scope="module")
def plan():
    """A smoke run of one claim about an organism."""
    options = Options(sources=("mini-mistral",), targets=("mini-llama",), samples=2, quick=True)
    claims = [(stated("self_steering"), Pair.alone("mini-mistral"))]
    return options, claims, rehearse(options, claims)


def test_a_plan_has_what_a_run_takes(plan, tmp_path):
    """Answers, tokens, hours, memory and disk, in 100 columns; hours by size, and said so."""
    options, claims, found = plan
    options = dataclasses.replace(options, store=tmp_path / "s.sqlite")
    lines = told(options, found, len(claims))
    assert not found.unsure
    assert all(len(line) <= 100 for line in lines if str(tmp_path) not in line)
    (row,) = [line for line in lines if line.startswith("mini-mistral ")]
    assert f"{len(found.ledger.answers['mini-mistral']):,}" in row
    assert "size" in row
    keep_rate(options.store, "mini-mistral", 500, 10.0)
    (row,) = [x for x in told(options, found, 1) if x.startswith("mini-mistral ")]
    assert "its rate here" in row
    assert not options.store.exists()


def test_a_run_of_the_same_claims_knows_its_plan(plan, tmp_path):
    """And one of others does not."""
    options, claims, found = plan
    options = dataclasses.replace(options, store=tmp_path / "s.sqlite")
    assert planned(options, claims) is None
    keep_plan(options, claims, found)
    assert planned(options, claims) == sum(map(len, found.ledger.answers.values()))
    assert planned(dataclasses.replace(options, samples=3), claims) is None


def test_memory_is_that_of_the_batches_that_a_run_has(monkeypatch):
    """As many rows as decoding takes at once, in as many lanes, beside weights and libraries."""
    model = tiny("llama")
    outline = outline_of(model.name)
    columns = 128 + 64
    rows = _rows_that_fit(model, columns)
    assert rows == MOST_ROWS
    held = 4 * rows * (outline.kept_a_token * columns + 2 * outline.vocab_size)
    weights = sum(weight.numel() for weight in model.network.parameters())
    assert outline.vocab_size == model.network.config.vocab_size
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    asked = {"tokens": 128, "gpu": False}
    found = [bytes_in_memory(outline, 4, answers=n, **asked) for n in (1, 2 * rows, 100 * rows)]
    assert found[1] == found[2]
    assert found[1] - found[0] == pytest.approx(2 * held, rel=0.01)
    assert found[0] == pytest.approx(2**30 + 4 * weights, rel=0.01)
    large = dataclasses.replace(outline, kept_a_token=10**6)
    assert bytes_in_memory(large, 4, answers=10**5, **asked) == pytest.approx(
        2**30 + 4 * weights + 2 * MEMORY, rel=0.01
    )


def test_memory_is_reckoned_in_the_numbers_that_a_model_is_loaded_in(plan):
    """Those of its registry entry, unless the run names others."""
    options, claims, found = plan
    (name,) = found.outlines

    def memory(entry, **named):
        outlines = {name: dataclasses.replace(found.outlines[name], dtype=entry)}
        told_of = dataclasses.replace(found, outlines=outlines)
        lines = told(dataclasses.replace(options, **named), told_of, len(claims))
        return next(line for line in lines if line.startswith("in all"))

    assert memory("bfloat16") == memory(None, dtype="bfloat16") != memory(None)
    assert memory("bfloat16", dtype="float32") == memory(None)


def test_rates_add_up(tmp_path):
    """Over runs, model by model."""
    store = tmp_path / "s.sqlite"
    assert not rate_of(store, "a", OUTLINE, 50, gpu=False).measured
    keep_rate(store, "a", 100, 10.0)
    keep_rate(store, "a", 300, 10.0)
    rate = rate_of(store, "a", OUTLINE, 50, gpu=False)
    assert (rate.tokens_a_second, rate.measured) == (20.0 * 50, True)


def test_an_outline_is_that_of_the_model(tmp_path):
    """Read without its weights."""
    outline = outline_of(str(save_tiny(tmp_path, "llama")))
    (tmp_path / "model.safetensors").rename(tmp_path / "other.safetensors")
    assert outline_of(str(tmp_path)) == outline
    assert (outline.d_model, outline.kind) == (32, "chat")
    home = SHIPPED / "organisms" / "weights" / "mini-mistral"
    assert outline_of(str(home)).n_layers == 6
