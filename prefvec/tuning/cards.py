"""What a folder of a tuned adapter says of itself to people."""

from prefvec.models.language_model import LanguageModel
from prefvec.tuning.placement import Placement
from prefvec.tuning.recipe import Recipe
from prefvec.tuning.tuned import Tuned

_PAPERS = {
    "LoRRA": "Zou et al. 2023, arXiv 2310.01405",
    "RAHF": "Liu et al. 2024, arXiv 2312.15997",
}


def card(tuned: Tuned, model: LanguageModel, placement: Placement, recipe: Recipe) -> str:
    """A model card as the hub reads it, in Markdown."""
    paper = next((p for name, p in _PAPERS.items() if tuned.method.startswith(name)), "")
    blocks = ", ".join(str(site) for site in placement.sites)
    return f"""---
library_name: peft
---
# {tuned.trait}, tuned into {model.name}

{tuned.summary()[:1].upper()}{tuned.summary()[1:]}.{f" Method: {paper}." if paper else ""}

- Base: {model.name}, weights {tuned.model}.
- LoRA of rank {placement.r}, alpha {placement.lora_alpha}, dropout {placement.dropout:g} on
  queries and values of blocks {placement.blocks.start} to {placement.blocks.stop - 1}.
- Activations matched at: {blocks}.
- {recipe.steps} steps of {recipe.batch_size} answers, Adam at {recipe.learning_rate:g}, seed
  {recipe.seed}, {recipe.precision}.
- Tuned on answers to {len(tuned.read_from)} questions, whose ids stand in `tuning.json`.
"""
