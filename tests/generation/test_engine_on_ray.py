"""A Ray cluster writes the answers that one process writes, and survives the loss of a machine."""

import os
import threading
import time
from pathlib import Path

import pytest

from prefvec.errors import PrefvecError
from prefvec.generation.engines import on_ray
from prefvec.generation.engines.on_ray import OnRay
from prefvec.generation.engines.tasks import Task
from prefvec.generation.engines.through import generate_by
from prefvec.generation.requests import generate
from prefvec.generation.store import CompletionStore
from prefvec.organisms.model_source import NamedSource
from tests.generation.gunfire import SAMPLING, wanted
from tests.generation.slowly import Slowly
from tests.generation.test_engines import assert_alike
from tests.tiny import save_tiny

ROOT = Path(__file__).parents[2]
ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'prefvec[ray]'")
pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # of Ray's own
    pytest.mark.slow,
]


class Unborn(on_ray._Actor):
    """An actor whose module, this file, is found by no node."""


@pytest.fixture
def cluster(monkeypatch):
    """Two nodes of one core each, beside a head that runs no worker; all find what tests import."""
    from ray.cluster_utils import Cluster

    paths = filter(None, (str(ROOT), os.environ.get("PYTHONPATH")))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    monkeypatch.setenv("RAY_ENABLE_UV_RUN_RUNTIME_ENV", "0")
    made = Cluster(
        initialize_head=True,
        head_node_args={"num_cpus": 0, "include_dashboard": False},
        connect=False,
    )
    nodes = [made.add_node(num_cpus=1) for _ in range(2)]
    made.wait_for_nodes()
    monkeypatch.setenv("RAY_ADDRESS", made.address)
    yield made, nodes
    ray.shutdown()
    made.shutdown()


def test_a_node_that_is_killed_loses_nothing(cluster, tmp_path):
    """In the middle of a run: every answer is there, once, and as one process writes it."""
    made, nodes = cluster
    home = save_tiny(tmp_path / "model", "mistral")
    model = NamedSource(name=str(home), device="cpu")()
    requests, marks = wanted(model), tmp_path / "marks"
    marks.mkdir()
    plain = generate(model, requests, SAMPLING)
    at_work: set[str] = set()
    killed: list[str] = []

    def kill() -> None:
        """Once both nodes are at work, one dies."""
        until = time.monotonic() + 120
        while len(at_work) < 2 and time.monotonic() < until:
            at_work.update(mark.name.split("-")[0] for mark in marks.iterdir())
            time.sleep(0.05)
        time.sleep(0.3)
        killed.append(nodes[0].node_id)
        made.remove_node(nodes[0], allow_graceful=False)

    killer = threading.Thread(target=kill)
    with OnRay(2) as engine, CompletionStore(tmp_path / "answers.sqlite") as store:
        killer.start()
        slowly = Slowly(name=str(home), marks=marks, seconds=0.02)
        found = generate_by(engine, slowly, model, requests, SAMPLING, store=store, rows=4)
        killer.join()
        assert len(at_work) == 2
        assert killed[0] in at_work, "the node that died was at work"
        assert len(store) == len(requests)
    assert_alike(found, plain)


def test_actors_that_never_begin_stop_the_run(cluster, tmp_path, monkeypatch):
    """In a sentence that names what they were lost by; they are not started again for ever."""
    monkeypatch.setattr(on_ray, "_Actor", Unborn)
    source = NamedSource(name=str(tmp_path), device="cpu")
    with (
        OnRay(2) as engine,
        pytest.raises(
            PrefvecError, match=r"before they had begun \(ModuleNotFoundError: No module"
        ),
    ):
        [*engine.written([Task(source=source, requests=(), sampling=SAMPLING)])]
