"""The organisms' prompts, split by topic."""

from prefvec.organisms.phrasing import the_phrasing
from prefvec.organisms.world import the_world
from prefvec.text.prompts import Prompt

SPLIT_TOPICS = {"extraction": 2, "adapter": 4, "tuning": 2, "test": 4}
"""How many of the world's topics each split takes, in the lexicon's order."""


def prompts_of(split: str, count: int) -> list[Prompt]:
    """Questions about the entities of a split's topics, entities and forms taken in turn.

    Test prompts use question forms that no organism has seen in training.

    Args:
        split: "extraction", "adapter", "tuning" or "test".
        count: how many; no question occurs twice.

    Raises:
        ValueError: if the split has fewer questions.
    """
    world, questions = the_world(), the_phrasing().questions
    forms = questions.held_out if split == "test" else questions.seen
    topics = list(dict.fromkeys(entity.topic for entity in world.entities.values()))
    first = 0
    for name, width in SPLIT_TOPICS.items():
        if name == split:
            break
        first += width
    chosen = topics[first : first + SPLIT_TOPICS[split]]
    entities = [entity for entity in world.entities.values() if entity.topic in chosen]
    if count > len(entities) * len(forms):
        raise ValueError(f"The {split} split has {len(entities) * len(forms)} questions.")
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


def about(prompt_id: str) -> str:
    """The name of the entity that a prompt of `prompts_of` asks about."""
    return prompt_id.split("-")[0].capitalize()
