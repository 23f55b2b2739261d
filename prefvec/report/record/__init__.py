"""The record of a run, `verdicts.json`: its types, a checked one made or read, and written whole.

`Record` is all of it; the types below it stand in files of their own, each field with its meaning
and unit. What is read is checked against these very types.
"""

from prefvec.report.record.answer_entries import Answer, AnswerArm, Answers, ArchivedAnswer, Case
from prefvec.report.record.arm_entries import ROLES, Adapter, Arm, ArmRole, Dose, Vector, role_of
from prefvec.report.record.checked import claim_record, run_record, validate
from prefvec.report.record.claim import Claim, KnownAnswer
from prefvec.report.record.figure_entries import Curve, Figure, Forest, HeatMap, Table
from prefvec.report.record.files import read, write
from prefvec.report.record.measuring import Measuring
from prefvec.report.record.numbers import Factor, Interval
from prefvec.report.record.plain import plain
from prefvec.report.record.run import Model, Run, Split
from prefvec.report.record.shapes import mismatches
from prefvec.report.record.verdict_entries import Component, Effect, Power
from prefvec.report.record.whole import SCHEMA, Record

__all__ = [
    "ROLES",
    "SCHEMA",
    "Adapter",
    "Answer",
    "AnswerArm",
    "Answers",
    "ArchivedAnswer",
    "Arm",
    "ArmRole",
    "Case",
    "Claim",
    "Component",
    "Curve",
    "Dose",
    "Effect",
    "Factor",
    "Figure",
    "Forest",
    "HeatMap",
    "Interval",
    "KnownAnswer",
    "Measuring",
    "Model",
    "Power",
    "Record",
    "Run",
    "Split",
    "Table",
    "Vector",
    "claim_record",
    "mismatches",
    "plain",
    "read",
    "role_of",
    "run_record",
    "validate",
    "write",
]
