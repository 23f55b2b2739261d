"""Options of a run over one tiny model that is loaded by its path."""

from pathlib import Path

from prefvec.experiments.options import Options
from tests.tiny import save_tiny


def options_over_tiny(folder: Path) -> Options:
    """A quick run from the model into itself; model and store lie in the folder."""
    name = str(save_tiny(folder / "model", "llama"))
    return Options(
        sources=(name,),
        targets=(name,),
        samples=1,
        max_new_tokens=16,
        quick=True,
        store=folder / "kept" / "completions.sqlite",
        device="cpu",
    )
