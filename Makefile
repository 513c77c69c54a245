# `make help` lists the targets. Everything a fresh Debian 12 machine needs is installed by `make deps`, which the
# targets below call themselves.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
BUILD ?= build
JOBS ?= $(shell nproc)
# How long `make fuzz` fuzzes each parser.
FUZZ_SECONDS ?= 5
export FUZZ_SECONDS
LIFEBOAT = $(BUILD)/bin/lifeboat
IMAGES = $(BUILD)/images
MEDIA := netboot,iso,qcow2,raw,uki

# What builds the programs, what they start, and what the tests start. One name a line would be longer, not clearer.
BUILD_PACKAGES := g++ cmake ninja-build pkg-config make git libarchive-dev libcurl4-openssl-dev libssl-dev libsolv-dev \
  libtomlplusplus-dev nlohmann-json3-dev libcli11-dev liblzma-dev zlib1g-dev libblkid-dev libcrypt-dev libyaml-dev libexpat1-dev nettle-dev libssh-dev catch2
RUN_PACKAGES := busybox-static ca-certificates cryptsetup-bin debian-archive-keyring dosfstools e2fsprogs grub-common gpgv kmod mtools openssh-client ovmf qemu-system-x86 qemu-utils squashfs-tools \
  squashfs-tools-ng sbsigntool xorriso zstd
TEST_PACKAGES := apt-utils cpio dnsmasq-base dpkg-dev btrfs-progs fdisk gddrescue genisoimage gnupg iproute2 kea-dhcp4-server kea-dhcp6-server libarchive-tools \
  mandoc mmdebstrap openssh-server openssl openvswitch-switch efitools python3-jsonschema radvd rsync uidmap xfsprogs
FUZZ_PACKAGES := clang libclang-rt-dev
CHECK_PACKAGES := clang-format clang-tidy
SBOM_PACKAGES := debian-archive-keyring python3-click python3-license-expression python3-ply python3-rdflib \
  python3-semantic-version python3-uritools python3-xmltodict python3-yaml

.PHONY: help deps deps-check build image images test test-unit test-qemu test-all fuzz check check-sbom format sanitize bench clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /  \1\t/p' Makefile | expand -t 16

deps: ## install what building, running and testing need (apt-get, through sudo where not root)
	@$(call install,$(BUILD_PACKAGES) $(RUN_PACKAGES) $(TEST_PACKAGES) $(FUZZ_PACKAGES))

deps-check: ## install what `make check` needs
	@$(call install,$(CHECK_PACKAGES))

# Asks apt only for what is missing, so that a complete machine needs no network. openssh-server and others would start daemons on
# the build host, and policy-rc.d is Debian's own way to say no; an existing one is left alone.
define install
missing=$$(for package in $(1); do dpkg-query -Wf '$${db:Status-Status}' $$package 2>/dev/null | grep -qx installed || echo $$package; done); \
if [ -n "$$missing" ]; then \
  echo "installing:" $$missing; \
  policy=/usr/sbin/policy-rc.d; made=; \
  if [ ! -e $$policy ]; then made=1; printf '#!/bin/sh\nexit 101\n' | $(SUDO) tee $$policy >/dev/null; $(SUDO) chmod 755 $$policy; fi; \
  trap '[ -z "$$made" ] || $(SUDO) rm -f $$policy' EXIT; \
  $(SUDO) apt-get update -qq; \
  $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
fi
endef

# $(call beside_guests,TARGET,COMMAND): both; TARGET takes only what COMMAND's guests leave of the processors (nearly half of two).
# What it said comes in the end. It has a session of its own, since processors are shared out by session first (sched(7), autogroup).
define beside_guests
log=$$(mktemp); failed=; \
setsid sh -c '{ echo 19 >/proc/self/autogroup; } 2>/dev/null; chrt --idle 0 true 2>/dev/null && exec chrt --idle 0 "$$@"; exec "$$@"' sh $(MAKE) --no-print-directory $(1) >$$log 2>&1 & beside=$$!; \
trap 'kill -- -$$beside 2>/dev/null || :; rm -f $$log' EXIT; \
$(2) || failed=1; \
wait $$beside || failed=1; cat $$log; [ -z "$$failed" ]
endef

