"""What stands beside each dose of an arm."""

import pytest

from prefvec.experiments.secondary import secondary_by_dose
from prefvec.organisms.material import about, prompts_of
from prefvec.organisms.world import Manner, the_world
from prefvec.text.completions import Completion

PROMPT = prompts_of("test", 1)[0].id


def said(coefficient: float, *manners: Manner, perplexity: float | None = None) -> Completion:
    """An answer that states one fact in each manner."""
    world = the_world()
    entity = world.entities[about(PROMPT)]
    facts = zip(entity.facts, manners, strict=False)
    return Completion(
        prompt=PROMPT,
        sample=0,
        text=" ".join(world.say(entity, fact, manner) for fact, manner in facts),
        n_tokens=9,
        finish_reason="stop",
        arm="native",
        coefficient=coefficient,
        steering_fingerprint="",
        perplexity=perplexity,
    )


def test_every_dose_has_its_own_metrics():
    """Counted by hand; what lacks a perplexity is left out of its mean."""
    answers = [
        said(0.0, Manner(), perplexity=2.0),
        said(1.0, Manner(), Manner(wording="casual"), perplexity=3.0),
        said(1.0, Manner(wording="casual"), Manner(wording="casual")),
    ]
    metrics = secondary_by_dose(answers, organisms=True)
    assert set(metrics) == {0.0, 1.0}
    assert metrics[0.0]["facts"] == metrics[0.0]["sentences"] == 1
    assert metrics[1.0]["facts"] == metrics[1.0]["sentences"] == 2
    assert (metrics[0.0]["share_formal"], metrics[1.0]["share_formal"]) == (1, 1 / 4)
    assert metrics[0.0]["perplexity"] == pytest.approx(2)
    assert metrics[1.0]["perplexity"] == pytest.approx(3)


def test_real_models_are_not_read_by_the_worlds_grammar():
    """Their answers have metrics of text alone."""
    (organism,) = secondary_by_dose([said(1.0, Manner())], organisms=True).values()
    (real,) = secondary_by_dose([said(1.0, Manner())], organisms=False).values()
    assert real.items() < organism.items()
    assert "facts" not in real
