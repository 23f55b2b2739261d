"""The trials that the decision rules stand: each null, each boundary, planned effects.

At a boundary every other part of the criterion is true, so that nothing else keeps the rule from
being wrong. What `works` shares with `steers` is tried there, and what a copied vector shares with
an adapted one is tried of that.
"""

from collections import Counter

from prefvec.calibration import simulated_claims as claims
from prefvec.calibration import simulated_contrasts as contrasts
from prefvec.calibration.simulated_claims import (
    NATIVE_SHIFT,
    NOTHING,
    copying,
    failing,
    steering,
    steering_by_chance,
    working,
)
from prefvec.calibration.simulated_differences import exceeding, sparing
from prefvec.calibration.simulated_models import BETWEEN, FAR, Spread, generalising
from prefvec.calibration.simulation import (
    AT_MARGIN,
    COHERENT,
    HIGH,
    LOWEST,
    MIDDLE,
    NATIVE,
    WORST,
    JudgedCell,
    share_of,
    spread_of,
)
from prefvec.calibration.trials import PROMPTS, always, rarely, shown, trial, usually
from prefvec.verdicts.assessment import AT_CHANCE_LEVEL
from prefvec.verdicts.contrast_rules import PLANNED_DIFFERENCE
from prefvec.verdicts.criteria import GOING_ON, LONGER_BY_A_QUARTER, Fails, Works
from prefvec.verdicts.exposure import SHOWN as CARRIES
from prefvec.verdicts.exposure import TRANSFERS

ALPHA = claims.ALPHA
SUPPORTED, REFUTED, INVALID = "SUPPORTED", "REFUTED", "INVALID"
WRONG_EITHER_WAY = (rarely(SUPPORTED), rarely(REFUTED))
D = LONGER_BY_A_QUARTER
PHI, RHO = Fails().share_of_native, Works().share_of_native
MOST, LITTLE = share_of(NATIVE, 0.8), share_of(NATIVE, 0.8 - PLANNED_DIFFERENCE)
FEW = (24,)
"""Enough where the outcome is certain whatever the number of prompts."""

LOST_AT_PLUS = (COHERENT - 0.13, COHERENT)
"""Shares of coherent answers at +c and −c whose mean loss lies within the margin."""

AT_MIDDLE, AT_HIGH = spread_of(MIDDLE), spread_of(HIGH)
AT_WORST = spread_of(WORST, native=LOWEST)
FLOOR = JudgedCell(native=(1.5 * D, -1.5 * D))
"""The least that the target's own vector does at a cell that may be judged."""

