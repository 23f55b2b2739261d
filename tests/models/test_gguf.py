"""GGUF files as models: the same numbers as their safetensors, and every way to fail said."""

import importlib.util
import shutil

import pytest
import torch

from prefvec.errors import PrefvecError
from prefvec.experiments.options import Options
from prefvec.experiments.shelf import EXAMPLE, Shelf
from prefvec.models.language_model import load
from prefvec.models.outlines import outline_of
from tests.model_families import MODEL_FAMILIES
from tests.tiny import questions, save_tiny, tiny_network, tiny_tokenizer

pytest.importorskip("gguf", reason="pip install 'prefvec[gguf]'")
pytest.importorskip("accelerate", reason="pip install 'prefvec[gguf]'")

from tests.tiny_gguf import write_gguf

LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 98362432\n"


def written(path, **how):
    """A tiny LLaMA as a GGUF file."""
    tokenizer = tiny_tokenizer("llama")
    tokenizer.chat_template = MODEL_FAMILIES["llama"].template
    network = tiny_network("llama", tokenizer)
    return write_gguf(path, network, how.pop("tokenizer", tokenizer), **how)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """A GGUF file in float32."""
    return written(tmp_path_factory.mktemp("gguf") / "tiny-f32.gguf")


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A folder of converted models."""
    return tmp_path_factory.mktemp("kept")


def logits(model):
    """Of every question as the model's own dialect writes it."""
    with torch.no_grad():
        return [model.network(torch.tensor([model.encode(q)])).logits for q in questions()]


def test_a_file_and_its_safetensors_are_the_same_model(file, kept, tmp_path):
    """The same ids and, within float32, the same logits: rows of q and k are in their places."""
    twin = load(str(save_tiny(tmp_path, "llama")), device="cpu")
    model = load(str(file), device="cpu", converted_dir=kept)
    assert [model.encode(q) for q in questions()] == [twin.encode(q) for q in questions()]
    assert model.end_ids == twin.end_ids
    for one, other in zip(logits(model), logits(twin), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-5)
    assert model.made_of.endswith("F32, read as float32")
    assert model.made_of.startswith("tiny-f32.gguf (SHA-256 ")


@pytest.mark.parametrize(
    ("kind", "dtype", "got", "said"),
    [
        ("F16", "auto", torch.float16, "F16, read as float16"),
        ("Q8_0", "auto", torch.bfloat16, "Q8_0, dequantised to bfloat16"),
        ("Q4_1", "bfloat16", torch.bfloat16, "Q4_1, dequantised to bfloat16"),
        ("Q8_0", "float32", torch.float32, "Q8_0, dequantised to float32"),
    ],
)
def test_what_was_done_with_a_file_is_said(kind, dtype, got, said, tmp_path):
    """Its quantisation and the type of the numbers that were computed with."""
    path = written(tmp_path / "model.gguf", kind=kind)
    model = load(str(path), device="cpu", dtype=dtype, converted_dir=tmp_path / "kept")
    assert model.dtype == got
    assert model.made_of.endswith(said)
    assert not hasattr(model.network.config, "quantization_config")


def test_rounding_is_all_that_a_quantised_file_differs_by(tmp_path):
    """Eight bits a weight leave the logits close; other places of weights would not."""
    twin = load(str(save_tiny(tmp_path / "twin", "llama")), device="cpu")
    path = written(tmp_path / "model.gguf", kind="Q8_0")
    model = load(str(path), device="cpu", converted_dir=tmp_path / "kept")
    for one, other in zip(logits(model), logits(twin), strict=True):
        assert torch.corrcoef(torch.stack([one.flatten(), other.flatten()]))[0, 1] > 0.99


def test_a_file_in_outline_is_what_its_checkpoint_is(file, tmp_path):
    """Told by its header, without its vocabulary: blocks, width, parameters, template."""
    assert outline_of(str(file)) == outline_of(str(save_tiny(tmp_path, "llama")))
    assert outline_of(str(file)).kind == "chat"


def test_a_file_is_converted_once(file, kept, capsys):
    """The second start reads the kept checkpoint, and gives the same model."""
    first = load(str(file), device="cpu", converted_dir=kept)
    capsys.readouterr()
    again = load(str(file.parent), device="cpu", converted_dir=kept)
    assert "converting" not in capsys.readouterr().err
    assert again.fingerprint == first.fingerprint
    assert again.tokenizer_fingerprint == first.tokenizer_fingerprint
    assert again.made_of == first.made_of


def test_another_number_type_is_another_checkpoint(file, kept):
    """Neither is rounded from the other."""
    load(str(file), device="cpu", converted_dir=kept)
    load(str(file), device="cpu", dtype="bfloat16", converted_dir=kept)
    digest = load(str(file), device="cpu", converted_dir=kept).made_of.split("SHA-256 ")[1][:16]
    found = {path.name.rpartition("-")[2] for path in kept.iterdir() if digest in path.name}
    assert found == {"float32", "bfloat16"}


def test_a_run_keeps_converted_models_beside_its_answers(file, tmp_path):
    """Where --store says, and its record tells what they were made of."""
    name = str(file)
    shelf = Shelf(Options(sources=(name,), device="cpu", store=tmp_path / "answers.sqlite"))
    assert shelf[name].made_of is not None
    (home,) = (tmp_path / "models").iterdir()
    (facts,) = shelf.describe()
    assert home.name[:16] in facts["made_of"]


