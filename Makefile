# `make` prints what there is to do; the text comes from the comments behind the targets.

PYTHON ?= python3
PYTHONS ?= 3.11 3.12 3.13
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# Install a Debian package if its command is missing and it can be installed; otherwise say what that means.
debian = command -v $(1) > /dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null \
	&& { apt-get install -y --no-install-recommends $(1) || { apt-get update && apt-get install -y --no-install-recommends $(1); }; } \
	> /dev/null 2>&1; } || echo "$(1) is not installed: $(2)"

OXLINT := .cache/node/node_modules/.bin/oxlint
SERVE_FIGURES := benchmarks/bench_page_latency.py benchmarks/bench_server_load.py fuzz/fuzz_http.py benchmarks/bench_lab.py

.PHONY: help demo demo-form check check-scripts test test-pythons docs dist bench bench-train bench-serve soak bench-batch bench-form bench-real kill test-ray errors robustness fuzz story model samples clean

help:
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/for-users  ## install into .venv, read the sample pictures, train the article's network
	mkdir -p build
	$(BIN)/tenfold read samples/*.jpg
	$(BIN)/tenfold read samples/7.jpg --show build/seven.png --force
	$(BIN)/tenfold train article
	@echo "Open build/seven.png to see how a photo becomes the image that the network reads."

demo-form: $(VENV)/for-developers  ## the worked example of a form: from its blank page to a table, build/temperature-log/results.csv
	rm -rf build/temperature-log
	mkdir -p build
	$(BIN)/tenfold form new build/temperature-log examples/temperature-log/blank.png
	cp examples/temperature-log/form.toml build/temperature-log/form.toml  # the fields named, with what they must hold
	$(BIN)/tenfold form read build/temperature-log examples/temperature-log/scans || [ $$? = 3 ]
	$(BIN)/tenfold form export build/temperature-log build/temperature-log/results.csv
	@echo "What is written on the sheets is in examples/temperature-log/values.csv."

check: $(VENV)/for-developers check-scripts  ## format, lint, types, layers and the quick unit tests, in under a minute
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --cache-dir .cache/import_linter
	OMP_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist loadfile -m "not slow and not browser and not torch" tests/unit tests/architecture

test: $(VENV)/for-developers check-scripts  ## everything that a change must pass
	@$(call debian,chromium,the tests of the pages are skipped)
	@$(call debian,strace,one test of privacy is skipped)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --cache-dir .cache/import_linter
	OMP_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist loadfile -m "not slow"
	OMP_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist loadfile -m slow tests/acceptance
	$(BIN)/pytest -m slow --ignore tests/acceptance  # wall-clock limits: nothing else may run beside them

check-scripts:  ## lint and unit tests of the scripts of the pages, where node is installed
	@command -v node > /dev/null || echo "node is not installed: the scripts of the pages are not checked"
	@! command -v node > /dev/null || node --test tests/scripts/*.test.js
	@! command -v npm > /dev/null || [ -x $(OXLINT) ] || npm install --prefix .cache/node --no-audit --no-fund --silent \
		oxlint@$$(sed -n 's/.*"oxlint": "\(.*\)".*/\1/p' package.json) || echo "oxlint cannot be installed"
	@[ ! -x $(OXLINT) ] || $(OXLINT) src/tenfold/server/static

test-pythons:  ## the quick unit tests, from a wheel, on every Python that tenfold supports
	@for version in $(PYTHONS); do scripts/test_python.sh $$version || exit 1; done

test-ray: $(VENV)/for-developers  ## tenfold batch on a Ray cluster of two nodes, with S3, on this machine
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[ray]'
	$(BIN)/pip install --quiet 'moto[s3]' flask flask-cors boto3  # boto3 wants an older python-dateutil than the constraints
	$(BIN)/pytest -m ray tests/cluster

docs: $(VENV)/for-developers  ## build the documentation site as build/site; a broken link is an error
	$(BIN)/python scripts/build_reference.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "Open build/site/index.html."

dist: $(VENV)/for-developers  ## build and check the source distribution and the wheel, of tracked files only
	rm -rf dist
	$(BIN)/python -m build
	$(BIN)/twine check --strict dist/*

bench: $(VENV)/for-developers  ## the figures of networks and reading
	$(BIN)/python benchmarks/bench_onelayer.py
	$(BIN)/python benchmarks/bench_startup.py
	$(BIN)/python benchmarks/bench_digit_network.py reading
	$(BIN)/tenfold evaluate digits
	$(BIN)/tenfold ladder

bench-train: $(VENV)/for-developers  ## each training recipe with ten seeds, and the tutorials' recipe (half an hour)
	$(BIN)/python benchmarks/bench_digit_network.py training

bench-serve: $(VENV)/for-developers  ## latency of the page, a minute of load, 10,000 generated requests, the lab; all are printed
	@$(call debian,wrk,the load cannot be made)
	@$(call debian,chromium,the page cannot be timed)
	@failed=; for program in $(SERVE_FIGURES); do $(BIN)/python $$program || failed="$$failed $$program"; done; \
	[ -z "$$failed" ] || { echo "failed:$$failed"; exit 1; }

soak: $(VENV)/for-developers  ## half an hour of load: memory, latency, and no failed request
	@$(call debian,wrk,the load cannot be made)
	$(BIN)/python benchmarks/bench_server_load.py 1800

bench-batch: $(VENV)/for-developers  ## pictures and pages a second on 1 and 2 processes, memory over 100,000 pictures (half an hour)
	$(BIN)/python benchmarks/bench_batch.py

bench-form: $(VENV)/for-developers  ## forms: pages a second, error of registration, share without review and its errors
	$(BIN)/python benchmarks/bench_form.py

bench-real: $(VENV)/for-developers  ## tenfold compared with other readers on FOLDER=pictures, or on simulated photos
	$(BIN)/python benchmarks/compare_readers.py $(if $(FOLDER),"$(FOLDER)")

errors: $(VENV)/for-developers  ## a contact sheet of the mistakes on the same pictures, as build/mistakes.png
	$(BIN)/python benchmarks/error_gallery.py $(if $(FOLDER),"$(FOLDER)")

robustness: $(VENV)/for-developers  ## accuracy on digits degraded in thirty ways
	$(BIN)/python benchmarks/robustness.py

kill: $(VENV)/for-developers  ## kill tenfold batch 100 times, and resume it (ten minutes)
	$(BIN)/python scripts/kill_batch.py

fuzz: $(VENV)/for-developers  ## a million damaged inputs to the reader
	$(BIN)/python fuzz/fuzz_images.py

story: $(VENV)/for-developers  ## compute the numbers and pictures of the story (a minute or so)
	$(BIN)/python scripts/build_story.py

model: $(VENV)/for-developers  ## train the packaged networks from scratch, with five seeds (about an hour)
	$(BIN)/python scripts/train_pretrained.py

samples: $(VENV)/for-developers  ## draw the sample pictures
	$(BIN)/python scripts/make_samples.py

$(VENV)/for-users: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --editable '.[fast,serve]'
	touch $@

$(VENV)/for-developers: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --no-compile --constraint constraints.txt --editable '.[dev]'
	$(BIN)/python -m compileall -q -j 2 -x '/(tests?|_inductor)/' $(VENV)/lib > /dev/null 2>&1 || true  # pip would compile with one processor
	touch $@ $(VENV)/for-users

clean:  ## remove everything that the other targets make
	rm -rf $(VENV) build dist .cache .schemathesis
