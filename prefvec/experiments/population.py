"""The organisms that sentences about models rest on: three architectures, several seeds of each."""

NARROW = (
    "mini-mistral",
    "mini-mistral-b",
    "mini-mistral-c",
    "mini-llama",
    "mini-llama-b",
    "mini-llama-c",
)
"""Two architectures of one width, three training seeds each: raw transfer is defined."""

WIDE = ("mini-gemma", "mini-gemma-b")
"""A third architecture, of another width: a target of adapters alone."""
