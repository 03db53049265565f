# SPDX-License-Identifier: MIT
# A thin layer over CMake: each target does all set-up it needs, on a bare Debian too.
#
#   make demo     the tour: blank card -> signature that openssl verifies   (FILE=... for your file)
#   make test     everything CI runs: build with gcc, tests, sanitizers, clang, Windows cross-builds
#   make          build/bin/cardmint, build/lib/cardmint.so, build/lib/softreader/libpcsclite.so.1
#   make check    build and test the release build only (the quick one)
#   make certify  every requirement of the certification document, on our module, on cards of four kinds; build/certification
#   make mutants  break the module, one thing at a time: does the kit see it? (20 minutes at most)
#   make mutants-all   the same, each mutation against all requirements (hours)
#   make tidy | install PREFIX=... | clean

FILE ?= README.md
PREFIX ?= /usr/local
JOBS ?= $(shell nproc)

.PHONY: all demo certify test check mutants mutants-all asan clang mingw tidy install clean setup-build setup-test build-test

all: setup-build
	@mkdir -p build
	@cmake --preset release -DCARDMINT_TESTS=OFF >build/configure.log 2>&1 || { cat build/configure.log; exit 1; }
	@cmake --build --preset release

demo: all
	@examples/demo.sh build $(FILE)

certify: all
	@for p in gids gids-read-only piv piv-read-only; do \
	  build/bin/cardmint certify --profile $$p --report build/certification/$$p || exit 1; done

setup-build:
	@scripts/setup.sh build

setup-test:
	@scripts/setup.sh test

check: setup-test
	cmake --preset release -DCARDMINT_TESTS=ON -DCARDMINT_REQUIRE_TOOLS=ON
	cmake --build --preset release
	ctest --preset release -j$(JOBS)

build-test: setup-test
	cmake --preset release -DCARDMINT_TESTS=ON
	cmake --build --preset release

MUTANTS = python3 tests/kit/mutants.py --build build --mutants build/release/tests/kit/mutant --jobs $(JOBS)

mutants: build-test
	$(MUTANTS) --limit 20

mutants-all: build-test
	$(MUTANTS) --all

asan: setup-test
	cmake --preset asan -DCARDMINT_REQUIRE_TOOLS=ON
	cmake --build --preset asan
	ctest --preset asan -j$(JOBS)

clang: setup-test
	cmake --preset clang
	cmake --build --preset clang

mingw: setup-test
	for p in mingw mingw32; do cmake --preset $$p && cmake --build --preset $$p || exit 1; done
	sh tests/house/dll.sh x86_64-w64-mingw32 build/mingw/lib/cardmint.dll
	sh tests/house/dll.sh i686-w64-mingw32 build/mingw32/lib/cardmint.dll

test: clang mingw asan check

tidy: setup-test
	cmake --preset debug
	run-clang-tidy -quiet -p build/debug "$(CURDIR)/(base|crypto|iso7816|pcsc|edge|minidriver|host|kit|cli|softcard|softreader)/.*\.c$$"

install: all
	cmake --install build/release --prefix $(PREFIX)

clean:
	rm -rf build
