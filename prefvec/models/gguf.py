"""A GGUF file becomes a checkpoint: dequantised by transformers' own reader."""

import contextlib
import functools
import importlib
import importlib.util
from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging

from prefvec.errors import PrefvecError
from prefvec.models.gguf_files import require_one_file
from prefvec.models.soundness import require_decoder, require_every_weight

_NEEDED = ("gguf", "accelerate")
_OWN = {"F32": torch.float32, "F16": torch.float16}
"""Types that a file of them is loaded in when its own is asked for; others become bfloat16."""
_LEFT_OVER = ("quantization_config", "_model_name_or_path")
"""Settings that say what the file was, and not what the model computes."""


def convert(path: Path, into: Path, *, name: str, dtype: torch.dtype | str) -> str:
    """Write a GGUF file's weights, config and tokenizer as `save_pretrained` would.

    Args:
        path: the file; its name ends in ".gguf".
        into: an empty folder.
        name: of the model, for messages.
        dtype: of the weights written, or "auto" for float32 or float16 where the file has them,
            else bfloat16.

    Returns:
        What was done, such as "Q4_1, dequantised to bfloat16".

    Raises:
        PrefvecError: a sentence if the library gguf is missing, the file is damaged, cut short,
            one of several or without a tokenizer, or if transformers does not read its
            architecture or quantisation.
    """
    require_reader(name)
    with _without_advice(), _shared_reader() as read:
        kind = _kind_of(name, read, path)
        to = _OWN.get(kind, torch.bfloat16) if isinstance(dtype, str) else dtype
        with _explained(name, kind):
            network, tokenizer = _read(name, path, to)
        _write(network, tokenizer, into)
    number = str(to).removeprefix("torch.")
    return f"{kind}, {'read as' if kind in _OWN else 'dequantised to'} {number}"


def config_and_template(path: Path) -> tuple[Any, bool]:
    """A file's config, and whether it holds a chat template, told by its header alone.

    Args:
        path: the file; its name ends in ".gguf".

    Raises:
        PrefvecError: if the library gguf is missing, or the file cannot be read.
    """
    require_reader(path.name)
    with (
        _without_advice(),
        _shared_reader() as read,
        _explained(path.name, _kind_of(path.name, read, path)),
    ):
        config = AutoConfig.from_pretrained(path.parent, gguf_file=path.name)
        return config, "tokenizer.chat_template" in read(str(path)).fields


def require_reader(name: str) -> None:
    """Refuse a GGUF file where the libraries that read it are missing.

    Raises:
        PrefvecError: naming them.
    """
    for library in _NEEDED:
        if importlib.util.find_spec(library) is None:
            raise PrefvecError(
                f"{name} is a GGUF file, which transformers reads by the library {library}, and "
                "that is not installed. Run `pip install 'prefvec[gguf]'`."
            )


def _kind_of(name: str, read: Any, path: Path) -> str:
    """The quantisation that a file has, by the name llama.cpp gives it, e.g. "Q4_K_M"."""
    gguf: Any = importlib.import_module("gguf")

    try:
        found = read(str(path))
        facts = {
            key: found.fields[key].contents() for key in found.fields if "tokenizer" not in key
        }
    except Exception as error:
        if "is not a valid GGMLQuantizationType" in str(error):
            raise _unsupported(
                name, f"a quantisation that this gguf does not know ({error})"
            ) from error
        raise PrefvecError(
            f"{name} is a damaged GGUF file, or cut short: its contents do not go as far as its "
            f"header says ({type(error).__name__}). Download it again."
        ) from error
    require_one_file(name, int(facts.get("split.count", 1)))
    if "tokenizer.ggml.tokens" not in found.fields:
        raise PrefvecError(
            f"{name} is a GGUF file without a tokenizer, so that no text can be put to it. Use a "
            "file that was made with its vocabulary."
        )
    try:
        return (
            gguf.LlamaFileType(facts["general.file_type"])
            .name.removeprefix("MOSTLY_")
            .removeprefix("ALL_")
        )
    except (KeyError, ValueError):
        return max(found.tensors, key=lambda tensor: tensor.n_bytes).tensor_type.name


def _read(name: str, path: Path, dtype: torch.dtype) -> tuple[Any, Any]:
    """The dequantised network and its tokenizer."""
    origin: dict[str, Any] = {"gguf_file": path.name, "trust_remote_code": False}
    config = AutoConfig.from_pretrained(path.parent, **origin)
    require_decoder(name, config)
    tokenizer = AutoTokenizer.from_pretrained(path.parent, **origin)
    # Newer transformers may leave weights packed in their blocks.
    packed: Any = getattr(transformers, "GgufConfig", None)
    unpack = {} if packed is None else {"quantization_config": packed(dequantize=True)}
    loaded: Any = AutoModelForCausalLM.from_pretrained(
        path.parent, **origin, **unpack, config=config, dtype=dtype, output_loading_info=True
    )
    network, found = loaded
    require_every_weight(name, found)
    return network, tokenizer


def _write(network: Any, tokenizer: Any, into: Path) -> None:
    """Save them without what would make transformers take the copy for a GGUF file."""
    network.hf_quantizer = None
    for setting in _LEFT_OVER:
        if hasattr(network.config, setting):
            delattr(network.config, setting)
    network.save_pretrained(into)
    tokenizer.save_pretrained(into)


@contextlib.contextmanager
def _shared_reader() -> Generator[Any]:
    """Have a file's header read once: transformers reads it for config, tokenizer and weights.

    Each time takes half a minute of a core for a vocabulary of 262,000 words.
    """
    gguf: Any = importlib.import_module("gguf")
    own: Any = gguf.GGUFReader
    # A plain array is cut into the vocabulary's strings three times as fast as a memory map.
    plain = property(
        lambda it: it.plain, lambda it, data: setattr(it, "plain", data.view(np.ndarray))
    )
    quick: Any = type("QuickReader", (own,), {"data": plain})
    shared = functools.cache(lambda path: quick(path))
    gguf.GGUFReader = lambda path, *rest: shared(str(Path(path).resolve()))
    try:
        yield gguf.GGUFReader
    finally:
        gguf.GGUFReader = own


@contextlib.contextmanager
def _without_advice() -> Generator[None]:
    """Without transformers' hints at its other ways of reading; its bar shows how far it is."""
    level = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(level)


@contextlib.contextmanager
def _explained(name: str, kind: str) -> Generator[None]:
    """Turn what the reader raises into one sentence."""
    try:
        yield
    except PrefvecError:
        raise
    except Exception as error:
        text = " ".join(str(error).split())
        if "equantization for" in text or "ggml type" in text:
            raise _unsupported(name, f"the quantisation {kind} ({text[:120]})") from error
        if any(word in text for word in ("rchitecture", "nknown gguf model_type", "model type")):
            raise _unsupported(name, f"its architecture ({text[:120]})") from error
        if isinstance(error, torch.OutOfMemoryError | MemoryError):
            raise PrefvecError(
                f"{name} does not fit into memory once dequantised. Use a smaller model or dtype."
            ) from error
        raise PrefvecError(
            f"{name} cannot be read as a GGUF model ({type(error).__name__}: {text[:300]}). "
            "Download it again, or use the model's safetensors."
        ) from error


def _unsupported(name: str, what: str) -> PrefvecError:
    return PrefvecError(
        f"transformers {transformers.__version__} does not read {name}: it does not support "
        f"{what}. Use another GGUF file of the model, such as one in Q8_0, or its safetensors."
    )
