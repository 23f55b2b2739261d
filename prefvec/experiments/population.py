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

TWO_OF_EACH = ("mini-mistral", "mini-mistral-b", "mini-llama", "mini-llama-b")
"""Two seeds of each of these: so many sources of another architecture has every narrow target."""

WIDE = ("mini-gemma", "mini-gemma-b")
"""A third architecture, of another width: a target of adapters alone."""
