"""What a claim's test holds in its hand: the log of records, and how an outcome ends a test."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import pytest

from prefvec.errors import PrefvecError
from prefvec.report import findings
from prefvec.report.blessing import bless_reason, conditions_of, finding_of
from prefvec.report.changes import ORDER
from prefvec.report.comparison import compare
from prefvec.report.finding import Finding
from prefvec.report.instrument_check import wrongly
from prefvec.report.record import Claim, KnownAnswer, Model, Split, claim_record, plain
from prefvec.vocabulary import Change

Ending = Literal["pass", "fail", "xfail", "skip", "error"]

_BLESS = '--bless "the reason"'
_IF_MEANT = f"If the change is meant, accept it ({_BLESS})."
_ADVICE: dict[Change, str] = {
    "REGRESSED": f"What would mend it: undo what differs. {_IF_MEANT}",
    "IMPROVED": (
        "A gain is not green until it is blessed. Look for a leak first: test prompts that reach "
        "extraction, adapter or search, weaker controls, a milder coherence, or another dose turn "
        "what was REFUTED into SUPPORTED as a true gain does. If it is one, accept it "
        f"({_BLESS})."
    ),
    "NOT REPRODUCED": (
        "The same inputs must give the same thing. Look for what decides and is not recorded: the "
        "claim's own file, answers in the store that another processor gave, noise without a seed. "
        f"{_IF_MEANT}"
    ),
    "DRIFT": f"It is another finding than the one that was accepted. {_IF_MEANT}",
}
"""What to do about a change; there is none about SAME and NEW."""


class InvalidClaim(PrefvecError):  # noqa: N818  (named for the outcome, which is no mishap)
    """A claim that could not be judged: pytest shows it as an error, not as a failure."""


class ClaimLog:
    """The claims of a session, as their tests add them.

    Args:
        folder: where the blessed findings are kept.
        blessing: why the outcomes are accepted as findings, instead of failing on what changed;
            None accepts nothing.
        reasons: sentences for the outcomes of single claims, by claim id.
        allow_incomparable: do not fail on findings blessed under other conditions.
        xfail_works: false under --runxfail, where expected failures are to fail.
    """

    def __init__(
        self,
        folder: Path,
        *,
        blessing: str | None = None,
        reasons: Mapping[str, str] | None = None,
        allow_incomparable: bool = False,
        xfail_works: bool = True,
    ):
        self.folder = folder
        self.blessing = blessing
        self.reasons = dict(reasons or {})
        self.allow_incomparable = allow_incomparable
        self.xfail_works = xfail_works
        self.run: dict[str, Any] = {}
        self.models: dict[str, Model] = {}
        self.splits: dict[str, Split] = {}
        self.claims: dict[str, Claim] = {}
        self._blessed: dict[str, Finding] = {}
        self._read: Path | None = None
        self._pending: list[Claim] = []
        self._pending_known: list[KnownAnswer] = []

    def describe(
        self,
        *,
        run: Mapping[str, Any] | None = None,
        models: Sequence[Mapping[str, Any]] = (),
        splits: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        """Set facts about the run. May be called again: later facts replace earlier ones.

        Args:
            run: the `run` entry of the record; `mode`, `model_set` and `models_are` are needed
                before the first claim.
            models: entries of the record's `models`; one with a known name replaces it.
            splits: entries of `splits`, likewise; the test split with a `fingerprint`.

        Raises:
            PrefvecError: if the set of models has a findings file that cannot be read; known as
                soon as `mode` and `model_set` are, before anything is measured.
        """
        self.run |= plain(dict(run or {}))
        self.models |= {model["name"]: plain(model) for model in models}
        self.splits |= {split["name"]: plain(split) for split in splits}
        if {"mode", "model_set"} <= self.run.keys() and self._read != self.path:
            self._blessed = {} if self.quick else findings.read(self.path)
            self._read = self.path

    def add(self, record: Mapping[str, Any]) -> Finding | None:
        """Put a finished claim's record into the log; its `blessed` and `change` are set here.

        Returns:
            The blessed finding it was compared with, if there is one.

        Raises:
            PrefvecError: if the record breaks the schema or the run was not described.
        """
        claim = claim_record(record)
        missing = [key for key in ("mode", "model_set", "models_are") if key not in self.run]
        if missing:
            raise PrefvecError(
                f"The claim {claim['id']} was added before the run's {', '.join(missing)} was "
                "known. Call claim_log.describe(run={...}) in a fixture it depends on."
            )
        old = None
        claim["blessed"] = claim["change"] = None
        if not self.quick:
            old = self._blessed.get(claim["id"])
            conditions = conditions_of(
                self.run, list(self.models.values()), list(self.splits.values())
            )
            comparison = compare(old, finding_of(claim, conditions))
            claim["change"], claim["comparison"] = comparison.change, comparison.record()
            if self.blessing and claim["outcome"] != "INVALID":
                given = self.reasons.get(claim["id"])
                reason = bless_reason(comparison.change, old, given, self.blessing)
                claim["blessed"] = {"outcome": claim["outcome"], "reason": reason}
            elif old is not None:
                claim["blessed"] = {"outcome": old["outcome"], "reason": old["reason"]}
        self.claims[claim["id"]] = claim
        self._pending.append(claim)
        return old

    def settle(self, record: Mapping[str, Any]) -> None:
        """End the test as the outcome demands; the last thing a claim's test does.

        Raises:
            PrefvecError: if the record was not added.
            InvalidClaim: for INVALID. pytest's own fail, xfail and skip for the others.
        """
        claim = self.claims.get(record["id"])
        if claim is None:
            raise PrefvecError(
                f"The claim {record['id']!r} is settled but was not added. "
                "Call claim_log.add(record) first, so that the report has it."
            )
        ending, message = self.ending(claim)
        match ending:
            case "error":
                raise InvalidClaim(message)
            case "fail":
                pytest.fail(message, pytrace=False)
            case "skip":
                pytest.skip(message)
            case "xfail":
                # Under --runxfail, pytest.xfail does nothing and the test would pass.
                if not self.xfail_works:
                    pytest.fail(message, pytrace=False)
                pytest.xfail(message)
            case "pass":
                return

    def know(self, record: Mapping[str, Any]) -> None:
        """Put a known answer into the log, and fail its test if the instrument disagrees with it.

        Args:
            record: a verdict's record with the model's `name`, what was `needed`, why
                (`because`), the `checks` and whether all of them `agrees`.
        """
        known: KnownAnswer = plain(dict(record))
        self._pending_known.append(known)
        if known["agrees"]:
            return
        message = (
            f"The instrument is wrong about “{known['title']}” ({wrongly(known)}). "
            f"{known['because']}"
        )
        if self.quick:
            pytest.xfail(f"smoke run, no evidence either way ({message})")
        pytest.fail(f"{message}\n{known['outcome']}: {known['sentence']}", pytrace=False)

    def ending(self, claim: Claim) -> tuple[Ending, str]:
        """How pytest is to show a claim, and the message."""
        outcome, sentence = claim["outcome"], claim["sentence"]
        verdict = f"{outcome}: {sentence}"
        if outcome == "INVALID" and not (self.quick and _for_want_of_prompts(claim)):
            return "error", f"{_changed(claim)}{verdict}"
        if not (self.blessing or self.quick) and (advice := self._advice(claim)):
            return "fail", f"{_changed(claim)}{verdict}\n{_unmet(claim)}{advice}"
        if outcome == "SUPPORTED":
            return "pass", verdict
        if outcome == "NOT APPLICABLE":
            return "skip", verdict
        if self.quick:
            return "xfail", f"smoke run, no evidence either way ({verdict})"
        blessed = claim["blessed"]
        if blessed and blessed["outcome"] == outcome:
            return "xfail", f"{outcome}, as blessed: {blessed['reason'] or sentence}"
        return "fail", f"{_changed(claim)}{verdict}\n{_would_change(claim)}"

    def _advice(self, claim: Claim) -> str | None:
        """What to do about a claim that is not as it was blessed; None of one that is, or is new.

        Findings that cannot be compared may be allowed, and even then another outcome may not.
        """
        change, blessed = claim["change"], claim["blessed"]
        if change != "NOT COMPARABLE":
            return _ADVICE.get(change) if change else None
        if not self.allow_incomparable:
            return (
                "Run it under the blessed conditions, bless it again "
                f"({_BLESS}), or pass --allow-incomparable."
            )
        if blessed and blessed["outcome"] != claim["outcome"]:
            return (
                f"It was blessed as {blessed['outcome']}, and --allow-incomparable allows other "
                f"conditions, not another outcome. If it is meant, accept it ({_BLESS})."
            )
        return None

    @property
    def quick(self) -> bool:
        """Whether this is a smoke run: nothing is compared, nothing is blessed."""
        return self.run.get("mode") == "quick"

    @property
    def path(self) -> Path:
        """The findings file of this run's set of models."""
        return findings.path_of(self.folder, self.run["model_set"])

    def take_pending(self) -> list[Claim]:
        """The claims added since the last call, to be sent to the process that writes."""
        pending, self._pending = self._pending, []
        return pending

    def take_known(self) -> list[KnownAnswer]:
        """The known answers added since the last call, likewise."""
        pending, self._pending_known = self._pending_known, []
        return pending


