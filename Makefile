# rootc: one manifest in, one bootable image out.
#
#   make                build/rootc; needs a C compiler and the libraries' -dev packages, and says which is missing
#   make install        PREFIX=/usr/local DESTDIR=: program, library, manual, completion, schema; make uninstall takes them away
#   make clean          takes away build/
#
# What follows installs what it needs and is missing.
#   make demo           builds, fetches, compiles manifests/minimal.yaml and boots it to a prompt
#   make check          passes all tests
#   make check-san      unit tests and golden cases under ASan and UBSan
#   make check-boot     boots every example, and mbr and gpt by each GRUB with ext2 and ext4, in QEMU: a table with times; and images known not to start
#   make check-closure  holds `rootc closure` to the real loaders of this system and of foreign ones
#   make check-rules    takes out the code of each of the loaders' rules, and expects a test to fail
#   make check-faults   builds while calls fail, signals come, memory and disk end, and sources change
#   make check-load     asks inspect about 1,000 random bytes (icheck, ncheck), and verify about 1,800 flipped bits of ext4, FATs and swap, and images cut short
#   make check-trees    builds 500 random trees (TREES=50 for fewer, SEED=1 on), each judged by e2fsck, debugfs and Linux
#   make check-decompile    decompiles the images of the same trees, and builds them again: byte for byte
#   make check-versions check-arch check-compilers check-reproducible    each golden image has one hash, with the libraries of four
#                       Debian releases, on i386, arm64 and s390x, by 27 ways to compile, and in 327 environments
#   make check-vendor   builds the examples from a fresh clone, vendored packages and no network, to their committed hashes
#   make check-editors  ajv's verdicts of the golden manifests by the schema, and yaml-language-server driven as by an editor
#   make check-package  builds the Debian packages, asks lintian, and tries what they hold
#   make bench          speed and memory as ratios against a peer in the same run
#   make fuzz-elf       feeds damaged files to the ELF reader and to libelf for FUZZ_SECONDS; fuzz-manifest: texts to read/; fuzz-load: images to load/
#
#   make golden-update  rewrites the golden expectations; read the diff
#   make schema         rewrites schema/rootc.schema.json from the table in compiler/read/
#
#   VARIANT=release (default), debug, san (ASan and UBSan) or fuzz (the same for libFuzzer);  CC=clang;  WERROR=-Werror;  V=1 shows the commands

VARIANT ?= release
FUZZ_SECONDS ?= 600
TREES ?= 500
SEED ?= 1
WERROR ?=
JOBS := $(shell nproc 2>/dev/null || echo 1)
# V=1 shows the commands.
say = $(if $(V),,@echo '  $1' && )
B = build/$(VARIANT)

