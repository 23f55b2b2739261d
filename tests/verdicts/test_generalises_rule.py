"""The rule about models: SUPPORTED, its reverse, and what makes it INVALID."""

import itertools

import numpy as np
import pytest

from prefvec.errors import PrefvecError
from prefvec.verdicts.between_models import Generalises
from prefvec.verdicts.between_rules import Carried, assess_generalises
from prefvec.verdicts.verdict import Outcome
from prefvec.verdicts.wording import conclude

FAILS = Generalises(share_of_native=0.25, alternative="less")
WORKS = Generalises(share_of_native=0.5, alternative="greater")
KIN = {f"{name}-{k}": name for name in ("a", "b") for k in range(3)}
NATIVE = 0.8


def prompts(odd):
    """24 prompts with some spread around a mean odd part."""
    return np.linspace(-0.3, 0.3, 24) + odd


def judged(by_target, criterion=FAILS, *, natives=None, changed=None, targets=tuple(KIN), **facts):
    """The assessment of shares by target, each from every target of the other architecture."""
    carried = [
        Carried(
            source=source,
            target=target,
            odd=prompts(by_target[target] * NATIVE),
            changed=(changed or {}).get((source, target), 1.0),
        )
        for source, target in itertools.product(KIN, targets)
        if KIN[source] != KIN[target]
    ]
    return assess_generalises(
        "between",
        carried,
        natives={name: prompts((natives or {}).get(name, NATIVE)) for name in targets},
        kin=KIN,
        what="vectors copied raw",
        criterion=criterion,
        identity_holds=facts.get("identity_holds", True),
    )


def around(mean, spread=0.08):
    """Shares of the six targets."""
    return dict(zip(KIN, mean + spread * np.array([-1, 1, -0.5, 0.5, -0.2, 0.2]), strict=True))


def outcome(assessment):
    """Of a claim that is a family by itself."""
    return assessment.outcome(assessment.pvalue)


@pytest.mark.parametrize(
    ("criterion", "mean", "expected"),
    [
        (FAILS, 0.05, Outcome.SUPPORTED),
        (FAILS, 0.25, Outcome.INCONCLUSIVE),
        (FAILS, 0.45, Outcome.REFUTED),
        (WORKS, 0.8, Outcome.SUPPORTED),
        (WORKS, 0.5, Outcome.INCONCLUSIVE),
        (WORKS, 0.2, Outcome.REFUTED),
    ],
)
def test_the_mean_share_decides_either_way(criterion, mean, expected):
    """Significantly on its side, on the other, or neither."""
    assert outcome(judged(around(mean), criterion)) is expected


def test_five_targets_are_too_few():
    """However clear they are."""
    assessment = judged(around(0.0), targets=tuple(KIN)[:5])
    assert outcome(assessment) is Outcome.INVALID
    assert "5 targets were measured" in conclude(assessment, 1.0).sentence


@pytest.mark.parametrize("odd", [0.1, 0.0, -0.5])
def test_a_target_that_its_own_vector_does_not_steer_makes_it_invalid(odd):
    """Also where the share would have no number."""
    assessment = judged(around(0.0), natives={"b-1": odd})
    assert outcome(assessment) is Outcome.INVALID
    assert "own vectors of b-1" in conclude(assessment, 1.0).sentence


def test_a_hook_that_never_fired_fails_nothing():
    """A share of exactly 0 would support that transfer fails."""
    assessment = judged(around(0.0), changed={("a-0", "b-2"): 0.0})
    assert outcome(assessment) is Outcome.INVALID
    assert "a-0 → b-2" in conclude(assessment, 1.0).sentence


def test_a_coefficient_of_0_that_steers_makes_it_invalid():
    """As of every claim."""
    assert outcome(judged(around(0.0), identity_holds=False)) is Outcome.INVALID


def test_holm_can_take_support_away():
    """The p-value of its family decides."""
    assessment = judged(around(0.18, 0.1))
    assert assessment.pvalue < 0.05
    assert assessment.outcome(0.2) is Outcome.INCONCLUSIVE


def test_the_verdict_shows_t_sign_test_spreads_and_prediction():
    """All in its lines, and the sentence counts targets."""
    verdict = conclude(judged(around(0.05)), 0.01)
    names = {line.name for line in verdict.components}
    assert {
        "mean share of native below 25 %",
        "sign test over targets",
        "a further target",
        "spread between training seeds",
        "spread between architectures",
    } <= names
    assert "(6 targets)" in verdict.sentence
    assert verdict.effect is None
    assert verdict.record()["kind"] == "generalises"


def test_an_open_claim_says_how_many_more_targets():
    """In the unit of the claim."""
    assert "more targets would decide" in conclude(judged(around(0.2, 0.1)), 0.2).sentence


@pytest.mark.parametrize("share", [0.0, 1.0, float("nan")])
def test_a_criterion_that_can_decide_nothing_is_refused(share):
    """With a sentence."""
    with pytest.raises(PrefvecError, match="can decide nothing"):
        Generalises(share_of_native=share, alternative="less")


def test_the_criterion_says_what_refutes_it():
    """In its sentence, with the threshold."""
    assert "significantly below 25 %" in FAILS.sentence
    assert "significantly above it, the claim is refuted" in FAILS.sentence
    assert WORKS.parameters["rho"] == 0.5


def test_false_support_is_rare_at_the_threshold():
    """At a true mean of φ, with a spread between targets: at most 5 %."""
    generator = np.random.default_rng(3)
    found = [
        outcome(judged(dict(zip(KIN, generator.normal(0.25, 0.2, 6), strict=True))))
        for _ in range(300)
    ]
    assert found.count(Outcome.SUPPORTED) / 300 < 0.08
    assert found.count(Outcome.REFUTED) / 300 < 0.08
