"""An exported vector does in llama.cpp itself what it does here, block by block.

Needs llama-cpp-python, which `pip install prefvec[llamacpp]` compiles; where it is not, nothing but
its absence is tested.
"""

import importlib.util
import sys

import numpy as np
import pytest

import prefvec as pv
from prefvec.errors import PrefvecError
from prefvec.exchange.gguf_file import gguf_bytes
from prefvec.exchange.llama_cpp_engine import opened
from prefvec.models.language_model import load
from prefvec.organisms.world_questions import prompts_of
from tests.model_families import MODEL_FAMILIES
from tests.tiny import questions, tiny_network, tiny_tokenizer

pytest.importorskip("gguf", reason="pip install 'prefvec[gguf]'")
pytest.importorskip("accelerate", reason="pip install 'prefvec[gguf]'")

from tests.exchange.beside_llama_cpp import (
    agreements,
    blessed,
    lengths,
    neighbours,
    planted,
    random_delta,
    smol_agreements,
    smol_agreements_at_five_blocks,
    smol_file,
    smol_prompts,
    smol_vector,
)
from tests.tiny_gguf import write_gguf

needs_llama_cpp = pytest.mark.skipif(
    importlib.util.find_spec("llama_cpp") is None,
    reason="llama.cpp is not here: pip install -c constraints.txt 'prefvec[llamacpp]'",
)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """A tiny LLaMA of float32, as llama.cpp reads it."""
    tokenizer = tiny_tokenizer("llama")
    tokenizer.chat_template = MODEL_FAMILIES["llama"].template
    path = tmp_path_factory.mktemp("gguf") / "tiny-f32.gguf"
    return write_gguf(path, tiny_network("llama", tokenizer), tokenizer)


@pytest.fixture(scope="module")
def model(file):
    """The same in transformers."""
    return load(str(file), device="cpu", converted_dir=file.parent / "kept")


def test_without_llama_cpp_it_is_said_how_to_get_it(monkeypatch, tmp_path):
    """In one sentence."""
    monkeypatch.setitem(sys.modules, "llama_cpp", None)
    with pytest.raises(PrefvecError, match=r"pip install prefvec\[llamacpp\]"), opened(tmp_path):
        pass


@needs_llama_cpp
def test_logits_are_those_of_transformers_at_every_block_and_at_no_other(file, model):
    """In float32 to five digits of what the vector moves; from block 1 on, the last included."""
    rows = [model.encode(question) for question in questions()]
    with opened(file) as engine:
        assert (engine.d_model, engine.n_layers) == (model.d_model, model.n_layers)
        beside = neighbours(model.n_layers)
        found = agreements(model, engine, rows, range(1, model.n_layers), elsewhere=beside)
    assert len(found) == model.n_layers - 1
    for each in found:
        assert max(each.unsteered, each.steered) < 1e-5 * each.moved
        assert each.others
        assert min(each.others.values()) > 0.01 * each.moved


@needs_llama_cpp
def test_over_any_other_range_of_blocks_nothing_is_added(file, model, tmp_path):
    """Nor once the block ends; scale −1 is not scale 1."""
    ids, path = model.encode(questions()[0]), tmp_path / "one.gguf"
    pv.export(planted(model, 2, random_delta(model, ids, 2, 0.5)), path, format="gguf", model=model)

    def logits(engine, **how):
        with engine.controlled(path, **how):
            return engine.logits(ids)

    with opened(file) as engine:
        unsteered = engine.logits(ids)
        added = logits(engine)
        np.testing.assert_array_equal(logits(engine, blocks=(2, 2)), added)
        for blocks in ((1, 1), (3, model.n_layers - 1)):
            np.testing.assert_array_equal(logits(engine, blocks=blocks), unsteered)
        np.testing.assert_array_equal(engine.logits(ids), unsteered)
        assert np.abs(added - unsteered).max() > 0.01
        assert np.abs(added - logits(engine, scale=-1.0)).max() > 0.01


