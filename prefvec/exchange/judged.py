"""The dose at which a vector was judged, and what came of it, out of the record of a run."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from prefvec.errors import PrefvecError
from prefvec.exchange.every_token import SAME, judged_at_every_token
from prefvec.exchange.gguf_file import Value
from prefvec.models.language_model import LanguageModel
from prefvec.report.directions import numbers
from prefvec.report.record import Arm, Claim, Record, read
from prefvec.vectors.residual import Site, Space
from prefvec.vectors.vector import PreferenceVector, unit


@dataclass(frozen=True, kw_only=True, eq=False)
class Judged:
    """What was judged of a vector.

    Attributes:
        claim: its id in the record.
        outcome: one of the five, e.g. "SUPPORTED".
        sentence: the verdict with its numbers.
        mode: "full", or "quick" for a smoke run, which is no evidence.
        arm: what was added, at the dose of coefficient 1; its direction in half precision, as the
            record keeps it.
        kappa: that dose as disturbance, in nats; None where another arm's norm was the dose.
        positions: at which tokens it was added: "answer", from the last of the prompt on, or "all",
            at every one.
        record: sha256 of the record's file.
        commit: of the code that measured.
        in_place_of: the claim that was asked for, whose dose was judged by "answer", where the
            record has a SUPPORTED one of the same vector by "all".
        at_every_token: what came of a claim of the same vector by "all" that is not SUPPORTED, as
            words; None where the record has none.
    """

    claim: str
    outcome: str
    sentence: str
    mode: str
    arm: PreferenceVector
    kappa: float | None
    positions: str
    record: str
    commit: str | None
    in_place_of: str | None = None
    at_every_token: str | None = None

    @property
    def added(self) -> str:
        """At which tokens the vector was added when it was judged."""
        if self.positions == "all":
            return "added at every token, as the tool adds it"
        return "added from the last token of the prompt on"

    @property
    def beyond(self) -> str:
        """What the verdict leaves open in tools that add at every token; "" where nothing is."""
        if self.positions == "all":
            if self.in_place_of is None:
                return ""
            return (
                f"Its dose stands in the place of that of {self.in_place_of}, which was judged "
                "from the last token of the prompt on."
            )
        there = self.at_every_token or "that was not judged"
        return f"The tool adds it at every token unless told otherwise, and {there}."

    @property
    def note(self) -> str:
        """Both, for whoever has nothing but the file."""
        return f"{self.claim} judged it {self.added}. {self.beyond}".rstrip()

    def at_its_dose(self, vector: PreferenceVector) -> PreferenceVector:
        """A vector at the norm at which it was judged.

        Raises:
            PrefvecError: if another direction, or another site, was judged.
        """
        alike = vector.site == self.arm.site and vector.d_model == self.arm.d_model
        cosine = float(vector.direction @ self.arm.direction) if alike else 0.0
        if cosine < SAME:
            raise PrefvecError(
                f"The claim {self.claim} judged another vector than this one: {self.arm.site}, and "
                f"this is of {vector.site}, at a cosine of {cosine:.4f}. Export the judged one out "
                "of the record, without a file of your own, or name the arm that is meant."
            )
        return replace(vector, norm=self.arm.norm)

    def keys(self) -> dict[str, Value]:
        """The verdict as metadata of a file."""
        told: dict[str, Value | None] = {
            "prefvec.claim": self.claim,
            "prefvec.outcome": self.outcome,
            "prefvec.verdict": self.sentence,
            "prefvec.run": self.mode,
            "prefvec.kappa": self.kappa,
            "prefvec.positions": self.positions,
            "prefvec.note": self.note,
            "prefvec.in_place_of": self.in_place_of,
            "prefvec.record": self.record,
            "prefvec.commit": self.commit,
        }
        return {key: value for key, value in told.items() if value is not None}


def judged_in(path: Path, *, claim: str, model: LanguageModel, arm: str | None = None) -> Judged:
    """The vector of an arm of a claim, at its dose and with its verdict, out of a record.

    Other tools add at every token. Where a claim of the record is SUPPORTED that judged the same
    vector so, for the same model and trait, its dose and its verdict are taken.

    Args:
        path: a `verdicts.json`.
        claim: the claim's id.
        model: the one that was steered.
        arm: the arm's key, e.g. "adapted"; the only one that has a vector when None.

    Raises:
        PrefvecError: if the record, the claim or the arm is not there, if there are several arms
            and none is named, if another model was steered, or if the record is too old to say
            how long its vectors are.
    """
    record = read(path)
    claims = {one["id"]: one for one in record["claims"]}
    if claim not in claims:
        raise PrefvecError(
            f"There is no claim {claim!r} in {path}. It has {', '.join(claims) or 'none at all'}."
        )
    found, chosen = claims[claim], _arm(claims[claim], arm)
    _require_same_model(record, found, model)
    in_place_of, at_every_token = None, None
    everywhere = judged_at_every_token(record, found, chosen)
    if everywhere is not None and chosen.get("added_at") != "all":
        other, its_arm = everywhere
        if other["outcome"] == "SUPPORTED":
            in_place_of, found, chosen = found["id"], other, its_arm
        else:
            at_every_token = (
                f"{other['id']}, which judges that at a dose of its own, is {other['outcome']}"
            )
    return Judged(
        claim=found["id"],
        outcome=found["outcome"],
        sentence=found["sentence"],
        mode=record["run"]["mode"],
        arm=_vector(found, chosen, model),
        kappa=chosen.get("kappa"),
        positions=chosen.get("added_at", "answer"),
        record=hashlib.sha256(path.read_bytes()).hexdigest(),
        commit=record["run"].get("commit"),
        in_place_of=in_place_of,
        at_every_token=at_every_token,
    )


def _arm(claim: Claim, name: str | None) -> Arm:
    arms = {one["name"]: one for one in claim["arms"] if one.get("vector") and one.get("site")}
    if name is None and len(arms) == 1:
        return next(iter(arms.values()))
    if name is None or name not in arms:
        asked = "has several arms" if name is None else f"has no arm {name!r} with a vector"
        raise PrefvecError(
            f"The claim {claim['id']} {asked}, of which one is exported. Name one of "
            f"{', '.join(arms) or 'none: it was not measured'}."
        )
    return arms[name]


def _require_same_model(record: Record, claim: Claim, model: LanguageModel) -> None:
    steered = claim["target"]
    own = {one["name"]: one.get("fingerprint") for one in record["models"]}.get(steered or "")
    if own != model.fingerprint:
        raise PrefvecError(
            f"The claim {claim['id']} was measured in {steered}, of weights {own}, and "
            f"{model.name} has the weights {model.fingerprint}. Give the model that was steered."
        )


def _vector(claim: Claim, arm: Arm, model: LanguageModel) -> PreferenceVector:
    about: Mapping[str, Any] = arm.get("vector") or {}
    site, relative = arm.get("site"), arm.get("relative_norm")
    norm, direction = about.get("norm"), numbers(str(about.get("direction", "")))
    if site is None or not relative or not norm or direction is None:
        raise PrefvecError(
            f"The record of {claim['id']} does not say how long the vector of {arm['name']!r} was, "
            "so its dose is not known: an earlier version wrote it. Run the claim again."
        )
    return PreferenceVector(
        direction=unit(torch.from_numpy(direction)),
        norm=norm,
        residual_norm=norm / relative,
        space=Space.of(model, Site(site["layer"], site["point"])),
        trait=claim.get("trait") or "preference",
        estimator=str(about["estimator"]),
        positions=str(about["positions"]),
        n_pairs=int(about["n_pairs"]),
        prompt_set="",
        read_from=frozenset(),
        stability=None,
    )
