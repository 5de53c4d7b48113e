// A plugin for qemu-user that counts the instructions which a program executes between two of its
// functions, and writes each count in a line. The program is not position-independent. Arguments:
//
//   begin=ADDRESS   where counting begins: a function's first instruction, hexadecimal
//   end=ADDRESS     where it ends
//   out=FILE
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
extern void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id,
                                                  void (*done)(uint64_t, struct qemu_plugin_tb*));
extern void qemu_plugin_register_atexit_cb(uint64_t id, void (*done)(uint64_t, void*), void* data);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb* tb);
extern uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb* tb);
// operation 0: add
extern void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb* tb, int operation,
                                                     void* counter, uint64_t value);
// flags 0: no registers are read
extern void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb* tb,
                                                 void (*done)(unsigned, void*), int flags,
                                                 void* data);

EXPORT int qemu_plugin_version = 1;

static uint64_t begin;
static uint64_t end;
static FILE* out;
static uint64_t executed;
static uint64_t at_begin;

static void begins(unsigned cpu, void* data) {
  (void)cpu;
  (void)data;
  at_begin = executed;
}

static void ends(unsigned cpu, void* data) {
  (void)cpu;
  (void)data;
  fprintf(out, "%" PRIu64 "\n", executed - at_begin);
}

// A block of translated code runs to its end, or the program fails. A called function begins one.
static void translated(uint64_t id, struct qemu_plugin_tb* tb) {
  (void)id;
  const uint64_t address = qemu_plugin_tb_vaddr(tb);
  if (address == begin) qemu_plugin_register_vcpu_tb_exec_cb(tb, begins, 0, NULL);
  if (address == end) qemu_plugin_register_vcpu_tb_exec_cb(tb, ends, 0, NULL);
  qemu_plugin_register_vcpu_tb_exec_inline(tb, 0, &executed, qemu_plugin_tb_n_insns(tb));
}

static void finished(uint64_t id, void* data) {
  (void)id;
  (void)data;
  fclose(out);
}

// The value of "name=value", or NULL if the argument has another name.
static const char* value_of(const char* argument, const char* name) {
  const size_t length = strlen(name);
  return strncmp(argument, name, length) == 0 && argument[length] == '=' ? argument + length + 1
                                                                         : NULL;
}

EXPORT int qemu_plugin_install(uint64_t id, const void* info, int argc, char** argv) {
  (void)info;
  for (int i = 0; i < argc; ++i) {
    const char* value;
    if ((value = value_of(argv[i], "begin")) != NULL) {
      begin = strtoull(value, NULL, 16);
    } else if ((value = value_of(argv[i], "end")) != NULL) {
      end = strtoull(value, NULL, 16);
    } else if ((value = value_of(argv[i], "out")) != NULL) {
      out = fopen(value, "w");
      if (out == NULL) perror(value);
    } else {
      fprintf(stderr, "counter: unknown argument %s\n", argv[i]);
      return 1;
    }
  }
  if (out == NULL) return 1;
  qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
  qemu_plugin_register_atexit_cb(id, finished, NULL);
  return 0;
}
