# Everything a newcomer types. The system's Node runs `npm ci` only; all else runs on the pinned Node of the lockfile.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
NODE := node_modules/.bin/node
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
SOURCES := $(shell find src appliance web-ui -type f ! -name '*.test.ts' 2>/dev/null)
TEST_ISOLATION := process
export NODE_NO_WARNINGS := 1

.DEFAULT_GOAL := help
.PHONY: help setup run check format test unit transcript crash soak bench screenshots deb deb-test bundle image image-test clean

help: ## what can be done here
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed 's/:.*## /\t/' | expand -t 14

setup: node_modules/.installed build/inkpost.js ## installs from the lockfile and builds

node_modules/.installed: package-lock.json
	@echo 'Installing from the lockfile …' >&2
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@

build/inkpost.js: $(SOURCES) tools/build.ts tools/build-web-ui.ts node_modules/.installed
	$(NODE) tools/build.ts

run: setup ## the gateway in the foreground, with an example device
	exec ./inkpost serve --welcome

check: node_modules/.installed ## format, lint, types, import boundaries, dead code
	biome check --error-on-warnings .
	tsc -p .
	tsc -p web-ui
	$(NODE) tools/check-boundaries.ts
	knip --no-progress

format: node_modules/.installed ## writes the format
	biome check --write .

test: setup check ## check, then every test with the counts of CI
	$(NODE) tools/need.ts
	$(NODE) --test --test-concurrency=2 'src/**/*.test.ts' 'appliance/**/*.test.ts' 'firmware-image/**/*.test.ts' 'test/**/*.test.ts'

soak: setup ## the same tests with the full counts; writes docs/soak.md
	$(NODE) tools/need.ts
	INKPOST_SOAK=1 $(NODE) tools/soak.ts

bench: setup ## the benchmark suite: one table, bench/latest.json
	$(NODE) tools/need.ts bench
	$(NODE) test/bench/main.ts

screenshots: setup ## pictures of the console's pages: docs/screenshots
	$(NODE) tools/need.ts
	$(NODE) tools/screenshots.ts

deb: node_modules/.installed ## the Debian packages: build/inkpost_VERSION_ARCH.deb
	$(NODE) tools/need.ts deb
	$(NODE) appliance/package/main.ts $(ARCHITECTURES)

deb-test: node_modules/.installed ## installs, boots, upgrades and removes the packages; writes docs/package-test.md
	$(NODE) tools/need.ts deb-test
	$(NODE) test/package/main.ts $(PARTS)

bundle: node_modules/.installed ## the signed update of what `make image` made: build/inkpost-VERSION.raucb
	$(NODE) tools/need.ts bundle
	$(NODE) firmware-image/update/main.ts

image: node_modules/.installed ## the card of a Raspberry Pi: build/inkpost-VERSION.img
	$(NODE) tools/need.ts image
	$(NODE) firmware-image/main.ts

image-test: node_modules/.installed ## boots it in QEMU and tests it there; writes docs/image-test.md
	$(NODE) tools/need.ts image-test
	$(NODE) firmware-image/test/main.ts $(PARTS)

clean: ## removes what the build made
	rm -rf build
