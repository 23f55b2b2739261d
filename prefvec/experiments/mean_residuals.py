"""The mean residual of a model in the answers of turns that it reads, and how long it is."""

from collections.abc import Mapping, Sequence

from prefvec.experiments.lab import Lab, of_models
from prefvec.experiments.neutral_turns import neutral_turns
from prefvec.text.traits import AnswerPositions
from prefvec.text.verbatim import Said
from prefvec.vectors.activations import Activations, over_answers
from prefvec.vectors.residual import Site

TURNS_FOR_NORMS = 200
"""The first neutral turns, which residual norms are the mean over."""


def mean_residuals(
    lab: Lab, name: str, turns: Sequence[Said], among: AnswerPositions
) -> Mapping[Site, Activations]:
    """What a model holds, on average, at some positions of each turn's answer, by site.

    Args:
        lab: where the model reads.
        name: the model.
        turns: what it reads.
        among: the positions.
    """
    model, sites = lab.models[name], lab.sites(name)
    return lab.kept(
        f"mean over {among}",
        name,
        turns,
        lambda tell: over_answers(model, turns, sites, among=among, progress=tell),
    )


@of_models
def residual_norms(lab: Lab, name: str) -> dict[Site, float]:
    """Mean residual norm of a model at every site while it reads neutral turns: the unit of norms.

    Args:
        lab: where the model reads.
        name: the model.

    Raises:
        PrefvecError: if there are no neutral turns; see `neutral_turns`.
    """
    turns = neutral_turns(lab)[:TURNS_FOR_NORMS]
    model, sites = lab.models[name], lab.sites(name)
    read = lab.kept(
        "norms", name, turns, lambda tell: over_answers(model, turns, sites, progress=tell)
    )
    return {site: rows.mean_norm for site, rows in read.items()}
