.DEFAULT_GOAL := help
.PHONY: help demo test simulate simulate-mutations properties kill fuzz crash cells chaos lint bench bench-fanout bench-idle bench-groups bench-intake bench-store bench-admin bench-traffic build generate images test-images bench-inject chart-goldens test-k8s

help: ## Lists the targets
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## */make \1\t/' | expand -t 20

demo: ## Runs the whole job on this machine (STAY=1 leaves it running)
	@npm run --silent demo

test: ## Runs every test; what needs more than Node skips and says what
	@npm run --silent test

simulate: build ## Lives SEEDS=n seeds of a world where everything goes wrong; SEED=s replays one
	@node --enable-source-maps dist/test/simulation/main.js

simulate-mutations: build ## Takes each safety rule out of the code, and names the seed that notices
	@node dist/test/simulation/mutations-main.js

properties: build ## Tries every property with ROUNDS=n random seeds (10), and names the one that fails
	@node scripts/properties.mjs

fuzz: build ## Asks a whole coordinator REQUESTS=n times for nonsense (100,000) and looks for planted secrets (minutes)
	@FUZZ_REQUESTS=$${REQUESTS:-100000} node scripts/test.mjs system/fuzz

kill: build ## Kills ProxySQL, agent and coordinator in every order, and the coordinator at every stage (minutes)
	@KILL_ORDERS=all node scripts/test.mjs system/every-order system/kill

crash: build ## Kills the coordinator before and after every write of a scale-out and a scale-in (minutes)
	@CRASH_POINTS=all node scripts/test.mjs system/crash

cells: build ## Two cells on one Redis: silent, given up, back; and a Redis that forgets (minutes)
	@CELLS=all node scripts/test.mjs system/cells

chaos: build ## Breaks coordinators, Redis and the network under 20 agents for MINUTES=10, and checks the rules
	@node dist/test/system/chaos/main.js

lint: ## eslint with the layer table, prettier, knip
	@npm run --silent lint

bench: ## Measures apply speed as a ratio to a bare script, and what an idle agent costs
	@npm run --silent bench

bench-fanout: build ## Changes a group of AGENTS=10000 streams, against raw TCP and http2; PARTS=plain,defaults,tls
	@node dist/test/bench/fanout.js

bench-idle: ## Measures only what an idle agent costs: memory, CPU, start
	@npm run --silent bench-idle

bench-groups: build ## Runs a coordinator with 200 groups and 1,000 replicas: memory, CPU, calls
	@node dist/test/bench/many-groups.js

bench-intake: build ## Takes 10,000 incident messages, and compares with as many bare commits
	@node dist/test/bench/intake.js

bench-store: build ## Compares calls of the store with the bare server and the bare disk
	@node dist/test/bench/store.js

bench-admin: build ## Lists, puts and plans among 5,000 groups, and calls 500 times a second
	@node dist/test/bench/admin.js

bench-traffic: build ## Changes servers under busy clients, with a real proxysql and MariaDB
	@node dist/test/bench/traffic.js

images: ## Builds the images chester and chester-agent, with docker or buildah
	@node scripts/images.mjs

test-images: build ## Builds both images on a base of this machine's Node, with buildah, and checks them
	@node scripts/images.mjs --test

bench-inject: build ## Measures how long an admission review takes
	@node dist/test/bench/inject.js

build: ## Compiles into dist/, bundles the agent into dist/chester-agent and the rest into dist/chester
	@npm run --silent build

generate: ## Regenerates proto/gen, proto/codec, proto/image.binpb, and the chart's schema and table of values
	@npm run --silent generate

chart-goldens: build ## Renders the chart's goldens anew; PREVIOUS=1 also what an upgrade may not change
	@UPDATE_GOLDENS=1 node --enable-source-maps --test dist/test/charts/goldens.test.js

test-k8s: build ## Installs, injects, upgrades and uninstalls on the cluster that KUBECONFIG names
	@node --enable-source-maps dist/test/charts/k8s-main.js
