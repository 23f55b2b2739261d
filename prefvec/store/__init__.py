"""The file of answers and judge's replies, seen to from outside: `python -m prefvec.store`.

`opened` opens it, `kinds` knows its tables, and `listing`, `checking`, `exporting`, `merging` and
`pruning` are what can be done with it. None of them loads torch, but to tell which code is this
version's.
"""
