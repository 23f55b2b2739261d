"""What a network must be before it is measured: a decoder, and all of it read from its files."""

from typing import Any

from transformers import MODEL_FOR_CAUSAL_LM_MAPPING

from prefvec.errors import PrefvecError


def require_decoder(name: str, config: Any) -> None:
    """Refuse what is no causal language model of transformers.

    Raises:
        PrefvecError: saying what it is.
    """
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


def require_every_weight(name: str, found: Any) -> None:
    """Refuse a network some of whose weights were not in its files: they would stay random.

    Args:
        name: of the model, for messages.
        found: what transformers says of the loading.

    Raises:
        PrefvecError: with their number and the first.
    """
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
