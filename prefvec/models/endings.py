"""What ends an answer in plain text: a line break, in whichever tokens write one, or the EOS."""

from collections.abc import Sequence
from typing import Any

from transformers import PreTrainedTokenizerBase

LINE_END = "\n"
"""Ends an answer in plain text. A base model asked "Question: … Answer:" hardly ever writes its
EOS: it starts a new line and asks the next question."""


def plain_end(tokenizer: PreTrainedTokenizerBase, end_strings: Sequence[str]) -> str:
    """What a turn in plain text has after its answer: a string that ends answers, or the EOS.

    Args:
        tokenizer: its EOS closes the turn where no string does; nothing, if it has none.
        end_strings: the strings that end an answer, the one that closes a turn first.
    """
    return next(iter(end_strings), str(tokenizer.eos_token or ""))


def tokens_holding(tokenizer: PreTrainedTokenizerBase, string: str) -> list[int]:
    """Every token whose text holds a string, the one that is the string itself first.

    Tokenizers merge line breaks with one another, with spaces and with full stops, so a
    vocabulary has from one to thousands of such tokens.

    Args:
        tokenizer: its vocabulary is decoded token by token, once, in a second at most.
        string: one that no sequence of tokens makes unless one of them holds it: one character
            of one byte.
    """
    backend: Any = getattr(tokenizer, "backend_tokenizer")  # noqa: B009 - not in the base class
    ids = sorted(tokenizer.get_vocab().values())
    texts = backend.decode_batch([[token] for token in ids], skip_special_tokens=True)
    held = [(text != string, i) for i, text in zip(ids, texts, strict=True) if string in text]
    return [token for _, token in sorted(held)]
