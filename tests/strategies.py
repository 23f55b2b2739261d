"""Hypothesis strategies, as plural nouns."""

import torch
from hypothesis import strategies as st

from prefvec.vectors.activations import Activations
from prefvec.vectors.extraction import difference_in_means
from prefvec.vectors.residual import POINTS, Site, Space
from prefvec.vectors.vector import PreferenceVector

seeds = st.integers(min_value=0, max_value=2**31 - 1)
"""Seeds of random tensors: a failing example shrinks to a small one."""

widths = st.integers(min_value=2, max_value=12)
"""Widths of small residual streams."""

coefficients = st.floats(min_value=-8, max_value=8, allow_subnormal=False).filter(
    lambda coefficient: abs(coefficient) > 1e-3
)
"""Doses that do something."""

contrasts = st.tuples(seeds, st.integers(min_value=1, max_value=20), widths)
"""Seed, pairs and width of contrasted activations; `contrast` makes them in the test, because
beartype's random checks do not go with drawing."""

maps = st.tuples(seeds, widths, widths)
"""Seed and widths of planted maps, for `planted_map`."""

sites = st.builds(Site, st.integers(min_value=0, max_value=1), st.sampled_from(POINTS))
"""Sites that every tiny model has."""


def space(model: str = "source", layer: int = 0) -> Space:
    """The residual space of a model that is only a name."""
    return Space(
        model=model, tokenizer=f"{model}-tokenizer", site=Site(layer, "resid_post"), n_layers=2
    )


def activations_of(values: torch.Tensor, where: Space, per_prompt: int = 1) -> Activations:
    """Rows as activations, `per_prompt` consecutive ones from each prompt."""
    return Activations(
        values=values,
        space=where,
        ids=tuple(f"prompt-{row // per_prompt}" for row in range(len(values))),
        positions="last prompt token",
        mean_norm=float(values.norm(dim=1).mean()),
    )


def normal(seed: int, *shape: int) -> torch.Tensor:
    """Independent standard normal numbers."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def contrast(drawn: tuple[int, int, int]) -> tuple[Activations, Activations]:
    """Activations at two poles of a trait that differ, from one of `contrasts`."""
    seed, n, width = drawn
    positive, negative = normal(seed, 2, n, width)
    return activations_of(positive + 0.5, space()), activations_of(negative, space())


def planted_map(
    drawn: tuple[int, int, int],
) -> tuple[Activations, Activations, torch.Tensor, torch.Tensor]:
    """Paired rows under an exact affine map, its weight and its bias, from one of `maps`."""
    seed, d_source, d_target = drawn
    x = normal(seed, 8 * d_source + 40, d_source) + 3
    weight, bias = normal(seed + 1, d_source, d_target), normal(seed + 2, d_target)
    return (
        activations_of(x, space("source")),
        activations_of(x @ weight + bias, space("target")),
        weight,
        bias,
    )


def orthogonal(seed: int, rows: int, columns: int) -> torch.Tensor:
    """The (semi-)orthogonal factor of a random matrix."""
    left, _, right = torch.linalg.svd(normal(seed, rows, columns), full_matrices=False)
    return left @ right


def paired(x: torch.Tensor, y: torch.Tensor) -> tuple[Activations, Activations]:
    """Rows of a source and of a target that belong together, one from each prompt."""
    return activations_of(x, space("source")), activations_of(y, space("target"))


def vector_in(where: Space, values: torch.Tensor, trait: str = "verbosity") -> PreferenceVector:
    """A vector with a given difference in means."""
    positive = activations_of(values[None, :] + 1, where)
    negative = activations_of(torch.ones(1, len(values)), where)
    return difference_in_means(positive, negative, trait=trait, prompt_set="abc")
