"""The models in use whose weights come in packages: each passes every check, where it is here."""

import pytest

from prefvec.checks.model_checks import check
from prefvec.errors import PrefvecError
from prefvec.models.registry import aliases
from prefvec.organisms.named_models import load

pytestmark = pytest.mark.slow

IN_PACKAGES = [name for name, entry in aliases().items() if entry.packaged is not None]


@pytest.mark.parametrize("name", IN_PACKAGES)
def test_a_model_in_use_passes_every_check(name):
    """As runs load it, in the type that its registry entry names."""
    try:
        model = load(name, device="cpu")
    except PrefvecError as missing:
        pytest.skip(str(missing))
    results = check(model)
    assert len(results) > 5
    assert [result for result in results if not result.passed] == []
