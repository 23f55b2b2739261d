"""Questions and instructions as people write them, made into prompts."""

from collections.abc import Sequence

from prefvec.errors import PrefvecError
from prefvec.text.prompts import Prompt

Questions = Sequence[str | Prompt] | str | Prompt
"""Questions as strings or prompts; a single one need not stand in a list."""


def as_prompts(questions: Questions) -> list[Prompt]:
    """Prompts of questions; that of a string has the string itself as its id.

    The noise of an answer depends on the id, so a question is answered under the same noise
    wherever it stands.

    Raises:
        PrefvecError: if there are none, or one of them says nothing.
    """
    many = [questions] if isinstance(questions, str | Prompt) else list(questions)
    prompts = [as_prompt(each) for each in many]
    if not prompts or not all(prompt.text.strip() for prompt in prompts):
        raise PrefvecError(
            "There are no questions, or one of them is empty. Give strings such as "
            '"What is a river?", or prompts.'
        )
    return prompts


def as_prompt(question: str | Prompt) -> Prompt:
    """A prompt as it is; that of a string has the string itself as its id."""
    return (
        question if isinstance(question, Prompt) else Prompt(id=question, text=question, topic="")
    )


def as_paraphrases(name: str, instructions: Sequence[str] | str) -> list[str]:
    """Instructions for one pole; a single one need not stand in a list.

    Raises:
        PrefvecError: if there are none, or one of them says nothing.
    """
    many = [instructions] if isinstance(instructions, str) else list(instructions)
    if not many or not all(text.strip() for text in many):
        raise PrefvecError(
            f"`{name}` has no instruction, or an empty one, so nothing asks for that pole. Give "
            'strings such as "Answer at length.".'
        )
    return many