# fmt: off
STEERS = (
    trial("steers-null", "null", "the vector does nothing",
          steering(0.0, 0.0), rarely(SUPPORTED), usually(REFUTED)),
    trial("steers-not-longer", "boundary", "d(+c) = 0, all else true",
          steering(0.0, -0.9), rarely(SUPPORTED)),
    trial("steers-not-shorter", "boundary", "d(−c) = 0, all else true",
          steering(0.9, 0.0), rarely(SUPPORTED)),
    trial("steers-no-slope", "boundary", "slope 0, all else true",
          steering(0.7, -0.7, at_half=-2.0), *WRONG_EITHER_WAY),
    trial("steers-incoherent", "boundary", "coherence −10 points at either dose, all else true",
          steering(*NATIVE, coherent=AT_MARGIN), *WRONG_EITHER_WAY),
    trial("steers-incoherent-up", "boundary", "coherence −10 points at +c only, all else true",
          steering(*NATIVE, coherent=(AT_MARGIN, COHERENT)), *WRONG_EITHER_WAY),
    trial("steers-lost-up", "null", "coherence −13 points at +c only, all else true",
          steering(*NATIVE, coherent=LOST_AT_PLUS), rarely(SUPPORTED), shown(REFUTED)),
    trial("steers-d", "boundary", "odd part exactly D",
          steering(D, -D), rarely(REFUTED), shown(SUPPORTED)),
    trial("steers-minus-d", "boundary", "odd part exactly −D",
          steering(-D, D), rarely(SUPPORTED)),
    trial("steers-random", "null", "the vector is one of the random directions, high spread",
          steering_by_chance(AT_HIGH), rarely(SUPPORTED)),
    trial("steers-random-worst", "null", "the vector is one of the random directions, worst spread",
          steering_by_chance(AT_WORST), rarely(SUPPORTED)),
    trial("steers-planned", "planned", "×2.2 at +c, ×0.55 at −c",
          steering(*NATIVE), usually(SUPPORTED), rarely(REFUTED)),
    trial("steers-high", "planned", "the same, high spread of random directions",
          steering(*NATIVE, cell=AT_HIGH), rarely(REFUTED), shown(SUPPORTED)),
    trial("steers-stays", "boundary", "the odds of going on do not move, all else true",
          steering(*NATIVE, going_on=0.0), rarely(SUPPORTED)),
    trial("steers-goes-on", "boundary", "the odds of going on move by exactly D, half cut off",
          steering(*NATIVE, going_on=GOING_ON, cut=0.5), rarely(REFUTED), shown(SUPPORTED)),
    trial("steers-cut-off", "planned", "half of the answers cut off, ×1.22 within the cap",
          steering(0.2, -0.2, going_on=NATIVE_SHIFT, cut=0.5),
          usually(SUPPORTED), rarely(REFUTED)),
)

FAILS = (
    trial("fails-null", "null", "raw does all that native does",
          failing(NATIVE), rarely(SUPPORTED), usually(REFUTED)),
    trial("fails-null-middle", "null", "the same, middle spread of random directions",
          failing(NATIVE, cell=AT_MIDDLE), rarely(SUPPORTED), usually(REFUTED), shown(INVALID)),
    trial("fails-null-high", "null", "the same, high spread",
          failing(NATIVE, cell=AT_HIGH), rarely(SUPPORTED), shown(REFUTED), shown(INVALID)),
    trial("fails-phi", "boundary", "raw exactly φ of native",
          failing(share_of(NATIVE, PHI)), *WRONG_EITHER_WAY),
    trial("fails-minus-phi", "boundary", "raw exactly −φ of native",
          failing(share_of(NATIVE, -PHI)), rarely("reversed"), rarely("inert")),
    trial("fails-even", "boundary", "raw's even part exactly D",
          failing((D, D)), rarely("disruptive", ALPHA / 2)),
    *(trial(f"fails-random-{name}", "null", f"raw is one of the random directions, {name} spread",
            failing(NOTHING, cell=cell, by_chance=True), rarely(REFUTED), shown(SUPPORTED),
            shown(AT_CHANCE_LEVEL), shown(INVALID))
      for name, cell in (("low", claims.CELL), ("middle", AT_MIDDLE), ("high", AT_HIGH),
                         ("worst", AT_WORST))),
    *(trial(f"fails-third-{name}", "boundary", f"raw truly 30 % of native, {name} spread",
            failing(share_of(NATIVE, 0.3), cell=cell), rarely(SUPPORTED), shown(REFUTED),
            shown(AT_CHANCE_LEVEL), shown(INVALID))
      for name, cell in (("low", claims.CELL), ("middle", AT_MIDDLE), ("high", AT_HIGH))),
    trial("fails-planned", "planned", "raw does nothing",
          failing(NOTHING), usually(SUPPORTED), rarely(REFUTED), shown("inert"),
          prompts=(12, *PROMPTS)),
    trial("fails-floor", "planned", "raw does nothing, native 1.5 D",
          failing(NOTHING, cell=FLOOR), rarely(REFUTED), shown(SUPPORTED), shown(INVALID)),
    trial("fails-deaf", "unmeasurable", "native does nothing",
          failing(NOTHING, cell=JudgedCell(native=NOTHING)), always(INVALID, 1 - ALPHA)),
    trial("fails-widths", "unmeasurable", "the widths differ",
          claims.unequal_widths, always("NOT APPLICABLE"), prompts=FEW),
)

