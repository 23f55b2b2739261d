"""What a run says of a Ray that fails it; a stand-in for Ray fails in its place."""

import socket
from types import SimpleNamespace

import pytest

from prefvec.errors import PrefvecError
from prefvec.generation.engines import on_ray
from prefvec.generation.engines.on_ray import OnRay
from prefvec.generation.engines.tasks import RETRIES, Task
from prefvec.generation.noise import Sampling


class LostError(Exception):
    """As Ray raises where an actor is gone."""


class _Ray:
    """As much of Ray as the engine uses: whatever is asked of an actor is done when it is fetched.

    Attributes:
        reached: addresses that there was an attempt to reach.
        born: for each actor in turn whether it begins; all later ones do.
    """

    exceptions = SimpleNamespace(RayActorError=LostError, RayTaskError=KeyError)

    def __init__(self) -> None:
        self.reached: list[str] = []
        self.born: list[bool] = []
        self.unreachable: dict[str, Exception] = {}
        self.made = 0

    def is_initialized(self) -> bool:
        """Never: the engine goes to a cluster itself."""
        return False

    def init(self, address: str, **_: object) -> None:
        """Reach a cluster, or fail to."""
        self.reached.append(address)
        if address in self.unreachable:
            raise self.unreachable[address]

    def remote(self, **_: object):
        """Makes makers of actors."""
        return lambda _: SimpleNamespace(remote=self._actor)

    def _actor(self, _: int) -> SimpleNamespace:
        born = self.made >= len(self.born) or self.born[self.made]
        self.made += 1

        def call(*_: object):
            if not born:
                raise LostError("Died in its creation.\n\nModuleNotFoundError: no prefvec.\n")
            return {}

        return SimpleNamespace(
            ready=SimpleNamespace(remote=lambda: lambda: call()),
            write=SimpleNamespace(remote=lambda task: lambda: call(task)),
        )

    def wait(self, pending: list, timeout: float):
        """The first is done."""
        return pending[:1], pending[1:]

    def get(self, call):
        """What came of it."""
        return call()

    def kill(self, actor: SimpleNamespace) -> None:
        """Let it go."""


@pytest.fixture
def ray(monkeypatch):
    """In the place of Ray."""
    made = _Ray()
    monkeypatch.setattr(on_ray, "_ray", lambda: made)
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    return made


def _written(count: int, workers: int = 1) -> int:
    """How many of some tasks an engine does."""
    task = Task(source=lambda: None, requests=(), sampling=Sampling(max_new_tokens=1))
    tasks = [Task(**vars(task)) for _ in range(count)]
    with OnRay(workers) as engine:
        return len([*engine.written(tasks)])


def test_workers_that_never_begin_stop_the_run_and_say_by_what_they_were_lost(ray):
    """They are not started again for ever: a machine without the package makes none."""
    ray.born = [False] * 100
    with pytest.raises(PrefvecError, match=r"before they had begun \(ModuleNotFoundError: no pref"):
        _written(3, workers=2)
    assert ray.made <= RETRIES + 2


def test_a_worker_that_is_lost_before_it_began_is_replaced(ray):
    """As many as are forgiven in a row; one that begins makes a new count."""
    ray.born = [False] * RETRIES + [True] + [False] * RETRIES
    assert _written(5, workers=2) == 5


def test_ray_is_started_here_where_no_cluster_is_named_or_found(ray):
    """Of its own, whatever cluster was here before."""
    ray.unreachable["auto"] = ConnectionError("no cluster")
    assert _written(1) == 1
    assert ray.reached == ["auto", "local"]


def test_a_cluster_that_is_named_and_cannot_be_reached_is_refused(ray, monkeypatch):
    """Nothing is started in its place: whoever names a cluster means it."""
    monkeypatch.setenv("RAY_ADDRESS", "ray://head:10001")
    ray.unreachable["auto"] = ConnectionError("nobody there")
    with pytest.raises(PrefvecError, match=r"ray://head:10001, cannot be reached \(nobody there\)"):
        OnRay(1)
    assert ray.reached == ["auto"]


def test_an_address_at_which_nobody_listens_is_refused_at_once(ray, monkeypatch):
    """Ray would try it for ten minutes; one at which somebody listens is left to Ray."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        monkeypatch.setenv("RAY_ADDRESS", address)
        assert _written(1) == 1
    with pytest.raises(PrefvecError, match=rf"{address}, cannot be reached \(.*refused"):
        OnRay(1)
    assert ray.reached == ["auto"]


def test_ray_that_cannot_be_started_here_is_a_sentence(ray):
    """With what to do instead."""
    ray.unreachable = {"auto": ConnectionError("no cluster"), "local": OSError("no room")}
    with pytest.raises(PrefvecError, match=r"started on this machine \(no room\).*--workers N"):
        OnRay(1)
