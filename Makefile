# Needs make, and Python 3.11, 3.12 or 3.13 with pip; everything else is fetched into .venv from the lock files.
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --quiet
FROM_LOCK := install --require-hashes --only-binary :all:
RUN_INSTALLED := $(VENV)/.installed
DEV_INSTALLED := $(VENV)/.installed-dev
PYTEST := $(PY) -m pytest

.DEFAULT_GOAL := help
.PHONY: help install install-dev demo test lint fmt test-kafka test-observability test-browser screenshots bench
.PHONY: dashboards schemas secrets lock clean

help: ## what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-20s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(RUN_INSTALLED) ## everything Floorpulse needs, into .venv; then .venv/bin/floorpulse is the command

install-dev: $(DEV_INSTALLED) ## the tools to change and test it, too

demo: install ## a contact centre on this machine: broker, Redis, worker, board, simulated calls; Ctrl-C ends it all
	@$(VENV)/bin/floorpulse demo

test: install-dev ## all tests on the embedded broker and Redis
# Three at a time on two cores: many of them wait for servers.
	$(PYTEST) -n 3 --dist worksteal

lint: install-dev ## style, types, and which part may import which
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

fmt: install-dev ## put the code into shape
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

test-kafka: install-dev ## the worker tests on a real Apache Kafka (needs Java 17 and Maven)
	$(PYTEST) -m "kafka or broker" --real-kafka

test-observability: install-dev ## rules, dashboards and alerts on a real Prometheus and Alertmanager
	$(PYTEST) -m observability -n 2 --dist worksteal --ignore=tests/observability tests
# Three files at a time on two cores: they mostly wait, and start servers of their own.
	$(PYTEST) -m observability -n 3 --dist loadfile tests/observability

test-browser: install-dev ## the board's page in Chromium, by sight and by hand (needs chromium and a font with Chinese signs)
	$(PYTEST) -m "browser and not alone" -n 2 --dist loadfile tests/browser
	$(PYTEST) -m "browser and alone" tests/browser

screenshots: install-dev ## pictures of every view, language and theme, into build/screenshots (needs chromium)
	$(PY) -m scripts.screenshots

bench: install-dev ## what an event costs, beside a plain consumer
	$(PY) -m bench

schemas: install-dev ## what is made from the code: event schemas, docs/metrics.md, rules and scraping for elsewhere
	$(PY) -m scripts.schemas
	$(PY) -m board.metrics_doc
	$(PY) -m alerts.build
	$(PY) -m alerts.text.build_templates
	$(PY) -m scripts.kubernetes_rules
	$(PY) -m scripts.production_prometheus

dashboards: install-dev ## the Grafana dashboards, from grafana/build.py
	$(PY) -m grafana.build

secrets: ## random secrets for compose.production.yml, into secrets/; what is there already stays
	@scripts/secrets

lock: install-dev ## the newest versions that pyproject.toml allows, into both lock files (with Python 3.11)
	PYTHON=$(PY) scripts/lock

clean: ## what was built and cached, .venv included
	rm -rf $(VENV) .venv-* .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build *.egg-info

$(PY):
	@python=$$(scripts/find-python) && echo "making $(VENV) with $$python" && "$$python" -m venv $(VENV)

# setuptools comes from the lock as well, so that nothing unpinned runs while the project itself is installed.
$(RUN_INSTALLED): requirements.lock pyproject.toml | $(PY)
	@echo "installing into $(VENV)"
	@$(PIP) $(FROM_LOCK) -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV_INSTALLED): requirements-dev.lock $(RUN_INSTALLED)
	@$(PIP) $(FROM_LOCK) -r requirements-dev.lock
	@touch $@
