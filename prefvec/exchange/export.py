"""A vector becomes a file that another tool reads, at the dose that was judged."""

import json
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from jaxtyping import Float
from torch import Tensor

from prefvec.errors import PrefvecError
from prefvec.exchange.architectures import llama_cpp_architecture, model_type
from prefvec.exchange.block_files import lm_eval_entries, steering_vectors_fields, write_pt
from prefvec.exchange.control_vectors import (
    output_of_block,
    require_addressable,
    write_control_vector,
)
from prefvec.exchange.file_hashes import file_hash
from prefvec.exchange.gguf_file import Value
from prefvec.exchange.judged import Judged
from prefvec.exchange.llama_cpp_rules import in_a_name, refusals
from prefvec.exchange.written import put
from prefvec.models.language_model import LanguageModel
from prefvec.report.elsewhere import llama_cpp_commands
from prefvec.vectors.every_block import PreferenceVectors, one_of
from prefvec.vectors.steering import Steering
from prefvec.vectors.vector import PreferenceVector

_EASYSTEER = "312c6d8"
"""The commit of ZJU-REAL/EasySteer whose names the printed lines have; later ones may differ."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Exported:
    """A file for another tool, and how it is used there.

    Attributes:
        path: where it lies.
        format: one of `FORMATS`.
        block: to whose output the tool adds it, counted from 0.
        use: lines to paste: how the tool adds the dose +c, and after it how it adds −c.
        vector: what was written, at coefficient 1.
        coefficient: the dose that is scale 1 there.
        judged: the verdict that goes with it; None where none is known.
        card: the file beside it that says what it is, for a format whose readers take tensors
            alone; None where the file itself says it.
    """

    path: Path
    format: str
    block: int
    use: tuple[str, ...]
    vector: PreferenceVector
    coefficient: float
    judged: Judged | None
    card: Path | None = None

    def summary(self) -> str:
        """What was written, what was judged of it, with the vector added at which tokens."""
        written = (
            f"{self.path}: the {self.vector.trait} vector for the output of block {self.block}, "
            f"scale 1 being the coefficient {self.coefficient:g}."
        )
        if self.card is not None:
            written = f"{written} {self.card.name} says what it is."
        if self.judged is None:
            return f"{written} No verdict about this dose is known."
        dose = "this dose"
        if abs(self.coefficient) != 1:
            dose = f"another dose, the coefficient 1 (scale {1 / self.coefficient:.4g} there)"
        quick = " in a quick run, which is no evidence" if self.judged.mode == "quick" else ""
        return (
            f"{written} {self.judged.claim} was {self.judged.outcome} at {dose}{quick}, judged "
            f"with the vector {self.judged.added}. {self.judged.beyond}"
        ).rstrip()


@dataclass(frozen=True, kw_only=True, eq=False)
class Writing:
    """What a format's writer is given: a delta for the output of one block."""

    path: Path
    block: int
    delta: Float[Tensor, " d_model"]
    model: LanguageModel
    keys: Mapping[str, Value]


def export(
    vector: PreferenceVector | PreferenceVectors,
    path: str | Path,
    *,
    format: str,  # noqa: A002 - what a file is in is called so
    model: LanguageModel,
    coefficient: float = 1.0,
    judged: Judged | None = None,
) -> Exported:
    """Write a vector for another tool: coefficient x norm x direction, so that scale 1 is the dose.

    Args:
        vector: what is written; the middle block's where there is one for each.
        path: where.
        format: "gguf" for llama.cpp, "easysteer" for EasySteer and its vLLM, "lm-eval" for
            lm-evaluation-harness, "steering-vectors" for the library of that name.
        model: the one that the vector belongs to.
        coefficient: the dose that becomes scale 1, in units of the vector; −1 there is its
            opposite.
        judged: a verdict about this vector, of `judged_in`; its norm is then the dose.

    Raises:
        PrefvecError: if the vector belongs to another model, if the tool cannot add anything at
            its site or read a file of that name, if the format is unknown, if nothing would be
            added, or if the file cannot be written.

    Example:
        >>> import tempfile
        >>> folder = tempfile.TemporaryDirectory()
        >>> written = pv.export(
        ...     vector.at(3), f"{folder.name}/long.gguf", format="gguf", model=source
        ... )
        >>> written.use[0].endswith("--control-vector-layer-range 3 3")
        True
        >>> folder.cleanup()
    """
    path, one = Path(path), one_of(vector)
    if format not in _WRITERS:
        raise PrefvecError(
            f"{format!r} is no format that a vector can be exported to. Give one of "
            f"{', '.join(FORMATS)}."
        )
    if judged is not None:
        one = judged.at_its_dose(one)
    steering = Steering(vector=one, coefficient=coefficient)
    steering.require(model)
    delta = steering.delta()
    if delta is None:
        raise PrefvecError("The coefficient 0 adds nothing, so there is nothing to export.")
    block = output_of_block(one.site, format)
    keys = {**_keys(one, model, coefficient), **({} if judged is None else judged.keys())}
    use = _WRITERS[format](Writing(path=path, block=block, delta=delta, model=model, keys=keys))
    card = None if format in _SAYS_WHAT_IT_IS else _write_card(path, keys)
    return Exported(
        path=path,
        format=format,
        block=block,
        use=use,
        vector=one,
        coefficient=coefficient,
        judged=judged,
        card=card,
    )


def _write_card(path: Path, keys: Mapping[str, Value]) -> Path:
    """What a GGUF file would say of itself, beside a file that can hold tensors alone."""
    card = path.with_name(f"{path.name}.json")
    told = {**keys, "prefvec.file_sha256": file_hash(path)}
    put(card, f"{json.dumps(told, ensure_ascii=False, indent=1)}\n".encode())
    return card


