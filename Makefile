# One verb for each thing one does here; `make` alone prints them. CI calls the same verbs.
.DEFAULT_GOAL := help
.PHONY: help run demo test e2e bench failover streams simulate chaos verify loadtest build image format lint types knip coverage mutate clean

NODE := node_modules/.bin/node --conditions=@factorial/source
INSTALLED := node_modules/.package-lock.json

help: ## print these lines
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

# Not through npm: it would pass a Ctrl-C on a second time, and die of a SIGTERM before the system has stopped.
run: $(INSTALLED) ## everything on this machine, until Ctrl-C
	@$(NODE) dev/run.ts

demo: $(INSTALLED) ## 150000! on the system that `make run` started
	@$(NODE) dev/demo.ts

test: $(INSTALLED) ## format, lint, types, unused code, all tests; stops at the first that fails
	@npm run --silent format:check
	@npm run --silent lint
	@npm run --silent types
	@npm run --silent knip
	@npm test --silent

e2e: $(INSTALLED) ## images, chart and the tests on a real cluster: that of KUBECONFIG, else one of kind's
	@npm run --silent e2e

bench: $(INSTALLED) ## measure; prints tables
	@npm run --silent bench

failover: $(INSTALLED) ## how many accepted jobs a failover of Redis loses, by setting; prints tables, takes some 8 minutes
	@npm run --silent failover

streams: $(INSTALLED) ## 500 SSE and 500 WebSocket clients while jobs run; prints tables
	@npm run --silent streams

simulate: $(INSTALLED) ## the scaler beside models of KEDA, in virtual time; prints tables
	@npm run --silent simulate

chaos: $(INSTALLED) ## the system under a seeded schedule of faults, and the account; SEED, JOBS, FAULTS, CONTROL, CLUSTER
	@npm run --silent chaos

loadtest: $(INSTALLED) ## SCENARIO=smoke or hackathon, with k6, on what `make run` started, or on BASE_URL (or API_URL) with TOKEN
	@$(NODE) dev/loadtest.ts

build: $(INSTALLED) ## compile the services to their dist folders
	@npm run --silent build

image: $(INSTALLED) ## container images of all services; TAG, IMAGE_BUILD
	@$(NODE) dev/image/main.ts

format: $(INSTALLED) ## put the sources into their form
	@npm run --silent format

lint types knip: $(INSTALLED)
	@npm run --silent $@

coverage: $(INSTALLED) ## all tests, with the lines and branches they reach
	@npm test --silent -- --coverage

mutate: $(INSTALLED) ## break the code on purpose and see the tests fail
	@npm run --silent mutate

verify: $(INSTALLED) ## the model of a job's life, every state of it, and what breaks without each of its rules; prints tables
	@npm run --silent verify

clean: ## remove what was installed and built; what `make run` keeps in .local stays
	@rm -rf node_modules coverage packages/*/node_modules services/*/node_modules packages/*/dist services/*/dist

$(INSTALLED): package-lock.json
	@echo 'installing dependencies'
	@npm ci --no-audit --no-fund --no-update-notifier --loglevel=error >/dev/null
	@touch $@
