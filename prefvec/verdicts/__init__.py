"""What follows from measured arms for a claim: one of five outcomes, its reasons, its sentence.

The road, in the order in which it is walked:

1. `criteria`: what a claim must show, stated beforehand.
2. `answer_table`, `doses`: from the answers of an arm to its `DoseResponse`, prompt by prompt.
3. What **decides**. `rules` and `contrast_rules` assess a claim: they put together the inequalities
   that support and refute it, what must be so for it to tell anything (`preconditions`,
   `positive_control`), what it must stand out from (`controls`, by `rank`), how large it must be
   (`sizes`), in which way it fails (`failures`) and whether a transfer is one (`exposure`).
   `assessment` holds all that, and `Assessment.outcome` is where a claim is decided.
4. What **corrects**. `holm.adjusted`: the p-value of a claim over the families it belongs to.
5. What **words**. `wording.conclude` tells the outcome as a `Verdict` (`verdict`), its lines
   (`components`) and what its prompts could show (`planning`). Nothing is decided there.

Example:
    >>> undefined = not_applicable("raw", Fails(), "The streams have unequal widths")
    >>> corrected = adjusted("raw", [{"raw": undefined.pvalue, "adapted": 0.001}])
    >>> conclude(undefined, corrected).outcome.word
    'NOT APPLICABLE'
"""

from prefvec.verdicts.answered import dose_response, instruction_effect
from prefvec.verdicts.assessment import Assessment, Contrast, invalid, not_applicable
from prefvec.verdicts.between_models import Generalises
from prefvec.verdicts.between_rules import Carried, assess_generalises
from prefvec.verdicts.contrast_rules import assess_exceeds, assess_exceeds_values, assess_spares
from prefvec.verdicts.controls import CONTROLS, Controls
from prefvec.verdicts.criteria import (
    GOING_ON,
    LONGER_BY_A_QUARTER,
    SMALL_ODDS_RATIO,
    Criterion,
    Exceeds,
    Fails,
    Spares,
    Steers,
    Works,
)
from prefvec.verdicts.doses import DOSES, DoseResponse
from prefvec.verdicts.holm import adjusted
from prefvec.verdicts.preconditions import (
    Precondition,
    adapter_learned,
    heeds_trait,
    identity,
    model_check,
)
from prefvec.verdicts.rules import assess_fails, assess_steers, assess_works
from prefvec.verdicts.verdict import Outcome, Verdict
from prefvec.verdicts.wording import conclude

__all__ = [
    "CONTROLS",
    "DOSES",
    "GOING_ON",
    "LONGER_BY_A_QUARTER",
    "SMALL_ODDS_RATIO",
    "Assessment",
    "Carried",
    "Contrast",
    "Controls",
    "Criterion",
    "DoseResponse",
    "Exceeds",
    "Fails",
    "Generalises",
    "Outcome",
    "Precondition",
    "Spares",
    "Steers",
    "Verdict",
    "Works",
    "adapter_learned",
    "adjusted",
    "assess_exceeds",
    "assess_exceeds_values",
    "assess_fails",
    "assess_generalises",
    "assess_spares",
    "assess_steers",
    "assess_works",
    "conclude",
    "dose_response",
    "heeds_trait",
    "identity",
    "instruction_effect",
    "invalid",
    "model_check",
    "not_applicable",
]
