"""Between models the target is the unit: level, intervals, spreads, and what pairs would do."""

import itertools

import numpy as np
import pytest
from scipy import stats

from prefvec.errors import PrefvecError
from prefvec.statistics.between_models import TargetShares, against

ARCHITECTURES = {"a": 3, "b": 3, "c": 2}
KIN = {f"{name}{k}": name for name, count in ARCHITECTURES.items() for k in range(count)}


def shares_of(values, kin=None):
    """One source for each target."""
    return TargetShares(
        shares={str(i): {"source": float(v)} for i, v in enumerate(values)},
        kin=kin or {str(i): str(i) for i in range(len(values))},
    )


def draw(generator, m, mean, between, within):
    """Shares of all ordered pairs of m models, with an effect of the target."""
    effects = generator.normal(0, between, m)
    return {
        (f"s{s}", f"t{t}"): mean + effects[t] + generator.normal(0, within)
        for s, t in itertools.permutations(range(m), 2)
    }


@pytest.mark.parametrize("between", [0.1, 0.3])
def test_over_targets_the_level_is_kept_where_pairs_would_break_it(between):
    """6 models, a target effect, a true mean at the threshold: 5 %, and over pairs far more."""
    generator = np.random.default_rng(8)
    runs, targets, pairs = 1500, 0, 0
    kin = {f"t{t}": f"t{t}" for t in range(6)}
    for _ in range(runs):
        drawn = draw(generator, 6, 0.25, between, 0.1)
        test = against(TargetShares.of_pairs(drawn, kin), 0.25, "less", of="native")
        targets += test.holds(0.05)
        pairs += stats.ttest_1samp([*drawn.values()], 0.25, alternative="less").pvalue <= 0.05
    assert targets / runs == pytest.approx(0.05, abs=0.018)
    assert 0.12 < pairs / runs < 0.32


def test_the_sign_test_keeps_its_level():
    """At most 5 %: 6 of 6 targets beyond the threshold have p = 1/64."""
    generator = np.random.default_rng(9)
    found = [
        against(shares_of(generator.normal(0.25, 0.2, 6)), 0.25, "less", of="native").pvalue_sign
        for _ in range(1500)
    ]
    assert np.mean(np.array(found) <= 0.05) < 0.03


def test_t_and_sign_test_are_scipys():
    """By t with m − 1 degrees of freedom, and by the binomial distribution."""
    values = [0.1, 0.0, 0.3, 0.05, -0.1, 0.2]
    test = against(shares_of(values), 0.25, "less", of="native")
    assert test.pvalue == pytest.approx(stats.ttest_1samp(values, 0.25, alternative="less").pvalue)
    assert test.beyond == 5
    assert test.pvalue_sign == pytest.approx(7 / 64)


def test_t_decides_where_few_signs_cannot():
    """With 4 targets the sign-flip p is at least 1/16; t is free of that."""
    test = against(shares_of([0.01, 0.02, 0.0, 0.03]), 0.25, "less", of="native")
    assert test.pvalue_signflip == 1 / 16
    assert test.holds(0.05)
    assert not test.signflip_disagrees(0.05)


def test_targets_that_agree_are_judged_by_their_signs():
    """Their t is undefined."""
    test = against(shares_of([0.0] * 6), 0.25, "less", of="native")
    assert test.pvalue_t is None
    assert test.pvalue == 1 / 64


def test_each_target_counts_once_however_many_its_sources():
    """The mean over sources is its share."""
    shares = TargetShares(
        shares={"x": {"p": 0.2, "q": 0.4, "r": 0.6}, "y": {"p": 0.0}}, kin={"x": "x", "y": "y"}
    )
    np.testing.assert_allclose(shares.values, [0.4, 0.0])
    assert shares.estimate.estimate == pytest.approx(0.2)
    assert shares.estimate.df == 1


def test_a_further_target_lies_in_the_prediction_interval():
    """In 95 % of runs."""
    generator = np.random.default_rng(10)
    hits = 0
    for _ in range(1500):
        values = generator.normal(0.4, 0.3, 7)
        low, high = shares_of(values[:6]).prediction_interval()
        hits += low <= values[6] <= high
    assert hits / 1500 == pytest.approx(0.95, abs=0.02)


def test_the_spreads_are_told_apart():
    """On average, those that the values were drawn with."""
    generator = np.random.default_rng(11)
    kin = {f"{a}-{k}": str(a) for a in range(30) for k in range(3)}
    effects = {str(a): generator.normal(0, 0.3) for a in range(30)}
    shares = TargetShares(
        shares={name: {"s": effects[of] + generator.normal(0, 0.1)} for name, of in kin.items()},
        kin=kin,
    )
    assert shares.spread_of_seeds == pytest.approx(0.1, rel=0.25)
    assert shares.spread_of_architectures == pytest.approx(0.3, rel=0.35)


def test_spreads_that_nothing_tells_apart_are_none():
    """Of targets without siblings, and of one architecture."""
    assert shares_of([0.1, 0.2, 0.3]).spread_of_seeds is None
    assert shares_of([0.1, 0.2, 0.3]).spread_of_architectures is None
    one = shares_of([0.1, 0.3], kin={"0": "a", "1": "a"})
    assert one.spread_of_seeds == pytest.approx(np.std([0.1, 0.3], ddof=1))
    assert one.spread_of_architectures is None


def test_the_forest_has_a_row_for_each_target_and_the_prediction():
    """Targets of one source have no interval."""
    shares = TargetShares(
        shares={name: {"s": 0.1, "t": 0.2} if i else {"s": 0.3} for i, name in enumerate(KIN)},
        kin=KIN,
    )
    figure = shares.record()
    assert [row["label"] for row in figure["rows"][:-1]] == [*KIN]
    assert figure["rows"][0]["low"] is None
    assert figure["rows"][1]["low"] < 0.15 < figure["rows"][1]["high"]
    mean = figure["rows"][-1]
    assert mean["pooled"]
    assert mean["predicted"]["low"] < mean["low"] < mean["high"] < mean["predicted"]["high"]
    assert "standard deviation" in shares.summary()


@pytest.mark.parametrize("shares", [{"x": {"s": 0.1}}, {"x": {"s": 0.1}, "y": {}}])
def test_too_little_is_refused(shares):
    """With a sentence."""
    with pytest.raises(PrefvecError, match="say nothing of models"):
        TargetShares(shares=shares, kin={"x": "x", "y": "y"})


def test_a_share_of_nothing_is_refused():
    """A target whose own vector does nothing gives no finite share."""
    with pytest.raises(PrefvecError, match="1 not finite"):
        shares_of([0.1, np.nan])
