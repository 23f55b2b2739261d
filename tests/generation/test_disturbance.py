"""Doses at which vectors change what is said next by as much as each other."""

import functools
import math
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from prefvec.errors import PrefvecError
from prefvec.generation.disturbance import NextTokens, at_disturbance, disturbance
from prefvec.generation.dose_search import MOST, DoseSearch
from prefvec.vectors.steering import UNSTEERED, Steering
from prefvec.vectors.vector import random_direction
from tests.diagnostics.test_likelihood import ANSWERS, plainly
from tests.strategies import seeds
from tests.tiny import FAMILIES, questions, tiny
from tests.vectors.test_vector import of_model

TURNS = [(prompt, answer) for prompt in questions()[:2] for answer in ANSWERS]
KAPPAS = (0.05, 0.15, 0.5)
SMOOTH = [family for family in FAMILIES if family != "mixtral"]
"""Families without experts: where a token goes to other ones, κ jumps."""


def direction(model, seed: int, layer: int = 0):
    """A random direction in a tiny model."""
    return random_direction(of_model(model, layer), seed=seed)


@functools.cache
def curve(family: str, seed: int):
    """κ of a random direction, by norm; read once for all laws of the search."""
    model = tiny(family)
    vector = direction(model, seed)
    return vector, at_disturbance(model, TURNS, [vector], KAPPAS)[0]


def plain_kappa(model, vector, turns, most: int | None = None, positions="answer") -> float:
    """Oracle: torch's kl_div both ways between plain passes, position by position."""
    total, read = 0.0, 0
    for said in turns:
        turn = model.encode_turn(*said, closed=True)
        p = plainly(model, turn, UNSTEERED)[:most]
        for sign in (1.0, -1.0):
            steering = Steering(vector=vector, coefficient=sign, positions=positions)
            q = plainly(model, turn, steering)[:most]
            for a, b in ((p, q), (q, p)):
                total += float(torch.nn.functional.kl_div(a, b, log_target=True, reduction="sum"))
        read += len(p)
    return total / 4 / read


def test_the_divergence_of_two_tokens_is_computed_by_hand():
    """For p = (3/4, 1/4), q = (1/4, 3/4): ½ Σ (p − q)(ln p − ln q) = ½ ln 3, twice."""
    p = torch.tensor([[0.75, 0.25], [0.25, 0.75]]).log()
    q = torch.tensor([[0.0, math.log(3.0)], [5 + math.log(3.0), 5.0]])
    assert NextTokens.of(p).divergence(q) == pytest.approx(math.log(3.0))
    assert NextTokens.of(p).divergence(p) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("most", [None, 2])
def test_disturbance_is_half_of_jeffreys_divergence_over_all_positions(family, most):
    """Every position counts alike, both signs do, and so does a repeated answer."""
    model = tiny(family)
    vector = direction(model, 1).at_relative_norm(0.3)
    turns = [*TURNS, TURNS[0]]
    [found] = disturbance(model, turns, vector, most=most)
    assert found == pytest.approx(plain_kappa(model, vector, turns, most), rel=2e-3)


@pytest.mark.parametrize("family", SMOOTH)
def test_doses_have_the_disturbance_asked_for(family):
    """Within 2 %, measured again by the oracle; and more disturbance takes a larger norm."""
    model = tiny(family)
    vector, found = curve(family, 3)
    for kappa, dosed in found.items():
        assert torch.equal(dosed.direction, vector.direction)
        assert plain_kappa(model, dosed, TURNS) == pytest.approx(kappa, rel=0.02)
    norms = [found[kappa].norm for kappa in KAPPAS]
    assert norms == sorted(norms)


@settings(max_examples=4)
@given(seed=seeds, kappa=st.floats(0.02, 0.8), layer=st.integers(0, 1))
def test_any_direction_can_be_given_any_small_disturbance(seed, kappa, layer):
    """At either block."""
    model = tiny("llama")
    [found] = at_disturbance(model, TURNS, [direction(model, seed, layer)], [kappa])
    assert disturbance(model, TURNS, found[kappa]) == [pytest.approx(kappa, rel=0.01)]


def test_a_vector_and_its_negative_have_one_dose():
    """To the last bit."""
    model = tiny("mistral")
    vector, found = curve("mistral", 3)
    [negative] = at_disturbance(model, TURNS, [-vector], [0.15])
    assert negative[0.15].norm == found[0.15].norm
    some = found[0.15]
    assert disturbance(model, TURNS, some) == disturbance(model, TURNS, -some)
    assert disturbance(model, TURNS, some, [0.7]) == disturbance(model, TURNS, some, [-0.7])


