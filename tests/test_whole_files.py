"""Files are there whole or not at all."""

from threading import Barrier, Thread

import pytest

from prefvec.whole_files import replacing, write_whole


def test_what_stood_there_stays_until_the_new_file_is_whole(tmp_path):
    """And nothing else is left in the folder."""
    path = tmp_path / "deep" / "kept.txt"
    write_whole("first", path)
    with replacing(path) as new:
        new.write_text("sec")
        assert path.read_text() == "first"
    assert path.read_text() == "sec"
    assert [*path.parent.iterdir()] == [path]


@pytest.mark.parametrize("end", [OSError, KeyboardInterrupt])
def test_an_interrupted_writer_leaves_the_old_file_and_no_other(tmp_path, end):
    """Whatever ends it."""

    def interrupted():
        with replacing(path) as new:
            new.write_text("half")
            raise end

    path = tmp_path / "kept.txt"
    write_whole(b"first", path)
    with pytest.raises(end):
        interrupted()
    assert path.read_text() == "first"
    assert [*tmp_path.iterdir()] == [path]


def test_two_that_write_the_same_file_at_once_are_not_in_each_others_way(tmp_path):
    """One of them stays, whole; both write while the other does."""
    path, both = tmp_path / "kept.txt", Barrier(2, timeout=20)

    def write(text):
        with replacing(path) as new:
            new.write_text(text[:3])
            both.wait()
            new.write_text(text)

    writers = [Thread(target=write, args=(each * 1000,)) for each in "ab"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert path.read_text() in {"a" * 1000, "b" * 1000}
    assert [*tmp_path.iterdir()] == [path]
