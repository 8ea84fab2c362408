# make run: everything on this machine.   make bench: the figures.
# make test: lint and tests.   make test SLOW=yes: the slow ones too, as CI does.
# make chaos MINUTES=10: the promise under fire.   make bench-captcha: who reads the pictures.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := run
.PHONY: run test lint bench bench-captcha bench-sound chaos pictures voices train holdout lock secrets clean

PYTHON ?= python3
ARGS ?=
UPGRADE ?=
MINUTES ?= 3
WORKERS ?= 3
SLOW ?= $(CI)
# What is compiled once is read from then on, whatever the machine's habit is.
export PYTHONDONTWRITEBYTECODE :=
VENV := .venv
# A speech recogniser is for nothing else, and so beside the rest.
SOUND_VENV := .venv-sound
BIN := $(VENV)/bin
# The programs that read captchas weigh more than Commentdesk: they stay out of its venv.
CAPTCHA_VENV := .venv-captcha
PIP := $(BIN)/python -m pip --disable-pip-version-check install -qq --no-compile --require-hashes
# Quicker than pip's own way: on every core, without the tables of the world's phone numbers.
COMPILE := $(BIN)/python -m compileall -qq -j 0 -x 'geodata|carrierdata|tzdata' $(VENV)/lib
PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder
LOCK := $(BIN)/pip-compile --quiet --generate-hashes --no-header --no-annotate --strip-extras \
  --allow-unsafe --no-emit-index-url --no-emit-trusted-host --no-emit-find-links

run: $(VENV)/run.stamp
	@exec $(BIN)/python -m commentdesk up $(ARGS)

# Tests often wait: one worker more than two processors keeps both busy, and lint runs beside.
# In CI a few that fail are run once more, alone, and named (tests/again.py).
test: $(VENV)/dev.stamp
	@$(MAKE) --no-print-directory lint & lint=$$!; failed=0; \
	  $(PYTEST) $(if $(SLOW),,-m "not slow") $(ARGS) || failed=$$?; \
	  if [[ $$failed$${CI:-} == 1true ]]; then failed=0; $(BIN)/python -m tests.again || failed=1; fi; \
	  wait $$lint || { failed=1; echo "make lint failed: see above."; }; \
	  exit $$failed

lint: $(VENV)/dev.stamp
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

bench: $(VENV)/dev.stamp
	@$(BIN)/python -m bench $(ARGS)

# How many captcha pictures free programs read, beside the captcha package's own drawing.
bench-captcha: $(CAPTCHA_VENV)/stamp
	@command -v tesseract >/dev/null || \
	  { echo "tesseract is missing: sudo apt-get install tesseract-ocr"; exit 1; }
	@$(CAPTCHA_VENV)/bin/python -m bench.captcha --sheet docs/images/captcha.png $(ARGS)

# The promise under fire: real processes killed at random, on SQLite and on PostgreSQL.
chaos: $(VENV)/dev.stamp
	@$(BIN)/python -m tests.chaos --minutes $(MINUTES) $(ARGS)

# The pictures of docs/moderation.md and docs/embedding.md, taken anew.
pictures: $(VENV)/dev.stamp
	@$(BIN)/python -m tests.pictures

# What machines hear of the captcha's sound.
bench-sound: $(SOUND_VENV)/run.stamp
	@$(SOUND_VENV)/bin/python -m bench.sound $(ARGS)

# The voices of the captcha's sound, recorded anew; needs espeak-ng.
voices: $(VENV)/run.stamp
	@$(BIN)/python -m services.intake.captcha.recording

# The spam model from labelled rows: make train DATA=train.jsonl.gz writes the file that ships.
train: $(VENV)/dev.stamp
	@$(BIN)/python -m training $(DATA) $(ARGS)

# What a model trained without a source says of that source.
holdout: $(VENV)/dev.stamp
	@$(BIN)/python -m training.holdout $(DATA)

# The files docker-compose.yml takes its secrets from; what is there already stays. And the file
# beside it that a container reads is made readable, whatever the umask was when it was cloned.
secrets:
	@$(PYTHON) -m commentdesk.secretfiles secrets
	@chmod a+r postgres-roles.sql

# Versions stay as they are; make lock UPGRADE=--upgrade takes the newest.
lock: $(VENV)/dev.stamp
	@$(LOCK) $(UPGRADE) --extra embedded -o requirements.lock pyproject.toml
	@$(LOCK) $(UPGRADE) --extra embedded --extra dev -c requirements.lock -o requirements-dev.lock pyproject.toml
	@$(LOCK) $(UPGRADE) --extra sound-bench -c requirements-dev.lock -o requirements-sound-bench.lock pyproject.toml
	@$(LOCK) $(UPGRADE) --extra captcha-bench -c requirements-dev.lock -o requirements-captcha-bench.lock pyproject.toml

clean:
	@rm -rf $(VENV) $(SOUND_VENV) $(CAPTCHA_VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/run.stamp: requirements.lock | $(BIN)/python
	@echo "Installing what Commentdesk needs (once) …"
	@$(PIP) -r requirements.lock
	@$(COMPILE)
	@touch $@

$(SOUND_VENV)/run.stamp: requirements-sound-bench.lock
	@$(PYTHON) -m venv $(SOUND_VENV)
	@$(SOUND_VENV)/bin/python -m pip --disable-pip-version-check install -qq --no-compile --require-hashes -r $<
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock | $(BIN)/python
	@echo "Installing what the tests need (once) …"
	@$(PIP) -r requirements-dev.lock
	@$(COMPILE)
	@touch $@ $(VENV)/run.stamp

$(CAPTCHA_VENV)/stamp: requirements-captcha-bench.lock | $(BIN)/python
	@echo "Installing what reads captchas (once) …"
	@$(BIN)/python -m venv $(CAPTCHA_VENV)
	@$(CAPTCHA_VENV)/bin/python -m pip --disable-pip-version-check install -qq --require-hashes -r $<
	@touch $@

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || \
	  { echo "Python 3.11 or newer is missing: sudo apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; $$($(PYTHON) --version) is here. Name another: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "Python's venv module is missing: sudo apt-get install python3-venv"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }
