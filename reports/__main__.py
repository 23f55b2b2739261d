"""`python -m reports`: `python -m prefvec.report` by a shorter name, for a checkout."""

from prefvec.report.__main__ import main

raise SystemExit(main())
