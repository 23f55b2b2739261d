"""Judges the claims: has them measured, concludes whole families, ends each test."""

import functools
import gc

import pytest

from prefvec.errors import PrefvecError
from prefvec.experiments.claims import Claim
from prefvec.experiments.experiments import Experiments
from prefvec.experiments.measured import Evidence
from prefvec.experiments.measurement import Measurement
from prefvec.experiments.pairs import Pair
from prefvec.experiments.records import claim_record, run_facts, shown
from prefvec.experiments.shelf import ModelMissingError
from prefvec.pytest_plugin.claim_log import ClaimLog
from prefvec.pytest_plugin.selection import Named
from prefvec.verdicts.holm import holm
from prefvec.verdicts.wording import conclude


class Judge:
    """Ends a claim's test with its verdict.

    Before the first verdict of a family all its selected claims are measured, because support is
    judged by the Holm p-value of the whole family.

    Args:
        experiments: measure arms.
        log: where records go.
        named: the models of the run.
        declared: every claim of `claims/` with each of its pairs.
        selected: the ids of those that this session runs.
    """

    def __init__(
        self,
        experiments: Experiments,
        log: ClaimLog,
        named: Named,
        declared: list[tuple[Claim, Pair]],
        selected: set[str],
    ) -> None:
        self._experiments = experiments
        self._log = log
        self._named = named
        self._declared = declared
        self._selected = selected
        self._measurement = Measurement(experiments)
        self._prepared = False

    def __call__(self, claim: Claim, pair: Pair, nodeid: str) -> None:
        """Measure, judge, record and settle one claim about one pair."""
        families = self._named.families(claim, pair)
        try:
            self._experiments.trait(claim.trait)
        except PrefvecError as reason:
            pytest.skip(str(reason))
        self._prepare()
        try:
            evidence = self._evidence(claim, pair)
        except ModelMissingError as reason:
            pytest.skip(str(reason))
        adjusted = max(self._holm(claim.family, each)[claim.name(pair)] for each in families)
        verdict = conclude(evidence.assessment, adjusted)
        self._log.describe(**run_facts(self._experiments))
        record = claim_record(
            self._experiments,
            claim,
            pair,
            evidence.shown,
            verdict,
            families=[str(each) for each in families],
            nodeid=nodeid,
        )
        self._log.add(record)
        self._log.settle(record)

    @functools.cache  # noqa: B019 - one judge lives as long as the session
    def _evidence(self, claim: Claim, pair: Pair) -> Evidence:
        """What was measured for a claim, now or in an earlier run."""

        def measure() -> Evidence:
            measured = self._measurement.of(claim, pair)
            experiment = self._experiments.behind(claim, pair)
            return Evidence(
                assessment=measured.assessment,
                shown=shown(experiment, claim, pair, measured),
                complete=measured.complete,
            )

        return self._experiments.memory.recall(
            (claim, pair), self._models(claim, pair), measure, keep=lambda found: found.complete
        )

    def _models(self, claim: Claim, pair: Pair) -> tuple[str, ...]:
        """Every model that a claim rests on, the writer of what adapters read among them."""
        options = self._experiments.laboratory.options
        return options.names if claim.over_pairs else (options.writer, pair.source, pair.target)

    def _prepare(self) -> None:
        """Measure what transfers need of each source, so that no source is loaded again for them.

        Targets follow one by one, since the tests are ordered by target.
        """
        if self._prepared:
            return
        self._prepared = True
        chosen = [each for each in self._declared if each[0].name(each[1]) in self._selected]
        for source in dict.fromkeys(pair.source for _, pair in chosen):
            of_source = [
                (claim, pair)
                for claim, pair in chosen
                if pair.source == source
                and not self._experiments.memory.has((claim, pair), self._models(claim, pair))
            ]
            try:
                for claim, pair in of_source:
                    self._measurement.prepare(claim, pair)
            except ModelMissingError:
                continue  # its claims say so, each by itself

    @functools.cache  # noqa: B019
    def _holm(self, family: str, of: Pair) -> dict[str, float]:
        """Holm's p-values of one family; a member that is not selected counts as p = 1."""
        pvalues: dict[str, float | None] = {}
        for claim, pair in self._declared:
            if claim.family == family and of in self._named.families(claim, pair):
                selected = claim.name(pair) in self._selected
                pvalues[claim.name(pair)] = self._pvalue(claim, pair) if selected else None
        gc.freeze()  # statsmodels collects garbage at every call, slow where much is alive
        try:
            return holm(pvalues)
        finally:
            gc.unfreeze()

    def _pvalue(self, claim: Claim, pair: Pair) -> float | None:
        try:
            return self._evidence(claim, pair).assessment.pvalue
        except ModelMissingError:
            return None
