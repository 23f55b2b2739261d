"""Activations that were read before, kept in files beside the completions."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

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
    read: Callable[[], dict[Site, Activations]],
) -> dict[Site, Activations]:
    """What `read` returns, from the file of an earlier call where there is one.

    Files are told apart by the model, by what ends its answers, and by every turn that is read.

    Args:
        folder: where the files are; made when first written to.
        what: names the positions that are read.
        model: the model that reads.
        turns: what it reads.
        read: reads them.
    """
    path = folder / f"{digest_of_reading(what, model, turns, DECIDES)}.safetensors"
    if path.exists():
        try:
            return _load(path, model)
        except (SafetensorError, KeyError, ValueError):
            path.unlink()  # cut off while it was written
    found = read()
    _save(path, found)
    return found


def _save(path: Path, found: dict[Site, Activations]) -> None:
    first = next(iter(found.values()))
    facts = {
        "ids": json.dumps(first.ids),
        "positions": first.positions,
        "norms": json.dumps({str(s.layer): rows.mean_norm for s, rows in found.items()}),
        "point": first.site.point,
    }
    with replacing(path) as new:
        save_file({str(s.layer): r.values.contiguous() for s, r in found.items()}, new, facts)


def _load(path: Path, model: LanguageModel) -> dict[Site, Activations]:
    with safe_open(path, "pt") as file:
        facts = file.metadata()
        norms: dict[str, float] = json.loads(facts["norms"])
        ids = tuple(json.loads(facts["ids"]))
        found: dict[Site, Activations] = {}
        for layer, norm in norms.items():
            site = Site(layer=int(layer), point=facts["point"])
            found[site] = Activations(
                values=file.get_tensor(layer),
                space=Space.of(model, site),
                ids=ids,
                positions=facts["positions"],
                mean_norm=norm,
            )
    return found
