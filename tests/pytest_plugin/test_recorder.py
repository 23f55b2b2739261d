"""What is on disk while a run goes on, and at its end."""

from prefvec.pytest_plugin.recorder import Recorder
from prefvec.report import record as records
from tests.sample_claim import sample_claim
from tests.sample_record import sample_record


def parcels(count):
    """What as many tests would send."""
    record = sample_record()
    facts = {key: record[key] for key in ("run", "models", "splits")}
    for index in range(count):
        claim = sample_claim(f"claim-{index}", title="x", kind="works", arms={"adapted": 0.3})
        yield {**facts, "claims": [claim], "known_answers": []}


def test_the_first_claim_is_on_disk_at_once(tmp_path):
    """Whatever becomes of the run."""
    recorder = Recorder(tmp_path, "pytest claims")
    recorder.receive("test_0", next(parcels(1)))
    assert [c["id"] for c in records.read(recorder.json)["claims"]] == ["claim-0"]
    assert 'id="claim-0"' in recorder.html.read_text(encoding="utf-8")


def test_claims_that_come_faster_than_they_are_written_are_all_there_at_the_end(tmp_path):
    """In between the record is whole, though it may lack the latest."""
    recorder = Recorder(tmp_path, "pytest claims")
    for index, parcel in enumerate(parcels(12)):
        recorder.receive(f"test_{index}", parcel)
        found = records.read(recorder.json)["claims"]
        assert 1 <= len(found) <= index + 1
    recorder.finish(interrupted=False)
    found = records.read(recorder.json)["claims"]
    assert [c["id"] for c in found] == [f"claim-{index}" for index in range(12)]
    assert recorder.html.read_text(encoding="utf-8").count("<article") == 12
