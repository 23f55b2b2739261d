"""A stranger's vector, bound to a model and to the blocks that its convention says."""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from prefvec.errors import PrefvecError
from prefvec.exchange.conventions import Convention, convention_called
from prefvec.exchange.file_hashes import file_hash
from prefvec.models.language_model import LanguageModel
from prefvec.text.prompts import Prompt
from prefvec.vectors.activations import over_answers
from prefvec.vectors.every_block import PreferenceVectors
from prefvec.vectors.residual import Site, Space
from prefvec.vectors.vector import PreferenceVector, unit

_PLAIN = (
    ("What is a river?", "A river is water that flows from the hills to the sea."),
    ("How is bread made?", "Flour, water, salt and yeast are mixed. The dough rises, then bakes."),
    ("What is a clock for?", "A clock shows the time, so that people can meet when they agreed."),
    ("Why do leaves fall?", "Trees keep their water for the winter, and let the leaves go."),
)
"""What is read for the unit of relative norms where nothing else is given."""


def read_foreign(
    path: str | Path,
    *,
    convention: str | None,
    model: LanguageModel,
    trait: str = "preference",
    residual_norms: Mapping[Site, float] | None = None,
) -> PreferenceVectors:
    """Read a file that another tool wrote, as the vectors of a model.

    Coefficient 1 adds what the file has, number for number, but for rounding of float32. Blocks for
    which it has nothing but zeros are left out. Nothing in the file is run.

    Args:
        path: the file.
        convention: of the tool that wrote it; see `prefvec.exchange.conventions`. It is never
            guessed, and None raises the list of all there are.
        model: the one that it was made for.
        trait: what it is a preference for.
        residual_norms: mean norms of the residual stream, the unit of `relative_norm`; over a few
            plain sentences when None.

    Raises:
        PrefvecError: if there is no such file or convention, if the file is no such file, if it was
            made for another model, width or number of blocks, or if it holds code.

    Example:
        >>> import tempfile
        >>> folder = tempfile.TemporaryDirectory()
        >>> path = f"{folder.name}/long.gguf"
        >>> _ = pv.export(vector.at(3), path, format="gguf", model=source)
        >>> pv.read_foreign(path, convention="llama.cpp", model=source).at(3).site
        Site(layer=3, point='resid_post')
        >>> folder.cleanup()
    """
    path, known = Path(path), convention_called(convention)
    if not path.is_file():
        raise PrefvecError(f"There is no file {path}. Give the path of a vector's file.")
    found = known.read(path, model)
    _require_fit(path, found, known, model)
    blocks = {block: found[block] for block in sorted(found) if bool(found[block].any())}
    if not blocks:
        raise PrefvecError(
            f"{path} has no vector for a block of {model.name} by the convention {known.name}: "
            f"{known.means}. Is it that of the tool that wrote it?"
        )
    sites = [Site(block, "resid_post") for block in blocks]
    norms = residual_norms or _norms(model, sites)
    told = f"{known.name} file {file_hash(path)[:16]}"
    return PreferenceVectors(
        by_site={
            site: PreferenceVector(
                direction=unit(tensor),
                norm=float(tensor.double().norm()),
                residual_norm=norms[site],
                space=Space.of(model, site),
                trait=trait,
                estimator=told,
                positions="not said by the file",
                n_pairs=0,
                prompt_set=told,
                read_from=frozenset(),
                stability=None,
            )
            for site, tensor in zip(sites, blocks.values(), strict=True)
        }
    )


def _require_fit(
    path: Path, found: Mapping[int, Tensor], known: Convention, model: LanguageModel
) -> None:
    for block, tensor in found.items():
        if not 0 <= block < model.n_layers:
            raise PrefvecError(
                f"{path} has a vector for block {block} by the convention {known.name}, and the "
                f"{model.n_layers} blocks of {model.name} are counted 0 to {model.n_layers - 1}. "
                "It is a file of another model, or of another convention."
            )
        if tensor.shape != (model.d_model,):
            raise PrefvecError(
                f"{path} has a vector of {tensor.numel()} numbers for block {block}, and the "
                f"residual stream of {model.name} is {model.d_model} wide. It was made for another "
                "model."
            )
        if not bool(torch.isfinite(tensor).all()):
            raise PrefvecError(
                f"{path} has numbers for block {block} that are not finite, which would leave "
                "nothing of an answer. Write it anew in the tool that it is from."
            )


def _norms(model: LanguageModel, sites: list[Site]) -> dict[Site, float]:
    turns = [
        (Prompt(id=f"plain-{n}", text=asked, topic="plain"), said)
        for n, (asked, said) in enumerate(_PLAIN)
    ]
    return {site: rows.mean_norm for site, rows in over_answers(model, turns, sites).items()}
