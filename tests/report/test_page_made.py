"""How a page is made: by a command, without torch, small, and legible in either theme."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from prefvec.report import numerals
from prefvec.report import record as records
from prefvec.report.__main__ import main
from prefvec.report.page import render
from tests.sample_claim import sample_claim
from tests.sample_figures import sample_figures
from tests.sample_record import sample_record

ROOT = Path(__file__).parents[2]
STYLE = (ROOT / "prefvec" / "report" / "templates" / "style.css").read_text(encoding="utf-8")


def test_a_run_of_sixty_claims_has_a_page_of_less_than_five_megabytes():
    """Five each with all four kinds of figure, all with three arms, controls and answers."""
    record = sample_record()
    record["claims"] = [
        sample_claim(
            f"claim-{index}",
            title=f"Claim {index}",
            kind="works",
            arms={"native": 0.5, "raw": 0.1, "adapted": 0.3},
            question=f"question {index % 11}",
            figures=sample_figures() if index % 12 == 0 else [],
        )
        for index in range(60)
    ]
    assert len(render(records.plain(record)).encode()) < 5e6


def test_a_run_without_claims_has_a_page():
    """Nothing finished yet is a state too."""
    record = sample_record()
    record["claims"] = []
    assert "0 claims" in render(record)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (numerals.ratio_interval({"factor": 1.618, "low": 1.476, "high": 1.774}),
         "×1.62 [1.48, 1.77]"),
        (numerals.scale_interval({"estimate": -0.0411, "low": -0.05, "high": 0.0}, "points"),
         "−4.1 points [−5.0, 0.0]"),
        (numerals.decimal(-0.001), "0.00"),
        (numerals.pvalue(0.0004), "< .001"),
        (numerals.pvalue(0.0316), ".032"),
        (numerals.pvalue(1.0), "1"),
        (numerals.duration(468.2), "7 min 48 s"),
        (numerals.factor(None), "—"),
    ],
)  # fmt: skip
def test_numbers_are_written_for_readers(written, expected):
    """With a true minus, without a negative zero, p-values in three digits."""
    assert written == expected


def _colours(block):
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block))


def _luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_colour_has_the_contrast_of_wcag_aa(theme):
    """4.5 to 1, by the formula of WCAG 2.1, on the paper and on panels."""
    light, dark = STYLE.split("@media (prefers-color-scheme: dark)", 1)
    colours = _colours(light if theme == "light" else dark)
    words = ["ink", "muted", "link", "supported", "refuted", "inconclusive", "invalid"]
    words += ["not-applicable", "native", "raw", "adapted", "control"]
    pairs = [(word, ground) for word in words for ground in ("paper", "panel")]
    for word, ground in [*pairs, ("warn-ink", "warn")]:
        one, other = sorted([_luminance(colours[word]), _luminance(colours[ground])])
        assert (other + 0.05) / (one + 0.05) >= 4.5, (word, ground)


def test_the_command_line_renders_a_stored_record(tmp_path, capsys):
    """Where told, or beside the record."""
    record = tmp_path / "verdicts.json"
    records.write(sample_record(), record)
    assert main(["render", str(record), "-o", str(tmp_path / "page.html")]) == 0
    assert main(["render", str(record)]) == 0
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page == (tmp_path / "verdicts.html").read_text(encoding="utf-8")
    assert "adapted-exposed-mini-llama" in page


def test_the_command_line_refuses_with_a_sentence(tmp_path, capsys):
    """Status 2, no traceback, no page, and the record is never overwritten."""
    foreign = tmp_path / "foreign.json"
    foreign.write_text(json.dumps({"hello": 1}), encoding="utf-8")
    assert main(["render", str(foreign)]) == 2
    assert main(["render", str(tmp_path / "missing.json")]) == 2
    assert main(["render", str(foreign), "-o", str(foreign)]) == 2
    said = capsys.readouterr().err
    assert "is not the record of a run" in said
    assert "There is no record" in said
    assert foreign.read_text(encoding="utf-8") == '{"hello": 1}'
    assert not (tmp_path / "foreign.html").exists()


def test_a_page_is_rendered_without_torch(tmp_path):
    """With torch and transformers made unimportable, in a process of its own."""
    records.write(sample_record(), tmp_path / "verdicts.json")
    script = (
        "import sys; sys.modules['torch'] = sys.modules['transformers'] = None\n"
        "from prefvec.report.__main__ import main\n"
        f"raise SystemExit(main(['render', {str(tmp_path / 'verdicts.json')!r}]))"
    )
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0
    assert (tmp_path / "verdicts.html").exists()
