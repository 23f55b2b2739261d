"""Both ways of RAHF tune towards chosen answers and away from rejected ones, and not the reverse.

What an adapter of step one does is measured on the model that it makes, apart from the code that
reads it in training.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from prefvec.models.language_model import LanguageModel
from prefvec.tuning import Placement, Steps, Tuned, rahf_dual, rahf_scit
from prefvec.tuning.lora import lora
from prefvec.tuning.losses import EPSILON
from prefvec.tuning.objectives import heed_instructions
from prefvec.tuning.reading import Reader
from prefvec.tuning.training import batch_at
from prefvec.vectors.residual import Site
from tests.tuned import FAST, held, likelihood, model, pairs

SITE = Site(1, "resid_post")
COEFFICIENT = 5.0


@dataclass(frozen=True, kw_only=True)
class Both:
    """A way of RAHF, tuned towards chosen answers and away from them.

    Attributes:
        towards: at a positive coefficient.
        away: at its opposite.
        first: the models of step one, by the name of the adapter.
    """

    towards: Tuned
    away: Tuned
    first: dict[str, LanguageModel]


def _tuned(way, folder: Path, *names: str) -> Both:
    towards, away = (
        way(
            model(),
            "verbosity",
            pairs(),
            folder / name,
            coefficient=coefficient,
            step_one=folder,
            steps=Steps(first=FAST, second=FAST),
        )
        for name, coefficient in (("towards", COEFFICIENT), ("away", -COEFFICIENT))
    )
    first = {}
    for name in names:
        adapter = Tuned.load(folder / name)
        assert adapter is not None
        first[name] = adapter.merged(model())
    return Both(towards=towards, away=away, first=first)


@pytest.fixture(scope="module")
def dual(tmp_path_factory):
    """RAHF-DUAL."""
    return _tuned(rahf_dual, tmp_path_factory.mktemp("dual"), "chosen", "rejected")


@pytest.fixture(scope="module")
def scit(tmp_path_factory):
    """RAHF-SCIT."""
    return _tuned(rahf_scit, tmp_path_factory.mktemp("scit"), "instructed")


def answers():
    """Chosen and rejected answers, in the order in which patterns are read on them."""
    return [each for pair in pairs() for each in (pair.chosen, pair.rejected)]


def duals_pattern(both: Both, batch) -> torch.Tensor:
    """What the model of chosen answers holds, less what that of rejected ones does."""
    chosen, rejected = (
        held(both.first[name], batch, None, SITE) for name in ("chosen", "rejected")
    )
    return chosen - rejected


def scits_pattern(both: Both, batch) -> torch.Tensor:
    """What the instructed model holds under the positive instruction, less under the negative."""
    more, less = (
        held(both.first["instructed"], batch, pole, SITE) for pole in ("positive", "negative")
    )
    return more - less


def share(tuned: Tuned, pattern: torch.Tensor) -> float:
    """How far a tuned model has moved along the mean of a pattern, as a share of it."""
    plain, moved = (held(of, answers(), None, SITE) for of in (model(), tuned.merged(model())))
    mean = pattern.mean(dim=0)
    return float((moved - plain).mean(dim=0) @ mean / (mean @ mean))


@pytest.mark.parametrize(("name", "other"), [("chosen", "rejected"), ("rejected", "chosen")])
def test_each_of_duals_models_says_the_answers_that_it_is_named_for(dual, name, other):
    """Each of them more likely than the other model does, and than the base did."""
    for pair in pairs():
        spoken = getattr(pair, name).spoken(None)
        said = likelihood(dual.first[name], spoken)
        assert said > likelihood(dual.first[other], spoken) + 0.5
        assert said > likelihood(model(), spoken) + 0.5


def test_dual_moves_from_rejected_to_chosen_by_its_sign(dual):
    """Along what the model of chosen answers holds less what that of rejected ones does."""
    pattern = duals_pattern(dual, answers())
    assert share(dual.towards, pattern) > 0.5
    assert share(dual.away, pattern) < -0.5


def test_scits_model_heeds_the_instruction_of_either_pole(scit):
    """Chosen answers more likely under the positive instruction, rejected under the negative."""
    for name, heeded, opposed in (
        ("chosen", "positive", "negative"),
        ("rejected", "negative", "positive"),
    ):
        tuned, base = (
            sum(
                likelihood(of, getattr(pair, name).spoken(heeded))
                - likelihood(of, getattr(pair, name).spoken(opposed))
                for pair in pairs()
            )
            / len(pairs())
            for of in (scit.first["instructed"], model())
        )
        assert tuned > base + 0.25
        assert tuned > 0.5


def test_scit_moves_from_the_negative_instruction_to_the_positive_by_its_sign(scit):
    """Along what the instructed model holds under the one less under the other."""
    pattern = scits_pattern(scit, answers())
    assert share(scit.towards, pattern) > 0.5
    assert share(scit.away, pattern) < -0.5


@pytest.mark.parametrize(("way", "pattern"), [("dual", duals_pattern), ("scit", scits_pattern)])
def test_step_two_begins_at_the_distance_that_step_one_found(request, way, pattern):
    """Before it has learned anything, it is the coefficient times the pattern away from there."""
    both = request.getfixturevalue(way)
    batch = [answers()[number] for number in batch_at(0, len(answers()), FAST)]
    wanted = COEFFICIENT * float(pattern(both, batch).norm(dim=-1).mean())
    assert both.towards.losses[0] == pytest.approx(wanted, rel=1e-3)
    assert both.away.losses[0] == pytest.approx(wanted, rel=1e-3)


def test_heeding_is_what_scit_makes_likely_and_opposing_what_it_makes_unlikely():
    """The loss of the paper, by a plain loop; with either swapped it would be another."""
    placement = Placement(sites=(SITE,))
    with lora(model(), placement, seed=0) as adapters, torch.no_grad():
        reader = Reader(model=model(), adapters=adapters, sites=(SITE,), precision="float32")
        found = float(sum(heed_instructions(reader, pairs())(range(len(pairs())))))
    poles = {"chosen": ("positive", "negative"), "rejected": ("negative", "positive")}
    said = [
        [likelihood(model(), getattr(pair, name).spoken(pole)) for pole in both]
        for name, both in poles.items()
        for pair in pairs()
    ]
    assert found == pytest.approx(_heeding_loss(said), abs=1e-4)
    assert abs(found - _heeding_loss([[b, a] for a, b in said])) > 0.01


def _heeding_loss(said):
    """Mean over answers, each by its mean log-likelihood as heeded and as opposed."""
    total = 0.0
    for heeded, opposed in said:
        right = math.exp(heeded) / (math.exp(heeded) + math.exp(opposed))
        total -= heeded + (1 - EPSILON) * math.log(right) + EPSILON * math.log(1 - right)
    return total / len(said)
