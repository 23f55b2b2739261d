"""What the rule `works` gives, and why."""

from dataclasses import replace

import pytest

from prefvec.verdicts.criteria import Works
from prefvec.verdicts.doses import DoseResponse
from prefvec.verdicts.rules import assess_works
from prefvec.verdicts.verdict import Outcome
from tests.judged import judged
from tests.simulated import NATIVE, Scene, share_of, steers, works

SUPPORTED, REFUTED, INCONCLUSIVE = Outcome.SUPPORTED, Outcome.REFUTED, Outcome.INCONCLUSIVE


@pytest.mark.parametrize(
    ("share", "outcome"),
    [(0.9, SUPPORTED), (0.0, REFUTED), (0.35, REFUTED), (0.5, INCONCLUSIVE)],
)
def test_working_is_more_than_half_of_native(
    native: DoseResponse, scene: Scene, share: float, outcome: Outcome
) -> None:
    """Much works, nothing and a third are refuted, a half is neither."""
    adapted = scene.arm("adapted", *share_of(NATIVE, share))
    verdict = judged(works(scene, adapted, native, scene.arm("raw")))
    assert verdict.outcome is outcome
    assert "of native" in verdict.sentence


@pytest.mark.parametrize(
    ("share", "label"), [(0.9, "transfers"), (0.38, "partial"), (0.25, None), (0.0, None)]
)
def test_a_partial_transfer_is_significantly_more_than_a_quarter(
    share: float, label: str | None
) -> None:
    """And on average less than half; a quarter itself is not yet one. Eight hundred prompts."""
    scene = Scene(1, n=800)
    adapted, native = scene.arm("adapted", *share_of(NATIVE, share)), scene.arm("native", *NATIVE)
    verdict = judged(works(scene, adapted, native, scene.arm("raw")))
    assert verdict.outcome is (SUPPORTED if share == 0.9 else REFUTED)
    assert verdict.label == label
    assert ("partial transfer" in verdict.sentence) == (label == "partial")
    shown = [c for c in verdict.components if c.name.startswith("partial: ")]
    assert [c.role for c in shown] == ["shown"]
    assert (shown[0].passed is True) == (share > 0.25)


def test_what_controls_do_too_is_no_partial_transfer() -> None:
    """Two random directions as strong take the word away."""
    scene = Scene(1, n=800)
    adapted, native = scene.arm("adapted", *share_of(NATIVE, 0.38)), scene.arm("native", *NATIVE)
    calm = scene.controls()
    strong = scene.control("random-x", *share_of(NATIVE, 0.45))
    for controls, label in (
        (calm, "partial"),
        (replace(calm, random=(*calm.random[2:], strong, strong)), None),
    ):
        verdict = judged(works(scene, adapted, native, scene.arm("raw"), controls))
        assert verdict.outcome is REFUTED
        assert verdict.label == label


def test_the_adapter_must_beat_the_raw_vector(scene: Scene, native: DoseResponse) -> None:
    """Where the raw copy does as much, the adapter has carried nothing."""
    adapted = scene.arm("adapted", *share_of(NATIVE, 0.9))
    raw = scene.arm("raw", *share_of(NATIVE, 0.9))
    assert judged(works(scene, adapted, native, raw)).outcome is INCONCLUSIVE
    assert judged(works(scene, adapted, native, raw=None)).outcome is SUPPORTED


def test_an_incoherent_adapted_vector_is_refuted(scene: Scene, native: DoseResponse) -> None:
    """Coherence significantly below the margin refutes that it works."""
    adapted = scene.arm("adapted", *NATIVE, coherent=0.6)
    verdict = judged(works(scene, adapted, native, scene.arm("raw")))
    assert verdict.outcome is REFUTED
    assert "coherence lost" in verdict.sentence


@pytest.mark.parametrize("coherent", [(0.6, 0.98), (0.98, 0.6)])
def test_coherence_is_lost_at_either_dose(
    scene: Scene, native: DoseResponse, coherent: tuple[float, float]
) -> None:
    """The other dose does not make up for it."""
    adapted = scene.arm("adapted", *NATIVE, coherent=coherent)
    assert judged(works(scene, adapted, native, scene.arm("raw"))).outcome is REFUTED


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("kind", ["random", "shuffled", "through_map", "unrelated"])
def test_controls_that_do_as_much_block_support_and_refute_nothing(
    scene: Scene, native: DoseResponse, kind: str, sign: int
) -> None:
    """Whichever family it is, and whichever way round: two of 38 are more than 5 %."""
    make = scene.arm if kind == "unrelated" else scene.control
    rival = make(f"{kind}-rival", *share_of(NATIVE, 0.87 * sign))
    calm = scene.controls()
    controls = replace(calm, **{kind: (*getattr(calm, kind)[2:], rival, rival)})
    adapted = scene.arm("adapted", *share_of(NATIVE, 0.75))
    verdict = judged(works(scene, adapted, native, scene.arm("raw"), controls))
    assert verdict.outcome is INCONCLUSIVE
    held = [c for c in verdict.components if c.role == "control" and c.passed is not True]
    assert len(held) == 1


