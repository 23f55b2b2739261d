"""What comes of simulated claims about a difference: one arm exceeds another, a trait is spared."""

from collections import Counter

from prefvec.calibration.judged_runs import steering_claims, tally
from prefvec.calibration.simulated_claims import Effect, Play
from prefvec.calibration.simulation import NATIVE, Scenes
from prefvec.verdicts.contrast_rules import assess_exceeds, assess_spares
from prefvec.verdicts.criteria import Exceeds, Spares


def exceeding(arm: Effect, than: Effect, *, native: Effect = NATIVE, margin: float = 0.0) -> Play:
    """A claim that an arm of this true effect does more than another.

    Args:
        arm: its effect at +c and −c.
        than: that of the other arm.
        native: that of the target's own vector.
        margin: by how much the one must exceed the other.
    """
    criterion = Exceeds(margin=margin)

    def play(scenes: Scenes) -> Counter[str]:
        arms, others = scenes.arm("arm", *arm), scenes.arm("other", *than)
        natives = scenes.arm("native", *native)
        positive = steering_claims(natives, scenes.controls(kinds=1))
        return tally(
            [
                assess_exceeds(
                    "exceeds",
                    arm,
                    than=than,
                    native=native,
                    control=control,
                    criterion=criterion,
                    identity_holds=True,
                )
                for arm, than, native, control in zip(arms, others, natives, positive, strict=True)
            ]
        )

    return play


def sparing(beside: Effect, *, own: Effect = NATIVE, native: Effect = NATIVE) -> Play:
    """A claim that steering one trait spares another, to which this is what happens.

    Args:
        beside: the effect on the other trait at +c and −c.
        own: that on the steered trait.
        native: that of the other trait's own vector.
    """
    criterion = Spares()

    def play(scenes: Scenes) -> Counter[str]:
        arms, owns = scenes.arm("arm", *beside), scenes.arm("own", *own)
        natives, controls = scenes.arm("native", *native), scenes.controls(kinds=1)
        both = zip(steering_claims(owns, controls), steering_claims(natives, controls), strict=True)
        return tally(
            [
                assess_spares(
                    "spares",
                    arm,
                    own=own,
                    native=native,
                    controls=[("steered", steered), ("other", other)],
                    criterion=criterion,
                    identity_holds=True,
                )
                for arm, own, native, (steered, other) in zip(
                    arms, owns, natives, both, strict=True
                )
            ]
        )

    return play
