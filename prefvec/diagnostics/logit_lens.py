"""The logit lens: what a model would say next if the residual stream of a block were its last.

The residual of any block goes the way that the model takes after its last one: the final norm, the
unembedding, and what a family does to its logits (nostalgebraist 2020, "interpreting GPT: the logit
lens"). How near that comes to what the model does say next tells how much of it stands in the block
already. Nothing is fitted, so that a block with coordinates of its own seems to know less than it
does; the tuned lens (Belrose et al. 2023, "Eliciting Latent Predictions from Transformers with the
Tuned Lens") fits a map for each block instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from prefvec.diagnostics.likelihood import by_prompt
from prefvec.errors import PrefvecError
from prefvec.generation.nearby import in_pieces
from prefvec.generation.teacher_forcing import Batch, read_answers
from prefvec.models.language_model import LanguageModel
from prefvec.text.verbatim import Said
from prefvec.vectors.partial_passes import Begun, begun, going_on_from
from prefvec.vectors.residual import Site, read
from prefvec.vectors.steering import UNSTEERED

_PASSES = 4  # held at once: the model's logits, a block's through the lens, and both in float32


@dataclass(frozen=True, kw_only=True, eq=False)
class LogitLens:
    """A model's own way from its last block to the logits, for the residual of any block.

    It is the model's own pass with every block left out, so that final norms, tied and untied
    unembeddings, scaled and softcapped logits are what they are in the model, whatever its family,
    and in its own precision.

    Attributes:
        model: whose lens it is.
        bare: whether its blocks return the residual alone, and not as the first of several things.

    Example:
        >>> from prefvec.diagnostics import LogitLens
        >>> LogitLens.of(source).logits(torch.ones(1, 2, source.d_model)).shape[:2]
        torch.Size([1, 2])
    """

    model: LanguageModel
    bare: bool

    @classmethod
    def of(cls, model: LanguageModel) -> "LogitLens":
        """The lens of a model; one token is read to see what its blocks return."""
        ids = torch.tensor([[model.pad_id]], device=model.device)
        with torch.inference_mode():
            passed = begun(
                model,
                model.n_layers - 1,
                lambda: model.network.base_model(input_ids=ids, use_cache=False),
            )
        return cls(model=model, bare=passed.bare)

    def logits(
        self, residual: Float[Tensor, "rows positions d_model"]
    ) -> Float[Tensor, "rows positions vocabulary"]:
        """What follows from a residual as if the last block had returned it, in the model's dtype.

        Args:
            residual: of any block, in residual units. Positions do not see one another.

        Raises:
            PrefvecError: if it is not as wide as the model's stream.
        """
        model = self.model
        if residual.shape[2] != model.d_model:
            raise PrefvecError(
                f"A residual {residual.shape[2]} wide cannot be read by the unembedding of "
                f"{model.name}, whose stream is {model.d_model} wide. Give rows of that model."
            )
        ids = torch.full(residual.shape[:2], model.pad_id, device=model.device)
        stands = Begun(
            layer=model.n_layers - 1,
            residual=residual.to(model.device, model.dtype),
            bare=self.bare,
        )
        with going_on_from(model, stands):
            output = model.network(
                input_ids=ids, attention_mask=torch.ones_like(ids), use_cache=False
            )
        return output.logits


@dataclass(frozen=True, kw_only=True)
class LensAgreement:
    """How near the lens of a block comes to what its model says next.

    Attributes:
        kl: Kullback–Leibler divergence of the lens's next-token distribution from the model's, in
            nats: KL(model ‖ lens), which the tuned lens is fitted by. 0 at the last block.
        top1: share of positions at which both hold the same token likeliest. 1 at the last block.
    """

    kl: float
    top1: float


def lens_agreement(
    model: LanguageModel,
    turns: Sequence[Said],
    sites: Sequence[Site],
    *,
    batch_size: int | None = None,
) -> dict[Site, LensAgreement]:
    """How near the lens of each block comes to what the model says next, unsteered.

    The mean over an answer's positions, the one before the token that ends it included, then over
    answers, and over prompts.

    Args:
        model: reads the answers.
        turns: prompts, each with an answer.
        sites: where the residual is taken.
        batch_size: answers at once; None takes what `perplexity.TOKENS` and memory allow.

    Raises:
        PrefvecError: if there are no turns, if the model lacks a site, or if one answer alone does
            not fit in memory.

    Example:
        >>> first, last = pv.Site(0, "resid_post"), pv.Site(source.n_layers - 1, "resid_post")
        >>> found = pv.lens_agreement(source, answers.at(0).turns[:4], [first, last])
        >>> found[last].top1, abs(found[last].kl) < 1e-6 < found[first].kl
        (1.0, True)
    """
    if not turns:
        raise PrefvecError(
            "There are no answers to read, so the lens agrees with nothing. Give some turns."
        )
    for site in sites:
        site.require(model)
    lens, places = LogitLens.of(model), list(dict.fromkeys(sites))

    def measure(batch: Batch) -> list[list[LensAgreement]]:
        return _by_answer(replace(lens, model=batch.model), batch, places)

    found = read_answers(model, turns, [], measure, passes=_PASSES, batch_size=batch_size)
    return {
        site: _mean(turns, [found[said][place] for said in turns])
        for place, site in enumerate(places)
    }


def divergences(
    said: Float[Tensor, "tokens vocabulary"], seen: Float[Tensor, "tokens vocabulary"]
) -> Float[Tensor, " tokens"]:
    """KL(said ‖ seen) of each next token, in nats and float32: what `seen` lacks of `said`.

    Args:
        said: logits of the model.
        seen: logits of the same tokens through a lens.
    """
    found: list[Tensor] = []
    for own, other in in_pieces(said, seen):
        told, read_off = own.log_softmax(dim=1), other.log_softmax(dim=1)
        found.append((told.exp() * (told - read_off)).sum(dim=1))
    return torch.cat(found)


def agreements(
    said: Float[Tensor, "tokens vocabulary"], seen: Float[Tensor, "tokens vocabulary"]
) -> Bool[Tensor, " tokens"]:
    """Whether both hold the same next token likeliest, token by token.

    Args:
        said: logits of the model.
        seen: logits of the same tokens through a lens.
    """
    return said.argmax(dim=1) == seen.argmax(dim=1)


def _mean(turns: Sequence[Said], each: Sequence[LensAgreement]) -> LensAgreement:
    """Over the answers to each prompt, then over prompts."""
    kl, top1 = (
        fmean(by_prompt(turns, values).values())
        for values in ([one.kl for one in each], [one.top1 for one in each])
    )
    return LensAgreement(kl=kl, top1=top1)


def _by_answer(lens: LogitLens, batch: Batch, sites: list[Site]) -> list[list[LensAgreement]]:
    """Of each answer of a batch the agreement at each site."""
    with read(batch.model, sites) as reading:
        said = batch.logits(UNSTEERED)
    found: list[list[LensAgreement]] = [[] for _ in said]
    for site in sites:
        seen = lens.logits(reading[site])
        for kept, own, row in zip(found, said, seen, strict=True):
            other = row[: len(own)]
            kept.append(
                LensAgreement(
                    kl=float(divergences(own, other).mean()),
                    top1=float(agreements(own, other).float().mean()),
                )
            )
    return found
