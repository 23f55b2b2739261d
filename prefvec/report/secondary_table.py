"""The secondary metrics of a claim's own arm as a table: doses across, metrics down."""

from dataclasses import dataclass

from prefvec.report.arm_styles import main_arm
from prefvec.report.numerals import decimal, percent
from prefvec.report.record import Claim

_SHARE = "share_"
_LABELS = {
    "mtld": "lexical diversity (MTLD)",
    "share_repeated_4grams": "repeated 4-word sequences",
    "compression_ratio": "zlib compression ratio",
    "formality": "formality score, 0 to 100",
    "perplexity": "perplexity under the unsteered model",
    "facts": "distinct true facts per answer",
    "false_facts": "false facts per answer",
    "repetitions": "repeated facts per answer",
    "unparsed": "sentences outside the grammar per answer",
    "facts_per_word": "true facts per word",
    "share_polite": "answers with a polite opener",
    "share_blunt": "answers with a blunt opener",
}
_DIGITS = {"facts_per_word": 3, "formality": 1, "mtld": 1}


@dataclass(frozen=True, kw_only=True)
class SecondaryTable:
    """What the page shows: the arm's label, its doses, and a row of cells for each metric."""

    arm: str
    doses: list[str]
    rows: list[tuple[str, list[str]]]


def secondary_table(claim: Claim) -> SecondaryTable | None:
    """The table of a claim, or None where no arm carries secondary metrics."""
    arms = [arm for arm in claim["arms"] if any(dose.get("metrics") for dose in arm["doses"])]
    main = main_arm(claim, arms)
    if main is None:
        return None
    measured = {
        dose["coefficient"]: metrics for dose in main["doses"] if (metrics := dose.get("metrics"))
    }
    doses = dict(sorted(measured.items()))
    names = dict.fromkeys(name for metrics in doses.values() for name in metrics)
    return SecondaryTable(
        arm=main["label"],
        doses=[_dose(coefficient) for coefficient in doses],
        rows=[
            (_label(name), [_cell(name, metrics.get(name)) for metrics in doses.values()])
            for name in names
        ],
    )


def _dose(coefficient: float) -> str:
    if not coefficient:
        return "unsteered"
    return ("+" if coefficient > 0 else "") + f"{coefficient:g}".replace("-", "−")


def _label(name: str) -> str:
    if name in _LABELS:
        return _LABELS[name]
    words = name.removeprefix(_SHARE).replace("_", " ")
    return f"{words} sentences" if name.startswith(_SHARE) else words


def _cell(name: str, value: float | None) -> str:
    if name.startswith(_SHARE):
        return percent(value)
    return decimal(value, _DIGITS.get(name, 2))
