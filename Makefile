# The front door for people: `make` lists the targets.
.DEFAULT_GOAL := help
.PHONY: help build release test check fmt bench soak run

help: ## Lists the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## */  \1\t/' | expand -t 12

build: ## Builds everything for debugging
	ops/install-packages && swift build

release: ## Builds the programs as they are meant to be used
	ops/install-packages && swift build -c release

test: ## Runs the whole test suite
	ops/test

check: ## Checks the formatting, as a reviewer would
	swift format lint --strict --recursive --parallel Sources Tests Package.swift

fmt: ## Formats the sources
	swift format --in-place --recursive --parallel Sources Tests Package.swift

bench: release ## Measures htr beside its rivals
	ops/bench/run

soak: release ## Kills daemon, shims and workers at random for 300 rounds
	ops/bench/soak --rounds 300

run: release ## Starts the daemon in the foreground
	.build/release/htrd
