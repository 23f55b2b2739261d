"""Read a network and its tokenizer from wherever they lie, or say why not."""

import contextlib
import os
from collections.abc import Generator
from dataclasses import dataclass, replace
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
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from prefvec.errors import PrefvecError
from prefvec.models.converted import CONVERTED, converted
from prefvec.models.packages import Packaged
from prefvec.models.peft_folders import PeftFolder
from prefvec.models.placement import device_map_of, require_in_memory
from prefvec.models.places import gguf_at, place_of
from prefvec.models.soundness import require_decoder, require_every_weight


@dataclass(frozen=True, kw_only=True, eq=False)
class Checkpoint:
    """A network and its tokenizer, in memory.

    Attributes:
        network: with its weights.
        tokenizer: its own.
        made_of: what the weights were made of, where no checkpoint has them as they are:
            "model.gguf (SHA-256 b179c9523d0e6a0f), Q4_1, dequantised to bfloat16".
    """

    network: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    made_of: str | None = None


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How a checkpoint is read.

    Attributes:
        device: where the weights go, or "auto" to spread the blocks over all accelerators.
        dtype: of the weights in memory, or "auto" for the checkpoint's own.
        revision: branch, tag or commit of a hub repository.
        cache_dir: where hub files are kept.
        converted_dir: where checkpoints made of GGUF files are kept.
    """

    device: torch.device | str
    dtype: torch.dtype | str
    revision: str | None = None
    cache_dir: str | None = None
    converted_dir: Path = CONVERTED


def read_checkpoint(what: str | Packaged, how: Reading) -> Checkpoint:
    """Read weights and a tokenizer; no code of a repository or a package is run.

    Args:
        what: a directory, a GGUF file, a hub id, or packages.
        how: device, number type and the rest.

    Raises:
        PrefvecError: a sentence for each expected failure; see `language_model.load`.
    """
    name = what if isinstance(what, str) else what.name
    file = gguf_at(what)
    if file is not None:
        made = converted(file, name=name, dtype=how.dtype, kept=how.converted_dir)
        return replace(_read(name, str(made.path), how), made_of=made.made_of)
    adapter = PeftFolder.at(name)
    if adapter is None:
        return _read(name, place_of(name), how)
    try:
        base = read_checkpoint(adapter.base, replace(how, revision=adapter.revision))
    except PrefvecError as reason:
        raise adapter.without_base(str(reason)) from reason
    network, tokenizer, made_of = adapter.merged(base.network, base.tokenizer, base.made_of)
    return Checkpoint(network=network, tokenizer=tokenizer, made_of=made_of)


def _read(name: str, place: str, how: Reading) -> Checkpoint:
    """Read safetensors from a directory or the hub."""
    origin: dict[str, Any] = {"trust_remote_code": False, "cache_dir": how.cache_dir}
    if not Path(place).is_dir():
        origin["revision"] = how.revision or "main"
    with _explained(name, how.revision):
        config = AutoConfig.from_pretrained(place, **origin)
        require_decoder(name, config)
        device_map = device_map_of(name, config, how.device)
        tokenizer = AutoTokenizer.from_pretrained(place, **origin)
        with _no_conversion_requests():
            loaded: Any = AutoModelForCausalLM.from_pretrained(
                place,
                **origin,
                config=config,
                dtype=how.dtype,
                use_safetensors=True,
                device_map=device_map,
                attn_implementation="sdpa",
                ignore_mismatched_sizes=True,  # so that they are reported, and refused below
                output_loading_info=True,
            )
        network, found = loaded
        require_every_weight(name, found)
        if device_map is None:
            nn.Module.to(network, torch.device(how.device))
    require_in_memory(name, network)
    return Checkpoint(network=network, tokenizer=tokenizer)


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
