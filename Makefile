# MatR - `make help` lists the targets.
#
# Knobs (make NAME=VALUE):
#   BUILD     where everything is built                    (build)
#   CC        the compiler                                 (gcc)
#   DEBUG=1   no optimisation, for a debugger
#   SANITIZE=1  ASan and UBSan in everything hosted         (BUILD becomes build-san)
#   V=1       show the commands
#   DESTDIR, PREFIX, SHIMDIR, UNITDIR, HOOKS  for install   (PREFIX=/usr)

SANITIZE ?=
DEBUG ?=
BUILD ?= $(if $(SANITIZE),build-san,build)
PREFIX ?= /usr
CC = gcc
PKG_CONFIG ?= pkg-config
Q = $(if $(V),,@)
SAY = $(if $(V),@:,@printf '  %-6s %s\n')

OPTIMISE = $(if $(DEBUG),-O0,-O2)
WARN = -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
CFLAGS ?= -g
SAN = $(if $(SANITIZE),-fsanitize=address$(,)undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
, := ,
ALL_CFLAGS = -std=gnu11 $(OPTIMISE) $(WARN) $(CFLAGS) -I. -D_GNU_SOURCE -pthread $(SAN)
LIBS = -lelf -llmdb -lxxhash -ljansson -lcapstone -lmd -lzstd -lseccomp -pthread

# One folder, one archive; the order is that of tests/include-table.sh.
HOSTED = common image matr-ld cache epochd inspect matr
src = $(sort $(wildcard $(1)/*.c))
obj = $(patsubst %.c,$(BUILD)/o/%.o,$(1))

LIB_matr_ld = $(call obj,$(filter-out matr-ld/main.c,$(call src,matr-ld)))
LIB_common = $(call obj,$(call src,common))
LIB_image = $(call obj,$(call src,image))
LIB_cache = $(call obj,$(call src,cache))
# The daemon's own files; the rest of the folder is the engine, which only matr links.
DAEMON = $(wildcard epochd/daemon*.c epochd/watch_*.c) $(patsubst %,epochd/%.c,main machine builder server \
	 loop log place status spots packages relevant)
OBJ_epochd = $(call obj,$(DAEMON) epochd/control.c epochd/roots.c)
LIB_epochd = $(call obj,$(filter-out $(DAEMON),$(call src,epochd)))
LIB_inspect = $(call obj,$(call src,inspect))
OBJ_matr = $(call obj,$(call src,matr))
OBJ_matr_ld = $(call obj,matr-ld/main.c)
SHIM_OBJ = $(patsubst %.c,$(BUILD)/shim/%.o,$(call src,ldso-shim) $(call src,image)) \
	   $(patsubst %.S,$(BUILD)/shim/%.o,$(sort $(wildcard ldso-shim/*.S)))

# The shim: no libc, position independent, no relocation of its own.
SHIM_CFLAGS = -std=gnu11 -Os $(WARN) -g -I. -fPIE -fvisibility=hidden -ffreestanding -nostdinc \
	-isystem $(shell $(CC) -print-file-name=include) -isystem /usr/include \
	-isystem /usr/include/x86_64-linux-gnu \
	-fno-stack-protector -fcf-protection=none -mno-red-zone -fno-jump-tables \
	-fno-asynchronous-unwind-tables -fno-plt -fno-tree-loop-distribute-patterns -fno-tree-switch-conversion \
	-mgeneral-regs-only -U_FORTIFY_SOURCE -D__NO_INLINE__

.PHONY: all help check check-packages demo lint fuzz install uninstall clean
all: $(BUILD)/matr $(BUILD)/matr-ld $(BUILD)/epochd $(BUILD)/ld-matr.so.1

help:
	@echo 'make            build $(BUILD)/matr, matr-ld, epochd and ld-matr.so.1'
	@echo 'make demo       the main job: install build packages, build, begin an epoch, show it'
	@echo 'make check      install test packages, build, run every test'
	@echo 'make lint       static analysis: clang-tidy, shellcheck, mandoc (installed already)'
	@echo 'make fuzz       fuzz all that reads what others wrote (FUZZ_SECONDS=60)'
	@echo 'make install    into DESTDIR and PREFIX; make uninstall takes it away again'
	@echo 'make clean      remove $(BUILD)'

$(BUILD)/matr: $(OBJ_matr) $(LIB_inspect) $(LIB_epochd) $(LIB_cache) $(LIB_matr_ld) $(LIB_image) $(LIB_common)
	$(SAY) LINK $@
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/matr-ld: $(OBJ_matr_ld) $(LIB_matr_ld) $(LIB_image) $(LIB_common)
	$(SAY) LINK $@
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

# It executes matr, so it neither resolves nor reads ELF files itself.
$(BUILD)/epochd: $(OBJ_epochd) $(LIB_cache) $(LIB_image) $(LIB_common)
	$(SAY) LINK $@
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ -llmdb -lxxhash -pthread

$(BUILD)/ld-matr.so.1: $(SHIM_OBJ) ldso-shim/shim.lds
	$(SAY) LINK $@
	$(Q)$(CC) -nostdlib -nostartfiles -shared -Wl,-T,ldso-shim/shim.lds -Wl,-z,now -Wl,-z,noexecstack \
		-Wl,--no-undefined -Wl,--build-id -Wl,--hash-style=gnu -Wl,-Bsymbolic -Wl,-e,_start \
		-Wl,-z,max-page-size=4096 -Wl,--strip-all -Wl,--version-script,ldso-shim/shim.map -o $@ $(SHIM_OBJ)
	$(Q)printf '\303' | dd of=$@ bs=1 conv=notrunc status=none \
		seek=$$((0x$$(nm -D $@ | sed -n 's/ . _dl_debug_state$$//p')))
	$(Q)printf '\000RtM' | dd of=$@ bs=1 conv=notrunc status=none seek=48 # e_flags: image/loader_path.h

$(BUILD)/o/%.o: %.c
	@mkdir -p $(@D)
	$(SAY) CC $<
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# The one hot loop of the shim besides materialise.
$(BUILD)/shim/image/hash.o $(BUILD)/shim/image/apply.o: SHIM_CFLAGS += -O2

$(BUILD)/shim/%.o: %.c
	@mkdir -p $(@D)
	$(SAY) SHIMCC $<
	$(Q)$(CC) $(SHIM_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/shim/%.o: %.S
	@mkdir -p $(@D)
	$(SAY) SHIMAS $<
	$(Q)$(CC) -I. -g -c -o $@ $<

check-packages:
	$(Q)tests/install-packages check

check: check-packages all
	$(Q)BUILD=$(abspath $(BUILD)) tests/run

# Long jobs run two at a time: LINT_JOBS, FUZZ_SECONDS (for each target).
LINT_JOBS ?= 2
FUZZ_SECONDS ?= 60
# hash.c is all xxhash.h, which the analyser doubts.
LINT_NOT = image/hash.c
SCRIPTS = $(wildcard tests/*.sh tests/run tests/install-packages workloads/*.sh) .ci/run \
	  $(shell grep -lsE -d skip '^\#!/bin/(ba)?sh' $(filter-out %.c %.tsv %.awk %.sh,$(wildcard workloads/* workloads/*.d/*)))

lint:
	$(SAY) LINT 'manual pages, scripts'
	$(Q)mandoc -T lint -W warning man/*.[158]
	$(Q)shellcheck -x $(SCRIPTS)
	$(SAY) LINT 'C (minutes; LINT_FILES="FILE..." for some of it)'
	$(Q)printf '%s\n' $(or $(LINT_FILES),$(filter-out $(LINT_NOT),$(foreach d,$(HOSTED) ldso-shim workloads,$(call src,$(d))))) | \
		xargs -P $(LINT_JOBS) -I FILE sh -c \
		'clang-tidy --quiet FILE -- -std=gnu11 -I. -D_GNU_SOURCE 2>/dev/null'

# The targets link what they need as sources: everything is instrumented.
FUZZ = $(patsubst tests/fuzz_%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz_*.c))
FUZZ_LIBS = $(call src,image) $(call src,common) $(filter-out matr-ld/main.c matr-ld/print.c,$(call src,matr-ld)) \
	$(call src,cache) epochd/bundle.c epochd/wire.c

$(BUILD)/fuzz/%: tests/fuzz_%.c $(FUZZ_LIBS)
	@mkdir -p $(@D)
	$(SAY) FUZZCC $@
	$(Q)clang -std=gnu11 -g -O1 -I. -D_GNU_SOURCE -pthread -fsanitize=fuzzer,address,undefined \
		-fno-sanitize-recover=undefined -o $@ $< $(FUZZ_LIBS) $(LIBS)

fuzz: all $(FUZZ)
	$(Q)BUILD=$(abspath $(BUILD)) tests/fuzz-run $(FUZZ_SECONDS) $(FUZZ)

# What is installed: SOURCE:MODE:TARGET.  The shim lies beside the system's loader, whatever PREFIX
# is: its path must be short.  HOOKS: the package managers whose runs MatR is told of,
# the makers of initramfs images (for system mode), AppArmor.
SHIMDIR ?= /lib64
UNITDIR ?= $(PREFIX)/lib/systemd/system
HOOKS ?= $(if $(wildcard /etc/apt/apt.conf.d),apt) $(if $(wildcard /usr/share/libalpm),pacman) \
	$(if $(wildcard /usr/share/initramfs-tools/hooks),initramfs-tools) \
	$(if $(wildcard /usr/lib/dracut/modules.d),dracut) $(if $(wildcard /usr/lib/initcpio/install),mkinitcpio) \
	$(if $(wildcard /etc/apparmor.d/abstractions),apparmor)
MANUALS = $(wildcard man/*.[158])
HOOKS_apt = packaging/apt/90matr:644:/etc/apt/apt.conf.d/90matr packaging/dpkg/matr:644:/etc/dpkg/dpkg.cfg.d/matr
HOOKS_pacman = $(foreach h,$(wildcard packaging/pacman/*.hook),$(h):644:/usr/share/libalpm/hooks/$(notdir $(h)))
HOOKS_initramfs-tools = packaging/initramfs/initramfs-tools:755:/usr/share/initramfs-tools/hooks/matr
HOOKS_dracut = packaging/initramfs/dracut:755:/usr/lib/dracut/modules.d/01matr/module-setup.sh
HOOKS_apparmor = packaging/apparmor/matr:644:/etc/apparmor.d/abstractions/base.d/matr
HOOKS_mkinitcpio = packaging/initramfs/mkinitcpio:644:/usr/lib/initcpio/install/matr
INSTALLED = $(BUILD)/ld-matr.so.1:755:$(SHIMDIR)/ld-matr.so.1 \
	$(BUILD)/matr:755:$(PREFIX)/bin/matr $(BUILD)/matr-ld:755:$(PREFIX)/bin/matr-ld \
	$(BUILD)/epochd:755:$(PREFIX)/sbin/epochd \
	$(foreach m,$(MANUALS),$(m):644:$(PREFIX)/share/man/man$(patsubst .%,%,$(suffix $(m)))/$(notdir $(m))) \
	packaging/matr.conf:644:$(PREFIX)/share/doc/matr/examples/matr.conf \
	packaging/systemd/epochd.service:644:$(UNITDIR)/epochd.service \
	packaging/sysusers/matr.conf:644:$(PREFIX)/lib/sysusers.d/matr.conf \
	$(foreach h,$(HOOKS),$(HOOKS_$(h)))

# Each file is replaced at once, so that a start never misses the shim.
install: all
	$(Q)set -e; for f in $(INSTALLED); do \
		source=$${f%%:*} mode=$${f#*:} target=$(DESTDIR)$${f##*:}; mode=$${mode%%:*}; \
		$(if $(V),echo "$$target";) install -D -m $$mode $$source $$target.matr-new; \
		case $$source in packaging/*) sed -i 's,/usr/\(bin/matr\|sbin/epochd\),$(PREFIX)/\1,g' $$target.matr-new ;; esac; \
		mv -f $$target.matr-new $$target; \
	done

# A program that is still enabled would not start without the shim: they are disabled first.
uninstall:
	$(if $(DESTDIR),,$(Q)packaging/leave $(PREFIX))
	$(Q)rm -f $(foreach f,$(INSTALLED),$(DESTDIR)$(lastword $(subst :, ,$(f))))
	$(Q)rmdir $(DESTDIR)$(PREFIX)/share/doc/matr/examples $(DESTDIR)$(PREFIX)/share/doc/matr \
		$(DESTDIR)/usr/lib/dracut/modules.d/01matr 2>/dev/null || :
	$(if $(DESTDIR),$(Q)find $(DESTDIR) -depth -type d -empty -delete,$(Q)rm -rf /var/lib/matr)

demo:
	$(Q)tests/install-packages build
	$(Q)$(MAKE) --no-print-directory all
	$(Q)BUILD=$(abspath $(BUILD)) workloads/demo

clean:
	$(Q)rm -rf $(BUILD)

-include $(shell find $(BUILD)/o $(BUILD)/shim -name '*.d' 2>/dev/null)
