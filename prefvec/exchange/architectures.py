"""What llama.cpp calls an architecture, and whether its graph adds control vectors.

Those below were looked up in llama.cpp as llama-cpp-python 0.3.36 carries it: the graph of each
calls `build_cvec`. Some graphs do not, such as those of phimoe, minicpm, granitemoe, mistral4 and
mamba: there a control vector is loaded without an error and nothing is added.
"""

from prefvec.errors import PrefvecError
from prefvec.models.language_model import LanguageModel

LLAMA_CPP = {
    "apertus": "apertus",
    "arcee": "arcee",
    "bloom": "bloom",
    "cohere": "command-r",
    "cohere2": "cohere2",
    "exaone": "exaone",
    "exaone4": "exaone4",
    "falcon": "falcon",
    "gemma": "gemma",
    "gemma2": "gemma2",
    "gemma3_text": "gemma3",
    "glm4": "glm4",
    "gpt2": "gpt2",
    "gpt_bigcode": "starcoder",
    "gpt_neox": "gptneox",
    "gpt_oss": "gpt-oss",
    "granite": "granite",
    "internlm2": "internlm2",
    "llama": "llama",
    "mistral": "llama",
    "mixtral": "llama",
    "mpt": "mpt",
    "nemotron": "nemotron",
    "olmo": "olmo",
    "olmo2": "olmo2",
    "olmoe": "olmoe",
    "phi": "phi2",
    "phi3": "phi3",
    "qwen2": "qwen2",
    "qwen2_moe": "qwen2moe",
    "qwen3": "qwen3",
    "qwen3_moe": "qwen3moe",
    "seed_oss": "seed-oss",
    "smollm3": "smollm3",
    "stablelm": "stablelm",
    "starcoder2": "starcoder2",
}
"""The architecture's name in llama.cpp, by the model type of transformers."""


def model_type(model: LanguageModel) -> str:
    """What transformers calls a model's decoder, e.g. "mistral"."""
    return str(model.network.config.get_text_config(decoder=True).model_type)


def llama_cpp_architecture(model: LanguageModel) -> str:
    """What llama.cpp calls a model's architecture.

    Raises:
        PrefvecError: if llama.cpp is not known to add control vectors in it.
    """
    kind = model_type(model)
    if kind not in LLAMA_CPP:
        raise PrefvecError(
            f"llama.cpp is not known to add control vectors to a model of the type {kind!r}, such "
            f"as {model.name}: some of its graphs load one and add nothing. Export it for another "
            "tool, or have the type listed in prefvec.exchange.architectures once a planted vector "
            "was seen to move its logits there."
        )
    return LLAMA_CPP[kind]
