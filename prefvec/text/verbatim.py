"""An answer in the very tokens it was written in: what its writer reads again, token for token.

A tokenizer need not make of a text the tokens that a model wrote it in: of one answer in some
thirty it makes others. A model that reads its own answer is given what it wrote; any other
model has the text, and tokens of its own.
"""

from dataclasses import dataclass

from prefvec.text.prompts import Prompt


@dataclass(frozen=True, kw_only=True)
class Verbatim:
    """An answer as text and as the tokens that one model wrote.

    Attributes:
        text: what the tokens say, without special tokens and spaces around it.
        ids: the tokens, as for `Completion.ids`.
        model: fingerprint of the model that wrote them; to any other they mean nothing.
    """

    text: str
    ids: tuple[int, ...]
    model: str


Reply = str | Verbatim
"""An answer to be read: a text from anywhere, or a model's own words."""

Said = tuple[Prompt, Reply]
"""A prompt and an answer to it."""


def text_of(reply: Reply) -> str:
    """The text of an answer, whoever wrote it."""
    return reply.text if isinstance(reply, Verbatim) else reply
