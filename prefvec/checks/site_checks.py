"""The residual stream on trial: does a site hold what is read and added there?"""

from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from prefvec.errors import PrefvecError
from prefvec.models.language_model import LanguageModel
from prefvec.vectors.residual import POINTS, Reading, Site, add, read


def activations_are_finite(model: LanguageModel, sequences: Sequence[Sequence[int]]) -> str:
    """No number overflows while texts are read.

    Args:
        model: on trial.
        sequences: token ids, each read alone.

    Returns:
        What was seen, as a sentence.

    Raises:
        PrefvecError: naming the first site where one does.
    """
    for ids in sequences:
        given = torch.tensor([ids], device=model.device)
        inputs = {"input_ids": given, "attention_mask": torch.ones_like(given)}
        if not bool(model.network(**inputs).logits.isfinite().all()):
            raise PrefvecError(_overflow(model.dtype, _first_overflow(model, inputs)))
    return "Every logit is finite, and so is what it is made of."


def _first_overflow(model: LanguageModel, inputs: Mapping[str, Tensor]) -> str:
    every = [Site(layer, point) for layer in range(model.n_layers) for point in POINTS]
    try:
        with read(model, every) as seen:
            model.network(**inputs)
    except PrefvecError:
        return "the logits"
    found = (str(site) for site in every if not bool(seen[site].isfinite().all()))
    return next(found, "the logits")


def _overflow(dtype: torch.dtype, where: str) -> str:
    if dtype == torch.float16:
        return (
            f"float16 overflows in this model, first at {where}: it was trained in a type that "
            "holds larger numbers, and nothing can be measured. Load it in bfloat16 or float32 "
            "(--dtype)."
        )
    return (
        f"Not every number is finite in {dtype}, first at {where}, so nothing can be measured. "
        "Check the weights, or load the model in float32 (--dtype)."
    )


def zero_is_the_identity(model: LanguageModel, inputs: Mapping[str, Tensor]) -> str:
    """Adding zero at a site leaves the logits as they were, bit for bit.

    Args:
        model: on trial.
        inputs: a left-padded batch.

    Returns:
        What was seen, as a sentence.

    Raises:
        PrefvecError: if the law does not hold, and what that does to a measurement.
    """
    plain = model.network(**inputs).logits
    rows = len(plain)
    for site in _sites(model):
        nothing = torch.zeros(rows, model.d_model, device=model.device, dtype=model.dtype)
        with add(model, {site: nothing}):
            hooked = model.network(**inputs).logits
        if not torch.equal(plain, hooked):
            raise PrefvecError(
                f"Adding zero at {site} changed the logits, so nothing could be told from the "
                "noise of the machine. Use deterministic kernels, or another device."
            )
    return "Adding zero changes no bit of the logits."


def hooks_move_their_site(model: LanguageModel, inputs: Mapping[str, Tensor]) -> str:
    """A vector added at a site moves that site by itself, nothing before it, and the logits.

    Args:
        model: on trial.
        inputs: a left-padded batch.

    Returns:
        What was seen, as a sentence.

    Raises:
        PrefvecError: if the law does not hold, and what that does to a measurement.
    """
    every = [Site(layer, point) for layer in range(model.n_layers) for point in POINTS]
    with read(model, every) as before:
        plain = model.network(**inputs).logits
    rows, attended = len(plain), inputs["attention_mask"].bool()
    _require_joined(model, before, attended)
    for site in _sites(model):
        delta = planted(model, before[site][attended], share=0.5).expand(rows, -1)
        with read(model, every) as after, add(model, {site: delta}):
            steered = model.network(**inputs).logits
        _require_moved(site, before, after, delta, attended)
        if torch.equal(plain, steered):
            raise PrefvecError(f"Adding a vector at {site} left the logits as they were.")
    if not torch.equal(plain, model.network(**inputs).logits):
        raise PrefvecError(
            "The logits did not return to what they were when the hooks were removed."
        )
    return "The residual moved by the added vector at the site, and nowhere before it."


def planted(
    model: LanguageModel, residuals: Float[Tensor, "positions d_model"], share: float
) -> Float[Tensor, " d_model"]:
    """A vector to add: as long as a share of the mean norm of the residuals at its site.

    Args:
        model: on trial.
        residuals: as they were read there, padding left out.
        share: of their mean norm.
    """
    norm = residuals.float().norm(dim=-1).mean()
    ramp = torch.linspace(-1, 1, model.d_model, device=model.device)
    return (share * norm * ramp / ramp.norm()).to(model.dtype)


def _require_joined(model: LanguageModel, seen: Reading, attended: Tensor) -> None:
    """What one block returns is what the next one receives: the blocks share one stream."""
    for layer in range(1, model.n_layers):
        given, taken = Site(layer - 1, "resid_post"), Site(layer, "resid_pre")
        if not torch.equal(seen[given][attended], seen[taken][attended]):
            raise PrefvecError(
                f"What was read at {given} is not what {taken} receives: something between the "
                "blocks changes the residual stream, so a site does not mean here what it means "
                "in other models. This architecture is not supported."
            )


def _require_moved(
    site: Site, before: Reading, after: Reading, delta: Tensor, attended: Tensor
) -> None:
    """The site moved by exactly delta; what comes before it did not move."""
    moved = before[site] + delta[:, None, :]
    if not torch.equal(after[site][attended], moved[attended]):
        raise PrefvecError(
            f"What was read at {site} is not what was there plus the added vector. The block is "
            "not run once, whole, in each forward pass. Load the model without offloading, "
            "compilation or checkpointing."
        )
    for layer in range(site.layer):
        earlier = Site(layer, "resid_post")
        if not torch.equal(after[earlier][attended], before[earlier][attended]):
            raise PrefvecError(f"Adding a vector at {site} moved {earlier}, which comes before it.")


def _sites(model: LanguageModel) -> list[Site]:
    layers = sorted({0, model.n_layers // 2, model.n_layers - 1})
    return [Site(layer, point) for layer in layers for point in POINTS]
