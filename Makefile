# Every target sets up what it needs: a fresh machine with Python (>= 3.11) and make is enough.
PYTHON ?= python3
CUDA   ?= 13
FLOORS := shared functional oop purify compare
BIN    := .venv/bin
PIP    := -m pip install -q --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help test fuzz compare lint format types smoke wheel-check bench peers peer-tests test-gpu clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

test: .venv/.ready ## the whole test suite (no torch, no jax, no GPU)
# One BLAS thread per worker: the workers already fill the cores.
	OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto

fuzz: .venv/.ready ## 20,000 random programs, other ones each time, under every executor
	HYPOTHESIS_PROFILE=fuzz OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 \
	$(BIN)/python -m pytest -n auto tests/test_fuzz.py

compare: .venv/.ready ## a model in both styles: equivalence and timings, report/index.html
	$(BIN)/wonderland compare --out report

lint: .venv/.ready ## style and format, as they are
	$(BIN)/ruff check
	$(BIN)/ruff format --check

format: .venv/.ready ## style and format, mended
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

types: .venv/.ready build/linked ## type check of the five packages
	MYPYPATH=build/linked $(BIN)/mypy $(addprefix -p wonderland.,$(FLOORS))

smoke: .venv/.ready ## does it stand at all? ten seconds
	$(BIN)/python .ci/smoke.py

wheel-check: .venv/.ready ## builds the wheel, installs it in a fresh environment, tries it there
	$(BIN)/python .ci/wheel_check.py

bench: .venv/.ready ## cost per operation and per training step
	$(BIN)/python -m pytest benchmarks --benchmark-enable --benchmark-only

peers: .venv/.ready .venv-peers/.ready peer-tests ## tests and benchmarks against torch, jax, autograd and MyGrad
	.venv-peers/bin/python benchmarks/eager_peers.py
	$(BIN)/python benchmarks/peers.py --warm

peer-tests: .venv-peers/.torch
	.venv-peers/bin/python -m pytest tests/peers -m peers -rs

# A machine whose Python already has CuPy (it may have no network) is used as it is.
test-gpu: build/linked ## the contract on real CuPy arrays, and the MLP benchmark (CUDA=12 or 13)
	@if $(PYTHON) -c "import cupy, pytest, pytest_benchmark, hypothesis" 2>/dev/null; \
	then python=$(PYTHON); \
	else $(MAKE) .venv-gpu/.ready && python=.venv-gpu/bin/python; fi && set -x && \
	PYTHONPATH=build/linked $$python -m pytest tests -m gpu -rs && \
	PYTHONPATH=build/linked $$python -m pytest benchmarks -m gpu -rs --benchmark-enable

clean: ## removes whatever the other targets made
	rm -rf .venv .venv-peers .venv-gpu build dist report *.egg-info .benchmarks .hypothesis
	rm -rf .mypy_cache .pytest_cache .ruff_cache
	find $(FLOORS) tests -name __pycache__ -type d -exec rm -rf {} +

.venv/.ready: pyproject.toml setup.py
	$(PYTHON) -m venv .venv
	$(BIN)/python $(PIP) -e ".[test,compare,dev]"
	touch $@

.venv-peers/.torch: pyproject.toml setup.py
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python $(PIP) torch==2.13.0 -e ".[test]"
	touch $@

.venv-peers/.ready: .venv-peers/.torch
	.venv-peers/bin/python $(PIP) -e ".[test,peers]"
	touch $@

.venv-gpu/.ready: pyproject.toml setup.py
	$(PYTHON) -m venv .venv-gpu
	.venv-gpu/bin/python $(PIP) -e ".[test,cuda$(CUDA)]"
	touch $@

# The floors under their public names, for tools that do not follow an editable install.
build/linked: Makefile
	mkdir -p $@/wonderland
	for floor in $(FLOORS); do ln -sfn ../../../$$floor $@/wonderland/$$floor; done
	touch $@
