"""What is exported is read bit for bit by other readers; its scale 1 is the dose."""

import json
import shlex
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import prefvec as pv
from prefvec.errors import PrefvecError
from prefvec.exchange.__main__ import main
from prefvec.exchange.conventions import CONVENTIONS
from prefvec.exchange.export import FORMATS, export
from prefvec.exchange.file_hashes import file_hash
from prefvec.exchange.foreign import read_foreign
from prefvec.exchange.gguf_file import read_gguf
from prefvec.exchange.llama_cpp_rules import refusals
from prefvec.models.language_model import LanguageModel
from prefvec.vectors.residual import Site, Space
from prefvec.vectors.steering import Steering
from prefvec.vectors.vector import PreferenceVector, unit
from tests.strategies import normal
from tests.tiny import questions, save_tiny, tiny

ENDING = {"gguf": "gguf", "easysteer": "gguf", "lm-eval": "pt", "steering-vectors": "pt"}


def vector_of(model: LanguageModel, layer: int = 1, point: str = "resid_post") -> PreferenceVector:
    """A vector of no meaning but its place."""
    return PreferenceVector(
        direction=unit(normal(7, model.d_model)),
        norm=3.7,
        residual_norm=11.0,
        space=Space.of(model, Site(layer, point)),
        trait="verbosity",
        estimator="difference_in_means",
        positions="sentence ends",
        n_pairs=3,
        prompt_set="abc",
        read_from=frozenset(),
        stability=None,
    )


def delta_of(vector: PreferenceVector, coefficient: float) -> torch.Tensor:
    """What steering adds."""
    delta = Steering(vector=vector, coefficient=coefficient).delta()
    assert delta is not None
    return delta


@pytest.mark.parametrize("coefficient", [1.0, -1.0, 0.35])
def test_a_control_vector_is_read_bit_for_bit_by_the_library_gguf(tmp_path, coefficient):
    """The dose times norm times direction, float32, of one dimension, with llama.cpp's keys."""
    gguf = pytest.importorskip("gguf")
    model = tiny("mistral", d_model=32)
    vector, path = vector_of(model), tmp_path / "long.gguf"
    export(vector, path, format="gguf", model=model, coefficient=coefficient)
    read = gguf.GGUFReader(path)
    (tensor,) = read.tensors
    assert (tensor.name, tensor.tensor_type.name, [*tensor.shape]) == ("direction.1", "F32", [32])
    np.testing.assert_array_equal(tensor.data, delta_of(vector, coefficient).numpy())
    keys = {name: field.contents() for name, field in read.fields.items()}
    assert keys["general.architecture"] == "controlvector"
    assert keys["controlvector.model_hint"] == "llama"
    assert keys["controlvector.layer_count"] == 1
    assert read.fields["controlvector.layer_count"].types == [gguf.GGUFValueType.UINT32]
    assert keys["prefvec.model"] == model.fingerprint
    assert keys["prefvec.coefficient"] == coefficient
    assert keys["prefvec.trait"] == "verbosity"
    assert refusals(path, d_model=32, n_layers=model.n_layers) == ()


@pytest.mark.parametrize(
    ("kind", "convention"),
    [
        ("gguf", "llama.cpp"),
        ("gguf", "prefvec"),
        ("easysteer", "easysteer"),
        ("lm-eval", "lm-eval"),
        ("steering-vectors", "steering-vectors"),
    ],
)
def test_every_format_comes_back_bit_for_bit_at_its_block(tmp_path, kind, convention):
    """By its own convention."""
    model = tiny("llama")
    vector, path = vector_of(model, 2), tmp_path / f"long.{ENDING[kind]}"
    written = export(vector, path, format=kind, model=model, coefficient=0.5)
    found = CONVENTIONS[convention].read(path, model)
    assert {block: tensor.tolist() for block, tensor in found.items()} == {
        2: delta_of(vector, 0.5).tolist()
    }
    assert written.block == 2
    assert all(str(path) in line for line in written.use[:1])
    again = read_foreign(path, convention=convention, model=model).at(2)
    assert torch.allclose(delta_of(again, 1.0), delta_of(vector, 0.5), rtol=1e-6)


def test_every_format_has_its_ending_here():
    """A new one gets its tests."""
    assert ENDING.keys() == set(FORMATS)


def test_what_a_block_receives_is_what_the_one_before_returns(tmp_path):
    """resid_pre of block k is direction.(k − 1)."""
    model, path = tiny("llama"), tmp_path / "pre.gguf"
    export(vector_of(model, 2, "resid_pre"), path, format="gguf", model=model)
    assert [tensor.name for tensor in read_gguf(path).tensors] == ["direction.1"]


