"""What a model wrote, as plain text: where the model wing hands over to the evidence wing."""

from dataclasses import dataclass
from typing import Literal

from prefvec.text.verbatim import Reply, Verbatim

FinishReason = Literal["stop", "length"]
"""`stop`: the model ended its answer. `length`: the cap ended it; words are expected
within the cap all the same."""


@dataclass(frozen=True, kw_only=True)
class Completion:
    """One sampled answer.

    Attributes:
        prompt: id of the prompt it answers.
        sample: index of the answer among those sampled for this prompt, from 0.
        text: the answer, without special tokens.
        n_tokens: generated tokens, the one that ended the answer not counted.
        finish_reason: whether the model ended the answer or the cap did.
        arm: what was compared, e.g. "native" or "adapted".
        coefficient: the dose, in units of the arm's vector; 0 is unsteered.
        perplexity: of the text under the unsteered model, exp of nats per token; None where it
            was not asked for, and for an empty answer.
        expected_words: expectation, over where the answer ends given its path, of the words begun
            within its first τ tokens, τ being the cap it was sampled under. The path is what would
            be written if the answer never ended; the text is its beginning. Where the cap ended
            the answer, this is not cut short as the text is. None for answers that prefvec's
            sampler has not written.
        ids: the tokens that the text was written in, without the one that ended the answer, unless
            that wrote some of the text, as a base model's full stop with a new line does: then it
            is the last. None for answers that come from elsewhere.

    Example:
        >>> answer = pv.Completion(
        ...     prompt="pebble",
        ...     sample=0,
        ...     text="Grey.",
        ...     n_tokens=2,
        ...     finish_reason="stop",
        ...     arm="unsteered",
        ...     coefficient=0.0,
        ... )
        >>> answer.censored
        False
    """

    prompt: str
    sample: int
    text: str
    n_tokens: int
    finish_reason: FinishReason
    arm: str
    coefficient: float
    perplexity: float | None = None
    expected_words: float | None = None
    ids: tuple[int, ...] | None = None

    def as_written_by(self, model: str) -> Reply:
        """The answer in the tokens it was written in; as text, where they are not known.

        Args:
            model: fingerprint of the model that wrote it.
        """
        if self.ids is None:
            return self.text
        return Verbatim(text=self.text, ids=self.ids, model=model)

    @property
    def censored(self) -> bool:
        """Whether the cap, not the model, ended the answer."""
        return self.finish_reason == "length"
