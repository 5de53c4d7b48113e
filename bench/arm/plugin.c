// A plugin for qemu-user. It counts how often each instruction of a static program is executed, and
// writes which instructions are executed from one address on, in order. Arguments:
//
//   counts=FILE   at exit, a line "address times" for each executed address (hexadecimal, decimal)
//   trace=FILE    an address a line, for `length` instructions; it begins when `from` is executed,
//                 after it has been executed `skip` times
//
// The functions of QEMU's plugin interface (version 1, since QEMU 4.2) are declared here, because
// not every package of QEMU has the header.
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

struct qemu_plugin_tb;
struct qemu_plugin_insn;
extern void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id,
                                                  void (*done)(uint64_t, struct qemu_plugin_tb*));
extern void qemu_plugin_register_atexit_cb(uint64_t id, void (*done)(uint64_t, void*), void* data);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb* tb);
extern struct qemu_plugin_insn* qemu_plugin_tb_get_insn(const struct qemu_plugin_tb* tb, size_t i);
extern uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn* instruction);
// flags 0: no registers are read; operation 0: add
extern void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn* instruction,
                                                       int operation, void* counter,
                                                       uint64_t value);
extern void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn* instruction,
                                                   void (*done)(unsigned, void*), int flags,
                                                   void* data);

EXPORT int qemu_plugin_version = 1;

// The code of a static program lies in these bytes: lld puts it at 0x200000, GNU ld at 0x400000.
enum { kBase = 0x200000, kBytes = 1 << 24 };

static uint64_t counts[kBytes];  // of the instruction that begins at this byte
static FILE* counts_file;
static FILE* trace_file;
static uint64_t from;
static uint64_t skip;
static uint64_t left;
static int tracing;

static void executed(unsigned cpu, void* data) {
  (void)cpu;
  const uint64_t address = (uint64_t)(uintptr_t)data;
  if (!tracing) {
    if (address != from) return;
    if (skip > 0) {
      --skip;
      return;
    }
    tracing = 1;
  }
  if (left == 0) return;
  --left;
  fprintf(trace_file, "%" PRIx64 "\n", address);
}

static void translated(uint64_t id, struct qemu_plugin_tb* tb) {
  (void)id;
  const size_t count = qemu_plugin_tb_n_insns(tb);
  for (size_t i = 0; i < count; ++i) {
    struct qemu_plugin_insn* instruction = qemu_plugin_tb_get_insn(tb, i);
    const uint64_t address = qemu_plugin_insn_vaddr(instruction);
    if (address < kBase || address - kBase >= kBytes) continue;
    qemu_plugin_register_vcpu_insn_exec_inline(instruction, 0, &counts[address - kBase], 1);
    if (trace_file != NULL) {
      qemu_plugin_register_vcpu_insn_exec_cb(instruction, executed, 0, (void*)(uintptr_t)address);
    }
  }
}

static void finished(uint64_t id, void* data) {
  (void)id;
  (void)data;
  for (uint64_t i = 0; counts_file != NULL && i < kBytes; ++i) {
    if (counts[i] > 0) fprintf(counts_file, "%" PRIx64 " %" PRIu64 "\n", kBase + i, counts[i]);
  }
  if (counts_file != NULL) fclose(counts_file);
  if (trace_file != NULL) fclose(trace_file);
}

// The value of "name=value", or NULL if the argument has another name.
static const char* value_of(const char* argument, const char* name) {
  const size_t length = strlen(name);
  return strncmp(argument, name, length) == 0 && argument[length] == '=' ? argument + length + 1
                                                                         : NULL;
}

static FILE* open_file(const char* path) {
  FILE* file = fopen(path, "w");
  if (file == NULL) {
    perror(path);
    exit(1);
  }
  return file;
}

EXPORT int qemu_plugin_install(uint64_t id, const void* info, int argc, char** argv) {
  (void)info;
  for (int i = 0; i < argc; ++i) {
    const char* value;
    if ((value = value_of(argv[i], "counts")) != NULL) {
      counts_file = open_file(value);
    } else if ((value = value_of(argv[i], "trace")) != NULL) {
      trace_file = open_file(value);
    } else if ((value = value_of(argv[i], "from")) != NULL) {
      from = strtoull(value, NULL, 16);
    } else if ((value = value_of(argv[i], "skip")) != NULL) {
      skip = strtoull(value, NULL, 10);
    } else if ((value = value_of(argv[i], "length")) != NULL) {
      left = strtoull(value, NULL, 10);
    } else {
      fprintf(stderr, "plugin: unknown argument %s\n", argv[i]);
      return 1;
    }
  }
  qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
  qemu_plugin_register_atexit_cb(id, finished, NULL);
  return 0;
}
