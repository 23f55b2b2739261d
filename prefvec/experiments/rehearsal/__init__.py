"""The claims measured without a model: what they would ask, and how much.

The measuring code itself runs, against models that are nothing but a law: what is added lengthens
answers most in the middle blocks, no dose breaks them, residuals hold what was asked for, judges
mark what is long, and a tuned model is one to which something is added. So a plan counts what a run
asks, whatever the code that asks it becomes. How many cells a search tries depends on answers, and
is what this law makes it: no fewer than of most models.
"""

from prefvec.experiments.rehearsal.lab import RehearsalLab
from prefvec.experiments.rehearsal.ledger import Ledger

__all__ = ["Ledger", "RehearsalLab"]