def test_the_report_is_told_how_a_model_is_asked(file, tmp_path):
    """Template and all, without an instruction and with one."""
    name = str(file)
    shelf = Shelf(Options(sources=(name,), device="cpu", store=tmp_path / "answers.sqlite"))
    assert shelf[name].render(EXAMPLE) == shelf.describe()[0]["asked"]
    assert "Answer briefly." in shelf.describe()[0]["asked_with_instruction"]


@pytest.mark.parametrize("damage", ["change", "drop"])
def test_a_kept_checkpoint_that_was_changed_is_made_again(damage, file, tmp_path, capsys):
    """One byte of it, or a file: it would be another model under the same name."""
    first = load(str(file), device="cpu", converted_dir=tmp_path)
    (home,) = tmp_path.iterdir()
    weights = home / "model.safetensors"
    if damage == "drop":
        weights.unlink()
    else:
        content = bytearray(weights.read_bytes())
        content[-1] ^= 1
        weights.write_bytes(content)
    capsys.readouterr()
    again = load(str(file), device="cpu", converted_dir=tmp_path)
    assert "converting" in capsys.readouterr().err
    assert again.fingerprint == first.fingerprint
    assert [path.name for path in tmp_path.iterdir()] == [home.name]


@pytest.mark.parametrize("share", [0.0001, 0.02, 0.3, 0.9, 0.999])
def test_a_file_that_was_cut_short_is_refused(share, file, tmp_path):
    """In its first bytes, its header, its tokenizer, its weights; nothing is kept of it."""
    content = file.read_bytes()
    path = tmp_path / "cut.gguf"
    path.write_bytes(content[: max(5, int(share * len(content)))])
    with pytest.raises(PrefvecError, match=r"damaged GGUF file, or cut short.*Download it again"):
        load(str(path), device="cpu", converted_dir=tmp_path / "kept")
    assert not any((tmp_path / "kept").iterdir())


def test_what_is_no_gguf_file_is_refused_unread(tmp_path, kept):
    """A pointer of Git LFS, and any other file of that name."""
    path = tmp_path / "model.gguf"
    path.write_text(LFS)
    with pytest.raises(PrefvecError, match=r"Git-LFS pointer.*git lfs pull"):
        load(str(path), device="cpu", converted_dir=kept)
    path.write_text("<html>404</html>")
    with pytest.raises(PrefvecError, match="no GGUF file, or a damaged one"):
        load(str(path), device="cpu", converted_dir=kept)
    path.unlink()
    with pytest.raises(PrefvecError, match="There is no file"):
        load(str(path), device="cpu", converted_dir=kept)


def test_one_file_of_several_is_refused(file, kept, tmp_path):
    """By its name, or by what it says of itself."""
    part = tmp_path / "tiny-00001-of-00003.gguf"
    shutil.copy(file, part)
    shutil.copy(file, tmp_path / "tiny-00002-of-00003.gguf")
    for place in (part, tmp_path):
        with pytest.raises(PrefvecError, match=r"number 1 of 3 files.*llama-gguf-split --merge"):
            load(str(place), device="cpu", converted_dir=kept)
    renamed = written(tmp_path / "renamed.gguf", n_parts=2)
    with pytest.raises(PrefvecError, match="one of 2 files"):
        load(str(renamed), device="cpu", converted_dir=kept)


def test_a_folder_of_several_files_does_not_choose(file, kept, tmp_path):
    """Two quantisations of one model are two models."""
    for name in ("a.Q4_0.gguf", "a.Q8_0.gguf"):
        shutil.copy(file, tmp_path / name)
    with pytest.raises(PrefvecError, match=r"holds 2 GGUF files \(a\.Q4_0\.gguf, a\.Q8_0\.gguf\)"):
        load(str(tmp_path), device="cpu", converted_dir=kept)


def test_safetensors_beside_a_gguf_file_are_what_is_read(file, kept, tmp_path):
    """The weights as they were, rather than a rounded copy."""
    save_tiny(tmp_path, "llama")
    shutil.copy(file, tmp_path)
    assert load(str(tmp_path), device="cpu", converted_dir=kept).made_of is None


def test_what_transformers_cannot_read_is_named(kept, tmp_path):
    """An architecture that it does not have, a quantisation that the reader does not undo."""
    path = written(tmp_path / "novel.gguf", architecture="novel")
    with pytest.raises(PrefvecError, match=r"does not read .*novel\.gguf.*its architecture"):
        load(str(path), device="cpu", converted_dir=kept)
    content = written(tmp_path / "model.gguf", kind="Q8_0").read_bytes()
    name = b"blk.0.attn_q.weight"
    at = content.index(name) + len(name) + 4 + 2 * 8
    assert content[at : at + 4] == (8).to_bytes(4, "little")
    path.write_bytes(content[:at] + (250).to_bytes(4, "little") + content[at + 4 :])
    with pytest.raises(PrefvecError, match=r"does not read .*a quantisation that"):
        load(str(path), device="cpu", converted_dir=kept)


def test_a_file_without_a_tokenizer_is_refused(kept, tmp_path):
    """No text can be put to it."""
    path = written(tmp_path / "mute.gguf", tokenizer=None)
    with pytest.raises(PrefvecError, match="without a tokenizer"):
        load(str(path), device="cpu", converted_dir=kept)


def test_the_library_that_is_missing_is_named(file, monkeypatch, tmp_path):
    """With the extra that brings it."""
    there = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "gguf" else there(name)
    )
    with pytest.raises(PrefvecError, match=r"library gguf.*pip install 'prefvec\[gguf\]'"):
        load(str(file), device="cpu", converted_dir=tmp_path)