WORKS = (
    trial("works-null", "null", "adapted does nothing",
          working(NOTHING), rarely(SUPPORTED), usually(REFUTED)),
    trial("works-rho", "boundary", "adapted exactly ρ of native",
          working(share_of(NATIVE, RHO)), *WRONG_EITHER_WAY),
    trial("works-raw", "boundary", "raw does as much as adapted, all else true",
          working(NATIVE, raw=NATIVE), rarely(SUPPORTED)),
    trial("works-incoherent", "boundary", "coherence −10 points at either dose, all else true",
          working(NATIVE, coherent=AT_MARGIN), *WRONG_EITHER_WAY),
    trial("works-incoherent-up", "boundary", "coherence −10 points at +c only, all else true",
          working(NATIVE, coherent=(AT_MARGIN, COHERENT)), *WRONG_EITHER_WAY),
    trial("works-lost-up", "null", "coherence −13 points at +c only, all else true",
          working(NATIVE, coherent=LOST_AT_PLUS), rarely(SUPPORTED), shown(REFUTED)),
    trial("works-d", "boundary", "odd part exactly D, native 1.5 D",
          working((D, -D), cell=FLOOR), rarely(REFUTED), shown(SUPPORTED)),
    trial("works-unrelated", "boundary", "an unrelated concept does as much as adapted",
          working(NATIVE, unrelated=NATIVE), rarely(SUPPORTED)),
    trial("works-random", "null", "adapted is one of the random directions, worst spread",
          working(NOTHING, cell=JudgedCell(spread=WORST), by_chance="random"), rarely(SUPPORTED)),
    trial("works-shuffled", "null", "adapted is one of the shuffled maps, worst spread",
          working(NOTHING, cell=JudgedCell(shuffled=WORST), by_chance="shuffled"),
          rarely(SUPPORTED)),
    trial("works-common", "null", "the same, and shuffled maps have +0.2 in common",
          working(NOTHING, cell=JudgedCell(shuffled=HIGH, common=0.2), by_chance="shuffled"),
          rarely(SUPPORTED)),
    trial("works-through", "null", "adapted is a random source direction through the map, worst "
          "spread",
          working(NOTHING, cell=JudgedCell(through=WORST), by_chance="through"),
          rarely(SUPPORTED)),
    trial("works-going-on", "boundary", "the odds of going on move by ρ of native, all else true",
          working(NATIVE, going_on=RHO * NATIVE_SHIFT), rarely(SUPPORTED)),
    trial("works-planned", "planned", "adapted 0.8 of native, raw nothing",
          working(MOST), usually(SUPPORTED), rarely(REFUTED)),
    trial("works-middle", "planned", "the same, middle spread of every family of controls",
          working(MOST, cell=AT_MIDDLE), usually(SUPPORTED), rarely(REFUTED)),
    trial("works-high", "planned", "the same, high spread",
          working(MOST, cell=AT_HIGH), rarely(REFUTED), shown(SUPPORTED)),
    trial("works-all-high", "planned", "adapted does all that native does, high spread",
          working(NATIVE, cell=AT_HIGH), rarely(REFUTED), shown(SUPPORTED)),
    trial("works-worst", "planned", "adapted 0.8 of native, native 1.1 of the worst spread",
          working(share_of(LOWEST, 0.8), cell=AT_WORST), rarely(REFUTED), shown(SUPPORTED),
          shown(INVALID)),
    trial("works-shown", "boundary", "the target alone does as much as adapted, 0.8 of native",
          working(MOST, target_only=MOST), rarely(TRANSFERS), shown(CARRIES)),
    trial("works-beyond-shown", "planned", "adapted all of native, the target alone 0.6",
          working(NATIVE, target_only=share_of(NATIVE, 0.6)), usually(TRANSFERS)),
    trial("works-deaf", "unmeasurable", "native does nothing",
          working(NATIVE, cell=JudgedCell(native=NOTHING)), always(INVALID, 1 - ALPHA),
          prompts=FEW),
    trial("works-copied-rho", "boundary", "copied within a family, exactly ρ of native",
          copying(share_of(NATIVE, RHO)), *WRONG_EITHER_WAY),
    trial("works-copied-d", "boundary", "copied within a family, odd part exactly D",
          copying((D, -D), cell=FLOOR), rarely(REFUTED), shown(SUPPORTED)),
    trial("works-copied-planned", "planned", "copied within a family, 0.8 of native",
          copying(MOST), usually(SUPPORTED), rarely(REFUTED)),
)

