# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

PYTHON ?= python3
ENV = . .build/env.sh
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help setup demo test test-all test-unit test-oldest test-api test-nodes test-lab faults fault-rows molecule lint format sanity \
	bench lab requirements clean

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'

setup: ## interpreter, virtual environments, dependency collections; safe to repeat
	@$(PYTHON) tools/setup.py

demo: setup ## change the management network of three real (virtual) nodes, with proof; ARGS=--cluster: a cluster network, too
	@$(ENV) && python tools/demo.py $(ARGS)

test: setup ## everything that must hold: lint, sanity, unit tests, tests on real nodes, molecule
	@$(ENV) && python tools/gate.py

test-all: setup ## as test, and what takes longer
	@$(ENV) && python tools/gate.py --all

test-unit: setup ## unit tests, on the newest ansible-core
	@$(ENV) && pytest -n auto tests/unit $(ARGS)

test-oldest: setup ## unit tests, on the oldest supported ansible-core
	@$(ENV) && PATH="$$PWD/.build/venv-oldest/bin:$$PATH" pytest -n auto tests/unit $(ARGS)

test-api: setup ## tests against a real Kubernetes API (starts one, without nodes)
	@$(ENV) && pytest -m api tests/api $(ARGS)

test-nodes: setup ## tests on real nodes (starts the lab)
	@$(ENV) && pytest -m nodes tests/nodes $(ARGS)

faults: setup ## changes that cut nodes off or are disturbed, as a table (starts the lab); ARGS=--all for every case
	@$(ENV) && { python tools/gate.py $(ARGS) faults fault-rows $(if $(findstring --all,$(ARGS)),node-rows); status=$$?; python tools/faults.py && exit $$status; }

fault-rows: setup ## of the disturbed changes those that were run longest ago, ROWS=10 of them, as a table
	@$(ENV) && { FAULT_ROWS_OLDEST=$(or $(ROWS),10) python tools/gate.py fault-rows; status=$$?; python tools/faults.py && exit $$status; }

test-lab: setup ## tests of the lab itself
	@$(ENV) && pytest -m lab tests/lab $(ARGS)

molecule: setup ## molecule scenarios
	@$(ENV) && python tools/gate.py molecule

lint: setup ## ruff, mypy, ansible-lint, changelog and documentation
	@$(ENV) && python tools/gate.py lint

format: setup ## let ruff format and fix
	@$(ENV) && ruff format . && ruff check --fix .

sanity: setup ## ansible-test sanity on the built collection, without an ignore file
	@$(ENV) && python tools/sanity.py

bench: ## compare with a loop of community.general.nmcli; nothing fails on a timing
	@$(PYTHON) tools/setup.py --bench
	@$(ENV) && python tools/bench.py

lab: setup ## start three nodes and show how to reach them
	@$(ENV) && python -m lab up && python -m lab status

requirements: setup ## resolve requirements/*.in to *.txt again
	@$(PYTHON) tools/setup.py --resolve

clean: ## end the lab and remove .build
	@if [ -f .build/env.sh ] && [ -f tests/lab/__main__.py ]; then $(ENV) && python -m lab down; fi
	@rm -rf .build tests/output
