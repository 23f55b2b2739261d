"""What is asked and what is answered, as text: prompts, completions, traits, and how they count.

Nothing here knows a model; importing it loads no torch.
"""

from prefvec.text.answers import Answers
from prefvec.text.coherence import CoherenceLimits
from prefvec.text.completions import Completion, FinishReason
from prefvec.text.measures import Measure, measure
from prefvec.text.prompt_files import load_prompts
from prefvec.text.prompts import ContrastPair, Prompt, contrast_pairs
from prefvec.text.splits import split_by_topic
from prefvec.text.trait_files import load_trait
from prefvec.text.traits import AnswerPositions, Pole, Trait

__all__ = [
    "AnswerPositions",
    "Answers",
    "CoherenceLimits",
    "Completion",
    "ContrastPair",
    "FinishReason",
    "Measure",
    "Pole",
    "Prompt",
    "Trait",
    "contrast_pairs",
    "load_prompts",
    "load_trait",
    "measure",
    "split_by_topic",
]
