"""An answer of which nothing matters but its text."""

from dataclasses import replace
from typing import Any

from prefvec.text.completions import Completion

_ANY = Completion(
    prompt="p",
    sample=0,
    text="",
    n_tokens=1,
    finish_reason="stop",
    arm="native",
    coefficient=0.0,
)


def said(text: str, **others: Any) -> Completion:
    """With this text; what does matter besides is named."""
    return replace(_ANY, text=text, **others)
