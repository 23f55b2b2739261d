"""Which modules of a network are its decoder blocks, found by structure."""

from collections.abc import Sequence

from torch import nn
from transformers import PreTrainedModel

from prefvec.errors import PrefvecError


def find_blocks(network: PreTrainedModel) -> Sequence[nn.Module]:
    """The decoder blocks: the outermost module list with one entry for each layer.

    Lists inside that list (the experts of a block, however many there are) and lists inside a
    tower that reads something other than text are not meant.

    Raises:
        PrefvecError: if there is none, or more than one, with the lists there are.
    """
    text = network.config.get_text_config(decoder=True)
    n_layers = getattr(text, "num_hidden_layers", None)
    if not isinstance(n_layers, int):
        raise PrefvecError(
            f"The config of {type(network).__name__} ({type(text).__name__}) does not say how many "
            "layers there are (num_hidden_layers), so its decoder blocks cannot be told. This "
            "architecture is not supported."
        )
    lists = _module_lists(network)
    blocks = {path: entries for path, entries in lists.items() if len(entries) == n_layers}
    if len(blocks) != 1:
        found = ", ".join(blocks) or "none"
        others = ", ".join(f"{path} ({len(entries)})" for path, entries in lists.items())
        raise PrefvecError(
            f"The decoder blocks of {type(network).__name__} cannot be told by structure: wanted "
            f"one module list of {n_layers} entries (num_hidden_layers), found {found}. Its module "
            f"lists are {others or 'none at all'}. Steering needs to know the blocks. This "
            "architecture is not supported."
        )
    return list(next(iter(blocks.values())))


def _module_lists(network: PreTrainedModel) -> dict[str, nn.ModuleList]:
    """Module lists by path, without those inside another one or inside a tower."""
    inner: list[str] = []
    lists: dict[str, nn.ModuleList] = {}
    for path, module in network.named_modules():  # a parent comes before its children
        if any(path.startswith(f"{outer}.") for outer in inner):
            continue
        if isinstance(module, nn.ModuleList):
            lists[path] = module
            inner.append(path)
        elif _is_tower(module, network):
            inner.append(path)
    return lists


def _is_tower(module: nn.Module, network: PreTrainedModel) -> bool:
    """Whether this is a model of its own that reads images or sound.

    In transformers each part that is a model has a config of its own; those of the decoder, and of
    what wraps it, lead to the same kind of text config.
    """
    text = network.config.get_text_config(decoder=True)
    return isinstance(module, PreTrainedModel) and not isinstance(
        module.config.get_text_config(decoder=True), type(text)
    )
