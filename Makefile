# Everything is set up by the targets themselves; `make help` lists them.

ifndef PYTHON
PYTHON := $(firstword $(foreach version,3.14 3.13 3.12 3.11,$(shell python$(version) -c '' 2>/dev/null && echo python$(version))) python3)
endif
BIN := .venv/bin
ARGS ?=
unexport PYTHONDONTWRITEBYTECODE # compiled files make every start but the first a fast one

.DEFAULT_GOAL := help
.PHONY: $(shell sed -n 's/^\([a-z-]*\):.*\#\# .*/\1/p' Makefile)

help: ## List the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

run: .venv/run.stamp ## Start the server; flags as make run ARGS="--dev --http-port 9000"
	@exec $(BIN)/triptych serve $(ARGS)

test: .venv/test.stamp ## Run the tests
	$(BIN)/pytest -n 4 --dist worksteal -m "not process and not long" $(ARGS)

process-test: .venv/test.stamp ## Test the commands that start servers as processes of their own
	$(BIN)/pytest -n 4 --dist worksteal -m process tests/cli $(ARGS)

store-test: .venv/dev.stamp ## Test SQLite and PostgreSQL as the store in memory; ARGS=--long compares a million answers
	$(BIN)/pytest -n 4 --dist worksteal tests/store tests/scenarios tests/mishaps tests/workers --stores sqlite,postgresql $(ARGS)

test-pythons: .venv/test.stamp ## Run the tests under every other Python of 3.11 to 3.14 on this machine
	$(BIN)/python tools/test_pythons.py $(ARGS)

check: lint types proto-lint check-generated breaking test-pythons process-test store-test sdk-test one-port-test openapi-test kill-test attack conformance interop package-test ## Run everything else that CI runs

lint: .venv/dev.stamp ## Check the style of the Python code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/dev.stamp ## Check the types
	$(BIN)/mypy

generate: .deps/.stamp ## Generate gen/ and the methods of the client from proto/
	PATH="$(CURDIR)/$(BIN):$$PATH" buf format -w proto
	PATH="$(CURDIR)/$(BIN):$$PATH" buf generate
	$(BIN)/python tools/bundle.py
	$(BIN)/python -m tools.generate_client
	$(BIN)/python tools/generate_openapi.py

check-generated: .deps/.stamp ## Check that what is generated is what proto/ gives
	$(BIN)/python tools/fetch_protos.py --check
	$(BIN)/python tools/check_generated.py
	$(BIN)/python -m tools.generate_client --check
	$(BIN)/python tools/generate_openapi.py --check

protos: ## Put proto/ and all that it imports into dist/protos, and into dist/triptych-protos.zip
	@$(PYTHON) tools/bundle_protos.py

proto-lint: .deps/.stamp ## Check the style of the contract
	$(BIN)/buf lint
	$(BIN)/buf format -d --exit-code proto

breaking: .deps/.stamp ## Check that the contract breaks no client of the last release, or of AGAINST=REV
	$(BIN)/python tools/check_breaking.py $(AGAINST)

sdk-test: .venv/dev.stamp ## Run the released SDKs of the published APIs against the server
	$(BIN)/pytest tests_sdk $(ARGS)

conformance: .venv/dev.stamp .deps/.stamp ## Run the protocol suites; ARGS="connect rest" for some of them
	$(BIN)/python -m conformance $(ARGS)

one-port-test: .venv/dev.stamp ## Test the one-port mode
	$(BIN)/pytest tests_one_port $(ARGS)

drain-test: .venv/dev.stamp ## Stop busy servers, and show which calls were lost; ARGS="--runs 10"
	$(BIN)/python -m tools.drain_test $(ARGS)

kill-test: .venv/dev.stamp ## Kill servers and databases under load, and compare what is left; ARGS="--sqlite 100 --postgresql 30"
	$(BIN)/python -m kill_test $(ARGS)

failover-test: .venv/dev.stamp ## Lose the primary of a replicated database under load, and compare what is left; ARGS="--rounds 10"
	$(BIN)/python -m failover_test $(ARGS)

attack: .venv/dev.stamp ## Attack a server of its own, and print what that costs; ARGS="metrics" for some
	$(BIN)/python -m attacks $(ARGS)

bench: .venv/dev.stamp ## Measure Triptych next to its peers; ARGS="--quick", "--only grpc", "--profile rest/list"
	$(BIN)/python -m bench $(ARGS)

bench-scale: .venv/dev.stamp ## Measure lists of up to a million documents; ARGS="--sizes 1000,100000 --stores sqlite"
	$(BIN)/python -m bench.scale $(ARGS)

prices: .venv/test.stamp ## Tell what each step of a call costs
	$(BIN)/python -m bench --prices $(ARGS)

openapi-test: .venv/dev.stamp ## Judge the OpenAPI documents by Schemathesis and by generated clients, and /docs in a browser
	$(BIN)/pytest tests_openapi $(ARGS)

interop: .deps/.stamp ## Generate, compile and run clients in Go, TypeScript, Java and Python against the server, and call it through proxies
	$(BIN)/python -m interop $(ARGS)

interop-all: .deps/.stamp ## Do that with the clients that take minutes to compile too: Rust, C++ and Kotlin
	$(BIN)/python -m interop --all $(ARGS)

package-test: ## Install the package into a clean environment and use it
	$(PYTHON) tools/check_package.py

clean: ## Remove what the targets set up
	rm -rf .venv .venvs .deps .cache dist

# One virtual environment, filled as far as a target needs it.

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(None if (3, 11) <= sys.version_info < (3, 15) else "needs Python 3.11 to 3.14: make PYTHON=...")'
	$(PYTHON) -m venv .venv

.venv/run.stamp: pyproject.toml constraints.txt | .venv/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

.venv/test.stamp: .venv/run.stamp
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	@touch $@

.venv/dev.stamp: .venv/test.stamp
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,one-port]'
	@touch $@

# Third-party .proto files, from released packages.

.deps/.stamp: tools/fetch_protos.py $(wildcard tools/grpc_descriptors/*) .venv/dev.stamp
	$(BIN)/python tools/fetch_protos.py
	@touch $@
