"""What is made small: the distance to a target, and what instructions are to tell apart."""

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor

from prefvec.errors import PrefvecError

EPSILON = 0.2
"""Label smoothing of the contrast (Liu et al. 2024, in their code)."""


def distance(
    reached: Sequence[Float[Tensor, "n d_model"]], target: Sequence[Float[Tensor, "n d_model"]]
) -> Float[Tensor, ""]:
    """Mean over layers and response positions of the L2 norm of h − T, in residual units.

    Zou et al. 2023 (arXiv 2310.01405), equation of LoRRA. Where h is T, it is exactly 0, and so
    is its gradient. Rows are response positions alone: in the published code padded positions,
    set to zero on both sides, lower the mean.

    Args:
        reached: for each layer what the tuned model holds at response positions.
        target: for each layer what it is to hold there.

    Raises:
        PrefvecError: if there are not as many of the one as of the other.
    """
    if len(reached) != len(target) or not reached:
        raise PrefvecError(
            f"{len(reached)} layers cannot be compared with {len(target)} targets. Give one "
            "target for each layer, and at least one."
        )
    norms = [
        torch.linalg.vector_norm(h.float() - t.float(), dim=-1)
        for h, t in zip(reached, target, strict=True)
    ]
    return torch.cat(norms).mean()


def log_likelihoods(
    logits: Float[Tensor, "n vocabulary"],
    labels: Int[Tensor, " n"],
    answers: Int[Tensor, " n"],
    count: int,
) -> Float[Tensor, " count"]:
    """Mean log-probability of the tokens of each answer, in nats per token.

    Args:
        logits: that predict each token: those of the position before it, and not, as in the
            published code of RAHF-SCIT, those of the token's own position.
        labels: the tokens.
        answers: the number of the answer that each belongs to. The mean is over an answer's own
            tokens; the published code divides by the padded length.
        count: how many answers there are.
    """
    said = -torch.nn.functional.cross_entropy(logits.float(), labels, reduction="none")
    sums = said.new_zeros(count).index_add(0, answers, said)
    return sums / torch.bincount(answers, minlength=count)


def answer_loss(said: Float[Tensor, " count"]) -> Float[Tensor, ""]:
    """Mean negative log-likelihood of answers, each counting alike, in nats per token."""
    return -said.mean()


def instruction_contrast(
    heeding: Float[Tensor, " count"], opposing: Float[Tensor, " count"]
) -> Float[Tensor, ""]:
    """How badly a model tells which instruction an answer heeds, in nats.

    With p = π(y | heeded) / (π(y | heeded) + π(y | opposed)), where π is the geometric mean of
    the tokens' probabilities, −(1 − ε) log p − ε log (1 − p). Liu et al. 2024 (arXiv
    2312.15997), section 3.1, after Zhang et al. 2023 (hindsight instruction relabeling).

    Args:
        heeding: mean log-likelihood of each answer under the instruction it heeds.
        opposing: of the same answers under the opposite instruction.
    """
    margin = heeding - opposing
    right = torch.nn.functional.logsigmoid(margin)
    wrong = torch.nn.functional.logsigmoid(-margin)
    return -((1 - EPSILON) * right + EPSILON * wrong).mean()
