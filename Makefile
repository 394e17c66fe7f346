# What there is to do: `make`. It needs Go, git and a network that reaches the module proxy,
# and a C compiler for the race detector (without one, the tests run without it).

GO ?= go
BIN := bin

CONNECT   := $(BIN)/redpanda-connect-genesys
SIMULATOR := $(BIN)/genesys-simulator
DEMO      := $(BIN)/genesys-demo
S3_SERVER := $(BIN)/versitygw
LINTER    := $(BIN)/golangci-lint
MUTATOR   := $(BIN)/gremlins
DUCKDB    := $(BIN)/duckdb
PROMTOOL  := $(BIN)/promtool
SERVERS   := $(BIN)/servers

VERSION    ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
DATE_BUILT ?= $(shell git log -1 --format=%cI 2>/dev/null | grep . || echo unknown)

# One set of flags for building and for linting, so that both use the same compiled packages.
export CGO_ENABLED := 0
export BUILD_FLAGS := -trimpath -tags=timetzdata
# Prometheus without its service discoveries, which are most of it.
OPERATIONS_FLAGS := -trimpath -tags=remove_all_sd
STAMP        = -s -w -X main.Version=$(VERSION) -X main.DateBuilt=$(DATE_BUILT)

# Everything in a folder that can end up in a binary. Linking takes long enough to ask make first.
sources = $(shell find $(1) -type f ! -name '*_test.go' ! -path '*/testdata/*')
MODULE := go.mod go.sum
# The modules that have code of ours; the tools have none.
MODULES := . cmd/redpanda-connect-genesys cmd/demo cmd/contract cmd/operations cmd/vulnerabilities

# What the vendor's API description has since the Go SDK's was written.
FACTS_PACKAGE := purecloud-platform-client-v2@262.0.0

# A number of runs, not a time: at the end of a time `go test` can take its own deadline for a failure.
FUZZ_TIME ?= 20000x
# How many worlds are played, from which seed on: make simulate SEEDS=10000. 0 are those of every
# day, and some that nobody has played.
SEEDS ?= 0
FIRST ?= 0
ENV_FILE  := config/example.env
# How often each fleet of the end-to-end tests runs, and whether on the real clock, with holds of 90 s
# and not a sixth of that: make e2e FLEETS=5 FLEET_FLAGS=-real-clock E2E_TIMEOUT=1h
FLEETS      ?= 1
FLEET_FLAGS ?=
E2E_TIMEOUT ?= 15m
# The version of the vulnerability database.
VULNDB ?= latest
# How many lives a SIGKILL ends in `make endurance`, and the seed that it draws everything from: 0 is a new one.
KILLS ?= 200
SEED  ?= 0
# Not all of config is a pipeline: there are manifests and alert rules too.
PIPELINES := ./config/*.yaml $(patsubst %,./%/...,$(filter-out config/kubernetes config/observability config/queries,$(patsubst %/,%,$(wildcard config/*/))))

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help build test test-servers unit fuzz contract facts check-config operations e2e pipelines queries picture lint vuln fmt demo demo-distributed bench docs notice clean endurance simulate build-all

help: ## Show this.
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# ---- build

build: $(CONNECT) $(SIMULATOR) ## Build the distribution and the simulator into bin/.

$(CONNECT): $(MODULE) $(call sources,cmd/redpanda-connect-genesys plugin)
	cd cmd/redpanda-connect-genesys && $(GO) build $(BUILD_FLAGS) -ldflags "$(STAMP)" -o ../../$@ .

build-all: ## Build the distribution with Google's components too (BigQuery, Cloud Storage, Pub/Sub), 33 MB larger, into bin/.
	cd cmd/redpanda-connect-genesys && $(GO) build $(BUILD_FLAGS),google -ldflags "$(STAMP)" -o ../../$(CONNECT)-all .

$(SIMULATOR): $(MODULE) $(call sources,cmd/genesys-simulator plugin/simulator)
	$(GO) build $(BUILD_FLAGS) -ldflags "-s -w" -o $@ ./cmd/genesys-simulator

