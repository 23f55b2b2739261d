"""How readily the unembedding reads a vector at its block: the vector's accessibility.

What is added at a block is read by the blocks after it, and, since they add to one stream, by the
unembedding itself. How much of a vector the latter reads is the change of the logit lens's logits
along it. The change is the derivative, through the final norm, the unembedding and what caps its
logits, at the mean residual of the block, so that no step has a size. What the norm takes away,
such as the direction of the residual itself under RMSNorm, is not read.

Whether that foretells what a vector does is disputed. Billa 2026 ("Predicting Where Steering
Vectors Succeed", arXiv 2604.15557) finds that the accuracy of the lens on a concept's tokens, at
its best block, ranks concepts and blocks as steering does; Nadaf 2026 ("Steerable but Not
Decodable: Function Vectors Operate Beyond the Logit Lens", arXiv 2604.02608) finds vectors that
steer where the lens decodes nothing, and that read as no tokens of their task. A preference such as
verbosity has no token of its own, so that here the vector's own mark on the logits is measured,
beside that of random directions.
"""

from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.functional import jvp

from prefvec.diagnostics.logit_lens import LogitLens
from prefvec.errors import PrefvecError
from prefvec.models.language_model import LanguageModel
from prefvec.vectors.activations import Activations
from prefvec.vectors.random_directions import signed_permutation
from prefvec.vectors.vector import PreferenceVector

DIRECTIONS = 19
"""Random directions that a vector's accessibility is relative to, as many as controls of a kind."""


@dataclass(frozen=True, kw_only=True)
class Accessibility:
    """What the unembedding reads of a vector at its block, and of random directions there.

    All changes are rates: per mean residual norm of the block that is added. They do not depend on
    the length of the vector.

    Attributes:
        spread: standard deviation over the vocabulary of the change of the lens's logits.
        spread_by_chance: root mean square of the same over random directions.
        going_on: change of the lens's log-odds that an answer goes on, in nats; positive where the
            vector puts off the tokens that end answers.
        going_on_by_chance: root mean square of the same over random directions.
    """

    spread: float
    spread_by_chance: float
    going_on: float
    going_on_by_chance: float

    @property
    def relative(self) -> float:
        """The spread over that of random directions: 1 where the vector is read as any other."""
        return self.spread / self.spread_by_chance

    @property
    def relative_going_on(self) -> float:
        """The change of the log-odds of going on over that of random directions, with its sign."""
        return self.going_on / self.going_on_by_chance


def accessibility(
    model: LanguageModel,
    vector: PreferenceVector,
    rows: Activations,
    *,
    directions: int = DIRECTIONS,
    seed: int = 0,
) -> Accessibility:
    """How readily the unembedding reads a vector at its block.

    Args:
        model: whose unembedding reads.
        vector: of the model; its length makes no difference, its sign that of `going_on` alone.
        rows: of the vector's space, for the mean residual at which the change is taken.
        directions: how many random ones, signed permutations of the vector's coordinates.
        seed: of the first; the others follow.

    Raises:
        PrefvecError: if the vector is of another model, the rows are of another space, there is no
            random direction, or the unembedding reads nothing of them.

    Example:
        >>> found = pv.accessibility(source, vector.at(3), ours)
        >>> found == pv.accessibility(source, 2 * vector.at(3), ours), found.relative > 0
        (True, True)
    """
    vector.require(model)
    if rows.space != vector.space:
        raise PrefvecError(
            f"The rows are from {rows.site} of model {rows.model}, and the {vector.trait} vector "
            f"is from {vector.site} of model {vector.model}. Give rows of the vector's space."
        )
    if directions < 1:
        raise PrefvecError(
            f"Accessibility is relative to random directions, and {directions} of them were asked "
            "for. Give at least 1."
        )
    random = [signed_permutation(vector, seed=seed + k).direction for k in range(directions)]
    added = vector.residual_norm * torch.stack([vector.direction, *random])
    logits, changes = rates(LogitLens.of(model), rows.values.double().mean(dim=0).float(), added)
    spread, going_on = spreads(changes), going_on_rates(logits, changes, model.end_ids)
    chance = [float(each[1:].square().mean().sqrt()) for each in (spread, going_on)]
    if not all(chance):
        raise PrefvecError(
            f"The unembedding of {model.name} reads nothing of random directions at {vector.site}, "
            "so that there is nothing to compare a vector with. Take another block, or other rows."
        )
    return Accessibility(
        spread=float(spread[0]),
        spread_by_chance=chance[0],
        going_on=float(going_on[0]),
        going_on_by_chance=chance[1],
    )


def rates(
    lens: LogitLens, residual: Float[Tensor, " d_model"], added: Float[Tensor, "k d_model"]
) -> tuple[Float[Tensor, " vocabulary"], Float[Tensor, "k vocabulary"]]:
    """The lens's logits at a residual, and how they change with what is added to it.

    Args:
        lens: of the model that reads.
        residual: of one position, in residual units.
        added: a change of the residual each, in the same units.

    Returns:
        Logits, and the derivative of them along each change, float32 on the CPU.

    Raises:
        PrefvecError: if the residual is not as wide as the model's stream.
    """
    model = lens.model
    with torch.inference_mode(False):
        at = residual.to(model.device, model.dtype).expand(len(added), 1, -1).clone()
        along = added.to(model.device, model.dtype)[:, None].clone()
        derived: Any = jvp(lens.logits, at, along)
        logits, changes = derived
        return logits[0, 0].cpu().float(), changes[:, 0].cpu().float()


def spreads(changes: Float[Tensor, "k vocabulary"]) -> Float[Tensor, " k"]:
    """Standard deviation over the vocabulary of each change of logits, float64.

    What is added to all logits alike changes no probability, and does not count.

    Args:
        changes: of logits, on the CPU.
    """
    return changes.double().std(dim=1, correction=0)


def going_on_rates(
    logits: Float[Tensor, " vocabulary"],
    changes: Float[Tensor, "k vocabulary"],
    end_ids: tuple[int, ...],
) -> Float[Tensor, " k"]:
    """How the log-odds that an answer goes on change with the logits, in nats, float64.

    The derivative of ln Σ exp over all tokens that end no answer less the same over those that do:
    the mean change of the former less that of the latter, each weighted by its probability.

    Args:
        logits: of the next token, on the CPU.
        changes: of the logits.
        end_ids: the tokens that end an answer.
    """
    wide, moved, ends = logits.double(), changes.double(), list(end_ids)
    others = wide.index_fill(0, torch.tensor(ends), -torch.inf).softmax(dim=0)
    return moved @ others - moved[:, ends] @ wide[ends].softmax(dim=0)
