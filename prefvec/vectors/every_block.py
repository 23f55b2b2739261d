"""One preference at every decoder block of a model."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from prefvec.errors import PrefvecError
from prefvec.models.language_model import LanguageModel
from prefvec.vectors import files
from prefvec.vectors.residual import Site
from prefvec.vectors.vector import DIRECTION, PreferenceVector
from prefvec.vocabulary import Positions


@dataclass(frozen=True, kw_only=True, eq=False)
class PreferenceVectors:
    """The vectors of one preference, found from the same answers at every block of one model.

    Where one vector is wanted and no block is named, it is the one of the middle block,
    n_layers // 2 counted from 0: early blocks still read, late ones already speak.

    Attributes:
        by_site: the vectors, first block to last.

    Example:
        >>> vector.at(2).site
        Site(layer=2, point='resid_post')
        >>> vector.middle.site.layer
        3
    """

    by_site: Mapping[Site, PreferenceVector]

    def __post_init__(self) -> None:
        if not self.by_site:
            raise PrefvecError("There are no vectors. Give one for each block, or for some.")
        object.__setattr__(self, "by_site", MappingProxyType(dict(self.by_site)))

    @property
    def sites(self) -> tuple[Site, ...]:
        """Where there is a vector, first block to last."""
        return tuple(self.by_site)

    @property
    def middle(self) -> PreferenceVector:
        """The vector of the middle block, n_layers // 2."""
        return self.at(next(iter(self.by_site.values())).n_layers // 2)

    def at(self, site: Site | int) -> PreferenceVector:
        """The vector of one block.

        Args:
            site: a site, or the number of a decoder block, counted from 0.

        Raises:
            PrefvecError: if there is no vector there, saying where there are.
        """
        wanted = site if isinstance(site, Site) else None
        for there, vector in self.by_site.items():
            if there == wanted or (wanted is None and there.layer == site):
                return vector
        where = ", ".join(map(str, self.by_site))
        asked = f"block {site}" if wanted is None else str(site)
        raise PrefvecError(f"There is no vector at {asked}: there are some at {where}.")

    def applied(
        self, model: LanguageModel, *, coefficient: float = 1.0, positions: Positions = "all"
    ) -> AbstractContextManager[None]:
        """Steer with the middle block's vector; see `PreferenceVector.applied`.

        Args:
            model: the one the vectors belong to.
            coefficient: the dose, in units of the vector.
            positions: "all" or "answer".
        """
        return self.middle.applied(model, coefficient=coefficient, positions=positions)

    def save(self, path: str | Path) -> None:
        """Write all of them into one safetensors file, each with what it is.

        Raises:
            PrefvecError: if the file cannot be written.

        Example:
            >>> vector.save(folder / "verbosity.safetensors")
            >>> again = pv.PreferenceVectors.load(folder / "verbosity.safetensors", model=source)
            >>> again.at(2).fingerprint == vector.at(2).fingerprint
            True
        """
        vectors = [*self.by_site.values()]
        directions = {f"{DIRECTION}.{i}": vector.direction for i, vector in enumerate(vectors)}
        files.write(path, directions, {"vectors": [vector.header() for vector in vectors]})

    @classmethod
    def load(cls, path: str | Path, *, model: LanguageModel) -> "PreferenceVectors":
        """Read vectors back for the model they were made for.

        Args:
            path: a file written by `save`, or by `PreferenceVector.save`: one vector, then.
            model: the model they are to steer.

        Raises:
            PrefvecError: if the file is missing, is not such a file, or belongs to another
                model or tokenizer.
        """
        header, directions = files.read(path)
        headers, names = [header], [DIRECTION]
        if DIRECTION not in directions:
            headers = header.get("vectors", [])
            names = [f"{DIRECTION}.{i}" for i in range(len(headers))]
        vectors = [
            PreferenceVector.of_header(each, directions[name])
            for each, name in zip(headers, names, strict=True)
        ]
        for vector in vectors:
            vector.require(model)
        return cls(by_site={vector.site: vector for vector in vectors})

    def __neg__(self) -> "PreferenceVectors":
        return PreferenceVectors(by_site={site: -vector for site, vector in self.by_site.items()})

    def summary(self) -> str:
        """One sentence: what the middle vector is, and how many others there are."""
        return f"{self.middle.summary()}; {len(self.by_site)} blocks in all"


def one_of(vector: PreferenceVector | PreferenceVectors) -> PreferenceVector:
    """A vector itself, or that of the middle block."""
    return vector.middle if isinstance(vector, PreferenceVectors) else vector
