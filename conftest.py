"""Names the plugins; no logic."""

pytest_plugins = [
    "fixtures.options",
    "fixtures.progress",
    "fixtures.models",
    "fixtures.prompts",
    "fixtures.answers",
    "fixtures.reader",
    "fixtures.experiments",
    "fixtures.selection",
    "fixtures.evidence",
    "fixtures.known_answers",
    "reports.plugin",
]
