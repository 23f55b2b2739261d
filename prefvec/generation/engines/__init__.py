"""Who writes answers: this process, several on one machine, or the workers of a Ray cluster.

`tasks` says what a worker is given and gives back, `processes` and `on_ray` are two kinds of
workers, and `through` puts them behind `generate`: what the store lacks is written by workers and
kept by this process alone, under the keys that this process computed.
"""

NO_RAY = (
    "--engine ray needs Ray, which is not installed. Run `pip install 'prefvec[ray]'`, or use "
    "--workers N on this machine, which needs nothing."
)
"""What is said where Ray is asked for and missing, before anything heavy is imported."""
