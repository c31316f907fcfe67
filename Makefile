# `make demo` and `make test` do everything from a fresh clone: virtual environment, install, job.
# Nothing is installed again until pyproject.toml or a constraints file changes.

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check
CHECKED = src tests examples benchmarks docs

.PHONY: demo test test-slurm lint docs docs-check format clean release-check

demo: $(VENV)/.ready-to-run
	$(BIN)/isocortex demo

# Two workers share the cores, so each keeps to one thread. Slow tests: pytest -m slow
test: lint
	OMP_NUM_THREADS=1 $(BIN)/pytest -n 2

# Studies as jobs of a real SLURM of one node, which the test starts and stops. Needs, once:
# apt-get install --no-install-recommends slurm-wlm munge
test-slurm: $(VENV)/.ready-to-develop
	OMP_NUM_THREADS=1 $(BIN)/pytest tests/cluster/study_on_slurm.py

lint: $(VENV)/.ready-to-develop
	$(BIN)/ruff format --check $(CHECKED)
	$(BIN)/ruff check $(CHECKED)
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/lint-imports

docs: $(VENV)/.ready-to-develop
	$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html
	$(BIN)/python docs/check.py docs/_build/html
	@echo "The docs are in docs/_build/html/index.html"

# As readers see them, at three widths, light and dark. Needs chromium.
docs-check: docs
	$(BIN)/python docs/check.py docs/_build/html --browser

format: $(VENV)/.ready-to-develop
	$(BIN)/ruff format $(CHECKED)
	$(BIN)/ruff check --fix $(CHECKED)

clean:
	rm -rf docs/_build docs/auto_examples docs/generated docs/sg_execution_times.rst demo_output

$(VENV)/.ready-to-run: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) -c constraints.txt -e '.[timm,datasets]'
	touch $@

$(VENV)/.ready-to-develop: pyproject.toml constraints.txt constraints-dev.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) -c constraints-dev.txt -e '.[dev]'
	touch $(VENV)/.ready-to-run $@

# What a user would get: both archives are built, and the wheel runs in an empty environment.
release-check: $(VENV)/.ready-to-develop
	rm -rf dist && $(BIN)/python -m build --quiet && $(BIN)/python -m zipfile -l dist/*.whl | grep -E "LICENSE|py.typed"
	scratch=$$(mktemp -d) && trap 'rm -rf "$$scratch"' EXIT && $(PYTHON) -m venv $$scratch \
		&& $$scratch/bin/python -m pip install --quiet -c constraints.txt dist/*.whl \
		&& cd $$scratch && bin/isocortex --version \
		&& bin/python -c "import numpy as np, isocortex as ic; print(ic.rdms(ic.Responses(np.eye(4))))"
