# The fuzzing targets, built beside the usual build because everything in them is compiled for the fuzzer, by clang.
# usage: make -f SOURCE/tests/fuzz/fuzz.mk -C BUILD/fuzz SOURCE=… GENERATED=BUILD [TARGET]…
CC = clang
PACKAGES = jansson libseccomp libcap libarchive libcrypto inih
CFLAGS = -std=gnu17 -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
CPPFLAGS = -I$(SOURCE)/include -I$(SOURCE)/src -I$(GENERATED) -I$(GENERATED)/src/ui/drawing -I$(SOURCE)/tests/fuzz -D_GNU_SOURCE -DPACKAGE_LIBEXECDIR='"/usr/libexec"' \
	-DPACKAGE_DATADIR='"/usr/share/hostel"' $(shell pkg-config --cflags $(PACKAGES))
LIBS = $(shell pkg-config --libs $(PACKAGES)) -lm -lpthread
TARGETS = fuzz_config fuzz_criu fuzz_wire fuzz_key fuzz_layer fuzz_oci fuzz_text

files = $(patsubst $(SOURCE)/%.c,%.o,$(wildcard $(addprefix $(SOURCE)/src/,$(1))))
base := $(call files,base/*.c)
sys := $(call files,sys/*.c)
model := $(call files,model/*.c)
# The linker pulls in only what a target calls from this archive, so a new file of these modules needs no line here.
container := container.a
fuzz_config_parts := $(call files,bunk/*/*.c) $(sys) $(base)
fuzz_criu_parts := $(call files,bunk/criu/message.c) $(base)
fuzz_wire_parts := $(call files,wire/wire.c) $(model) $(sys) $(base)
fuzz_key_parts := $(call files,ui/keys/key.c ui/keys/csi.c ui/keys/decode.c ui/keys/reply.c) $(base)
fuzz_layer_parts := $(container) $(sys) $(model) $(base)
fuzz_oci_parts := $(container) $(sys) $(model) $(base)
fuzz_text_parts := generated/theme_text.o $(call files,ui/drawing/theme.c ui/drawing/colour.c) $(container) $(sys) $(model) $(base)

all: $(TARGETS)
define compile
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<
endef
src/%.o: $(SOURCE)/src/%.c
	$(compile)
tests/%.o: $(SOURCE)/tests/%.c
	$(compile)
generated/%.o: $(GENERATED)/src/ui/drawing/%.c
	$(compile)
.SECONDEXPANSION:
$(TARGETS): tests/fuzz/$$@.o $$($$@_parts)
	$(CC) -fsanitize=fuzzer,address,undefined -Wl,--allow-multiple-definition -o $@ $^ $(LIBS)
container.a: $(call files,container/store/*.c container/image/*.c container/monitor/attach.c)
	rm -f $@ && ar rcs $@ $^
-include $(shell find . -name '*.d' 2>/dev/null)
