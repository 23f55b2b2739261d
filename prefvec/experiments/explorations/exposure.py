"""How much of the trait an adapter must have read: the dose-response of exposure."""

from prefvec.experiments.explorations.look import Look, point
from prefvec.experiments.measured import Measured
from prefvec.experiments.regimes import exposed
from prefvec.statistics.scales import told

SHARES = (0.0, 0.01, 0.02, 0.05, 0.2)
"""Of the rows, those that ask for the trait."""


def exposure(look: Look) -> Measured:
    """That a map which has read most of the trait carries more than one which has read none."""
    arms = [
        look.placed(f"exposed {share:g}", _label(share), look.carried(exposed(share)))
        for share in SHARES
    ]
    figure = {
        "id": "exposure",
        "kind": "curve",
        "title": "What the adapter has read",
        "caption": "Odd part with 95 % interval against the share of rows that ask for the trait, "
        f"one pole a question, {len(look.own().doses.odd)} prompts and one sample.",
        "x_label": "share of rows",
        "y_label": look.trait.measure.what,
        "scale": "log",
        "lines": [
            {
                "label": "adapted",
                "points": [
                    point(float(i), arm, told(share, "share"))
                    for i, (share, arm) in enumerate(zip(SHARES, arms, strict=True))
                ],
            }
        ],
        "reference": {"label": "its own vector", "y": look.own().doses.mean_odd},
    }
    return look.exceeds(arms[-1], arms[0], figure)


def _label(share: float) -> str:
    return f"the vector carried by a map with {told(share, 'share')} exposed rows"
