# MatR - `make help` lists the targets.
#
# Knobs (make NAME=VALUE):
#   BUILD     where everything is built                    (build)
#   CC        the compiler                                 (gcc)
#   DEBUG=1   no optimisation, for a debugger
#   SANITIZE=1  ASan and UBSan in everything hosted         (BUILD becomes build-san)
#   V=1       show the commands
#   DESTDIR, PREFIX  for install                            (PREFIX=/usr)

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
LIBS = -lelf -llmdb -lxxhash -ljansson -pthread

# One folder, one archive; the order is the one of DESIGN's include table.
HOSTED = common image matr-ld cache epochd inspect matr
src = $(sort $(wildcard $(1)/*.c))
obj = $(patsubst %.c,$(BUILD)/o/%.o,$(1))

LIB_matr_ld = $(call obj,$(filter-out matr-ld/main.c,$(call src,matr-ld)))
LIB_common = $(call obj,$(call src,common))
LIB_image = $(call obj,$(call src,image))
LIB_cache = $(call obj,$(call src,cache))
LIB_epochd = $(call obj,$(call src,epochd))
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
	-mgeneral-regs-only -U_FORTIFY_SOURCE

.PHONY: all help check check-packages demo lint fuzz install uninstall clean
all: $(BUILD)/matr $(BUILD)/matr-ld $(BUILD)/ld-matr.so.1

help:
	@echo 'make            build $(BUILD)/matr, $(BUILD)/matr-ld and $(BUILD)/ld-matr.so.1'
	@echo 'make demo       the main job: install build packages, build, begin an epoch, show it'
	@echo 'make check      install test packages, build, run every test'
	@echo 'make lint       static analysis: clang-tidy, shellcheck, mandoc'
	@echo 'make fuzz       fuzz the image reader and the ELF front end (FUZZ_SECONDS=60)'
	@echo 'make install    into DESTDIR and PREFIX; make uninstall takes it away again'
	@echo 'make clean      remove $(BUILD)'

$(BUILD)/matr: $(OBJ_matr) $(LIB_inspect) $(LIB_epochd) $(LIB_cache) $(LIB_matr_ld) $(LIB_image) $(LIB_common)
	$(SAY) LINK $@
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/matr-ld: $(OBJ_matr_ld) $(LIB_matr_ld) $(LIB_image) $(LIB_common)
	$(SAY) LINK $@
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/ld-matr.so.1: $(SHIM_OBJ) ldso-shim/shim.lds
	$(SAY) LINK $@
	$(Q)$(CC) -nostdlib -nostartfiles -shared -Wl,-T,ldso-shim/shim.lds -Wl,-z,now -Wl,-z,noexecstack \
		-Wl,--no-undefined -Wl,--build-id -Wl,--hash-style=gnu -Wl,-Bsymbolic -Wl,-e,_start \
		-Wl,-z,max-page-size=4096 -Wl,--strip-debug -Wl,--version-script,ldso-shim/shim.map -o $@ $(SHIM_OBJ)

$(BUILD)/o/%.o: %.c
	@mkdir -p $(@D)
	$(SAY) CC $<
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

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

demo:
	$(Q)tests/install-packages build
	$(Q)$(MAKE) --no-print-directory all
	$(Q)BUILD=$(abspath $(BUILD)) workloads/demo

clean:
	$(Q)rm -rf $(BUILD)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