build: deps ## build both programs and all tests into build/
	@[ -f $(BUILD)/build.ninja ] || cmake -S . -B $(BUILD) -G Ninja
	@cmake --build $(BUILD) -j $(JOBS)

image: build ## build the Debian 12 rescue image into out/ and say how to try it
	@$(LIFEBOAT) build recipes/debian-12.toml
	@echo
	@echo "The image is in out/debian-12-amd64. Try it in QEMU:"
	@echo "  $(LIFEBOAT) boot out/debian-12-amd64"

images: build ## the images that the QEMU tests boot (quick compression)
	@$(LIFEBOAT) build recipes/debian-12-cloud.toml --fast --media $(MEDIA) --output $(IMAGES)/debian-12-cloud-amd64
	@$(LIFEBOAT) build recipes/debian-12.toml --fast --media $(MEDIA) --output $(IMAGES)/debian-12-amd64

test: test-unit images ## set up everything and pass every test
	@$(call beside_guests,fuzz,$(MAKE) --no-print-directory test-qemu)

# One more than there are processors: some tests mostly wait for time-outs.
test-unit: build
	@ctest --test-dir $(BUILD) --output-on-failure -j $$(($(JOBS) + 1)) -LE 'qemu|image'

# A guest has two processors, and most tests have PROCESSORS 2: they run one after the other, and what mostly waits beside them.
test-qemu: images
	@ctest --test-dir $(BUILD) --output-on-failure -j 3 -L 'qemu|image'

# apt judges 200 random package sets in `make test`, and here 1,000; fuzzing has twelve times as long; the media boot in every
# machine that there is, not in a core of them alone.
test-all: export LIFEBOAT_WHOLE_MATRIX := 1
test-all: export LIFEBOAT_RANDOM_SETS := 1000
test-all: export FUZZ_SECONDS := 60
test-all: test check-sbom sanitize ## the long matrix: every test, and the unit tests again under the sanitizers

check-sbom: images ## hand the images' SBOMs to the SPDX project's own validator (from Debian's unstable suite)
	@$(call install,$(SBOM_PACKAGES))
	@builder/tests/build/check_sbom $(BUILD)/spdx-tools $(IMAGES)/*/sbom.spdx.json

sanitize: deps ## the unit tests under the address and undefined behaviour sanitizers
	@cmake --preset sanitize >/dev/null
	@cmake --build build-sanitize -j $(JOBS)
	@LIFEBOAT_RANDOM_SETS=20 ctest --test-dir build-sanitize --output-on-failure -j $(JOBS) -LE 'qemu|image|network'

fuzz: deps ## fuzz what parses foreign bytes, two parsers at a time, each for FUZZ_SECONDS=5 or six times that
	@cmake --preset fuzz >/dev/null
	@cmake --build build-fuzz -j $(JOBS)
	@ctest --test-dir build-fuzz --output-on-failure -j 2 --timeout $$((6 * $(FUZZ_SECONDS) + 300))

# clang-tidy takes each file's own command, which a unity build has not: a folder that is configured and never built has.
check: deps deps-check ## formatting and static analysis
	@git ls-files '*.cpp' '*.hpp' | xargs clang-format --dry-run -Werror
	@cmake -S . -B build-check -G Ninja -DLIFEBOAT_UNITY=OFF >/dev/null
	@git ls-files '*.cpp' | xargs -P $(JOBS) -n 4 clang-tidy --quiet -p build-check 2>/dev/null

format: deps-check ## rewrite the sources as clang-format would
	@git ls-files '*.cpp' '*.hpp' | xargs clang-format -i

bench: build images ## build times, memory, sizes and boot times, each beside its limit, its floor or another tool
	@$(BUILD)/tests/bench

clean: ## remove what was built (not the download cache)
	@rm -rf $(BUILD) build-sanitize build-fuzz build-check