def test_a_dose_does_not_depend_on_what_it_is_sought_beside():
    """Nor on the length that the vector had: bit for bit."""
    model = tiny("mistral")
    vector, found = curve("mistral", 3)
    vectors = [direction(model, 4, 1), replace(vector, norm=7 * vector.norm)]
    beside = at_disturbance(model, TURNS, vectors, [0.15, 0.3])
    assert beside[1][0.15].norm == found[0.15].norm


@settings(max_examples=4)
@given(batch_size=st.integers(1, 9), order=st.randoms(use_true_random=False))
def test_a_dose_does_not_depend_on_the_batch(batch_size, order):
    """Nor on the order of the turns, within rounding."""
    model = tiny("mistral")
    vector, found = curve("mistral", 3)
    shuffled = order.sample(TURNS, len(TURNS))
    [other] = at_disturbance(model, shuffled, [vector], [0.15], batch_size=batch_size)
    assert other[0.15].norm == pytest.approx(found[0.15].norm, rel=1e-4)


def test_disturbance_grows_as_the_square_of_small_doses():
    """And no dose disturbs nothing."""
    model = tiny("gemma")
    vector = curve("gemma", 3)[1][0.05]
    nothing, small, double, one = disturbance(model, TURNS, vector, [0.0, 0.1, 0.2, 1.0])
    assert nothing == 0
    assert double == pytest.approx(4 * small, rel=0.15)
    assert small < double < one


def test_what_cannot_be_reached_is_refused():
    """A direction cannot disturb without bounds; a disturbance is above 0; there are turns."""
    model = tiny("mistral")
    vector = direction(model, 3)
    with pytest.raises(PrefvecError, match="times the residual norm"):
        at_disturbance(model, TURNS[:1], [vector], [1e6])
    for nothing in (0.0, -0.1, math.inf, math.nan):
        with pytest.raises(PrefvecError, match="No dose has a disturbance"):
            at_disturbance(model, TURNS, [vector], [nothing])
    for turns, most in (([], None), (TURNS, 0)):
        with pytest.raises(PrefvecError, match="no positions"):
            disturbance(model, turns, vector, most=most)
    with pytest.raises(PrefvecError, match="does not belong"):
        disturbance(tiny("llama"), TURNS, vector)
    assert at_disturbance(model, TURNS, [vector], []) == [{}]


def sought(kappa: float, of_norm, residual_norm: float = 1.0) -> tuple[float, int]:
    """The norm that a search finds on a given curve, and after how many trials."""
    search = DoseSearch(kappa, replace(of_model(tiny("llama")), residual_norm=residual_norm))
    trials = 0
    while search.found is None:
        search.learn(of_norm(search.norm()))
        trials += 1
    return search.found, trials


@given(
    kappa=st.floats(0.01, 2.0),
    scale=st.floats(1e-3, 30.0),
    bend=st.floats(-1.5, 4.0),
    residual_norm=st.floats(0.01, 1e5),
)
def test_searches_take_few_trials_on_smooth_curves(kappa, scale, bend, residual_norm):
    """Curves that bend from slope 2 to between 0.5 and 6 at any norm, or never get there."""

    def of_norm(norm: float) -> float:
        x = norm / residual_norm / scale
        return 0.1 * x**2 * (1 + x**2) ** (bend / 2)

    if of_norm(MOST * residual_norm) < kappa:
        with pytest.raises(PrefvecError, match="times the residual norm"):
            sought(kappa, of_norm, residual_norm)
        return
    found, trials = sought(kappa, of_norm, residual_norm)
    assert of_norm(found) == pytest.approx(kappa, rel=0.005)
    assert trials <= 12


def test_the_smallest_of_several_norms_is_found():
    """A curve that falls again after it has passed what is wanted."""

    def hump(norm: float) -> float:
        return norm**2 if norm < 1 else 1 / norm + (norm / 20) ** 2

    assert sought(0.5, hump)[0] == pytest.approx(0.5**0.5, rel=0.01)


def test_curves_with_a_jump_or_without_a_number_are_refused():
    """What is wanted lies in the jump; or the model has overflowed."""
    with pytest.raises(PrefvecError, match="jumps past it at 0"):
        sought(0.5, lambda norm: 0.1 if norm < 0.3 else 1.0)
    found, _ = sought(0.5, lambda norm: 0.492 if norm < 0.3 else 1.0)
    assert found == pytest.approx(0.3, rel=0.001)
    with pytest.raises(PrefvecError, match="more than that down to 1e-07"):
        sought(0.5, lambda norm: 1.0)
    with pytest.raises(PrefvecError, match="κ is nan"):
        sought(0.5, lambda norm: math.nan)
    with pytest.raises(PrefvecError, match=r"no more than 0 nats"):
        sought(0.5, lambda norm: 0.0)
