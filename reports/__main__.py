"""`python -m reports`: the same as `python -m prefvec.report`, as it was always called here."""

from prefvec.report.__main__ import main

raise SystemExit(main())
