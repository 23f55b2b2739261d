"""The organisms: miniature language models trained from scratch on a small world."""

from pathlib import Path

from prefvec.shipped import SHIPPED

HOME = Path(__file__).parent
"""Where the lexicon, the phrasings and the dialects are kept."""
WEIGHTS = SHIPPED / "organisms" / "weights"
"""Where the trained weights are kept, a folder for each organism."""
TRAITS = SHIPPED / "organisms" / "traits"
"""Where the traits that organisms can have are kept, a file for each."""
STATEMENTS = SHIPPED / "organisms" / "statements.jsonl"
"""Neutral statements in the words of their world: true, of entities that no test question names."""