$(DEMO): $(MODULE) $(call sources,cmd/demo plugin/simulator)
	cd cmd/demo && $(GO) build $(BUILD_FLAGS) -ldflags "-s -w" -o ../../$@ .

$(S3_SERVER): cmd/demo/go.mod cmd/demo/go.sum
	cd cmd/demo && $(GO) build $(BUILD_FLAGS) -ldflags "-s -w" -o ../../$@ github.com/versity/versitygw/cmd/versitygw

# The one thing here that is C++ and takes a compiler for it.
$(DUCKDB): $(call sources,cmd/duckdb)
	cd cmd/duckdb && CGO_ENABLED=1 $(GO) build $(BUILD_FLAGS) -ldflags "-s -w" -o ../../$@ .

$(PROMTOOL): cmd/operations/go.mod cmd/operations/go.sum
	cd cmd/operations && $(GO) build $(OPERATIONS_FLAGS) -ldflags "-s -w" -o ../../$@ github.com/prometheus/prometheus/cmd/promtool

$(LINTER): .tools/go.mod .tools/go.sum
	cd .tools && $(GO) build -trimpath -ldflags "-s -w" -o ../$@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint

$(MUTATOR): .tools/mutate/go.mod .tools/mutate/go.sum
	cd .tools/mutate && $(GO) build -trimpath -ldflags "-s -w" -o ../../$@ github.com/go-gremlins/gremlins/cmd/gremlins

# Servers that are not Go's: npm's dynalite, and Debian's Redis, which is unpacked and not installed.
DYNALITE_VERSION := 4.0.0
REDIS_PACKAGES   := redis-server redis-tools libjemalloc2 liblzf1
MARIADB_PACKAGES := mariadb-server-core libnuma1 liburing2 libpcre2-8-0 libssl3

$(SERVERS)/dynalite:
	npm install --prefix $(SERVERS) --no-save --no-audit --no-fund dynalite@$(DYNALITE_VERSION)
	printf '#!/bin/sh\nexec "%s" "$$@"\n' $(CURDIR)/$(SERVERS)/node_modules/.bin/dynalite > $@
	chmod +x $@

$(SERVERS)/redis-server:
	mkdir -p $(SERVERS)/debian
	cd $(SERVERS)/debian && { apt-get download $(REDIS_PACKAGES) || { apt-get update && apt-get download $(REDIS_PACKAGES); }; } && \
		for package in *.deb; do dpkg -x $$package .; done
	printf '#!/bin/sh\nexport LD_LIBRARY_PATH=%s\nexec %s/usr/bin/redis-server "$$@"\n' \
		"$$(dirname $$(find $(CURDIR)/$(SERVERS)/debian -name 'liblzf.so*' | head -n 1))" $(CURDIR)/$(SERVERS)/debian > $@
	chmod +x $@

# PostgreSQL of Debian's own release, with the libraries that it names. It refuses to run as root: then
# it runs as nobody, and ends with its parent all the same.
POSTGRES_LIBRARIES := apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks \
	--no-replaces --no-enhances $$package | grep '^lib' | grep -vE '^lib(c6|llvm|perl|gcc-s1)'

$(SERVERS)/postgres:
	mkdir -p $(SERVERS)/postgresql
	cd $(SERVERS)/postgresql && { apt-cache show postgresql >/dev/null 2>&1 || apt-get update; } && \
		package=$$(apt-cache depends postgresql | sed -n 's/.*Depends: //p') && \
		{ apt-get download $$package $$($(POSTGRES_LIBRARIES)) || { apt-get update && apt-get download $$package $$($(POSTGRES_LIBRARIES)); }; } && \
		for deb in *.deb; do dpkg -x $$deb . && rm $$deb; done
	printf '#!/bin/sh\nexport LD_LIBRARY_PATH="%s"\nprogram="%s/$$1"; shift\n[ "$$(id -u)" != 0 ] || as="setpriv --reuid=65534 --regid=65534 --clear-groups --pdeathsig KILL"\nexec $$as "$$program" "$$@"\n' \
		"$$(dirname $$(find $(CURDIR)/$(SERVERS)/postgresql -name 'libicuuc.so*' | head -n 1))" \
		"$$(dirname $$(find $(CURDIR)/$(SERVERS)/postgresql -name initdb -type f))" > $@
	chmod +x $@

