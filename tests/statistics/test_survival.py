"""Proportional hazards of ending, against closed forms, a hand-made sandwich and simulation."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize_scalar

from prefvec.statistics.survival import ending_hazard

REMISSIONS = [
    *((1, 10, 0), (22, 7, 0), (3, 32, 1), (12, 23, 0), (8, 22, 0), (17, 6, 0), (2, 16, 0)),
    *((11, 34, 1), (8, 32, 1), (12, 25, 1), (2, 11, 1), (5, 20, 1), (4, 19, 1), (15, 6, 0)),
    *((8, 17, 1), (23, 35, 1), (5, 6, 0), (11, 13, 0), (4, 9, 1), (1, 6, 1), (8, 10, 1)),
]
"""Weeks of remission on placebo and on 6-mercaptopurine, and whether the latter is censored, in
pairs of patients (Freireich et al. 1963): all on placebo relapsed."""


def table(rows: list[tuple[str, float, int, int]]) -> pd.DataFrame:
    """Lengths of answers: prompt, coefficient, tokens, censored."""
    return pd.DataFrame(rows, columns=["prompt", "coefficient", "n_tokens", "censored"])


def drawn(seed: int, log_ratio: float, prompts: int = 48, cap: int = 10**6) -> pd.DataFrame:
    """Geometric lengths, prompts of different mean, whose hazard has this ratio for one unit."""
    rng = np.random.default_rng(seed)
    means = rng.uniform(40, 160, size=prompts)
    rows = []
    for prompt, mean in enumerate(means):
        for dose in (-1.0, -0.5, 0.0, 0.5, 1.0):
            for length in rng.exponential(mean / math.exp(log_ratio * dose), size=4):
                rows.append((f"p{prompt}", dose, min(cap, int(length)), int(length >= cap)))
    return table(rows)


def test_paired_remissions_have_the_ratio_of_preferences() -> None:
    """Closed form: in 18 of 21 pairs placebo relapsed first, so the log hazard ratio is −ln 6.

    Of pairs that are strata only the first to end tells, and the likelihood is binomial; the
    sandwich is then √(1/18 + 1/3), the binomial error of a log odds.
    """
    rows = []
    for pair, (placebo, treated, censored) in enumerate(REMISSIONS):
        rows += [(str(pair), 0.0, placebo, 0), (str(pair), 1.0, treated, censored)]
    hazard = ending_hazard(table(rows))
    assert hazard.estimate is not None
    assert hazard.estimate.estimate == pytest.approx(-math.log(6), abs=1e-6)
    assert hazard.estimate.standard_error == pytest.approx(math.sqrt(1 / 18 + 1 / 3), abs=1e-6)
    assert (hazard.estimate.n, hazard.estimate.df) == (21, 20)
    assert (hazard.ended, hazard.censored) == (30, 12)
    assert hazard.direction == 1
    assert "0.17" in hazard.sentence


def test_the_estimate_and_its_error_are_by_hand() -> None:
    """Oracle: the partial likelihood and Lin and Wei's sandwich, written out, without ties."""
    rng = np.random.default_rng(4)
    lengths = rng.permutation(np.arange(5, 125, 2))[:60].reshape(6, 10)
    doses = np.tile(np.linspace(-1, 1, 5), 2)
    cut = (lengths > 100).astype(int)
    rows = [
        (f"p{p}", float(doses[k]), int(lengths[p, k]), int(cut[p, k]))
        for p in range(6)
        for k in range(10)
    ]
    hazard = ending_hazard(table(rows))

    def parts(beta: float, p: int) -> tuple[float, float, float]:
        """Minus log likelihood, information and score residuals' sum of one prompt."""
        loss = information = score = 0.0
        for k in np.flatnonzero(cut[p] == 0):
            risk = lengths[p] >= lengths[p, k]
            weights = np.exp(beta * doses) * risk
            mean = (weights @ doses) / weights.sum()
            loss -= beta * doses[k] - math.log(weights.sum())
            information += (weights @ doses**2) / weights.sum() - mean**2
            # Over all of a stratum the martingale parts of the residuals cancel.
            score += doses[k] - mean
        return loss, information, score

    beta = minimize_scalar(lambda b: sum(parts(b, p)[0] for p in range(6)), tol=1e-12).x
    information = sum(parts(beta, p)[1] for p in range(6))
    meat = sum(parts(beta, p)[2] ** 2 for p in range(6))
    assert hazard.estimate is not None
    assert hazard.estimate.estimate == pytest.approx(beta, abs=1e-6)
    assert hazard.estimate.standard_error == pytest.approx(math.sqrt(meat) / information, rel=1e-5)


