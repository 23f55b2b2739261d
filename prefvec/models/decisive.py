"""Which code decides how a model is loaded, spoken to and reached into."""

LOADED_AND_SPOKEN_TO = (
    "prefvec.models.blocks",
    "prefvec.models.checkpoints",
    "prefvec.models.consumed",
    "prefvec.models.converted",
    "prefvec.models.dialect",
    "prefvec.models.endings",
    "prefvec.models.gguf",
    "prefvec.models.gguf_files",
    "prefvec.models.language_model",
    "prefvec.models.packages",
    "prefvec.models.padding",
    "prefvec.models.peft_folders",
    "prefvec.models.placement",
    "prefvec.models.places",
    "prefvec.models.pointers",
    "prefvec.models.registry",
    "prefvec.models.soundness",
    "prefvec.models.turns",
    "prefvec.shipped",
    "prefvec.vectors.residual",
)
"""Modules that whatever is kept of a model depends on, be it written or read. Those who keep
something add their own to these; when one of them does something else, it is measured again."""
