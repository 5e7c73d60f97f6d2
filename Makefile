# make demo    read the sample pictures and train the article's network
# make test    format, lint, types, layers and all tests
# make bench   print the README's figures of networks and reading; the next two print those of serving and of peers
# make bench-serve    time the page, load the server for a minute, send it 10,000 requests made up from its description
# make bench-real FOLDER=...    tenfold beside its peers, on pictures sorted by digit; without FOLDER on simulated photos
# make mistakes FOLDER=...    draw what tenfold gets wrong of the same pictures, with a word on why, as build/mistakes.png
# make spoilt  how well digits are read that were badly lit, badly written, badly photographed, in thirty ways
# make bench-train    train each recipe with ten seeds, and a common tutorial's (half an hour)
# make fuzz    hand the reader a million damaged inputs
# make story   compute the story's numbers and pictures, and train the ladder for it (a minute or so)
# make model   train the packaged networks anew, from nothing, the digit network with five seeds (about an hour)
# make clean   remove what the others made

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test bench bench-real mistakes spoilt bench-serve bench-train fuzz model story clean

demo: $(VENV)/for-users
	mkdir -p build
	$(BIN)/tenfold read samples/*.jpg
	$(BIN)/tenfold read samples/7.jpg --show build/seven.png --force
	$(BIN)/tenfold train article
	@echo "Open build/seven.png to see how a photo becomes what the network sees."

test: $(VENV)/for-developers
	@$(call debian,chromium,the tests of the page are skipped)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --cache-dir .cache/import_linter
	$(BIN)/pytest -n 2 --dist loadfile

bench: $(VENV)/for-developers
	$(BIN)/python benchmarks/bench_onelayer.py
	$(BIN)/python benchmarks/bench_startup.py
	$(BIN)/python benchmarks/bench_digit_network.py reading
	$(BIN)/tenfold evaluate digits
	$(BIN)/tenfold ladder

bench-serve: $(VENV)/for-developers
	@$(call debian,wrk,the load cannot be made)
	@$(call debian,chromium,the page cannot be timed)
	$(BIN)/python benchmarks/bench_page_latency.py
	$(BIN)/python benchmarks/bench_server_load.py
	$(BIN)/python fuzz/fuzz_http.py
	$(BIN)/python benchmarks/bench_lab.py

bench-real: $(VENV)/for-developers
	$(BIN)/python benchmarks/compare_readers.py $(if $(FOLDER),"$(FOLDER)")

mistakes: $(VENV)/for-developers
	$(BIN)/python benchmarks/error_gallery.py $(if $(FOLDER),"$(FOLDER)")

spoilt: $(VENV)/for-developers
	$(BIN)/python benchmarks/robustness.py

bench-train: $(VENV)/for-developers
	$(BIN)/python benchmarks/bench_digit_network.py training

fuzz: $(VENV)/for-developers
	$(BIN)/python fuzz/fuzz_images.py

model: $(VENV)/for-developers
	$(BIN)/python scripts/train_pretrained.py

story: $(VENV)/for-developers
	$(BIN)/python scripts/build_story.py

$(VENV)/for-users: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --editable .
	touch $@

$(VENV)/for-developers: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@ $(VENV)/for-users

clean:
	rm -rf $(VENV) build .cache .schemathesis
