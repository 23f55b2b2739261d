"""What a researcher calls first, from questions to answers; `import prefvec as pv` gives it."""
