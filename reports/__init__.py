"""The verdict report: the record of a run, the page made from it, and the blessed findings."""
