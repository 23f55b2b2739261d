"""What stands in the stores of tests."""

from prefvec.generation.store import CompletionKey

KEY = CompletionKey(
    model="m",
    tokenizer="t",
    ends="e",
    dtype="float32",
    prompt="river",
    rendered="r",
    sample=0,
    steering="unsteered",
    max_new_tokens=16,
    temperature=1.0,
    seed=0,
    code="0123456789abcdef",
    environment="torch 2, transformers 5, cpu",
)
"""Of an answer; tests replace what matters to them."""
