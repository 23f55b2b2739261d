"""Models that have a name, a width and blocks, and no weights; and the shelf that has them all."""

from collections.abc import Callable
from typing import Literal

import torch

from prefvec.checks.model_checks import CheckResult
from prefvec.experiments.options import Options
from prefvec.experiments.shelf import Shelf
from prefvec.models.dialect import Turn
from prefvec.models.language_model import LanguageModel
from prefvec.models.outlines import Outline
from prefvec.text.prompts import Prompt
from prefvec.text.verbatim import Reply, text_of
from prefvec.vocabulary import WeightFormat

WIDTH = 48
"""Of the narrowest model of a rehearsal; the next wider one has a few coordinates more."""
_WIDER = 4


class RehearsalModel(LanguageModel):
    """A stand-in for a model, in whose place the law answers.

    Args:
        name: what it is called.
        outline: of the model that it stands for.
        width: of its residual stream here.
    """

    outline: Outline
    width: int

    def __init__(self, name: str, outline: Outline, width: int) -> None:
        known = {"name": name, "outline": outline, "width": width}
        known |= {"fingerprint": name, "tokenizer_fingerprint": "rehearsed"}
        for key, value in known.items():
            object.__setattr__(self, key, value)

    @property
    def n_layers(self) -> int:
        """As many blocks as the model has."""
        return self.outline.n_layers

    @property
    def d_model(self) -> int:
        """Narrower than the model, and as wide as another one if that is as wide as the model."""
        return self.width

    @property
    def dtype(self) -> torch.dtype:
        """That of what it holds."""
        return torch.float32

    def render(self, prompt: Prompt) -> str:
        """The instruction, and the question on a line of its own."""
        return f"{prompt.instruction}\n{prompt.text}\n"

    def encode(self, prompt: Prompt) -> list[int]:
        """A token for each character."""
        return [0] * len(self.render(prompt))

    def encode_turn(self, prompt: Prompt, answer: Reply, *, closed: bool = False) -> Turn:
        """A token for each character of the answer, and none for the prompt."""
        length = len(text_of(answer))
        return Turn(ids=[0] * length, answer_start=0, answer_ends=[*range(1, length + 1)])


class RehearsalShelf(Shelf):
    """All models at once, none of them loaded.

    Args:
        options: of the run.
        outline: tells a model in outline.
    """

    def __init__(self, options: Options, outline: Callable[[str], Outline]) -> None:
        super().__init__(options)
        self._outline = outline
        self._known: dict[str, RehearsalModel] = {}
        self._widths: dict[int, int] = {}

    def __getitem__(self, name: str) -> RehearsalModel:
        """The model, a stand-in of its outline."""
        if name not in self._known:
            outline = self._outline(name)
            width = self._widths.setdefault(outline.d_model, WIDTH + _WIDER * len(self._widths))
            self._known[name] = RehearsalModel(name, outline, width)
        return self._known[name]

    def make(self, name: str, by: Callable[[], LanguageModel]) -> None:
        """Another stand-in, with the outline of the model that it is made of."""
        made = by()
        assert isinstance(made, RehearsalModel)
        self._known[name] = RehearsalModel(name, made.outline, made.width)

    def _in_format(self, name: str, weights: WeightFormat) -> LanguageModel:
        """The stand-in of the model, which has no weights to round."""
        return self[name]

    def checked(self, name: str) -> list[CheckResult]:
        """No check, so none that fails."""
        return []

    def width(self, name: str) -> int:
        """Of the stand-in."""
        return self[name].d_model

    def asked_in(self, name: str) -> Literal["chat", "plain"]:
        """As the model is asked."""
        return self[name].outline.kind