EXCEEDS = (
    trial("exceeds-equal", "boundary", "both arms do 0.8 of native",
          exceeding(MOST, MOST), *WRONG_EITHER_WAY),
    trial("exceeds-margin", "boundary", "the difference is exactly the margin, D",
          exceeding((D, -D), (0.0, 0.0), margin=D), *WRONG_EITHER_WAY),
    trial("exceeds-planned", "planned", "0.8 of native against 0.3",
          exceeding(MOST, LITTLE), usually(SUPPORTED), rarely(REFUTED)),
    trial("exceeds-reversed", "null", "0.3 of native against 0.8",
          exceeding(LITTLE, MOST), rarely(SUPPORTED), usually(REFUTED)),
    trial("exceeds-deaf", "unmeasurable", "native does nothing",
          exceeding(MOST, LITTLE, native=(0.0, 0.0)), always(INVALID, 1 - ALPHA), prompts=FEW),
)

SPARES = (
    trial("spares-null", "null", "the other trait moves as by its own vector",
          sparing(NATIVE), rarely(SUPPORTED), usually(REFUTED)),
    trial("spares-phi", "boundary", "the other trait moves by exactly φ of native",
          sparing(share_of(NATIVE, PHI)), *WRONG_EITHER_WAY),
    trial("spares-minus-phi", "boundary", "it moves by exactly −φ of native",
          sparing(share_of(NATIVE, -PHI)), *WRONG_EITHER_WAY),
    trial("spares-planned", "planned", "the other trait does not move",
          sparing((0.0, 0.0)), usually(SUPPORTED), rarely(REFUTED)),
    trial("spares-dead", "unmeasurable", "the vector does not move its own trait",
          sparing((0.0, 0.0), own=(0.0, 0.0)), always(INVALID, 1 - ALPHA), prompts=FEW),
    trial("spares-deaf", "unmeasurable", "the other trait's own vector does nothing",
          sparing((0.0, 0.0), native=(0.0, 0.0)), always(INVALID, 1 - ALPHA), prompts=FEW),
)

