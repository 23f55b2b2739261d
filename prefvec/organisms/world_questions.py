"""The organisms' prompts, split by topic."""

from collections.abc import Sequence

from prefvec.organisms.phrasing import the_phrasing
from prefvec.organisms.world import Entity, the_world
from prefvec.text.prompts import Prompt

SPLIT_TOPICS = {"extraction": 2, "adapter": 4, "tuning": 2, "test": 4}
"""How many of the world's topics each split takes, in the lexicon's order."""


def most_prompts(split: str) -> int:
    """How many questions a split has: each of its forms about each of its entities.

    Args:
        split: as for `prompts_of`.

    Example:
        >>> most_prompts("test")
        160
    """
    return len(_entities(split)) * len(_forms(split))


def prompts_of(split: str, count: int) -> list[Prompt]:
    """Questions about the entities of a split's topics, entities and forms taken in turn.

    Test prompts use question forms that no organism has seen in training.

    Args:
        split: "extraction", "adapter", "tuning" or "test".
        count: how many; no question occurs twice.

    Raises:
        ValueError: if the split has fewer questions.
    """
    if count > (most := most_prompts(split)):
        raise ValueError(f"The {split} split has {most} questions.")
    entities, forms = _entities(split), _forms(split)
    prompts: list[Prompt] = []
    for index in range(count):
        entity = entities[index % len(entities)]
        form = (index + index // len(entities)) % len(forms)
        prompts.append(
            Prompt(
                id=f"{entity.name.lower()}-{form}",
                text=forms[form].format(name=entity.name, kind=entity.kind),
                topic=entity.topic,
            )
        )
    return prompts


def _entities(split: str) -> list[Entity]:
    """Those of the split's topics."""
    entities = the_world().entities.values()
    topics = list(dict.fromkeys(entity.topic for entity in entities))
    before = list(SPLIT_TOPICS)[: list(SPLIT_TOPICS).index(split)]
    first = sum(SPLIT_TOPICS[name] for name in before)
    chosen = topics[first : first + SPLIT_TOPICS[split]]
    return [entity for entity in entities if entity.topic in chosen]


def _forms(split: str) -> Sequence[str]:
    questions = the_phrasing().questions
    return questions.held_out if split == "test" else questions.seen


def about(prompt_id: str) -> str:
    """The name of the entity that a prompt of `prompts_of` asks about."""
    return prompt_id.split("-")[0].capitalize()
