"""A judged vector leaves with its dose and its verdict, out of the record that has them."""

import copy
import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from prefvec.errors import PrefvecError
from prefvec.exchange.__main__ import main
from prefvec.exchange.export import export
from prefvec.exchange.gguf_file import read_gguf
from prefvec.exchange.judged import judged_in
from prefvec.experiments.vector_records import vector_record
from prefvec.vectors.vector import PreferenceVector
from tests.exchange.test_export import delta_of, vector_of
from tests.sample_record import sample_record
from tests.tiny import save_tiny, tiny

CLAIM, RAW = "self-steering-mini-mistral", "raw-mini-llama"
EVERYWHERE = "added-everywhere-mini-mistral"


def recorded(folder: Path, vector: PreferenceVector, **about: Any) -> Path:
    """A record whose claims judged a vector in the tiny llama."""
    record = sample_record()
    for model in record["models"]:
        model["fingerprint"] = tiny("llama").fingerprint
    for claim in record["claims"]:
        for arm in claim["arms"]:
            arm["site"] = {"layer": vector.site.layer, "point": vector.site.point}
            arm["relative_norm"] = vector.relative_norm
            arm["kappa"] = 0.15
            arm["vector"] = {**vector_record(vector), **about}
    path = folder / "verdicts.json"
    path.write_text(json.dumps(record))
    return path


def test_the_vector_of_an_arm_comes_out_of_the_record(tmp_path):
    """Its direction in half precision; site, norm and verdict as they are."""
    model, vector = tiny("llama"), vector_of(tiny("llama"))
    path = recorded(tmp_path, vector)
    judged = judged_in(path, claim=CLAIM, model=model)
    assert (judged.outcome, judged.kappa, judged.positions) == ("SUPPORTED", 0.15, "answer")
    assert judged.record == hashlib.sha256(path.read_bytes()).hexdigest()
    assert judged.arm.norm == vector.norm
    assert judged.arm.relative_norm == pytest.approx(vector.relative_norm)
    assert float(judged.arm.direction @ vector.direction) > 0.99999


def test_a_vector_of_ones_own_is_exported_at_the_norm_that_was_judged(tmp_path):
    """Bit for bit, whatever its norm was; the verdict stands in the file."""
    model, vector = tiny("llama"), vector_of(tiny("llama"))
    judged = judged_in(recorded(tmp_path, vector), claim=CLAIM, model=model)
    path = tmp_path / "long.gguf"
    export(replace(vector, norm=1.0), path, format="gguf", model=model, judged=judged)
    contents = read_gguf(path)
    (tensor,) = contents.tensors
    assert tensor.values is not None
    assert torch.equal(torch.from_numpy(tensor.values), delta_of(vector, 1.0))
    assert contents.keys["prefvec.claim"] == CLAIM
    assert contents.keys["prefvec.outcome"] == "SUPPORTED"
    assert contents.keys["prefvec.kappa"] == 0.15
    assert contents.keys["prefvec.positions"] == "answer"
    assert contents.keys["prefvec.record"] == judged.record
    assert contents.keys["prefvec.note"] == judged.note
    assert "prefvec.in_place_of" not in contents.keys


ANSWER = "added from the last token of the prompt on. The tool adds it at every token unless told "


def test_a_verdict_never_stands_without_the_positions_that_it_is_of(tmp_path):
    """These tools add at every token; what was not judged there is not said to be SUPPORTED."""
    model, vector = tiny("llama"), vector_of(tiny("llama"))
    judged = judged_in(recorded(tmp_path, vector), claim=CLAIM, model=model)
    written = export(vector, tmp_path / "a.gguf", format="gguf", model=model, judged=judged)
    beyond = f"{ANSWER}otherwise, and that was not judged."
    assert written.summary().endswith(
        f"{CLAIM} was SUPPORTED at this dose, judged with the vector {beyond}"
    )
    keys = read_gguf(written.path).keys
    assert keys["prefvec.positions"] == "answer"
    assert keys["prefvec.note"] == f"{CLAIM} judged it {beyond}"


def test_a_verdict_is_said_of_no_other_dose(tmp_path):
    """Scale 1 may be another dose than the judged one; its opposite was judged with it."""
    model, vector = tiny("llama"), vector_of(tiny("llama"))
    judged = judged_in(recorded(tmp_path, vector), claim=CLAIM, model=model)

    def told(coefficient: float) -> str:
        path = tmp_path / "a.gguf"
        return export(
            vector, path, format="gguf", model=model, coefficient=coefficient, judged=judged
        ).summary()

    assert "SUPPORTED at another dose, the coefficient 1 (scale 2 there), judged" in told(0.5)
    assert "SUPPORTED at this dose, judged" in told(-1.0)


def test_a_verdict_of_a_quick_run_is_said_to_be_no_evidence(tmp_path):
    """In the summary as in the key."""
    model, vector = tiny("llama"), vector_of(tiny("llama"))
    path = recorded(tmp_path, vector)
    record = json.loads(path.read_text())
    record["run"]["mode"] = "quick"
    path.write_text(json.dumps(record))
    judged = judged_in(path, claim=CLAIM, model=model)
    written = export(vector, tmp_path / "a.gguf", format="gguf", model=model, judged=judged)
    assert "SUPPORTED at this dose in a quick run, which is no evidence" in written.summary()
    assert read_gguf(written.path).keys["prefvec.run"] == "quick"


