"""Judges the claims: has them measured, concludes whole families, ends each test."""

from collections.abc import Sequence
from typing import NoReturn

import pytest
from safetensors import SafetensorError

from prefvec.errors import PrefvecError
from prefvec.experiments.claims import Claim
from prefvec.experiments.lab import Lab
from prefvec.experiments.measured import Evidence
from prefvec.experiments.measuring import measure, models_of, prepare
from prefvec.experiments.memory import Memory
from prefvec.experiments.pairs import Pair
from prefvec.experiments.records import claim_record, shown
from prefvec.experiments.shelf import ModelMissingError
from prefvec.generation.store_file import StoreError
from prefvec.pytest_plugin.claim_log import ClaimLog
from prefvec.pytest_plugin.notes import Watch, facts
from prefvec.pytest_plugin.selection import Named
from prefvec.remembered import remembered
from prefvec.verdicts.holm import Family, adjusted
from prefvec.verdicts.wording import conclude

NOT_KEPT = (StoreError, OSError, SafetensorError)
"""What no claim could be measured with any longer, such as a store that cannot be written to."""
_OR_SKIP = "Claims about it are skipped with --skip-missing."


class Judge:
    """Ends a claim's test with its verdict.

    Before the first verdict of a family all its selected claims are measured, because support is
    judged by the Holm p-value of the whole family.

    Args:
        memory: what was measured before, of the lab where claims are measured.
        log: where records go.
        named: the models of the run.
        declared: every claim that the files state, with each of its pairs.
        selected: the ids of those that this session runs.
        skip_missing: skip the claims about a model that cannot be had, instead of ending the run.
    """

    def __init__(
        self,
        memory: Memory,
        log: ClaimLog,
        named: Named,
        declared: Sequence[tuple[Claim, Pair]],
        selected: set[str],
        *,
        skip_missing: bool = False,
    ) -> None:
        self._memory = memory
        self._log = log
        self._named = named
        self._declared = declared
        self._selected = selected
        self._skip_missing = skip_missing

    @property
    def _lab(self) -> Lab:
        return self._memory.lab

    def __call__(self, claim: Claim, pair: Pair, nodeid: str) -> None:
        """Measure, judge, record and settle one claim about one pair."""
        try:
            self._lab.material.known(claim.trait)
        except PrefvecError as reason:
            pytest.skip(str(reason))
        try:
            self._prepare()
            evidence = self._evidence(claim, pair)
        except ModelMissingError as reason:
            if self._skip_missing:
                pytest.skip(str(reason))
            pytest.exit(f"{reason} {_OR_SKIP}", returncode=pytest.ExitCode.USAGE_ERROR)
        except NOT_KEPT as reason:
            end_unkept(self._lab, reason)
        families = self._named.families(claim, pair)
        self._log.describe(**facts(self._memory))
        record = claim_record(
            self._lab,
            claim,
            pair,
            evidence.shown,
            conclude(evidence.assessment, self._adjusted(claim, pair)),
            families=[str(each) for each in families],
            nodeid=nodeid,
        )
        record["trait"] = self._lab.material.known(claim.trait).name
        self._log.add(record)
        self._log.settle(record)

    @remembered
    def _evidence(self, claim: Claim, pair: Pair) -> Evidence:
        """What was measured for a claim, now or in an earlier run."""

        def of_now() -> Evidence:
            watch = Watch(self._lab)
            measured = measure(claim, pair, self._lab)
            told = shown(claim, pair, self._lab, measured)
            return Evidence(
                assessment=measured.assessment,
                shown={**told, "measuring": watch.read()},
                complete=measured.complete,
            )

        return self._memory.recall(
            (claim, pair), self._models(claim, pair), of_now, keep=lambda found: found.complete
        )

    def _models(self, claim: Claim, pair: Pair) -> tuple[str, ...]:
        """Every model that a claim rests on, the writer of what adapters read among them."""
        return models_of(claim, pair, self._lab)

    @remembered
    def _prepare(self) -> None:
        """Measure what transfers need of each source, so that no source is loaded again for them.

        Targets follow one by one, since the tests are ordered by target.
        """
        chosen = [each for each in self._declared if each[0].name(each[1]) in self._selected]
        for source in dict.fromkeys(pair.source for _, pair in chosen):
            of_source = [
                (claim, pair)
                for claim, pair in chosen
                if pair.source == source
                and not self._memory.has((claim, pair), self._models(claim, pair))
            ]
            try:
                for claim, pair in of_source:
                    prepare(claim, pair, self._lab)
            except ModelMissingError:
                continue  # its claims say so, each by itself

    def _adjusted(self, claim: Claim, pair: Pair) -> float:
        """The claim's p-value, corrected over every family that it belongs to."""
        families = self._named.families(claim, pair)
        return adjusted(claim.name(pair), [self._family(claim.family, each) for each in families])

    @remembered
    def _family(self, family: str, of: Pair) -> Family:
        """The p-values of a whole family; None for a member that is not selected."""
        pvalues: dict[str, float | None] = {}
        for claim, pair in self._declared:
            if claim.family == family and of in self._named.families(claim, pair):
                selected = claim.name(pair) in self._selected
                pvalues[claim.name(pair)] = self._pvalue(claim, pair) if selected else None
        return pvalues

    def _pvalue(self, claim: Claim, pair: Pair) -> float | None:
        try:
            return self._evidence(claim, pair).assessment.pvalue
        except ModelMissingError:
            return None


def end_unkept(lab: Lab, reason: Exception) -> NoReturn:
    """End the run where nothing more can be kept, saying why in one sentence.

    Args:
        lab: whose store it is.
        reason: one of `NOT_KEPT`.
    """
    folder = lab.options.store.parent
    said = (
        f"What is measured cannot be kept in {folder} ({reason}). Make room for it there, or "
        "name a file in another folder (--store). What was kept so far is found again."
    )
    pytest.exit(
        str(reason) if isinstance(reason, StoreError) else said,
        returncode=pytest.ExitCode.USAGE_ERROR,
    )
