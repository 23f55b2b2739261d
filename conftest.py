"""Names the plugins; no logic."""

pytest_plugins = ["fixtures.known_answers"]