# The stages and their files, in the order in which data goes through them.
SUPPORT = $(notdir $(basename $(wildcard compiler/support/*.c)))
MODEL = $(notdir $(basename $(wildcard compiler/model/*.c)))
READ = $(notdir $(basename $(wildcard compiler/read/*.c)))
CHECK = $(notdir $(basename $(wildcard compiler/check/*.c)))
FETCH = $(notdir $(basename $(wildcard compiler/fetch/*.c)))
RESOLVE = $(notdir $(basename $(wildcard compiler/resolve/*.c)))
PLAN = $(notdir $(basename $(wildcard compiler/plan/*.c)))
EMIT = $(notdir $(basename $(wildcard compiler/emit/*.c)))
LOAD = $(notdir $(basename $(wildcard compiler/load/*.c)))
DECOMPILE = $(notdir $(basename $(wildcard compiler/decompile/*.c)))
COMPARE = $(notdir $(basename $(wildcard compiler/compare/*.c)))
VIEW = $(notdir $(basename $(wildcard compiler/view/*.c)))
COMMAND = $(notdir $(basename $(wildcard compiler/command/*.c)))

LIBRARY_SOURCES = compiler/api.c compiler/inputs.c compiler/compile.c compiler/build.c compiler/images.c \
	$(SUPPORT:%=compiler/support/%.c) $(MODEL:%=compiler/model/%.c) $(READ:%=compiler/read/%.c) \
	$(CHECK:%=compiler/check/%.c) $(FETCH:%=compiler/fetch/%.c) $(RESOLVE:%=compiler/resolve/%.c) \
	$(PLAN:%=compiler/plan/%.c) $(EMIT:%=compiler/emit/%.c) $(LOAD:%=compiler/load/%.c) $(COMPARE:%=compiler/compare/%.c) \
	$(DECOMPILE:%=compiler/decompile/%.c) $(VIEW:%=compiler/view/%.c)
PROGRAM_SOURCES = compiler/main.c $(COMMAND:%=compiler/command/%.c) $(MALLOC_$(VARIANT))
UNIT_SOURCES = $(wildcard tests/unit/*.c)

# What they are linked with: header, library, Debian package of each.
LIBRARIES = yaml.h:yaml:libyaml-dev ext2fs/ext2fs.h:ext2fs:libext2fs-dev et/com_err.h:com_err:comerr-dev \
	libelf.h:elf:libelf-dev libfdisk/libfdisk.h:fdisk:libfdisk-dev nettle/sha2.h:nettle:nettle-dev
# Not linked but loaded when there is something to unpack (support/libarchive.c), by the name that a linked program would ask
# for: it is written in the library that cc would link with.
LOADED_LIBRARIES = archive.h:archive:libarchive-dev
LIBARCHIVE = $(shell $(CC) -print-file-name=libarchive.so)
LIBARCHIVE_SONAME = $(or $(shell LC_ALL=C readelf -d $(LIBARCHIVE) | sed -n 's/.*(SONAME).*\[\(.*\)\]/\1/p'), \
	$(error rootc needs libarchive.so; on Debian: apt install libarchive-dev))
DEV_PACKAGES = build-essential libyaml-dev libext2fs-dev libelf-dev libfdisk-dev nettle-dev libarchive-dev
DEMO_PACKAGES = qemu-system-x86
# What makes the inputs of the golden cases.
INPUT_PACKAGES = xz-utils zstd
CHECK_PACKAGES = $(DEMO_PACKAGES) libcmocka-dev liblzma-dev libzstd-dev cpio e2fsprogs genext2fs genimage dosfstools mtools fdisk gdisk ninja-build strace shellcheck \
	python3-jsonschema python3-yaml patch perl-base util-linux musl-tools grub-common grub-pc-bin grub-efi-amd64-bin $(INPUT_PACKAGES) ovmf qemu-efi-aarch64 \
	mandoc zsh fish pkgconf umoci skopeo
CLOSURE_PACKAGES = binutils perl-base qemu-user-static util-linux $(INPUT_PACKAGES)
ARCH_PACKAGES = gcc-i686-linux-gnu gcc-aarch64-linux-gnu gcc-s390x-linux-gnu binutils qemu-user-static $(INPUT_PACKAGES)
REPRODUCIBLE_PACKAGES = binutils disorderfs faketime locales-all reprotest strace tzdata util-linux $(INPUT_PACKAGES)
PACKAGE_PACKAGES = debhelper dpkg-dev lintian pkgconf

OPTIMISE_debug = -O0 -g3
OPTIMISE_release = -O2 -g
OPTIMISE_san = -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
OPTIMISE_fuzz = -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
MALLOC_debug = compiler/malloc.c
MALLOC_release = compiler/malloc.c
MALLOC_san =
MALLOC_fuzz =

ifeq ($(OPTIMISE_$(VARIANT)),)
$(error there is no VARIANT=$(VARIANT): say release, debug, san or fuzz)
endif

WARNINGS = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wconversion -Wwrite-strings -Wvla -Wundef \
	-Wpointer-arith -Wformat=2 -Wswitch-enum
ALL_CFLAGS = -std=c11 -pthread $(OPTIMISE_$(VARIANT)) $(WARNINGS) $(WERROR) $(CFLAGS)
ALL_CPPFLAGS = -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Icompiler -Iinclude -MMD -MP $(CPPFLAGS)
ALL_LDFLAGS = -pthread -Wl,--build-id $(filter -fsanitize=%,$(OPTIMISE_$(VARIANT))) $(LDFLAGS)
# glibc had dlopen in a library of its own before 2.34.
LDLIBS = $(foreach l,$(LIBRARIES),-l$(word 2,$(subst :, ,$l))) -ldl

LIBRARY_OBJECTS = $(LIBRARY_SOURCES:%.c=$B/%.o)
PROGRAM_OBJECTS = $(PROGRAM_SOURCES:%.c=$B/%.o)
UNIT_OBJECTS = $(UNIT_SOURCES:%.c=$B/%.o)

.DELETE_ON_ERROR:

all: build/rootc

# Whatever the variant, the program is build/rootc.
build/rootc: $B/rootc FORCE
	@ln -sfn $(VARIANT)/rootc $@

FORCE:

$B/rootc: $(PROGRAM_OBJECTS) $B/librootc.a
	$(call say,LINK $@)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS)

$B/librootc.a: $(LIBRARY_OBJECTS) $B/sources
	@rm -f $@
	$(call say,AR   $@)$(AR) rcs $@ $(LIBRARY_OBJECTS)

$B/%.o: %.c $B/flags | $B/libraries
	@mkdir -p $(@D)
	$(call say,CC   $<)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<

$B/compiler/support/libarchive.o $B/tests/unit/test_unpack.o: ALL_CPPFLAGS += -DLIBARCHIVE_SONAME='"$(LIBARCHIVE_SONAME)"'

# What `rootc init` copies, the one that it takes by itself first.
TEMPLATES = manifests/minimal.yaml $(filter-out manifests/minimal.yaml,$(sort $(wildcard manifests/*.yaml)))
$B/compiler/command/init.o: $B/generated/command/templates.inc
$B/compiler/command/init.o: ALL_CPPFLAGS += -I$B/generated
$B/generated/command/templates.inc: compiler/command/templates.sh $(TEMPLATES)
	@mkdir -p $(@D)
	$(call say,GEN  $@)compiler/command/templates.sh $(TEMPLATES) >$@

# What objects depend on besides their sources: rewritten only when the compiler, a flag or the list of files is another one.
$B/flags: FORCE
	@$(call rewrite,$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS))
$B/sources: FORCE
	@$(call rewrite,$(LIBRARY_SOURCES))
rewrite = mkdir -p $(@D); echo '$1' | cmp -s - $@ || echo '$1' >$@

# Made once all headers are found; until then says what to install.
$B/libraries:
	@mkdir -p $(@D)
	@for l in $(LIBRARIES) $(LOADED_LIBRARIES); do \
		header=$${l%%:*}; package=$${l##*:}; \
		echo "#include <$$header>" | $(CC) $(CPPFLAGS) -E -x c - >/dev/null 2>&1 || \
			{ echo "rootc needs <$$header>; on Debian: apt install $$package" >&2; missing=yes; }; \
	done; test -z "$$missing"
	@touch $@

$B/unit: $(UNIT_OBJECTS) $B/librootc.a
	$(call say,LINK $@)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS) -lcmocka -llzma -lzstd

# Only with VARIANT=fuzz, by tests/fuzz/run.sh, which fetches libelf's source for it.
ELFUTILS = build/fuzz/elfutils
LIBELF_OBJECTS = $(patsubst $(ELFUTILS)/libelf/%.c,$B/libelf/%.o,$(wildcard $(ELFUTILS)/libelf/*.c))

FUZZ_OBJECTS = $(patsubst %.c,$B/%.o,$(wildcard tests/fuzz/*.c))

.SECONDARY: $(LIBELF_OBJECTS) $(FUZZ_OBJECTS)

$B/libelf/%.o: $(ELFUTILS)/libelf/%.c tests/fuzz/config.h $B/flags
	@mkdir -p $(@D)
	$(call say,CC   $<)$(CC) -std=gnu99 $(OPTIMISE_$(VARIANT)) -w -DHAVE_CONFIG_H -D_GNU_SOURCE -Itests/fuzz -I$(ELFUTILS)/lib -I$(ELFUTILS)/libelf -c -o $@ $<

$B/fuzz-%: $B/tests/fuzz/%.o $B/tests/fuzz/limits.o $B/librootc.a $(LIBELF_OBJECTS)
	$(call say,LINK $@)$(CC) -fsanitize=fuzzer,address,undefined $(LDFLAGS) -o $@ $^ $(LDLIBS) -lz

build/tools/mkelf: tests/tools/mkelf.c
	@mkdir -p $(@D)
	$(call say,CC   $<)$(CC) -std=c11 -D_GNU_SOURCE -O1 -Wall -Wextra $(WERROR) -o $@ $<

build/tools/clone.so: tests/tools/clone.c
	@mkdir -p $(@D)
	$(call say,CC   $<)$(CC) -std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -O1 -shared -fPIC -Wall -Wextra $(WERROR) -o $@ $<

build/tools/clock.so: tests/tools/clock.c
	@mkdir -p $(@D)
	$(call say,CC   $<)$(CC) -std=c11 -D_GNU_SOURCE -O1 -shared -fPIC -Wall -Wextra $(WERROR) -o $@ $<

build/tools/payload: tests/tools/payload.c
	@mkdir -p $(@D)
	$(call say,CC   $<)$(CC) -std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -O2 -Wall -Wextra $(WERROR) -o $@ $<

build/tools/guest: tests/tools/guest.c
	@mkdir -p $(@D)
	$(call say,CC   $<)$(CC) -std=c11 -D_GNU_SOURCE -O2 -Wall -Wextra $(WERROR) -static -o $@ $<

build/tools/faults.so: tests/tools/faults.c
	@mkdir -p $(@D)
	$(call say,CC   $<)$(CC) -std=c11 -D_GNU_SOURCE -O1 -Wall -Wextra $(WERROR) -fPIC -shared -o $@ $< -ldl

# Where `make install` puts things; DESTDIR stands before all of them.
PREFIX ?= /usr/local
BIN = $(DESTDIR)$(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
LIB = $(DESTDIR)$(LIBDIR)
INCLUDE = $(DESTDIR)$(PREFIX)/include
SHARE = $(DESTDIR)$(PREFIX)/share
VERSION = $(shell sed -n 's/^.define ROOTC_VERSION "\(.*\)"/\1/p' compiler/command/command.h)
COMPLETIONS = bash:bash-completion/completions/rootc zsh:zsh/site-functions/_rootc fish:fish/vendor_completions.d/rootc.fish

install: all
	@install -d "$(BIN)" "$(LIB)/pkgconfig" "$(INCLUDE)/rootc" "$(SHARE)/rootc" "$(SHARE)/man/man1" "$(SHARE)/man/man5" "$(SHARE)/man/man7"
	install -m 755 $B/rootc "$(BIN)/rootc"
	install -m 644 $B/librootc.a "$(LIB)/librootc.a"
	install -m 644 include/rootc/* "$(INCLUDE)/rootc"
	install -m 644 schema/rootc.schema.json "$(SHARE)/rootc/rootc.schema.json"
	@printf '%s\n' 'prefix=$(PREFIX)' 'Name: rootc' 'Description: compiles a manifest into a bootable disk image' 'Version: $(VERSION)' \
		'Cflags: -I$${prefix}/include' 'Libs: -L$(LIBDIR) -lrootc $(LDLIBS) -pthread' >"$(LIB)/pkgconfig/rootc.pc"
	@for page in $$($B/rootc manual); do $B/rootc manual $${page%.*} >"$(SHARE)/man/man$${page##*.}/$$page" || exit; done
	@for c in $(COMPLETIONS); do \
		install -d "$(SHARE)/$$(dirname $${c#*:})" && $B/rootc completion $${c%%:*} >"$(SHARE)/$${c#*:}" || exit; done

uninstall: all
	rm -f "$(BIN)/rootc" "$(LIB)/librootc.a" "$(LIB)/pkgconfig/rootc.pc"
	rm -rf "$(INCLUDE)/rootc" "$(SHARE)/rootc"
	@for page in $$($B/rootc manual); do rm -f "$(SHARE)/man/man$${page##*.}/$$page"; done
	@for c in $(COMPLETIONS); do rm -f "$(SHARE)/$${c#*:}"; done

demo: install-demo
	@$(MAKE) --no-print-directory -j$(JOBS) all
	@tests/boot/demo.sh build/rootc build/demo

install-demo:
	@tests/install.sh $(DEV_PACKAGES) $(DEMO_PACKAGES)

install-check:
	@tests/install.sh $(DEV_PACKAGES) $(CHECK_PACKAGES)

check: install-check
	@$(MAKE) --no-print-directory -j$(JOBS) all $B/unit build/tools/mkelf build/tools/clone.so build/tools/clock.so
	@tests/check.sh build/rootc $B/unit

install-closure:
	@tests/install.sh $(DEV_PACKAGES) $(CLOSURE_PACKAGES)

# What takes emulators, other architectures' packages and minutes.
check-closure: install-closure
	@$(MAKE) --no-print-directory -j$(JOBS) all build/tools/mkelf
	@tests/closure/check.sh build/rootc

# All examples on all machines they are for, all cells of the matrix, and images that cannot start.
check-boot: install-demo
	@tests/install.sh ovmf qemu-system-arm qemu-efi-aarch64
	@$(MAKE) --no-print-directory -j$(JOBS) all
	@tests/boot/matrix.sh build/rootc
	@tests/boot/forced.sh build/rootc

# The examples from what was vendored, where there is no store and no network; needs apt to fetch it first.
check-vendor:
	@tests/install.sh $(DEV_PACKAGES) git util-linux
	@$(MAKE) --no-print-directory -j$(JOBS) all
	@tests/vendor.sh build/rootc build/vendor

# The unit tests and golden cases again, with every access checked.
check-san: install-check
	@$(MAKE) --no-print-directory -j$(JOBS) VARIANT=san build/san/rootc build/san/unit build/tools/mkelf
	@tests/check.sh build/san/rootc build/san/unit unit golden

# One hash for each golden image, everywhere.
check-versions:
	@tests/install.sh $(DEV_PACKAGES) $(INPUT_PACKAGES)
	@tests/identity/versions.sh

check-arch:
	@tests/install.sh $(DEV_PACKAGES) $(ARCH_PACKAGES)
	@tests/identity/arch.sh

check-compilers:
	@tests/install.sh $(DEV_PACKAGES) $(INPUT_PACKAGES) clang
	@tests/identity/compilers.sh

check-reproducible:
	@tests/install.sh $(DEV_PACKAGES) $(REPRODUCIBLE_PACKAGES)
	@$(MAKE) --no-print-directory -j$(JOBS) build/release/rootc build/tools/mkelf
	@tests/identity/reproducible.sh build/release/rootc build/release/librootc.a

check-rules: install-check
	@tests/rules/run.sh

# A build on a host that goes wrong: calls that fail, signals, no memory, no room, other processes.
check-faults: install-check
	@$(MAKE) --no-print-directory -j$(JOBS) all build/tools/faults.so build/tools/mkelf
	@tests/faults/run.py build/rootc build/tools/faults.so build/tools/mkelf build/faults

# The schema in the hands of editors.
check-editors:
	@tests/install.sh python3-jsonschema python3-yaml
	@command -v npm >/dev/null || tests/install.sh nodejs npm
	@tests/schema/editors.sh build/editors

# The Debian packages of debian/.
check-package:
	@tests/install.sh $(DEV_PACKAGES) $(PACKAGE_PACKAGES)
	@tests/package.sh

# 500 random trees, each read back by e2fsck, debugfs and Linux; TREES=1 SEED=n repeats one.
check-trees: install-check
	@$(MAKE) --no-print-directory -j$(JOBS) all build/tools/guest
	@TREES=$(TREES) SEED=$(SEED) tests/trees/run.py build/rootc build/tools/guest build/trees

# The same trees, decompiled and built again: the same bytes.
check-decompile: install-check
	@$(MAKE) --no-print-directory -j$(JOBS) all
	@TREES=$(TREES) SEED=$(SEED) tests/decompile/trees.py build/rootc build/decompile

# 1,000 random bytes of a file system, as debugfs sees them; flipped bits of ext4, of FATs and of the header of swap space, and images
# that end too early, all of which verify must see.
check-load: install-check
	@$(MAKE) --no-print-directory -j$(JOBS) all
	@rm -rf build/load && mkdir -p build/load
	@tests/load/random.py build/rootc build/load

golden-update: build/rootc build/tools/mkelf
	tests/golden/run.sh --update build/rootc

schema: build/rootc
	build/rootc schema >build/schema && mv build/schema schema/rootc.schema.json

bench: build/rootc build/tools/mkelf build/tools/payload
	@tests/bench/run.sh build/rootc
	@tests/bench/closure.sh build/rootc build/tools/mkelf
	@tests/bench/writer.sh build/rootc build/tools/payload
	@tests/bench/diff.sh build/rootc build/tools/payload
	@tests/bench/targets.sh build/rootc build/tools/payload

fuzz-elf fuzz-manifest fuzz-load: fuzz-%:
	@tests/fuzz/run.sh $* $(FUZZ_SECONDS)

clean:
	rm -rf build

-include $(LIBRARY_OBJECTS:.o=.d) $(PROGRAM_OBJECTS:.o=.d) $(UNIT_OBJECTS:.o=.d) $(FUZZ_OBJECTS:.o=.d)

.PHONY: all install uninstall demo install-demo install-check install-closure check check-arch check-boot check-closure \
	check-compilers check-decompile check-editors check-faults check-load check-package check-reproducible check-rules check-san check-trees check-vendor check-versions golden-update schema bench \
	fuzz-elf fuzz-manifest fuzz-load clean
