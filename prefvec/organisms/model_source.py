"""A model by name and how it is loaded: what is sent to other processes in place of the model."""

from dataclasses import dataclass
from pathlib import Path

from prefvec.models.converted import CONVERTED
from prefvec.models.language_model import LanguageModel
from prefvec.organisms.named_models import load


@dataclass(frozen=True, kw_only=True)
class NamedSource:
    """Where a model is loaded from; the arguments are those of `load`.

    Attributes:
        name: an organism, an alias of the registry, a hub id or a path.
        device: a torch device, or None to choose.
        dtype: name of a torch dtype, or None to choose.
        cache_dir: where hub files are kept; the hub's own place when None.
        converted_dir: where checkpoints made of GGUF files are kept.

    Example:
        >>> NamedSource(name="mini-mistral")().n_layers
        6
    """

    name: str
    device: str | None = None
    dtype: str | None = None
    cache_dir: str | None = None
    converted_dir: Path = CONVERTED

    def __call__(self) -> LanguageModel:
        """The model, loaded.

        Raises:
            PrefvecError: as for `load`.
        """
        return load(
            self.name,
            device=self.device,
            dtype=self.dtype,
            cache_dir=self.cache_dir,
            converted_dir=self.converted_dir,
        )
