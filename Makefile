# Needs python3 (3.11 or newer) and make; everything else is set up in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Commands that start in milliseconds need their compiled files kept.
export PYTHONDONTWRITEBYTECODE :=
READY := $(VENV)/.ready

.PHONY: demo test interop check bench bench-salt bench-histories spec reference setup servers clean faults

setup: $(READY)

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $(READY)

demo: setup
	$(BIN)/python tools/demo.py

servers: setup
	$(BIN)/python tools/install_servers.py

test: setup servers
	$(BIN)/python -m pytest -q -n 2 --dist loadgroup tests

# Real Salt beside Saltern, on loopback; it is installed into .bench/salt, or SALT_VENV names one.
interop: setup
	$(BIN)/python -c "import sys; from bench import salt_peer; sys.exit(0 if salt_peer.ready() or salt_peer.install() else 1)"
	$(BIN)/python -m pytest -q -m interop tests/interop

faults: setup
	for run in 1 2 3 4 5 6 7 8 9 10; do $(BIN)/python -m pytest -q -n 2 --dist loadgroup tests/faults || exit 1; done

check: setup
	$(BIN)/ruff format --check src tests tools bench
	$(BIN)/ruff check src tests tools bench
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/reference.py --check

spec: setup
	$(BIN)/python tools/spec.py

reference: setup
	$(BIN)/python tools/reference.py

bench: setup
	$(BIN)/python -m bench

bench-histories: setup servers
	for store in sqlite postgresql mysql redis; do $(BIN)/python -m bench.histories --store $$store || exit 1; done
	for returner in local_cache pgjsonb; do $(BIN)/python -m bench.salt_history --returner $$returner --returns 10000 || exit 1; done

bench-salt: setup
	$(BIN)/python -m bench.salt_peer

clean:
	rm -rf $(VENV) .bench .mypy_cache .ruff_cache .pytest_cache