def _for_want_of_prompts(claim: Claim) -> bool:
    """Whether only assay sensitivity is lacking, as it may on a smoke run's few prompts."""
    lacking = {
        component["about"]
        for component in claim["components"]
        if component["role"] == "precondition" and component["passed"] is False
    }
    return lacking == {"assay sensitivity"}


def _changed(claim: Claim) -> str:
    """A line about what changed since it was blessed, or nothing."""
    if claim["change"] not in ORDER:
        return ""
    comparison = claim.get("comparison") or {}
    suspects = comparison.get("suspects") or []
    differs = f" Other differences: {'; '.join(suspects)}." if suspects else ""
    return f"{claim['change']}. {comparison.get('sentence', '')}{differs}\n"


def _unmet(claim: Claim) -> str:
    """A line for each component that is not met."""
    unmet = [part for part in claim["components"] if part["passed"] is False]
    return "".join(f"  not met: {part['name']}. {part['sentence']}\n" for part in unmet)


def _would_change(claim: Claim) -> str:
    what = "another vector, map, site or model; not another test"
    if claim["outcome"] == "INCONCLUSIVE":
        what = "more of what it is counted over, or a control that decides"
    return (
        f"{_unmet(claim)}What would change it: {what}.\n"
        f"If it stands as a finding, accept it ({_BLESS})."
    )
