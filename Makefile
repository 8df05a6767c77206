# The project's commands; `make help` lists them. What they do is in scripts/ and crates/xtask.

SHELL := /bin/bash
ifndef PART_CLOCK
PART_CLOCK := $(shell date +%s)
endif
export PART_CLOCK
PART := @scripts/part

# Journeys wait for disks, databases and answers for half of their time: two for each processor.
export RUST_TEST_THREADS ?= $(shell echo $$((2 * $$(getconf _NPROCESSORS_ONLN))))

.PHONY: help run check test test-deps bench bench-pages screenshots
.DEFAULT_GOAL := help

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | column -t -s "$$(printf '\t')"

run: node_modules/.package-lock.json ## build, start the demo on SQLite, print its addresses
	cargo build --release --bin recarga
	target/release/recarga demo --data data/demo --listen 127.0.0.1:8080

check: node_modules/.package-lock.json ## formatting, lints, and the project's own rules
	$(PART) "formatting" cargo fmt --all --check
	$(PART) "lints" cargo clippy --workspace --all-targets --features recarga/pdf --locked -- -D warnings
	$(PART) "lints without PDF" cargo clippy -p receipts --all-targets --locked -- -D warnings
	$(PART) "tidy" cargo xtask tidy
	$(PART) "translations" cargo xtask i18n
	$(PART) "licences" cargo xtask licences

test: test-deps node_modules/.package-lock.json ## install what the tests need, then run them all
	@rm -rf $${CARGO_TARGET_DIR:-target}/test-logs
	$(PART) "crates, on SQLite and PostgreSQL" scripts/with-postgres cargo test --workspace --features recarga/pdf --locked
	$(PART) "the program without PDF" cargo test -p receipts --locked
	$(PART) "what the logs told" scripts/scan-logs
	$(PART) "the program" cargo build --bin recarga --features recarga/pdf --locked
	$(PART) "browser" node --test --test-concurrency=3 --test-reporter=tap $(wildcard tests/browser/*.test.mjs)

test-deps:
	$(PART) "what the tests need" scripts/install-test-deps

bench: node_modules/.package-lock.json ## measure top-ups on both engines (BENCH="--seconds 30")
	cargo build --release --bin recarga
	scripts/bench $(BENCH)

bench-pages: node_modules/.package-lock.json ## measure every page with 100,000 lines and a million orders on SQLite
	cargo build --release --bin recarga
	target/release/recarga bench pages --data data/bench

screenshots: test-deps node_modules/.package-lock.json ## take the README's pictures in docs/screenshots anew
	cargo build --bin recarga
	UPDATE_SCREENSHOTS=1 node --test --test-reporter=spec --test-name-pattern=readme- tests/browser/tour.test.mjs

node_modules/.package-lock.json: package.json package-lock.json .npmrc
	npm ci