# MariaDB of Debian's own release, which speaks MySQL's protocol, likewise. It has no accounts here: it
# runs without the tables that would hold them.
$(SERVERS)/mariadb:
	mkdir -p $(SERVERS)/mysql
	cd $(SERVERS)/mysql && { apt-get download $(MARIADB_PACKAGES) || { apt-get update && apt-get download $(MARIADB_PACKAGES); }; } && \
		for deb in *.deb; do dpkg -x $$deb . && rm $$deb; done
	printf '#!/bin/sh\nexport LD_LIBRARY_PATH="%s"\n[ "$$(id -u)" != 0 ] || as=--user=root\nexec "%s/usr/sbin/mariadbd" --no-defaults $$as --lc-messages-dir="%s/usr/share/mysql" "$$@"\n' \
		"$$(dirname $$(find $(CURDIR)/$(SERVERS)/mysql -name 'liburing.so*' | head -n 1))" $(CURDIR)/$(SERVERS)/mysql $(CURDIR)/$(SERVERS)/mysql > $@
	chmod +x $@

# ---- test

test: unit faults simulate fuzz contract check-config operations e2e pipelines queries ## Run every test: units, faults, worlds, fuzz targets, contract, pipelines, operations, end to end.

unit: ## Run the unit tests, with the race detector.
	@race=; cgo=0; \
	if command -v $$($(GO) env CC) >/dev/null 2>&1; then race=-race; cgo=1; \
	else echo "no C compiler: without the race detector"; fi; \
	set -ex; export CGO_ENABLED=$$cgo; \
	$(GO) test $$race -shuffle=on -timeout 10m ./plugin/... ./cmd/docs/... ./cmd/licences/... ./cmd/genesys-simulator/...; \
	cd cmd/redpanda-connect-genesys; $(GO) test $$race -shuffle=on -timeout 10m ./commands/... ./doors/... ./memory/... ./progress/...

faults: ## Run the whole table of faults, of which the race detector sees a part in unit.
	$(GO) test -timeout 5m -run '^TestNothingIsLost' ./plugin

simulate: ## Play worlds, each from a seed: faults of the tenant, the network, the cache and the output, kills and restarts (SEEDS).
	$(GO) test -count=1 -timeout 0 -v -run '^TestManyWorlds$$' ./plugin/world -args -seeds $(SEEDS) -first $(FIRST)

fuzz: ## Run each fuzz target for some seconds (FUZZ_TIME).
	@set -e; for file in $$(grep -rl --include='*_test.go' '^func Fuzz' plugin); do \
	for target in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\).*/\1/p' $$file); do \
	( set -x; $(GO) test -run='^$$' -fuzz="^$$target\$$" -fuzztime=$(FUZZ_TIME) ./$$(dirname $$file) ); \
	done; done

contract: ## Hold the client and the simulator to the vendor's API description and SDK.
	cd cmd/contract && $(GO) test -count=1 -timeout 5m ./...

facts: ## Draw cmd/contract/facts.json anew from the vendor's npm package (needs npm).
	rm -rf $(BIN)/npm && mkdir -p $(BIN)/npm
	cd $(BIN)/npm && npm pack --silent $(FACTS_PACKAGE) && tar -xzf *.tgz
	cd cmd/contract && $(GO) run ./facts ../../$(BIN)/npm/package > ../../$(BIN)/npm/facts.json
	mv $(BIN)/npm/facts.json cmd/contract/facts.json

check-config: $(CONNECT) ## Lint the pipelines and the README's, and run the pipelines' tests.
	$(CONNECT) lint --deprecated -e $(ENV_FILE) $(PIPELINES) config/REFERENCE.md README.md
	$(CONNECT) test -v -e $(ENV_FILE) $(PIPELINES)

