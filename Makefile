.DEFAULT_GOAL := help
.PHONY: help demo test lint bench build generate

help: ## Lists the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## */make \1\t/' | expand -t 20

demo: ## Runs the whole job on this machine (STAY=1 leaves it running)
	@npm run --silent demo

test: ## Runs every test; what needs more than Node skips and says what
	@npm run --silent test

lint: ## eslint with the layer table, prettier, knip
	@npm run --silent lint

bench: ## Measures apply speed as a ratio to a bare script
	@npm run --silent bench

build: ## Compiles into dist/
	@npm run --silent build

generate: ## Regenerates proto/gen and proto/image.binpb
	@npm run --silent generate
