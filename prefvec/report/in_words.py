"""An effect in the words that people quote: 16 words became 23 at +c and 12 at −c."""

from prefvec.report.arm_styles import main_arm
from prefvec.report.effects import WORDS, is_of_its_arm, measure_of
from prefvec.report.record import Claim


def mean_words(claim: Claim) -> tuple[float, float, float] | None:
    """Mean words per answer of the claim's own arm: unsteered, at +c, at −c.

    None of a claim about something else than the length of answers, and where unsteered answers
    were not counted.
    """
    main = main_arm(claim)
    if main is None or measure_of(claim) != WORDS or not is_of_its_arm(claim):
        return None
    by_dose = {dose["coefficient"]: dose.get("mean_words") for dose in main["doses"]}
    reach = max((c for c in by_dose if c > 0 and -c in by_dose), default=None)
    if reach is None:
        return None
    plain, plus, minus = by_dose.get(0.0), by_dose[reach], by_dose[-reach]
    if plain is None or plus is None or minus is None:
        return None
    return plain, plus, minus


def words_became(claim: Claim) -> str:
    """Such as "16 words became 23 at +c and 12 at −c"; "" where that is not what was measured."""
    means = mean_words(claim)
    if means is None:
        return ""
    plain, plus, minus = means
    return f"{plain:.0f} words became {plus:.0f} at +c and {minus:.0f} at −c"


def words_briefly(claim: Claim) -> str:
    """Such as "16 → 23, 12": unsteered, and what it became at +c and at −c."""
    means = mean_words(claim)
    return "" if means is None else "{:.0f} → {:.0f}, {:.0f}".format(*means)
