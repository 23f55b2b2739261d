"""What a model's name means: an organism, an alias of the registry, a hub id or a path."""

from pathlib import Path

import torch

from prefvec.models.converted import CONVERTED
from prefvec.models.language_model import LanguageModel
from prefvec.models.language_model import load as load_checkpoint
from prefvec.models.registry import resolve
from prefvec.organisms.roster import homes
from prefvec.organisms.twins import TWINS


def load(
    name: str,
    *,
    device: str | torch.device | None = None,
    dtype: str | torch.dtype | None = None,
    cache_dir: str | None = None,
    converted_dir: Path = CONVERTED,
) -> LanguageModel:
    """Load a model by whatever it is called.

    Args:
        name: an organism that comes with the package ("mini-mistral"), an alias of the registry
            ("gemma-3-270m"), a hub id ("owner/name"), a directory, that of a PEFT adapter
            included, or a GGUF file.
        device: "cpu", "cuda", "cuda:1", "mps"; "auto" spreads the blocks over all accelerators;
            the best one here when None.
        dtype: "float32", "bfloat16", "float16", or "auto" for the checkpoint's own. When None,
            the registry's, or float32 on the CPU and bfloat16 elsewhere.
        cache_dir: where hub files are kept; the hub's own place when None.
        converted_dir: where checkpoints made of GGUF files are kept.

    Raises:
        PrefvecError: if the name means nothing, with the one it resembles; otherwise as for
            `prefvec.models.language_model.load`.

    Example:
        >>> pv.load("mini-mistral").n_layers
        6
    """
    if name in TWINS:
        twin = TWINS[name]
        original = load(
            twin.of,
            device=device,
            dtype=twin.dtype or dtype,
            cache_dir=cache_dir,
            converted_dir=converted_dir,
        )
        return twin.make(name, original)
    home = homes().get(name)
    if home is not None:
        # Organisms were trained to end their answers, of several lines, by a token.
        return load_checkpoint(str(home), name=name, device=device, dtype=dtype, line_ends=False)
    entry = resolve(name, organisms=homes())
    return load_checkpoint(
        entry.packaged or entry.name_or_path,
        name=name,
        device=device,
        dtype=dtype or entry.dtype,
        revision=entry.revision,
        cache_dir=cache_dir,
        converted_dir=converted_dir,
    )
