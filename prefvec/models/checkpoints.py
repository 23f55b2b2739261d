"""Read a network and its tokenizer from a directory or the hub, or say why not."""

import contextlib
import os
import re
from collections.abc import Generator
from pathlib import Path
from typing import Any

import torch
from huggingface_hub.errors import (
    GatedRepoError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from torch import nn
from transformers import (
    MODEL_FOR_CAUSAL_LM_MAPPING,
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from prefvec.errors import PrefvecError
from prefvec.models.placement import device_map_of, require_in_memory

_HUB_ID = re.compile(r"[\w.-]+(/[\w.-]+)?")


def read_checkpoint(
    name_or_path: str,
    *,
    device: torch.device | str,
    dtype: torch.dtype | str,
    revision: str | None = None,
    cache_dir: str | None = None,
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """Read safetensors weights and a tokenizer; no code of a repository is run.

    Args:
        name_or_path: a directory or a hub id.
        device: where the weights go, or "auto" to spread the blocks over all accelerators.
        dtype: of the weights in memory, or "auto" for the checkpoint's own.
        revision: branch, tag or commit of a hub repository.
        cache_dir: where hub files are kept.

    Raises:
        PrefvecError: a sentence for each expected failure; see `language_model.load`.
    """
    place = _place(name_or_path)
    origin: dict[str, Any] = {"trust_remote_code": False, "cache_dir": cache_dir}
    if not Path(place).is_dir():
        origin["revision"] = revision or "main"
    with _explained(name_or_path, revision):
        config = AutoConfig.from_pretrained(place, **origin)
        _require_decoder(name_or_path, config)
        device_map = device_map_of(name_or_path, config, device)
        tokenizer = AutoTokenizer.from_pretrained(place, **origin)
        with _no_conversion_requests():
            loaded: Any = AutoModelForCausalLM.from_pretrained(
                place,
                **origin,
                config=config,
                dtype=dtype,
                use_safetensors=True,
                device_map=device_map,
                attn_implementation="sdpa",
                ignore_mismatched_sizes=True,  # so that they are reported, and refused below
                output_loading_info=True,
            )
        network, found = loaded
        _require_every_weight(name_or_path, found)
        if device_map is None:
            nn.Module.to(network, torch.device(device))
    require_in_memory(name_or_path, network)
    return network, tokenizer


def _require_decoder(name: str, config: Any) -> None:
    """Refuse what is no causal language model of transformers."""
    kind = type(config).__name__
    if config.is_encoder_decoder:
        raise PrefvecError(
            f"{name} is an encoder–decoder ({kind}). Vectors are read and added in the one "
            "residual stream of a decoder. Use a causal model."
        )
    if type(config) not in MODEL_FOR_CAUSAL_LM_MAPPING:
        inside = config.get_text_config()
        wraps = "" if inside is config else f" that wraps one ({type(inside).__name__})"
        raise PrefvecError(
            f"{name} is no causal language model of transformers but something else{wraps}: "
            f"{kind}. Use a causal model, or the text-only checkpoint of this one."
        )


def _place(name_or_path: str) -> str:
    """A directory that holds a model, or something that can be a hub id."""
    path = Path(name_or_path).expanduser()
    if path.is_dir():
        _require_model_files(path)
        return str(path)
    if path.exists():
        raise PrefvecError(
            f"{name_or_path} is a file. Give the directory that holds config.json and the weights."
        )
    looks_local = name_or_path.startswith((".", "/", "~")) or "\\" in name_or_path
    if looks_local or not _HUB_ID.fullmatch(name_or_path):
        raise PrefvecError(
            f"There is no directory {name_or_path}, and it is not a hub id either (owner/name). "
            "Check the path."
        )
    return name_or_path


def _require_model_files(directory: Path) -> None:
    """Refuse a directory whose weights are missing or pickled before anything is read."""
    if not (directory / "config.json").is_file():
        raise PrefvecError(
            f"{directory} holds no config.json, so it is no model directory. Give the directory "
            "that `save_pretrained` wrote or that was cloned from the hub."
        )
    if any(directory.glob("*.safetensors")):
        return
    pickled = sorted({*directory.glob("*.bin"), *directory.glob("*.pt"), *directory.glob("*.pth")})
    if pickled:
        raise PrefvecError(
            f"{directory} has pickled weights only ({pickled[0].name}); unpickling runs whatever "
            "code the file holds, so only safetensors are read. Convert them with "
            "`save_pretrained` where you trust the file."
        )
    raise PrefvecError(
        f"The weights are missing: {directory} holds no *.safetensors file. Download them, or "
        "run `git lfs pull` if it is a clone."
    )


def _require_every_weight(name: str, found: Any) -> None:
    """A weight that is not in the file would silently stay random."""
    for what in ("missing_keys", "mismatched_keys"):
        keys = sorted(str(key) for key in _of(found, what))
        if keys:
            raise PrefvecError(
                f"{name}: {len(keys)} weights are not in its files as its config describes them "
                f"(the first is {keys[0]}); they would be random. The checkpoint is incomplete or "
                "not of a causal model. Download it again, or name another one."
            )


def _of(found: Any, what: str) -> Any:
    value = found.get(what) if isinstance(found, dict) else getattr(found, what, None)
    return value or []


@contextlib.contextmanager
def _no_conversion_requests() -> Generator[None]:
    """Keep transformers from asking the hub to convert a repository's pickled weights."""
    switch = "DISABLE_SAFETENSORS_CONVERSION"
    before = os.environ.get(switch)
    os.environ[switch] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[switch]
        else:
            os.environ[switch] = before


@contextlib.contextmanager
def _explained(name: str, revision: str | None) -> Generator[None]:
    """Turn what transformers and the hub raise into one sentence."""
    try:
        yield
    except PrefvecError:
        raise
    except Exception as error:
        raise PrefvecError(_reason(name, revision, error)) from error


def _reason(name: str, revision: str | None, error: BaseException) -> str:
    causes = [error]
    while (deeper := causes[-1].__cause__ or causes[-1].__context__) is not None:
        causes.append(deeper)

    def due_to(*kinds: type[BaseException]) -> bool:
        return any(isinstance(cause, kinds) for cause in causes)

    text = " ".join(str(error).split())
    if due_to(GatedRepoError):
        return (
            f"{name} is gated: its owner grants access on request. Ask for it at "
            f"https://huggingface.co/{name}, then log in with `hf auth login`."
        )
    if due_to(RevisionNotFoundError):
        return f"{name} has no revision {revision!r}. Name a branch, tag or commit it has."
    if due_to(RepositoryNotFoundError):
        return (
            f"There is no repository {name} on the hub, or it is private, and no directory of "
            "that name either. Check the spelling, or log in with `hf auth login`."
        )
    if "does not appear to have a file named" in text and "safetensors" in text:
        return (
            f"{name} has no safetensors weights on the hub; pickled ones are not read, since "
            "unpickling runs code. Use a revision with safetensors, or convert a local copy."
        )
    if due_to(LocalEntryNotFoundError, OfflineModeIsEnabled, ConnectionError, TimeoutError) or (
        "couldn't connect" in text.lower()
    ):
        return (
            f"The files of {name} are not on this machine and the hub cannot be reached (no "
            "network, or offline mode is on). Connect, or give a local directory."
        )
    if "trust_remote_code" in text:
        return (
            f"{name} needs code of its own repository to load, which is never run here. Use a "
            "model whose architecture is part of transformers."
        )
    if isinstance(error, torch.OutOfMemoryError):
        return f"{name} does not fit into memory. Use a smaller model or dtype=bfloat16."
    return f"{name} cannot be loaded ({type(error).__name__}: {text[:300]}). Check its files."
