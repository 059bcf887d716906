# Every target says what it does: make help.
SHELL       := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS   += --no-print-directory

BIN     := .bin
GOFLAGS ?= -buildvcs=false
export GOFLAGS

GOLANGCI_VERSION  := v2.15.0
GOLANGCI          := $(BIN)/golangci-lint-$(GOLANGCI_VERSION)
OASDIFF_VERSION   := v1.27.0
OASDIFF           := $(BIN)/oasdiff-$(OASDIFF_VERSION)
FUZZTIME          ?= 10s
SDK               ?= typescript python java rust
# The demo's password, unless the data directory has one from an earlier start.
SPSD_ADMIN_PASSWORD ?= demo-of-spskit

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-22s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## Build spsd and spsctl into .bin
	CGO_ENABLED=0 go build -trimpath -o $(BIN)/ ./server/cmd/spsd ./client/cmd/spsctl

.PHONY: run
run: build ## Serve demo data on https://127.0.0.1:8443 (data stays in .data)
	@test -e .data || echo "The password of admin will be: $(SPSD_ADMIN_PASSWORD)"
	@SPSD_ADMIN_PASSWORD='$(SPSD_ADMIN_PASSWORD)' exec $(BIN)/spsd serve --demo --data .data --listen 127.0.0.1:8443

.PHONY: test
test: ## Run all tests with the race detector, and the store's whole suite without
	go test -race ./...
	go test ./server/store/...

.PHONY: install-browser
install-browser: ## Install Chromium (with Debian's packages) unless there is one
	@command -v chromium chromium-browser google-chrome >/dev/null || { apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium; }

.PHONY: test-browser
test-browser: ## Test the reference page in Chromium; tests/browser/screenshots shows what it looked like
	go test -count=1 -tags browser ./tests/browser

.PHONY: generate
generate: ## Generate gen/ from openapi.yaml
	go generate ./gen

.PHONY: check-generate
check-generate: generate ## Fail when gen/ is not what openapi.yaml makes
	git diff --exit-code -- gen
	@test -z "$$(git status --porcelain -- gen)" || { git status --short -- gen; exit 1; }

.PHONY: lint
lint: $(GOLANGCI) ## Check formatting, vet, linters, and the rules of the contract
	go vet ./...
	$(GOLANGCI) fmt --diff
	$(GOLANGCI) run
	go test -count=1 ./tests/spec

.PHONY: install-lint-contract
install-lint-contract: $(OASDIFF) ## Install Spectral, Redocly (both need Node.js) and oasdiff
	npm --prefix tests/lint ci --ignore-scripts --no-audit --no-fund --loglevel=error

.PHONY: lint-contract
lint-contract: ## Lint openapi.yaml with Spectral and Redocly, and show that they can fail
	tests/lint/node_modules/.bin/spectral lint openapi.yaml -r tests/lint/spectral.yaml -F hint
	tests/lint/node_modules/.bin/redocly lint openapi.yaml --config tests/lint/redocly.yaml
	tests/lint/selftest.sh $(OASDIFF)

.PHONY: breaking
breaking: $(OASDIFF) ## Refuse a contract that breaks the last release without saying so in its version
	tests/lint/breaking.sh $(OASDIFF)

.PHONY: evidence
evidence: ## Count how certain the contract is, by kind
	@go run ./tests/spec/evidence $(if $(LIST),-list $(LIST))

.PHONY: sdk
sdk: ## Generate clients in other languages without a warning, and compile them; SDK="python rust" are some
	@for language in $(SDK); do echo "== $$language"; tests/sdk/sdk.sh make $$language; done

.PHONY: sdk-test
sdk-test: build sdk ## Make the clients, and run a program with each of them against spsd
	@tests/sdk/sdk.sh test $(BIN)/spsd $(SDK)

.PHONY: sdk-selftest
sdk-selftest: ## Show that make sdk can fail; SDK has to include python and java
	@tests/sdk/sdk.sh selftest

.PHONY: docs
docs: ## Write the reference of spsctl, and its man pages into .bin/man
	go run ./client/internal/cli/gendocs -reference client/cmd/spsctl/reference.md -man $(BIN)/man

.PHONY: fmt
fmt: $(GOLANGCI) ## Format the code
	$(GOLANGCI) fmt

.PHONY: fuzz
fuzz: ## Fuzz every parser for FUZZTIME each (default 10s)
	@go list -f '{{$$d := .ImportPath}}{{range .TestGoFiles}}{{$$d}} {{$$.Dir}}/{{.}}{{"\n"}}{{end}}{{range .XTestGoFiles}}{{$$d}} {{$$.Dir}}/{{.}}{{"\n"}}{{end}}' ./... \
	| while read -r package file; do \
	    [ -n "$$file" ] || continue; \
	    for target in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$$file"); do \
	      echo "$$package $$target"; \
	      go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$package"; \
	    done; \
	  done

.PHONY: bench
bench: build ## Measure the server beside its floors and print one table
	go run ./tests/bench -spsd $(BIN)/spsd

.PHONY: bench-search
bench-search: build ## Measure session search with a million sessions; KEEP=DIR keeps them
	go run ./tests/bench -spsd $(BIN)/spsd -search $(if $(KEEP),-keep $(KEEP))

.PHONY: clean
clean: ## Remove what the other targets made, demo data included
	rm -rf $(BIN) .data tests/sdk/*/{generated,build,target,node_modules,.venv,.mypy_cache}

$(GOLANGCI):
	GOBIN=$(CURDIR)/$(BIN) CGO_ENABLED=0 go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)
	mv $(BIN)/golangci-lint $@

$(OASDIFF):
	GOBIN=$(CURDIR)/$(BIN) CGO_ENABLED=0 go install github.com/oasdiff/oasdiff@$(OASDIFF_VERSION)
	mv $(BIN)/oasdiff $@
