# The front door: `make demo` shows it, `make test` checks everything. A target first installs what it needs and the
# machine lacks (tools/packages.txt).
.PHONY: help setup build image unit test lint format fuzz peers soak bench demo \
  create_cluster delete_cluster install_storage install_agent_example install_ha_example run_agent_local
.DEFAULT_GOAL := help

help:    ## this list
	@awk -F ':[^#]*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@awk -F ':[^#]*## ' '/^[a-z]+_[a-z_]+:.*## / {printf "  make %-21s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup:   ## install everything that any target needs
	@tools/setup build image demo test peers bench

build:   ## build/release/promfleet, one static binary
	@tools/setup build
	@$(MAKE) --no-print-directory build/release/build.ninja
	@cmake --build --preset release

build/release/build.ninja: CMakePresets.json
	@cmake --preset release

image: build ## the container image IMAGE (promfleet/promfleet:VERSION), by docker, podman or buildah
	@tools/setup image
	@IMAGE='$(IMAGE)' deploy/image/build

# The demo leaves nothing outside this folder: ccache works for it only where the user has a cache already.
ifeq ($(strip $(CCACHE_DIR) $(wildcard $(addsuffix /ccache,$(XDG_CACHE_HOME) $(HOME)/.cache $(HOME)/.config) ~/.ccache)),)
demo: export CCACHE_DISABLE = 1
endif

demo: build  ## two failovers, and what the gate loses (nothing); until Ctrl-C or for DEMO_SECONDS
	@cmake --build --preset release --target fencing_sink
	@tools/setup demo
	@demo/run

unit:    ## the fast loop: every room's tests, with sanitizers
	@tools/setup build test
	@tools/run-tests unit

test:    ## everything: lint, unit, threads, simulations, fuzz, end to end
	@tools/setup build demo test peers
	@tools/run-tests

lint:    ## layers, house rules, formatting, static analysis
	@tools/setup build test
	@tools/run-tests lint clang-tidy

format:  ## clang-format on everything
	@tools/setup test
	@git ls-files --cached --others --exclude-standard '*.h' '*.cpp' | xargs clang-format-19 -i

fuzz:    ## each fuzzer for FUZZ_SECONDS (60)
	@tools/setup build test
	@FUZZ_SECONDS=$${FUZZ_SECONDS:-60} tools/run-tests fuzz

peers:   ## the real programs of the end-to-end tests, into the user's cache
	@tools/setup peers
	@tests/peers/build

soak: build peers ## the failovers of tests/e2e/gate a hundred times over (GATE_ROUNDS)
	@tools/setup demo test
	@cmake --preset asan >/dev/null
	@cmake --build --preset asan --target e2e_programs
	@PROMFLEET_GATE_ROUNDS=$${GATE_ROUNDS:-100} /usr/bin/python3 -m pytest --numprocesses 4 tests/e2e/gate

bench: build peers  ## the figures of docs/benchmarks.md, and what a build costs
	@tools/setup demo test bench
	@cmake --build --preset release --target benchmarks
	@failed=0; for run in bench/*/run tools/build-times; do "$$run" || failed=1; done; exit $$failed
	@echo "bench/report --write puts these figures into docs/benchmarks.md"

create_cluster: ## a cluster for the examples, by k3d
	@deploy/examples/cluster create

delete_cluster: ## takes it away
	@deploy/examples/cluster delete

install_storage: ## a Prometheus that receives, into the cluster
	@deploy/examples/cluster storage

install_agent_example: ## two agents that write to it, one at a time; the image is built
	@deploy/examples/cluster agent

install_ha_example: ## two servers that look like one; the image is built
	@deploy/examples/cluster ha

run_agent_local: build ## an agent POD_NAME on this machine, in an election by a Lease of the cluster
	@tools/setup demo
	@POD_NAME='$(POD_NAME)' PORT='$(PORT)' STORAGE='$(STORAGE)' deploy/examples/agent-local
