# Everything a newcomer or a build needs. `make` alone explains itself.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Each process of a test run has its own PostgreSQL, deployments and brokers, and two cores' worth of work.
PROCESSES ?= 2

.DEFAULT_GOAL := help
.PHONY: help setup run test test-quick lint format contracts manifests lock bench faults soak security identity fuzz audit proof kafka clean

help: ## Show what can be done here
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: $(STAMP) ## Make the virtual environment from the lock (the other targets do this by themselves)

$(STAMP): requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

run: $(STAMP) ## Serve the demonstration authority at http://127.0.0.1:8000
	$(BIN)/plumbline up

test: $(STAMP) ## Run every test, on real PostgreSQL and real Kafka, in two processes (or PROCESSES=1, 3 ...)
	$(BIN)/python -m pytest -n $(PROCESSES)

test-quick: $(STAMP) ## Run the tests that need no running deployment and no Kafka
	$(BIN)/python -m pytest contracts chassis services gateway plumbline tests/architecture tests/contract

lint: $(STAMP) ## Check style, types, import rules and that generated files are up to date
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy contracts chassis services gateway plumbline
	$(BIN)/lint-imports
	$(BIN)/python -m plumbline.contracts --check
	$(BIN)/python -m plumbline.coverage --check
	$(BIN)/python -m plumbline.manifests --check

format: $(STAMP) ## Format the code and mend what can be mended without thought
	$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

contracts: $(STAMP) ## Generate schemas, AsyncAPI, OpenAPI and the coverage page from the code
	$(BIN)/python -m plumbline.contracts
	$(BIN)/python -m plumbline.coverage

manifests: $(STAMP) ## Generate the Kubernetes manifests of each service from their templates
	$(BIN)/python -m plumbline.manifests

lock: ## Resolve the dependencies anew into requirements.lock, and those of the image alone into requirements-image.lock
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra dev --generate-hashes --universal --python-version 3.11 \
		--no-emit-index-url --no-emit-find-links --no-header --quiet --output-file requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra build --constraints requirements.lock --generate-hashes --universal \
		--python-version 3.11 --no-emit-index-url --no-emit-find-links --no-header --quiet --output-file requirements-image.lock

bench: $(STAMP) ## Measure the hot paths, each as a ratio beside something known
	$(BIN)/python -m benchmarks

faults: $(STAMP) ## Kill, pause and restart real processes, then check what must always hold
	$(BIN)/python -m pytest tests/faults

soak: $(STAMP) ## Write 100,000 events through 50 random kills (SOAK_EVENTS, SOAK_KILLS, SOAK_SEED)
	FAULTS=long $(BIN)/python -m pytest tests/faults/test_soak.py

security: $(STAMP) ## Try every route as everyone, and the hostile corpora
	$(BIN)/python -m pytest tests/security

fuzz: $(STAMP) ## Search for bytes that a reader falls over (Linux; FUZZ_SECONDS each, 60 unless said)
	$(BIN)/python -m pip install --quiet --require-hashes --target $(VENV)/fuzz -r tests/security/fuzz/requirements.txt
	for target in worker-csv completion-csv register-csv xapi-statement case-ndjson cloud-event; do \
		PYTHONPATH=$(VENV)/fuzz $(BIN)/python -m tests.security.fuzz $$target --seconds $${FUZZ_SECONDS:-60} || exit 1; done

audit: $(STAMP) ## Ask for advisories about every locked dependency; ADVISORIES=folder or zip in the OSV format reads those instead
ifdef ADVISORIES
	$(BIN)/python -m tests.security.advisories $(ADVISORIES)
else
	$(BIN)/pip-audit --strict --require-hashes --disable-pip --requirement requirements.lock
endif

proof: export PROOF = record
proof: export FAULTS = long
proof: export SECURITY = long
proof: $(STAMP) ## Run the long faults, the soak, the security corpora and the benchmarks, and write docs/proof.md
	$(BIN)/python -m pytest tests/faults tests/security
	$(BIN)/python -m benchmarks
	$(BIN)/python -m tests.proof

identity: $(STAMP) ## Sign in with a real Keycloak, and do the main job with its tokens (Java 17 and Maven needed)
	IDENTITY=keycloak $(BIN)/python -m pytest tests/oidc

kafka: $(STAMP) ## Run an Apache Kafka broker on port 9092 in the foreground (Java and Maven needed)
	$(BIN)/python -m tests.support.kafka.broker --port 9092 --dir .plumbline/broker

clean: ## Remove the virtual environment and all state of the all-in-one
	rm -rf $(VENV) .plumbline build *.egg-info