operations: build $(PROMTOOL) ## Check the dashboard, the alert rules and the Kubernetes files.
	cd cmd/operations && $(GO) test $(OPERATIONS_FLAGS) -count=1 -timeout 5m ./...

e2e: build $(DEMO) $(S3_SERVER) ## Run the end-to-end tests: real processes, a real S3 server.
	cd cmd/demo && $(GO) test -count=1 -timeout $(E2E_TIMEOUT) ./internal/... && \
		$(GO) test -count=1 -timeout $(E2E_TIMEOUT) . -args -fleets $(FLEETS) $(FLEET_FLAGS)

pipelines: build $(S3_SERVER) ## Run each pipeline of config/ to a real target, and compare what arrives with what the tenant says.
	cd cmd/demo && $(GO) test -count=1 -timeout $(E2E_TIMEOUT) ./pipelines/...

queries: build $(S3_SERVER) ## Run the SQL of config/queries over what the pipelines wrote, and the README's way there (needs a C++ compiler).
	@if ! command -v $$($(GO) env CXX) >/dev/null 2>&1; then \
	echo "NOT RUN: no C++ compiler ($$($(GO) env CXX)), so the SQL of config/queries is not tested; with Debian: apt-get install g++"; else \
	set -ex; $(MAKE) $(DUCKDB); cd cmd/demo; $(GO) test -count=1 -timeout $(E2E_TIMEOUT) -tags queries -run '^TestQueries' . ./pipelines; fi

test-servers: build $(S3_SERVER) $(SERVERS)/dynalite $(SERVERS)/redis-server $(SERVERS)/postgres $(SERVERS)/mariadb ## Run the tests that need servers which are not Go's: Redis, DynamoDB, PostgreSQL, MySQL's (needs npm and apt-get).
	cd cmd/demo && $(GO) test -count=1 -timeout $(E2E_TIMEOUT) -tags servers -run '^TestServers' . -args -fleets $(FLEETS) $(FLEET_FLAGS)
	cd cmd/demo && $(GO) test -count=1 -timeout $(E2E_TIMEOUT) -tags servers -run '^TestServers' ./pipelines

endurance: build $(S3_SERVER) ## Kill processes 200 times in bad weather, and look whether anything is lost (KILLS, SEED).
	cd cmd/demo && $(GO) test -count=1 -v -timeout 45m -run '^TestEndurance$$' . -args -kills $(KILLS) -seed $(SEED)

picture: build ## Draw config/observability/dashboard.svg from a real run.
	cd cmd/operations && $(GO) run $(OPERATIONS_FLAGS) .

bench: ## Run the benchmarks.
	$(GO) test -run='^$$' -bench=. -benchmem ./plugin/...

# Blocks are counted once, however many packages' tests run them. What is not run is, outside of the
# simulator: what only the commands use (plugin's checkpoint.go and hold.go, which the commands' own
# tests run); what only processes do that tests start and kill (faults_*_test.go); errors of the
# engine about a config that its own parser has let pass; and guards of what the lines above them
# have excluded.
COVERED = awk 'NR > 1 { size[$$1] = $$2; if ($$3 > 0) run[$$1] = 1 } END { for (block in size) { \
	package = block; sub(/\/[^\/]*$$/, "", package); all[package] += size[block]; \
	if (block in run) seen[package] += size[block]; else print "not run: " block } \
	for (package in all) printf "%5.1f %% of %s\n", 100 * seen[package] / all[package], package }'

.PHONY: cover
cover: ## Measure what the tests of plugin/... run of it: a summary, the rest in bin/not-run.txt, all in bin/cover.html.
	mkdir -p $(BIN)
	$(GO) test -count=1 -timeout 20m -coverpkg=./plugin/... -coverprofile=$(BIN)/cover.out ./plugin/... >$(BIN)/cover.txt || { cat $(BIN)/cover.txt; exit 1; }
	$(GO) tool cover -html=$(BIN)/cover.out -o $(BIN)/cover.html
	@$(COVERED) $(BIN)/cover.out | sort -k4 -V >$(BIN)/not-run.txt; grep ' % of ' $(BIN)/not-run.txt

