"""Which model this is, told by its content rather than by its name."""

import functools
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

_NOT_ARCHITECTURE = {
    "_name_or_path",
    "architectures",
    "dtype",
    "initializer_range",
    "transformers_version",
    "use_cache",
}
"""Settings that say where a model came from or how it was made, not what it computes."""
_CHUNK = 64 * 2**20
_PIECE = 2**20


def network_fingerprint(network: PreTrainedModel) -> str:
    """16 hex digits over the architecture's config and every tensor, stable over a reload."""
    # Only what differs from the defaults, for those grow with every version of transformers.
    settings: dict[str, Any] = network.config.to_diff_dict()
    kept = {key: value for key, value in settings.items() if key not in _NOT_ARCHITECTURE}
    kept["class"] = type(network).__name__
    digest = hashlib.sha256(json.dumps(kept, sort_keys=True, default=str).encode())
    for path, tensor in sorted(network.state_dict().items()):
        digest.update(f"{path} {tensor.dtype} {tuple(tensor.shape)}".encode())
        flat = tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8)
        for piece in flat.split(_CHUNK):
            digest.update(piece.numpy())
    return digest.hexdigest()[:16]


def tokenizer_fingerprint(tokenizer: PreTrainedTokenizerBase) -> str:
    """16 hex digits over the tokenizer's own serialisation and its chat template."""
    backend: Any = getattr(tokenizer, "backend_tokenizer", None)
    content: str = backend.to_str() if backend else json.dumps(tokenizer.get_vocab())
    parts = [content, str(tokenizer.chat_template), str(tokenizer.special_tokens_map)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def sha256_of(paths: Sequence[Path]) -> str:
    """64 hex digits over files one after another; read once while they stay as they are."""
    return _sha256(tuple((str(p), p.stat().st_size, p.stat().st_mtime_ns) for p in paths))


@functools.cache
def _sha256(files: tuple[tuple[str, int, int], ...]) -> str:
    digest = hashlib.sha256()
    for path, _, _ in files:
        with Path(path).open("rb") as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
    return digest.hexdigest()