@pytest.mark.parametrize(("layer", "point"), [(0, "resid_post"), (1, "resid_pre")])
def test_the_output_of_block_0_is_refused_for_llama_cpp(tmp_path, layer, point):
    """And for no other tool."""
    model, path = tiny("llama"), tmp_path / "first.gguf"
    with pytest.raises(PrefvecError, match="cannot add a vector to the output of block 0"):
        export(vector_of(model, layer, point), path, format="gguf", model=model)
    assert not path.exists()
    assert export(vector_of(model, layer, point), path, format="easysteer", model=model).block == 0


@pytest.mark.parametrize("kind", FORMATS)
def test_what_the_first_block_receives_is_refused(tmp_path, kind):
    """No block returns it."""
    model = tiny("llama")
    path = tmp_path / f"x.{ENDING[kind]}"
    with pytest.raises(PrefvecError, match="is the output of no block"):
        export(vector_of(model, 0, "resid_pre"), path, format=kind, model=model)


@pytest.mark.parametrize(
    ("kind", "name", "message"),
    [
        ("gguf", "a:b.gguf", "holds a ':'"),
        ("gguf", "a,b.gguf", "holds a ','"),
        ("easysteer", "a.bin", "end in .gguf alone"),
        ("lm-eval", "a.bin", "end in .pt or .pth alone"),
        ("lm-eval", "a=b.pt", "at which lm-evaluation-harness cuts"),
        ("onnx", "a.onnx", "Give one of gguf, easysteer, lm-eval, steering-vectors"),
    ],
)
def test_names_and_formats_that_cannot_be_are_sentences(tmp_path, kind, name, message):
    """Before anything is written."""
    model = tiny("llama")
    with pytest.raises(PrefvecError, match=message):
        export(vector_of(model), tmp_path / name, format=kind, model=model)
    assert not list(tmp_path.iterdir())


def test_an_architecture_without_control_vectors_is_refused(tmp_path):
    """llama.cpp would load it and add nothing."""
    model = replace(tiny("llama"), name="other")
    model.network.config.model_type, own = "phimoe", model.network.config.model_type
    try:
        with pytest.raises(PrefvecError, match="of the type 'phimoe'"):
            export(vector_of(model), tmp_path / "a.gguf", format="gguf", model=model)
    finally:
        model.network.config.model_type = own


def test_a_vector_of_another_model_and_a_dose_of_nothing_are_refused(tmp_path):
    """Both would be files that steer nowhere."""
    model, path = tiny("llama"), tmp_path / "a.gguf"
    with pytest.raises(PrefvecError, match="does not belong"):
        export(vector_of(tiny("mistral")), path, format="gguf", model=model)
    with pytest.raises(PrefvecError, match="adds nothing"):
        export(vector_of(model), path, format="gguf", model=model, coefficient=0)


def test_the_command_lines_of_llama_cpp_say_one_block_and_both_directions(tmp_path):
    """Ranges are inclusive; names with spaces are quoted."""
    model, path = tiny("llama"), tmp_path / "my long.gguf"
    plus, minus = export(vector_of(model, 2), path, format="gguf", model=model).use
    assert plus == (
        f"llama-cli -m MODEL.gguf --control-vector '{path}' --control-vector-layer-range 2 2"
    )
    assert minus == (
        f"llama-cli -m MODEL.gguf --control-vector-scaled '{path}:-1.0' "
        "--control-vector-layer-range 2 2"
    )


def test_how_the_opposite_is_added_is_told_for_easysteer_by_names_of_one_version(tmp_path):
    """Of 312c6d8, where `easysteer.vectors` has no `load`."""
    model, path = tiny("llama"), tmp_path / "long.gguf"
    assert export(vector_of(model, 2), path, format="easysteer", model=model).use == tuple(
        f'VectorSpec(data=easysteer.vectors.from_gguf("{path}"), algorithm="direct", layers=[2], '
        f'scale={scale}, apply=ApplySpec(prompt="all", generation="all"))  # EasySteer at 312c6d8'
        for scale in ("1.0", "-1.0")
    )


def test_the_lines_for_lm_eval_make_the_file_of_the_opposite(tmp_path):
    """The harness has no scale: the printed Python writes a file beside, of the coefficient −1."""
    model, path = tiny("llama"), tmp_path / "it's long.pt"
    plus, negate, minus = export(vector_of(model, 2), path, format="lm-eval", model=model).use
    python, option, code = shlex.split(negate)
    assert (python, option) == ("python", "-c")
    exec(code, {})
    files = [
        shlex.split(line)[4].removeprefix("pretrained=MODEL,steer_path=") for line in (plus, minus)
    ]
    ours, opposite = (CONVENTIONS["lm-eval"].read(Path(file), model) for file in files)
    assert torch.equal(ours[2], delta_of(vector_of(model, 2), 1.0))
    assert torch.equal(opposite[2], -ours[2])


def test_the_lines_for_steering_vectors_say_both_directions(tmp_path):
    """What its `apply` takes as a multiplier."""
    model, path = tiny("llama"), tmp_path / "long.pt"
    _, plus, minus = export(vector_of(model), path, format="steering-vectors", model=model).use
    assert plus == "with vector.apply(model, multiplier=1.0): ..."
    assert minus == "with vector.apply(model, multiplier=-1.0): ..."