GENERALISES = (
    trial("generalises-fails-phi", "boundary", "mean share over targets exactly φ of native",
          generalising(PHI, PHI, "less"), *WRONG_EITHER_WAY),
    trial("generalises-fails-phi-far", "boundary", "the same, targets far apart",
          generalising(PHI, PHI, "less", spread=Spread(targets=FAR)), *WRONG_EITHER_WAY),
    trial("generalises-fails-planned", "planned", "raw does nothing in any target",
          generalising(0.0, PHI, "less"), usually(SUPPORTED), rarely(REFUTED)),
    trial("generalises-fails-null", "null", "raw does half of what native does",
          generalising(0.5, PHI, "less"), rarely(SUPPORTED), usually(REFUTED)),
    trial("generalises-works-rho", "boundary", "mean share over targets exactly ρ of native",
          generalising(RHO, RHO, "greater"), *WRONG_EITHER_WAY),
    trial("generalises-works-rho-far", "boundary", "the same, targets far apart",
          generalising(RHO, RHO, "greater", spread=Spread(targets=FAR)), *WRONG_EITHER_WAY),
    trial("generalises-works-planned", "planned", "adapted 0.8 of native",
          generalising(0.8, RHO, "greater"), usually(SUPPORTED), rarely(REFUTED)),
    trial("generalises-works-far", "planned", "the same, targets far apart",
          generalising(0.8, RHO, "greater", spread=Spread(targets=FAR)),
          rarely(REFUTED), shown(SUPPORTED)),
    trial("generalises-works-null", "null", "adapted does nothing",
          generalising(0.0, RHO, "greater"), rarely(SUPPORTED), usually(REFUTED)),
    trial("generalises-kin", "stress", "mean exactly ρ, half of the variance between architectures",
          generalising(RHO, RHO, "greater", spread=Spread(architectures=BETWEEN)),
          shown(SUPPORTED), shown(REFUTED)),
    trial("generalises-deaf", "unmeasurable", "one target's own vector does nothing",
          generalising(0.8, RHO, "greater", deaf=True), always(INVALID), prompts=FEW),
)

FAMILIES = (
    trial("family-independent", "null", "ten independent true nulls",
          claims.family_of_nulls, rarely(claims.ANY_SIGNIFICANT)),
    trial("family-fails", "boundary", "ten raw arms of exactly φ of one native",
          claims.family_of_claims(share_of(NATIVE, PHI)), rarely(claims.ANY_SIGNIFICANT)),
)

SHOWN = (
    shown(contrasts.T_ALONE), shown(contrasts.FLIPS_ALONE),
    *(shown(of, out_of=contrasts.BOOTSTRAPPED)
      for of in (contrasts.DISAGREE, contrasts.T_EXCLUDES, contrasts.BCA_EXCLUDES)),
)
CONTRASTS = (
    trial("contrast-null", "null", "no effect at +c", contrasts.methods(contrasts.no_effect),
          rarely(contrasts.SIGNIFICANT), *SHOWN),
    trial("contrast-phi", "boundary", "raw exactly φ of native",
          contrasts.methods(contrasts.share_of_native), rarely(contrasts.SIGNIFICANT), *SHOWN),
    trial("contrast-coherence", "boundary", "coherence −10 points",
          contrasts.methods(contrasts.coherence), rarely(contrasts.SIGNIFICANT), *SHOWN),
    trial("contrast-skewed-above", "stress", "exponential, tested above its mean",
          contrasts.methods(contrasts.skewed_above), shown(contrasts.SIGNIFICANT), *SHOWN),
    trial("contrast-skewed-below", "stress", "exponential, tested below its mean",
          contrasts.methods(contrasts.skewed_below), shown(contrasts.SIGNIFICANT), *SHOWN),
)

# fmt: on
TRIALS = {
    each.key: each
    for each in (
        *STEERS,
        *FAILS,
        *WORKS,
        *EXCEEDS,
        *SPARES,
        *GENERALISES,
        *FAMILIES,
        *CONTRASTS,
    )
}

BOUNDED = Counter[str]()
"""By kind, how many rates are held to a bound: the worst of so many must keep it."""
for each in TRIALS.values():
    BOUNDED[each.kind] += each.bounded

REACHED = {
    "steers": {SUPPORTED, REFUTED, "INCONCLUSIVE"},
    "fails": {SUPPORTED, REFUTED, INVALID, "INCONCLUSIVE", "NOT APPLICABLE"},
    "works": {SUPPORTED, REFUTED, INVALID, "INCONCLUSIVE"},
    "exceeds": {SUPPORTED, REFUTED, INVALID, "INCONCLUSIVE"},
    "spares": {SUPPORTED, REFUTED, INVALID, "INCONCLUSIVE"},
    "generalises": {SUPPORTED, REFUTED, INVALID, "INCONCLUSIVE"},
}
"""The outcomes that some trial of a kind must have brought about."""