@needs_llama_cpp
def test_a_row_goes_on_as_if_it_were_read_at_once(file, model):
    """Token by token, keys and values kept."""
    ids = model.encode(questions()[0])
    with opened(file) as engine:
        whole = engine.logits(ids)
        engine.logits(ids[:2])
        for token in ids[2:-1]:
            engine.next_logits([token])
        np.testing.assert_allclose(engine.next_logits(ids[-1:]), whole, rtol=1e-4, atol=1e-4)


@needs_llama_cpp
def test_what_llama_cpp_would_refuse_is_refused_with_its_reason(file, tmp_path):
    """A control vector for block 0, and a file that is no model."""
    path = tmp_path / "zero.gguf"
    path.write_bytes(gguf_bytes({"general.architecture": "x"}, {"direction.0": np.ones(32, "f4")}))
    with (
        opened(file) as engine,
        pytest.raises(PrefvecError, match=r"There is a direction\.0"),
        engine.controlled(path),
    ):
        pass
    with pytest.raises(PrefvecError, match=r"llama\.cpp does not load"), opened(path):
        pass


@needs_llama_cpp
@pytest.mark.slow
@pytest.mark.parametrize("kind", ["Q8_0", "Q4_0"])
def test_a_vector_from_full_precision_steers_a_quantised_organism(tmp_path, kind):
    """At least 0.8 as much as its own model, and in 8 bits within a quarter of it."""
    whole = pv.load("mini-mistral", device="cpu")
    path = write_gguf(tmp_path / "m.gguf", whole.network, whole.tokenizer, kind=kind)
    prompts = prompts_of("test", 24)
    vector = blessed(whole, "organisms.json", "self-steering-mini-mistral", prompts, cap=64)
    with opened(path, n_ctx=512) as engine:
        found = lengths(whole, engine, prompts, vector, cap=96)
    print(kind, found.told())
    assert found.at_least().pvalue <= 0.05
    if kind == "Q8_0":
        assert max(each.pvalue for each in found.equivalent()) <= 0.05


@pytest.fixture(scope="module")
def smol():
    """SmolLM2's own GGUF file, and its model in transformers."""
    try:
        path = smol_file()
    except PrefvecError as reason:
        pytest.skip(str(reason))
    return path, pv.load("smollm2-135m-instruct", device="cpu", dtype="float32")


@needs_llama_cpp
@pytest.mark.slow
def test_logits_of_smollm2_agree_within_quantisation_at_five_blocks(smol):
    """And at no neighbour, as was found on the same two prompts (docs/exchange.md)."""
    path, whole = smol
    with opened(path, n_ctx=512) as engine:
        found = smol_agreements_at_five_blocks(whole, engine)
    assert [each.block for each in found] == [1, 2, 15, 28, 29]
    for each in found:
        assert each.holds, each


@needs_llama_cpp
@pytest.mark.slow
@pytest.mark.xfail(
    raises=AssertionError,
    strict=False,
    reason="not shown: at most 1.5 times as far apart as unsteered was asked for; on one prompt it "
    "was 1.5 to 1.9 times at blocks 5, 6, 7, 9 and 10 (docs/exchange.md)",
)
def test_logits_of_smollm2_agree_within_quantisation_at_every_block(smol):
    """Whatever the block; the criterion is the one that was written down before any figure."""
    path, whole = smol
    with opened(path, n_ctx=512) as engine:
        found = smol_agreements(whole, engine)
    assert not [each for each in found if not each.holds]


@needs_llama_cpp
@pytest.mark.slow
@pytest.mark.xfail(
    raises=AssertionError,
    strict=False,
    reason="inconclusive: p of at most 0.05 was asked for, and on twelve questions it was 0.40 for "
    "within a quarter of native and 0.23 for above 0.8 of it: 114 % [36, 234] (docs/exchange.md)",
)
def test_lengths_of_smollm2_are_steered_within_a_quarter_of_native(smol):
    """By its own verbosity vector, and to above 0.8 of native; more questions would decide."""
    path, whole = smol
    with opened(path, n_ctx=512) as engine:
        found = lengths(whole, engine, smol_prompts(), smol_vector(whole), cap=64)
    print(found.told())
    assert max(each.pvalue for each in found.equivalent()) <= 0.05
    assert found.at_least().pvalue <= 0.05