@pytest.mark.parametrize("cap", [10**6, 100])
def test_a_known_hazard_ratio_is_found_under_a_cap_too(cap: int) -> None:
    """The mean of 12 estimates lies within 4 of its errors, at a cap of 100 tokens as without."""
    found = [ending_hazard(drawn(seed, -0.6, cap=cap)).estimate for seed in range(12)]
    estimates = np.array([estimate.estimate for estimate in found if estimate is not None])
    assert estimates.size == 12
    error = estimates.std(ddof=1) / math.sqrt(12)
    # Whole tokens tie a few lengths, which Breslow's likelihood draws toward 0 by some per cent.
    assert abs(estimates.mean() + 0.6) < 4 * error + 0.02
    claimed = np.mean([estimate.standard_error for estimate in found if estimate is not None])
    assert 0.5 < claimed / estimates.std(ddof=1) < 2


def test_a_cap_hides_from_means_what_the_hazard_sees() -> None:
    """A third of the answers capped: the ratio of mean lengths shrinks, the hazard ratio stays."""
    free, capped = drawn(1, -0.6), drawn(1, -0.6, cap=90)
    assert capped["censored"].mean() > 0.3

    def of_means(lengths: pd.DataFrame) -> float:
        means = lengths.groupby("coefficient")["n_tokens"].mean()
        return math.log(means[1.0] / means[-1.0]) / 2

    assert of_means(capped) < 0.75 * of_means(free)
    hazards = [ending_hazard(lengths).estimate for lengths in (free, capped)]
    assert all(estimate is not None for estimate in hazards)
    assert [e.estimate for e in hazards if e] == pytest.approx([-0.6, -0.6], abs=0.12)


def test_answers_that_do_not_depend_on_the_dose_show_no_direction_mostly() -> None:
    """Of 40 true nulls at most 8 are called (5 % are expected; binomial, one in a thousand)."""
    called = sum(ending_hazard(drawn(seed, 0.0, prompts=12)).direction != 0 for seed in range(40))
    assert called <= 8


@pytest.mark.parametrize(
    ("lengths", "why"),
    [
        (lambda n, dose: (50, 1), "fewer than two prompts"),
        (lambda n, dose: (50, 0), "not at all"),
        (lambda n, dose: (int(60 + 40 * dose) + n, 0), "no maximum|without overlap"),
        (lambda n, dose: (0, 0), "not at all"),
    ],
    ids=["all-capped", "all-equal", "separated", "all-empty"],
)
def test_degenerate_answers_have_a_sentence_instead_of_a_ratio(lengths, why: str) -> None:
    """No warning, no nan and no infinity: there is no estimate, and it says why."""
    rows = [
        (f"p{p}", dose, *lengths(n, dose))
        for p in range(6)
        for dose in (-1.0, 0.0, 1.0)
        for n in range(3)
    ]
    hazard = ending_hazard(table(rows))
    assert hazard.estimate is None
    assert hazard.pvalue is None
    assert hazard.direction == 0
    assert hazard.sentence.startswith("Measured no hazard ratio")
    assert any(part in hazard.sentence for part in why.split("|"))


def test_a_prompt_without_an_answer_that_ended_adds_nothing() -> None:
    """Its answers were never at risk beside one that ended, and are counted as capped."""
    plain = drawn(2, -0.5, prompts=12)
    silent = table([("silent", dose, 300, 1) for dose in (-1.0, 0.0, 1.0)])
    both = ending_hazard(pd.concat([plain, silent], ignore_index=True))
    alone = ending_hazard(plain)
    assert both.estimate == alone.estimate
    assert both.censored == alone.censored + 3
