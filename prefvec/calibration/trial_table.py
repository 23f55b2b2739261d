"""The trials that the decision rules stand: each null, each boundary, planned effects.

At a boundary every other part of the criterion is true, so that nothing else keeps the rule from
being wrong. What `works` shares with `steers` is tried there, and what a copied vector shares with
an adapted one is tried of that.
"""

from prefvec.calibration import simulated_claims as claims
from prefvec.calibration import simulated_contrasts as contrasts
from prefvec.calibration.simulated_claims import ALPHA, copying, failing, steering, working
from prefvec.calibration.simulated_differences import exceeding, sparing
from prefvec.calibration.simulation import AT_MARGIN, NATIVE, share_of
from prefvec.calibration.trials import PROMPTS, always, rarely, shown, trial, usually
from prefvec.verdicts.contrast_rules import PLANNED_DIFFERENCE
from prefvec.verdicts.criteria import LONGER_BY_A_QUARTER, Fails, Works

SUPPORTED, REFUTED, INVALID = "SUPPORTED", "REFUTED", "INVALID"
WRONG_EITHER_WAY = (rarely(SUPPORTED), rarely(REFUTED))
D = LONGER_BY_A_QUARTER
PHI, RHO = Fails().share_of_native, Works().share_of_native
MOST, LITTLE = share_of(NATIVE, 0.8), share_of(NATIVE, 0.8 - PLANNED_DIFFERENCE)
FEW = (24,)
"""Enough where the outcome is certain whatever the number of prompts."""

SHORT = 3
"""A cap, in sentences, that ends about a third of the answers."""

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
    trial("steers-incoherent", "boundary", "coherence −10 points, all else true",
          steering(*NATIVE, coherent=AT_MARGIN), rarely(SUPPORTED)),
    trial("steers-d", "boundary", "odd part exactly D",
          steering(D, -D), rarely(REFUTED), shown(SUPPORTED)),
    trial("steers-minus-d", "boundary", "odd part exactly −D",
          steering(-D, D), rarely(SUPPORTED)),
    trial("steers-random", "null", "the vector is one of the random directions",
          claims.one_of_the_random, rarely(SUPPORTED)),
    trial("steers-planned", "planned", "×2 at +c, ×0.6 at −c",
          steering(*NATIVE), usually(SUPPORTED), rarely(REFUTED)),
    trial("steers-censored", "unmeasurable", "the cap ends a third of the answers",
          steering(*NATIVE), always(INVALID), prompts=FEW, cap=SHORT),
)

FAILS = (
    trial("fails-null", "null", "raw does all that native does",
          failing(NATIVE), rarely(SUPPORTED), usually(REFUTED)),
    trial("fails-phi", "boundary", "raw exactly φ of native",
          failing(share_of(NATIVE, PHI)), *WRONG_EITHER_WAY),
    trial("fails-minus-phi", "boundary", "raw exactly −φ of native",
          failing(share_of(NATIVE, -PHI)), rarely("reversed"), rarely("inert")),
    trial("fails-even", "boundary", "raw's even part exactly D",
          failing((D, D)), rarely("disruptive", ALPHA / 2)),
    trial("fails-planned", "planned", "raw does nothing",
          failing((0.0, 0.0)), usually(SUPPORTED), rarely(REFUTED), shown("inert"),
          prompts=(12, *PROMPTS)),
    trial("fails-deaf", "unmeasurable", "native does nothing",
          failing((0.0, 0.0), native=(0.0, 0.0)), always(INVALID, 1 - ALPHA)),
    trial("fails-censored", "unmeasurable", "the cap ends a third of the answers",
          failing((0.0, 0.0)), always(INVALID), prompts=FEW, cap=SHORT),
    trial("fails-widths", "unmeasurable", "the widths differ",
          claims.unequal_widths, always("NOT APPLICABLE"), prompts=FEW),
)

WORKS = (
    trial("works-null", "null", "adapted does nothing",
          working((0.0, 0.0)), rarely(SUPPORTED), usually(REFUTED)),
    trial("works-rho", "boundary", "adapted exactly ρ of native",
          working(share_of(NATIVE, RHO)), *WRONG_EITHER_WAY),
    trial("works-raw", "boundary", "raw does as much as adapted, all else true",
          working(NATIVE, raw=NATIVE), rarely(SUPPORTED)),
    trial("works-incoherent", "boundary", "coherence −10 points, all else true",
          working(NATIVE, coherent=AT_MARGIN), *WRONG_EITHER_WAY),
    trial("works-d", "boundary", "odd part exactly D, 0.8 of native",
          working((D, -D), native=(D / 0.8, -D / 0.8), own_dose=NATIVE),
          rarely(REFUTED), shown(SUPPORTED)),
    trial("works-rival", "boundary", "a random direction does exactly ρ of adapted",
          working(NATIVE, rival=share_of(NATIVE, RHO)), rarely(REFUTED)),
    trial("works-unrelated", "boundary", "an unrelated concept does as much as adapted",
          working(NATIVE, unrelated=NATIVE), rarely(SUPPORTED)),
    trial("works-planned", "planned", "adapted 0.8 of native, raw nothing",
          working(share_of(NATIVE, 0.8)), usually(SUPPORTED), rarely(REFUTED)),
    trial("works-deaf", "unmeasurable", "native does nothing",
          working(NATIVE, native=(0.0, 0.0)), always(INVALID, 1 - ALPHA), prompts=FEW),
    trial("works-censored", "unmeasurable", "the cap ends a third of the answers",
          working(NATIVE), always(INVALID), prompts=FEW, cap=SHORT),
    trial("works-copied-rho", "boundary", "copied within a family, exactly ρ of native",
          copying(share_of(NATIVE, RHO)), *WRONG_EITHER_WAY),
    trial("works-copied-d", "boundary", "copied within a family, odd part exactly D",
          copying((D, -D), native=(D / 0.8, -D / 0.8), own_dose=NATIVE),
          rarely(REFUTED), shown(SUPPORTED)),
    trial("works-copied-planned", "planned", "copied within a family, 0.8 of native",
          copying(share_of(NATIVE, 0.8)), usually(SUPPORTED), rarely(REFUTED)),
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
    trial("exceeds-censored", "unmeasurable", "the cap ends a third of the answers",
          exceeding(MOST, LITTLE), always(INVALID), prompts=FEW, cap=SHORT),
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
    trial("spares-censored", "unmeasurable", "the cap ends a third of the answers",
          sparing((0.0, 0.0)), always(INVALID), prompts=FEW, cap=SHORT),
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
    each.key: each for each in (*STEERS, *FAILS, *WORKS, *EXCEEDS, *SPARES, *FAMILIES, *CONTRASTS)
}

REACHED = {
    "steers": {SUPPORTED, REFUTED, INVALID, "INCONCLUSIVE"},
    "fails": {SUPPORTED, REFUTED, INVALID, "INCONCLUSIVE", "NOT APPLICABLE"},
    "works": {SUPPORTED, REFUTED, INVALID, "INCONCLUSIVE"},
    "exceeds": {SUPPORTED, REFUTED, INVALID, "INCONCLUSIVE"},
    "spares": {SUPPORTED, REFUTED, INVALID, "INCONCLUSIVE"},
}
"""The outcomes that some trial of a kind must have brought about."""
