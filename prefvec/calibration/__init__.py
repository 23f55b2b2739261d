"""How often verdicts are wrong: the real rules on simulated answers whose truth is known.

`simulation` draws arms with true effects; `simulated_claims`, `simulated_differences` and
`simulated_contrasts` make claims of them, which `judged_runs` judges by `prefvec.verdicts`;
`trial_table` lists every truth that a rule is tried under with the bounds of `trials`, and
`record` holds the counts to them. `python -m prefvec.calibration` plays all of it;
`decisive_code` tells of which code a record is.

Example:
    >>> TRIALS["steers-null"].name
    'the vector does nothing'
"""

from prefvec.calibration.decisive_code import fingerprint
from prefvec.calibration.record import problems
from prefvec.calibration.simulation import Scenes
from prefvec.calibration.trial_table import TRIALS
from prefvec.calibration.trials import Bound, Trial

__all__ = ["TRIALS", "Bound", "Scenes", "Trial", "fingerprint", "problems"]