# Each mutant is one change to the package (a condition turned round, a bound moved by one), against
# which the package's own tests are run; those that live are printed, with those that no test reaches.
# TIMED OUT is as good as KILLED. The tool has a blind spot: a mutant that does not compile counts as
# KILLED. It had another, the conditions of a switch without a tag, which .tools/mutate/go shows it. Of
# the tests that take long a part is left out: of plugin the table of faults and the fleets (two
# minutes of its three), of window the walk over every year of every zone. What is changed is a copy of
# what git knows.
PACKAGE ?= quota
MUTANTS ?= --invert-logical --invert-assignments --remove-self-assignments
MUTATE_plugin := -skip=^Test(NothingIsLost|ManyProcesses|ADayIsExported|EveryEndpoint|TenThousand).*$$
MUTATE_window := -skip=^TestEveryYearEnds$$

.PHONY: mutate
mutate: $(MUTATOR) ## Change one package (PACKAGE=quota) in every small way, and list what its tests do not see.
	@tree=$$(mktemp -d); trap 'rm -rf "$$tree"' EXIT; \
	git ls-files -z -co --exclude-standard | xargs -0 cp --parents -t "$$tree"; \
	cd "$$tree"; [ $(PACKAGE) != plugin ] || rm plugin/*/*_test.go; \
	export GO=$$(command -v $(GO)) PATH="$(CURDIR)/.tools/mutate:$$PATH"; \
	GOFLAGS='-count=1 -vet=off $(MUTATE_$(PACKAGE))' nice $(CURDIR)/$(MUTATOR) unleash --workers 1 --timeout-coefficient 3 \
		$(MUTANTS) --output-statuses ltc -E '^[a-z]+/' ./$(patsubst plugin/plugin,plugin,plugin/$(PACKAGE))

# ---- look after the code

lint: $(LINTER) ## Check style, licence lines, formatting and module files.
	@set -e; for module in $(MODULES); do \
	flags="$(BUILD_FLAGS)"; [ $$module != cmd/operations ] || flags="$(OPERATIONS_FLAGS)"; \
	[ $$module != cmd/demo ] || flags="$(BUILD_FLAGS),servers,queries"; \
	( set -x; cd $$module && GOFLAGS="$$flags" $(CURDIR)/$(LINTER) run --allow-parallel-runners ./... ); \
	done
	@if command -v $$($(GO) env CXX) >/dev/null 2>&1; then \
	set -ex; cd cmd/duckdb; CGO_ENABLED=1 GOFLAGS="$(BUILD_FLAGS)" $(CURDIR)/$(LINTER) run --allow-parallel-runners ./...; \
	else echo "NOT RUN: no C++ compiler, so cmd/duckdb is not linted"; fi
	@set -e; for module in $(MODULES) cmd/duckdb .tools .tools/mutate; do ( set -x; cd $$module && $(GO) mod tidy -diff ); done

vuln: ## Fail on a known vulnerability of a module that the plugin or the distribution calls (8 GB of memory).
	cd cmd/vulnerabilities && $(GO) test -timeout 5m . && \
		GOFLAGS="$(BUILD_FLAGS)" $(GO) run . -database $(VULNDB) ../.. ../redpanda-connect-genesys

fmt: $(LINTER) ## Format the code.
	@for module in $(MODULES); do ( cd $$module && $(CURDIR)/$(LINTER) fmt ./... ); done

docs: ## Write the README's fields and config/REFERENCE.md anew, from the specs.
	$(GO) run $(BUILD_FLAGS) ./cmd/docs

notice: ## Write NOTICE anew, from what is linked.
	$(GO) run $(BUILD_FLAGS) ./cmd/licences

# ---- run

demo: build $(DEMO) $(S3_SERVER) ## Export one day from a strict tenant to a real S3 server, and check it.
	@$(DEMO)

demo-distributed: build $(DEMO) $(S3_SERVER) ## Spread that day over three workers behind a queue, and kill one.
	@$(DEMO) -distributed

clean: ## Remove what was built.
	rm -rf $(BIN)