@pytest.mark.parametrize(
    ("share", "label"),
    [(None, "transfers"), (0.9, "carries what it was shown"), (0.4, "transfers")],
)
def test_a_transfer_that_the_target_could_have_read_is_called_so(
    scene: Scene, native: DoseResponse, share: float | None, label: str
) -> None:
    """As much from the rows it was shown is no transfer; significantly less leaves one."""
    adapted = scene.arm("adapted", *share_of(NATIVE, 0.9))
    alone = None if share is None else scene.arm("target-only", *share_of(NATIVE, share))
    verdict = judged(works(scene, adapted, native, scene.arm("raw"), target_only=alone))
    assert (verdict.outcome, verdict.label) == (SUPPORTED, label)
    assert f"It {label}: " in verdict.sentence
    assert ("of native by itself" in verdict.sentence) == (share is not None)
    names = [line.name for line in verdict.components]
    assert ("transfers: odd part above that of the target alone" in names) == (share is not None)
    assert ("share of native of the target alone (exposed)" in names) == (share == 0.9)


@pytest.mark.parametrize("missing", ["random", "shuffled", "through_map", "unrelated"])
def test_every_kind_of_control_is_required(
    scene: Scene, native: DoseResponse, missing: str
) -> None:
    """An adapter without one of its controls is undecided."""
    controls = replace(scene.controls(), **{missing: ()})
    adapted = scene.arm("adapted", *share_of(NATIVE, 0.9))
    assessment = assess_works(
        "works",
        adapted,
        native=native,
        raw=None,
        positive_control=steers(scene, native),
        controls=controls,
        criterion=Works(),
        identity_holds=True,
    )
    assert judged(assessment).outcome is INCONCLUSIVE


COPIED = Works(mapped=False)


@pytest.mark.parametrize(
    ("share", "outcome"),
    [(0.9, SUPPORTED), (0.0, REFUTED), (0.35, REFUTED), (0.5, INCONCLUSIVE)],
)
def test_a_copied_vector_works_without_shuffled_maps(
    scene: Scene, native: DoseResponse, share: float, outcome: Outcome
) -> None:
    """No adapter carries it, so none is asked to beat maps of shuffled pairs, nor a raw copy."""
    copied = scene.arm("raw", *share_of(NATIVE, share))
    controls = replace(scene.controls(), shuffled=(), through_map=())
    verdict = judged(works(scene, copied, native, None, controls, criterion=COPIED))
    assert verdict.outcome is outcome
    record = verdict.record()
    lines = [line[key] for line in record["components"] for key in ("name", "sentence")]
    told = " ".join([verdict.sentence, record["criterion"]["sentence"], *lines])
    assert not any(word in told for word in ("shuffled", "adapte", "above raw"))


@pytest.mark.parametrize("missing", ["random", "unrelated"])
def test_a_copied_vector_needs_its_other_controls(
    scene: Scene, native: DoseResponse, missing: str
) -> None:
    """Random directions and an unrelated concept that is copied too."""
    controls = replace(scene.controls(), shuffled=(), through_map=(), **{missing: ()})
    copied = scene.arm("raw", *share_of(NATIVE, 0.9))
    positive = steers(scene, native)
    assessment = assess_works(
        "works",
        copied,
        native=native,
        raw=None,
        positive_control=positive,
        controls=controls,
        criterion=COPIED,
        identity_holds=True,
    )
    verdict = judged(assessment)
    assert verdict.outcome is INCONCLUSIVE
    assert "adapter" not in verdict.sentence


def test_an_unrelated_concept_that_is_copied_as_well_blocks_support(
    scene: Scene, native: DoseResponse
) -> None:
    """What any concept does is no transfer of this one."""
    copied = scene.arm("raw", *share_of(NATIVE, 0.9))
    rival = scene.arm("unrelated-rival", *share_of(NATIVE, 0.9), doses=(-1.0, 1.0))
    controls = replace(scene.controls(), shuffled=(), through_map=(), unrelated=(rival,))
    verdict = judged(works(scene, copied, native, None, controls, criterion=COPIED))
    assert verdict.outcome is INCONCLUSIVE
    assert "unrelated-rival" in verdict.sentence


def test_shuffled_maps_do_not_stand_in_the_way_of_a_copy(
    scene: Scene, native: DoseResponse
) -> None:
    """With too few of them an adapted vector is undecided, a copied one is not."""
    arm = scene.arm("x", *share_of(NATIVE, 0.9))
    calm = scene.controls()
    few = replace(calm, shuffled=calm.shuffled[:2])
    assert judged(works(scene, arm, native, None, few)).outcome is INCONCLUSIVE
    assert judged(works(scene, arm, native, None, few, criterion=COPIED)).outcome is SUPPORTED