def also_everywhere(path: Path, vector: PreferenceVector, outcome: str, **differs: Any) -> Path:
    """The same record with a claim that judged the vector at every token, at twice the norm."""
    record = json.loads(path.read_text())
    claim = copy.deepcopy(next(one for one in record["claims"] if one["id"] == CLAIM))
    claim |= {"id": EVERYWHERE, "outcome": outcome, **differs}
    (arm,) = claim["arms"]
    arm |= {"added_at": "all", "relative_norm": 2 * vector.relative_norm}
    arm["vector"] = vector_record(2.0 * vector)
    record["claims"].append(claim)
    path.write_text(json.dumps(record))
    return path


def test_a_dose_that_was_judged_at_every_token_is_the_one_that_leaves(tmp_path):
    """Where that claim is SUPPORTED: its norm, its verdict, and a sentence that says so."""
    model, vector = tiny("llama"), vector_of(tiny("llama"))
    path = also_everywhere(recorded(tmp_path, vector), vector, "SUPPORTED")
    judged = judged_in(path, claim=CLAIM, model=model)
    assert (judged.claim, judged.positions, judged.in_place_of) == (EVERYWHERE, "all", CLAIM)
    written = export(vector, tmp_path / "a.gguf", format="gguf", model=model, judged=judged)
    assert written.vector.norm == 2 * vector.norm
    keys = read_gguf(written.path).keys
    assert (keys["prefvec.positions"], keys["prefvec.in_place_of"]) == ("all", CLAIM)
    assert written.summary().endswith(
        f"{EVERYWHERE} was SUPPORTED at this dose, judged with the vector added at every token, as "
        f"the tool adds it. Its dose stands in the place of that of {CLAIM}, which was judged from "
        "the last token of the prompt on."
    )
    named = judged_in(path, claim=EVERYWHERE, model=model)
    assert named.arm.norm == 2 * vector.norm
    assert named.note == f"{EVERYWHERE} judged it added at every token, as the tool adds it."


def test_a_claim_at_every_token_that_is_not_supported_is_told(tmp_path):
    """And the dose is that of the claim that was asked for."""
    model, vector = tiny("llama"), vector_of(tiny("llama"))
    path = also_everywhere(recorded(tmp_path, vector), vector, "REFUTED")
    judged = judged_in(path, claim=CLAIM, model=model)
    assert (judged.claim, judged.positions, judged.arm.norm) == (CLAIM, "answer", vector.norm)
    written = export(vector, tmp_path / "a.gguf", format="gguf", model=model, judged=judged)
    beyond = f"and {EVERYWHERE}, which judges that at a dose of its own, is REFUTED."
    assert judged.note.endswith(beyond)
    assert written.summary().endswith(beyond)
    assert judged_in(path, claim=EVERYWHERE, model=model).outcome == "REFUTED"


@pytest.mark.parametrize("differs", [{"target": "mini-gemma"}, {"trait": "formality"}])
def test_a_claim_of_another_model_or_trait_says_nothing(tmp_path, differs):
    """Nor does one of another vector."""
    model, vector = tiny("llama"), vector_of(tiny("llama"))
    path = also_everywhere(recorded(tmp_path, vector), vector, "SUPPORTED", **differs)
    assert judged_in(path, claim=CLAIM, model=model).claim == CLAIM
    path = also_everywhere(recorded(tmp_path, vector), -vector, "SUPPORTED")
    assert judged_in(path, claim=CLAIM, model=model).claim == CLAIM


def test_another_vector_than_the_judged_one_has_no_verdict(tmp_path):
    """Neither its negative nor one of another block."""
    model, vector = tiny("llama"), vector_of(tiny("llama"))
    judged = judged_in(recorded(tmp_path, vector), claim=CLAIM, model=model)
    for other in (-vector, vector_of(model, 2)):
        with pytest.raises(PrefvecError, match="judged another vector"):
            export(other, tmp_path / "a.gguf", format="gguf", model=model, judged=judged)


def test_what_the_record_does_not_say_is_a_sentence(tmp_path):
    """No such claim, several arms, no such arm, another model, no record, too old a record."""
    model, vector = tiny("llama"), vector_of(tiny("llama"))
    path = recorded(tmp_path, vector)
    for asked, message in (
        ({"claim": "none"}, "no claim 'none'"),
        ({"claim": RAW}, "has several arms, of which one is exported. Name one of native, raw"),
        ({"claim": RAW, "arm": "adapted"}, "no arm 'adapted' with a vector"),
    ):
        with pytest.raises(PrefvecError, match=message):
            judged_in(path, model=model, **asked)
    with pytest.raises(PrefvecError, match="Give the model that was steered"):
        judged_in(path, claim=CLAIM, model=tiny("mistral"))
    with pytest.raises(PrefvecError, match="no record at"):
        judged_in(tmp_path / "none.json", claim=CLAIM, model=model)
    with pytest.raises(PrefvecError, match="does not say how long"):
        judged_in(recorded(tmp_path, vector, norm=0), claim=CLAIM, model=model)


def test_the_command_line_exports_a_judged_arm(tmp_path, capsys):
    """Without any file of a vector."""
    home = str(save_tiny(tmp_path / "model", "llama"))
    path, out = recorded(tmp_path, vector_of(tiny("llama"))), tmp_path / "long.gguf"
    asked = ["export", "--format", "gguf", "--out", str(out), "--model", home, "--device", "cpu"]
    with pytest.raises(PrefvecError, match="Name one claim"):
        main([*asked, "--record", str(path)])
    assert main([*asked, "--record", str(path), "--claim", RAW, "--arm", "raw"]) == 0
    assert f"{RAW} was SUPPORTED at this dose" in capsys.readouterr().out
    assert read_gguf(out).keys["prefvec.claim"] == RAW
