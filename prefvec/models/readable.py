"""Whether a model can be read, found out before anything is measured: all of it but its weights.

Config, tokenizer and the headers of the weights are read, which takes a second; the weights
themselves are not, so that every model of a run is looked at before the first is loaded.
"""

import json
from pathlib import Path

from huggingface_hub import constants, try_to_load_from_cache
from huggingface_hub.utils import get_session
from safetensors import SafetensorError, safe_open
from transformers import AutoConfig, AutoTokenizer

from prefvec.errors import PrefvecError
from prefvec.models.packages import Packaged
from prefvec.models.peft_folders import PeftFolder
from prefvec.models.places import gguf_at, place_of
from prefvec.models.soundness import require_decoder

PATIENCE = 10.0
"""Seconds that the hub has to answer at all."""
_INDEX = "model.safetensors.index.json"


def require_readable(
    what: str | Packaged, *, revision: str | None = None, cache_dir: str | None = None
) -> None:
    """Refuse a model that cannot be loaded, as far as that is known without its weights.

    Args:
        what: a directory, a GGUF file, a hub id, or packages.
        revision: branch, tag or commit of a hub repository.
        cache_dir: where hub files are kept.

    Raises:
        PrefvecError: saying what is missing or broken, and what to do.
    """
    if isinstance(what, Packaged):
        what.parts()
        return
    if gguf_at(what) is not None:
        return
    adapter = PeftFolder.at(what)
    if adapter is not None:
        try:
            require_readable(adapter.base, revision=adapter.revision, cache_dir=cache_dir)
        except PrefvecError as reason:
            raise adapter.without_base(str(reason)) from reason
        return
    place = place_of(what)
    if Path(place).is_dir():
        _require_config(Path(place))
        _require_weights(Path(place))
        _require_of_transformers(what, place)
    else:
        _require_on_the_hub(what, revision or "main", cache_dir)


def _require_config(directory: Path) -> None:
    path = directory / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PrefvecError(
            f"{path} is no valid JSON ({error}), so nothing is known of the model. Download or "
            "save it again."
        ) from error
    if not isinstance(config, dict) or "model_type" not in config:
        raise PrefvecError(
            f"{path} names no `model_type`, so the model's architecture is not known. Download or "
            "save it again."
        )


def _require_weights(directory: Path) -> None:
    """Every file of weights is there and as long as its header says."""
    for name in _listed(directory):
        path = directory / name
        try:
            with safe_open(path, "pt"):
                pass
        except FileNotFoundError as error:
            raise PrefvecError(
                f"{directory / _INDEX} lists {name}, which is not there. Download it, or run "
                "`git lfs pull` if the folder is a clone."
            ) from error
        except (OSError, SafetensorError) as error:
            raise PrefvecError(
                f"{path} is damaged or was not downloaded to its end ({error}). Download it again, "
                "or run `git lfs pull` if the folder is a clone."
            ) from error


def _listed(directory: Path) -> list[str]:
    index = directory / _INDEX
    if (directory / "model.safetensors").is_file() or not index.is_file():
        return sorted(path.name for path in directory.glob("*.safetensors"))
    try:
        return sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise PrefvecError(
            f"{index} cannot be read ({error!r}), so the files of weights are not known. Download "
            "or save it again."
        ) from error


def _require_of_transformers(name: str, place: str) -> None:
    """An architecture that is known, and a tokenizer."""
    try:
        config = AutoConfig.from_pretrained(place, trust_remote_code=False)
    except Exception as error:
        raise PrefvecError(
            f"transformers cannot read the config of {name} ({_brief(error)}). Use a model whose "
            "architecture is part of the transformers that is installed."
        ) from error
    require_decoder(name, config)
    try:
        AutoTokenizer.from_pretrained(place, trust_remote_code=False)
    except Exception as error:
        raise PrefvecError(
            f"{place} holds no tokenizer that can be loaded ({_brief(error)}). Put tokenizer.json "
            "and tokenizer_config.json beside config.json, as `save_pretrained` of the tokenizer "
            "writes them."
        ) from error


def _require_on_the_hub(name: str, revision: str, cache_dir: str | None) -> None:
    """The hub answers and has the model, unless its config is on this machine already."""
    if isinstance(try_to_load_from_cache(name, "config.json", cache_dir, revision), str):
        return
    nowhere = (
        f"The files of {name} are not on this machine and the hub cannot be reached ({{why}}). "
        "Connect, or give a local directory."
    )
    if constants.is_offline_mode():
        raise PrefvecError(nowhere.format(why="offline mode is on"))
    address = f"{constants.ENDPOINT}/api/models/{name}/revision/{revision}"
    try:
        status = get_session().get(address, timeout=PATIENCE).status_code
    except Exception as error:
        raise PrefvecError(nowhere.format(why=_brief(error))) from error
    if status in (401, 404):
        raise PrefvecError(
            f"There is no repository {name} with the revision {revision!r} on the hub, or it is "
            "private, and no directory of that name either. Check the spelling, or log in with "
            "`hf auth login`."
        )


def _brief(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:160]}{'…' * (len(text) > 160)}"
