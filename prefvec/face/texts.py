"""Texts that models read, as people give them: plain strings, turns, or answers."""

from collections.abc import Sequence

from prefvec.errors import PrefvecError
from prefvec.face.asking import as_prompt
from prefvec.models.dialect import Turn
from prefvec.models.language_model import LanguageModel
from prefvec.text.answers import Answers
from prefvec.text.prompts import Prompt
from prefvec.vectors.activations import at_ends
from prefvec.vectors.residual import Site

Texts = Answers | Sequence[str] | Sequence[tuple[Prompt | str, str]]
"""Plain texts, or questions with an answer each."""

Named = tuple[str, Prompt | None, str]
"""The id of a text, which folds never divide, its question if any, and the text itself."""


def named_texts(texts: Texts) -> list[Named]:
    """Each text with its id and its question; the id of a plain text is the text itself.

    Raises:
        PrefvecError: if one of them is empty.
    """
    found: list[Named] = []
    for each in texts.turns if isinstance(texts, Answers) else texts:
        if isinstance(each, str):
            found.append((each, None, each))
        else:
            asked, text = each
            prompt = as_prompt(asked)
            found.append((prompt.id, prompt, text))
    if not all(text.strip() for _, _, text in found):
        raise PrefvecError("A text is empty, so there is nothing to read in it. Leave it out.")
    return found


def encoded(model: LanguageModel, named: Sequence[Named]) -> list[Turn]:
    """The texts as a model reads them: answers in their turn, plain text without a template."""
    return [
        model.encode_text(text) if prompt is None else model.encode_turn(prompt, text)
        for _, prompt, text in named
    ]


def residual_norm(
    model: LanguageModel, turns: Sequence[Turn], site: Site, ids: Sequence[str]
) -> float:
    """The mean norm of the residual at a site over every token that gives rows.

    Args:
        model: that reads.
        turns: texts as it reads them.
        site: where.
        ids: of each text.
    """
    every = at_ends(model, turns, [turn.answer_ends for turn in turns], [site], ids=ids)
    return every[site].mean_norm


def site_of(model: LanguageModel, site: Site | int | None) -> Site:
    """A site, the output of a block by its number, or that of the middle block.

    Raises:
        PrefvecError: if the model lacks it.
    """
    layer = model.n_layers // 2 if site is None else site
    found = layer if isinstance(layer, Site) else Site(layer=layer, point="resid_post")
    found.require(model)
    return found