@pytest.mark.parametrize("family", ["llama", "mistral", "gpt2", "pythia", "gemma", "qwen2"])
def test_lm_eval_names_the_module_that_steers_alike(tmp_path, family):
    """Added to that module's output by hand, it gives the logits that `applied` gives."""
    model = tiny(family)
    vector, path = vector_of(model), tmp_path / "long.pt"
    export(vector, path, format="lm-eval", model=model)
    ((name, entry),) = torch.load(path, weights_only=True).items()
    ids = torch.tensor([model.encode(questions()[0])])

    def add(_module: object, _args: object, output: object) -> object:
        delta = entry["steering_vector"] * entry["steering_coefficient"]
        whole = isinstance(output, torch.Tensor)
        return output + delta if whole else (output[0] + delta, *output[1:])

    hook = model.network.base_model.get_submodule(name).register_forward_hook(add)
    with torch.inference_mode():
        theirs = model.network(ids).logits
        hook.remove()
        with vector.applied(model):
            ours = model.network(ids).logits
    assert torch.equal(ours, theirs)


def test_a_pt_holds_tensors_and_plain_types_alone(tmp_path):
    """So that whoever reads it need not run anything."""
    model = tiny("llama")
    for kind in ("lm-eval", "steering-vectors"):
        path = tmp_path / f"{kind}.pt"
        export(vector_of(model), path, format=kind, model=model)
        assert isinstance(torch.load(path, weights_only=True), dict)


@pytest.mark.parametrize("kind", ["lm-eval", "steering-vectors"])
def test_what_a_pt_cannot_say_stands_beside_it(tmp_path, kind):
    """What a GGUF file of the same vector says of itself, and which file is meant."""
    model, vector = tiny("llama"), vector_of(tiny("llama"))
    written = export(vector, tmp_path / "long.pt", format=kind, model=model, coefficient=-1.0)
    assert written.card == tmp_path / "long.pt.json"
    assert "long.pt.json says what it is." in written.summary()
    card = json.loads(written.card.read_text(encoding="utf-8"))
    assert card.pop("prefvec.file_sha256") == file_hash(written.path)
    export(vector, tmp_path / "a.gguf", format="gguf", model=model, coefficient=-1.0)
    keys = read_gguf(tmp_path / "a.gguf").keys
    assert card == {name: value for name, value in keys.items() if name.startswith("prefvec.")}


def test_a_gguf_file_needs_none_beside_it(tmp_path):
    """It says all of it itself."""
    model = tiny("llama")
    for kind in ("gguf", "easysteer"):
        written = export(vector_of(model), tmp_path / f"{kind}.gguf", format=kind, model=model)
        assert written.card is None
    assert {path.name for path in tmp_path.iterdir()} == {"gguf.gguf", "easysteer.gguf"}


def test_the_face_exports_and_reads():
    """`pv.export` and `pv.read_foreign` are these."""
    assert pv.export is export
    assert pv.read_foreign is read_foreign


def test_the_command_line_writes_reads_and_checks(tmp_path, capsys):
    """Out of a saved vector, back into one, at the same block; what llama.cpp refuses exits 1."""
    home = str(save_tiny(tmp_path / "model", "llama"))
    model = tiny("llama")
    saved, out, back = (tmp_path / name for name in ("v.safetensors", "v.gguf", "w.safetensors"))
    vector = vector_of(model)
    vector.save(saved)
    shared = ["--model", home, "--device", "cpu"]
    assert main(["export", str(saved), "--format", "gguf", "--out", str(out), *shared]) == 0
    told = capsys.readouterr().out
    assert f"--control-vector {out} --control-vector-layer-range 1 1" in told
    assert "No verdict about this dose is known." in told
    assert main(["check", str(out)]) == 0
    convention = ["--convention", "prefvec", "--out", str(back)]
    assert main(["import", str(out), *convention, *shared]) == 0
    found = PreferenceVector.load(back, model=model)
    assert torch.allclose(delta_of(found, 1.0), delta_of(vector, 1.0), rtol=1e-6)
    files = Path(__file__).parent / "files"
    assert main(["check", str(files / "saklas.gguf")]) == 1
    with pytest.raises(PrefvecError, match="No convention is named"):
        main(["import", str(out), "--out", str(back), *shared])
    with pytest.raises(PrefvecError, match="no vector to export"):
        main(["export", "--format", "gguf", "--out", str(out), *shared])


def test_metadata_is_json_free_plain_values(tmp_path):
    """Strings and numbers, whatever a reader makes of GGUF's types."""
    model, path = tiny("llama"), tmp_path / "long.gguf"
    export(vector_of(model), path, format="gguf", model=model)
    json.dumps(dict(read_gguf(path).keys))
