"""Paths are taken as they come: as `Path`, or as text."""

import pytest

import prefvec as pv
from prefvec.shipped import SHIPPED
from tests.tiny import tiny
from tests.vectors.test_vector import of_model


@pytest.mark.parametrize("kind", [str, lambda path: path], ids=["text", "path"])
def test_vectors_questions_and_traits_take_a_path_as_text_or_not(kind, tmp_path):
    """The same comes of either."""
    model = tiny("mistral")
    file = kind(tmp_path / "new folder" / "vector.safetensors")
    of_model(model).save(file)
    assert pv.PreferenceVector.load(file, model=model).model == model.fingerprint
    assert pv.load_prompts(kind(SHIPPED / "questions.jsonl"))
    assert pv.load_trait(kind(SHIPPED / "traits" / "verbosity.toml")).name == "verbosity"
