"""Activations, kept in files beside the completions: read once, and in memory while they are used.

What a run reads of every block is hundreds of megabytes for a model of 135 million weights, and
what it then uses of it is a block or two.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from prefvec.errors import PrefvecError
from prefvec.experiments.what_is_read import digest_of_reading
from prefvec.models.decisive import LOADED_AND_SPOKEN_TO
from prefvec.models.language_model import LanguageModel
from prefvec.text.verbatim import Said
from prefvec.vectors.activations import Activations
from prefvec.vectors.residual import Site, Space
from prefvec.whole_files import replacing

DECIDES = (
    *LOADED_AND_SPOKEN_TO,
    "prefvec.experiments.kept_activations",
    "prefvec.text.metrics.sentence_ends",
    "prefvec.vectors.activations",
    "prefvec.vectors.partial_passes",
)
"""Modules that decide what is read where. When one of them changes, everything is read again."""


def kept_activations(
    folder: Path,
    what: str,
    model: LanguageModel,
    turns: Sequence[Said],
    read: Callable[[], Mapping[Site, Activations]],
) -> Mapping[Site, Activations]:
    """What `read` returns, from its file: that of an earlier call where there is one.

    Files are told apart by the model, by what ends its answers, and by every turn that is read.

    Args:
        folder: where the files are; made when first written to.
        what: names the positions that are read.
        model: the model that reads.
        turns: what it reads.
        read: reads them.

    Returns:
        The activations by site, each read from the file whenever it is asked for.
    """
    path = folder / f"{digest_of_reading(what, model, turns, DECIDES)}.safetensors"
    if path.exists():
        try:
            return _Kept(path, model)
        except (SafetensorError, KeyError, ValueError):
            path.unlink()  # cut off while it was written
    _save(path, read())
    return _Kept(path, model)


def _save(path: Path, found: Mapping[Site, Activations]) -> None:
    first = next(iter(found.values()))
    facts = {
        "ids": json.dumps(first.ids),
        "positions": first.positions,
        "norms": json.dumps({str(s.layer): rows.mean_norm for s, rows in found.items()}),
        "point": first.site.point,
    }
    with replacing(path) as new:
        save_file({str(s.layer): r.values.contiguous() for s, r in found.items()}, new, facts)


class _Kept(Mapping[Site, Activations]):
    """The activations of a file, by site; none of them is held.

    Args:
        path: the file.
        model: the model that has read them.

    Raises:
        SafetensorError: if the file is damaged.
        KeyError: if it does not say what it holds, or lacks some of that.
        ValueError: if what it says is not to be read.
    """

    def __init__(self, path: Path, model: LanguageModel) -> None:
        self._path = path
        with safe_open(path, "pt") as file:
            self._facts: dict[str, str] = file.metadata()
            held = {*file.keys()}
        self._ids = tuple(json.loads(self._facts["ids"]))
        norms: dict[str, float] = json.loads(self._facts["norms"])
        if set(norms) - held:
            raise KeyError(path)
        self._norms = {
            Space.of(model, Site(layer=int(layer), point=self._facts["point"])): norm
            for layer, norm in norms.items()
        }
        self._spaces = {space.site: space for space in self._norms}

    def __getitem__(self, site: Site) -> Activations:
        """What was read at a site, mapped from the file.

        Raises:
            PrefvecError: if the file was deleted while it was in use.
        """
        space = self._spaces[site]
        try:
            with safe_open(self._path, "pt") as file:
                values = file.get_tensor(str(site.layer))
        except FileNotFoundError as gone:
            raise PrefvecError(
                f"{self._path} was deleted while the run used it. Run it again: the activations "
                "are read anew, and the answers are kept."
            ) from gone
        return Activations(
            values=values,
            space=space,
            ids=self._ids,
            positions=self._facts["positions"],
            mean_norm=self._norms[space],
        )

    def __iter__(self) -> Iterator[Site]:
        """The sites, first to last as they were read."""
        return iter(self._spaces)

    def __len__(self) -> int:
        """How many sites were read."""
        return len(self._spaces)
