"""The library: from prompts to verdicts. Importing it loads no model framework."""
