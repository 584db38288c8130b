# gonogo: two commands are enough. `make run` shows a station working, `make test` proves it.
# Needs on the machine: make, git, and a python3 of 3.10 or newer with venv.

# What it needs is locked with its hashes, twice: the newest versions, and the oldest that
# pyproject.toml allows, on Python 3.10 (make VERSIONS=oldest test). CI runs both.
VERSIONS := newest
LOCK     := requirements/$(VERSIONS).txt
ifeq ($(VERSIONS),oldest)
  VENV    := .venv-oldest
  FITS    := sys.version_info[:2] == (3, 10)
  PYTHONS := python3 python3.10 $(wildcard $(or $(PYENV_ROOT),$(HOME)/.pyenv)/versions/3.10.*/bin/python3)
else
  VENV    := .venv
  FITS    := (3, 10) <= sys.version_info < (3, 14)
  PYTHONS := python3 python3.13 python3.12 python3.11 python3.10
endif
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
# the first that runs: some are only names for one that is not there
PYTHON ?= $(shell for p in $(PYTHONS); do \
            command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(not $(FITS))' \
            2>/dev/null && { echo $$p; break; }; done)
TESTS  :=
SEED   ?= 1
COUNT  ?= 40
TAKEN  := numpy|opencv-python-headless|onnx|onnxruntime|openvino|pymodbus|python-snap7|pyserial|gpiod|pydantic|cryptography|click|rich

.PHONY: help run test vmtest armtest flash-rehearsal exporters hardware lint campaign bench mutate house pictures docs firstday release python versions lock clean
help:
	@echo "make run    set up, then rehearse the demo station (200 parts, a simulated PLC as judge)"
	@echo "make test   set up, then run every test"
	@echo "make vmtest  the tests that want a chip or a camera of the kernel, in a QEMU guest that simulates them (minutes)"
	@echo "make hardware  what this box's accelerator does, step by step; the report is var/hardware.txt"
	@echo "make armtest  the tests and two rehearsals on an emulated aarch64 (root; half an hour)"
	@echo "make flash-rehearsal  a box from its image to its ways back, in QEMU; docs/the-box.md (root, an hour)"
	@echo "make exporters  what real tools export, built and held against their scores; docs/models.md (6 GB, hours)"
	@echo "make lint   ruff, mypy, and the floors that imports must keep to"
	@echo "make campaign  break a running station in every way there is (some three minutes)"
	@echo "make bench  the speed figures, each beside its control"
	@echo "make mutate  break the source in small ways and see which of them the tests notice (COUNT=all: an hour)"
	@echo "make house  the source in figures: lengths, comments, large classes"
	@echo "make pictures  the pictures of the documents, made anew by running what they show"
	@echo "make firstday  stations from pictures alone, judged on the rest of four sets; docs/first-day.md (minutes)"
	@echo "make release  the program as one signed file for a kind of box (TARGET=x86_64-debian12 KEY=maker.key), into dist/"
	@echo "make docs   the pages of the station file and of the commands, and the picture of the floors"
	@echo "make versions  what is installed, with versions"
	@echo "make lock   both lock files anew, with what there is today"
	@echo "make clean  remove the environment, caches and what runs left in var/"

run: $(STAMP)
	@$(BIN)/gonogo rehearse stations/demo.toml --parts 200 --report var/demo/rehearsal.json

test: $(STAMP)
	@$(BIN)/pytest -q $(TESTS)

vmtest: $(STAMP)
	@tests/vm/run.sh

hardware:
	@tests/hardware/run.sh

armtest: $(STAMP)
	@tests/arm/run.sh $(TESTS)

flash-rehearsal: $(STAMP)
	@tests/flashed/run.sh

exporters: $(STAMP)
	@tests/exporters/install.sh
	@GONOGO_EXPORTERS=$${GONOGO_EXPORTERS:-$(CURDIR)/$(VENV)/exporters/bin/python} \
	  $(BIN)/pytest -q tests/exporters $(TESTS); true
	@$(BIN)/python -I -m gonogo.tests.exporters.table docs/models.md

lint: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@if [ -x $(BIN)/lint-imports ]; then $(BIN)/lint-imports --no-cache --no-logo; \
	  else echo "floors: not checked, import-linter needs Python 3.11"; fi

campaign: $(STAMP)
	@$(BIN)/gonogo campaign --quick --report var/campaign

bench: $(STAMP)
	@mkdir -p var
	@$(BIN)/gonogo bench --json var/bench.json

mutate: $(STAMP)
	@$(BIN)/python -I -m gonogo.tests.mutate --seed $(SEED) --count $(COUNT) $(addprefix --module ,$(MODULE))

house: $(STAMP)
	@$(BIN)/python -I -m gonogo.tests.house

pictures: $(STAMP)
	@$(BIN)/python -I -m gonogo.commands.show.pictures docs/pictures

docs: $(STAMP)
	@$(BIN)/python -I -m gonogo.commands.show.station_page docs/station-file.md
	@$(BIN)/python -I -m gonogo.commands.commands_page docs/commands.md
	@$(BIN)/python -I -m gonogo.commands.man_page packaging/man/gonogo.1
	@$(BIN)/python -I -m gonogo.commands.metrics_pages .
	@$(BIN)/python -I -m gonogo.commands.show.log_page docs/log.md
	@$(BIN)/python -I -m gonogo.commands.show.register_page docs/register-map.md
	@$(BIN)/python -I -m gonogo.tests.console.serial.page docs/serial-console.md
	@$(BIN)/python -I -m gonogo.commands.show.floors docs/pictures/floors.svg

DATA ?= ../shared/data
firstday: $(STAMP)
	@$(BIN)/gonogo firstday-table $(DATA) docs/first-day.md

TARGET ?= x86_64-debian12
release: $(STAMP)
	@mkdir -p dist
	@$(BIN)/gonogo release build --target $(TARGET) --out dist $(addprefix --key ,$(KEY))

python:
	@echo $(PYTHON)

versions: $(STAMP)
	@$(BIN)/python -m pip list --disable-pip-version-check

lock:
	@requirements/lock.sh

clean:
	rm -rf .venv .venv-oldest var dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(STAMP): pyproject.toml $(LOCK)
	@if [ -z "$(PYTHON)" ]; then \
	  echo "$(LOCK) is for Python $(if $(filter oldest,$(VERSIONS)),3.10,3.10 to 3.13); this machine has:" \
	    "$$(python3 --version 2>&1 || echo none)."; \
	  echo "Install one (Debian, Ubuntu: apt install python3 python3-venv) or say make PYTHON=/path/to/python3."; \
	  exit 1; fi
	@if ! $(PYTHON) -c 'import venv, ensurepip' 2>/dev/null; then \
	  echo "$(PYTHON) has no venv module (Debian and Ubuntu package it apart)."; \
	  echo "Install it: apt install python3-venv, then run make again."; \
	  exit 1; fi
	@echo "[1/3] creating a private environment in $(VENV)/ with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)
	@echo "[2/3] installing what $(LOCK) names (wheels only, each checked by its hash: 200 MB to fetch, 600 MB on the disk, once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary=:all: \
	  --require-hashes --requirement $(LOCK) \
	  || { echo "The installation failed. It needs a reachable Python package index, or wheels"; \
	       echo "in a folder named by PIP_FIND_LINKS (with PIP_NO_INDEX=1); the message above says which package."; exit 1; }
	@echo "[3/3] installing gonogo"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m pip list --disable-pip-version-check --format=freeze \
	  | grep -E '^($(TAKEN))==' | paste -sd' '
	@echo $(VERSIONS) > $@
