"""Where LoRA is put into a model, and at which blocks its residual stream is to match a target."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from torch import nn

from prefvec.errors import PrefvecError
from prefvec.models.language_model import LanguageModel
from prefvec.vectors.residual import Site

LORRA_DEPTHS = (10, 12, 14, 16, 18, 20)
"""Of 32 blocks: where Zou et al. 2023 and RAHF-DUAL of Liu et al. 2024 match activations."""
SCIT_DEPTHS = (10, 12, 14, 16, 18)
"""Of 32 blocks: where RAHF-SCIT of Liu et al. 2024 matches them."""
_OF = 32

_APART = ("q_proj", "v_proj")
_FUSED = ("c_attn", "qkv_proj", "query_key_value", "Wqkv", "in_proj")


@dataclass(frozen=True, kw_only=True)
class Placement:
    """LoRA on the query and value projections of the first blocks, up to the last one matched.

    The papers' rank, scale and dropout (Zou et al. 2023, arXiv 2310.01405; Liu et al. 2024, arXiv
    2312.15997). As in both published codes every block up to the last matched one is tuned. A
    matched site is what its block returns, so that LoRA in the last block listed has a gradient:
    `hidden_states[20]` of transformers, which those codes read for "layer 20", is the output of
    block 19, and LoRA in block 20 had none.

    Attributes:
        sites: where activations are to match, in the order of the blocks.
        r: rank.
        lora_alpha: the update is scaled by `lora_alpha` / `r`.
        dropout: of what LoRA reads, in training.

    Raises:
        PrefvecError: if there is no site, or a number is out of range.

    Example:
        >>> from prefvec.tuning import Placement
        >>> [site.layer for site in Placement.of(source).sites]
        [2, 3, 4]
    """

    sites: tuple[Site, ...]
    r: int = 8
    lora_alpha: int = 16
    dropout: float = 0.05

    def __post_init__(self) -> None:
        if not self.sites or self.r < 1 or self.lora_alpha <= 0 or not 0 <= self.dropout < 1:
            raise PrefvecError(
                f"LoRA of rank {self.r}, scale {self.lora_alpha} and dropout {self.dropout} that "
                f"matches {len(self.sites)} sites cannot be tuned. Give at least one site, a rank "
                "and a scale above 0, and a dropout from 0 to below 1."
            )

    @classmethod
    def of(cls, model: LanguageModel, depths: Sequence[int] = LORRA_DEPTHS) -> "Placement":
        """The sites of a model at the relative depth that the papers match in 32 blocks.

        Rounded to whole blocks, and never the last one: what is added there is a bias on the
        logits.

        Args:
            model: the model to be tuned.
            depths: blocks of 32.
        """
        return cls(sites=sites_at(model.n_layers, depths))

    @property
    def blocks(self) -> range:
        """The blocks that are tuned."""
        last = max(site.layer + (site.point == "resid_post") for site in self.sites)
        return range(last)

    def modules(self, model: LanguageModel) -> list[str]:
        """Full names of the projections that are tuned, in the model's network.

        Where queries, keys and values are one projection, that one.

        Raises:
            PrefvecError: if a site is not in the model, no block stands before it, or a block has
                neither kind of projection.
        """
        for site in self.sites:
            site.require(model)
        if not self.blocks:
            raise PrefvecError(
                f"No block of {model.name} stands before {self.sites[0]}, so no LoRA can change "
                "what passes there. Choose a later site."
            )
        names = {id(module): name for name, module in model.network.named_modules()}
        return [name for i in self.blocks for name in _projections(model, i, names)]


def sites_at(n_layers: int, depths: Sequence[int]) -> tuple[Site, ...]:
    """Outputs of the blocks at a relative depth, given in blocks of 32.

    Args:
        n_layers: blocks of the model.
        depths: blocks of 32, counted from 0.

    Example:
        >>> from prefvec.tuning.placement import sites_at
        >>> [site.layer for site in sites_at(30, (10, 12, 14, 16, 18, 20))]
        [9, 11, 13, 15, 17, 19]
    """
    last = max(n_layers - 2, 0)
    layers = (min(math.floor(depth * n_layers / _OF + 0.5), last) for depth in depths)
    return tuple(Site(layer, "resid_post") for layer in dict.fromkeys(layers))


def _projections(model: LanguageModel, block: int, names: dict[int, str]) -> list[str]:
    linear = {name: names[id(module)] for name, module in _leaves(model.blocks[block])}
    apart = [linear[name] for name in _APART if name in linear]
    fused = [linear[name] for name in _FUSED if name in linear]
    if len(apart) == len(_APART):
        return apart
    if fused:
        return fused[:1]
    raise PrefvecError(
        f"Block {block} of {model.name} has no projections called {' and '.join(_APART)}, nor one "
        f"of {', '.join(_FUSED)}, but {', '.join(sorted(linear)) or 'none at all'}. LoRA is put on "
        "queries and values, and which these are cannot be told."
    )


def _leaves(block: nn.Module) -> list[tuple[str, nn.Module]]:
    """Modules with a weight matrix by the last part of their name."""
    return [
        (name.rpartition(".")[2], module)
        for name, module in block.named_modules()
        if getattr(getattr(module, "weight", None), "ndim", 0) == 2
    ]