def block_name(model: LanguageModel, block: int) -> str:
    """What a decoder block is called below the base model, e.g. "layers.12".

    Raises:
        PrefvecError: if it lies outside the base model.
    """
    wanted = model.blocks[block]
    for name, module in model.network.base_model.named_modules():
        if module is wanted:
            return name
    raise PrefvecError(
        f"Block {block} of {model.name} lies outside what transformers calls its base model, where "
        "lm-evaluation-harness looks for modules. This architecture is not supported there."
    )


def _keys(vector: PreferenceVector, model: LanguageModel, coefficient: float) -> dict[str, Value]:
    told: dict[str, Value | None] = {
        "prefvec.format": 1,
        "prefvec.model": vector.model,
        "prefvec.tokenizer": vector.tokenizer,
        "prefvec.model_name": model.name,
        "prefvec.revision": model.revision,
        "prefvec.trait": vector.trait,
        "prefvec.estimator": vector.estimator,
        "prefvec.layer": vector.site.layer,
        "prefvec.point": vector.site.point,
        "prefvec.coefficient": coefficient,
        "prefvec.norm": vector.norm,
        "prefvec.relative_norm": vector.relative_norm,
        "prefvec.vector": vector.fingerprint,
    }
    return {key: value for key, value in told.items() if value is not None}


def _gguf(writing: Writing) -> tuple[str, ...]:
    require_addressable(writing.block)
    _require_none(writing.path, in_a_name(writing.path))
    write_control_vector(
        writing.path,
        {writing.block: writing.delta},
        model_hint=llama_cpp_architecture(writing.model),
        keys=writing.keys,
    )
    shape = {"d_model": writing.model.d_model, "n_layers": writing.model.n_layers}
    _require_none(writing.path, refusals(writing.path, **shape))
    return llama_cpp_commands(writing.path, writing.block)


def _easysteer(writing: Writing) -> tuple[str, ...]:
    _require_ending(writing.path, (".gguf",), "EasySteer")
    native = '{"version":1,"component":"hidden_states","metadata":null}'
    write_control_vector(
        writing.path,
        {writing.block: writing.delta},
        model_hint=model_type(writing.model),
        keys={
            "controlvector.method": "prefvec",
            "controlvector.easysteer": native,
            **writing.keys,
        },
    )
    return tuple(
        f'VectorSpec(data=easysteer.vectors.from_gguf("{writing.path.as_posix()}"), '
        f'algorithm="direct", layers=[{writing.block}], scale={scale}, '
        f'apply=ApplySpec(prompt="all", generation="all"))  # EasySteer at {_EASYSTEER}'
        for scale in (1.0, -1.0)
    )


def _lm_eval(writing: Writing) -> tuple[str, ...]:
    _require_ending(writing.path, (".pt", ".pth"), "lm-evaluation-harness")
    file = writing.path.as_posix()
    if "," in file or "=" in file:
        raise PrefvecError(
            f"The name {file!r} holds a ',' or a '=', at which lm-evaluation-harness cuts its "
            "--model_args. Choose another."
        )
    module = block_name(writing.model, writing.block)
    write_pt(writing.path, lm_eval_entries({module: writing.delta}))
    # The harness has no scale of its own: its −1 is a file of another coefficient.
    opposite = writing.path.with_stem(f"{writing.path.stem}-opposite").as_posix()
    # JSON's quotation marks, so that those of the shell need not be escaped.
    negate = (
        f"import torch; entries = torch.load({json.dumps(file)}, weights_only=True); "
        f'entries["{module}"]["steering_coefficient"] = -1.0; '
        f"torch.save(entries, {json.dumps(opposite)})"
    )
    return _lm_eval_command(file), f"python -c {shlex.quote(negate)}", _lm_eval_command(opposite)


def _lm_eval_command(file: str) -> str:
    told = shlex.quote(f"pretrained=MODEL,steer_path={file}")
    return f"lm_eval --model steered --model_args {told} --tasks TASKS"


def _steering_vectors(writing: Writing) -> tuple[str, ...]:
    write_pt(writing.path, steering_vectors_fields({writing.block: writing.delta}))
    load = f'torch.load("{writing.path.as_posix()}", weights_only=True)'
    return (
        f"vector = steering_vectors.SteeringVector(**{load})",
        "with vector.apply(model, multiplier=1.0): ...",
        "with vector.apply(model, multiplier=-1.0): ...",
    )


def _require_ending(path: Path, endings: tuple[str, ...], tool: str) -> None:
    if path.suffix.lower() not in endings:
        raise PrefvecError(
            f"{tool} reads files that end in {' or '.join(endings)} alone, and {path.name} does "
            "not. Choose such a name."
        )


def _require_none(path: Path, reasons: tuple[str, ...]) -> None:
    if reasons:
        raise PrefvecError(
            f"llama.cpp would not apply {path}. {' '.join(reasons)} Choose another name, block or "
            "model."
        )


_WRITERS: dict[str, Callable[[Writing], tuple[str, ...]]] = {
    "gguf": _gguf,
    "easysteer": _easysteer,
    "lm-eval": _lm_eval,
    "steering-vectors": _steering_vectors,
}

_SAYS_WHAT_IT_IS = ("gguf", "easysteer")
"""Formats with room for keys of ours; the readers of the others would take them for vectors."""

FORMATS = tuple(_WRITERS)
"""The formats that a vector can be exported to."""
