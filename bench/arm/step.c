// Runs a program that stops itself before and after the part of interest, and executes that part
// instruction by instruction (ptrace). Writes the address of each executed instruction to the file
// OUT, as 32-bit numbers; 0 for those in shared libraries, which lie above 4 GB. It does what an
// emulator does for ARM, with every extension that this processor has. For programs that are linked
// with -no-pie.
//
//   step OUT PROGRAM ARGUMENT...
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

static void fail(const char* what) {
  perror(what);
  exit(1);
}

// Waits for the next stop. Returns its signal; 0 if the program has ended.
static int wait_for(pid_t child) {
  int status;
  if (waitpid(child, &status, 0) < 0) fail("waitpid");
  return WIFSTOPPED(status) ? WSTOPSIG(status) : 0;
}

int main(int argc, char** argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: step OUT PROGRAM ARGUMENT...\n");
    return 2;
  }
  const pid_t child = fork();
  if (child < 0) fail("fork");
  if (child == 0) {
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0) fail("ptrace");
    execv(argv[2], argv + 2);
    fail(argv[2]);
  }
  FILE* out = fopen(argv[1], "wb");
  if (out == NULL) fail(argv[1]);
  int signal = wait_for(child);  // exec
  while (signal != 0 && signal != SIGSTOP) {
    if (ptrace(PTRACE_CONT, child, NULL, NULL) != 0) fail("ptrace");
    signal = wait_for(child);
  }
  for (;;) {
    if (signal != 0 && ptrace(PTRACE_SINGLESTEP, child, NULL, NULL) != 0) fail("ptrace");
    if (signal == 0 || (signal = wait_for(child)) == 0) {
      fprintf(stderr, "%s ended before it stopped for the second time\n", argv[2]);
      return 1;
    }
    if (signal == SIGSTOP) break;
    struct user_regs_struct registers;
    if (ptrace(PTRACE_GETREGS, child, NULL, &registers) != 0) fail("ptrace");
    const uint32_t address = registers.rip >> 32 ? 0 : (uint32_t)registers.rip;
    if (fwrite(&address, sizeof address, 1, out) != 1) fail(argv[1]);
  }
  kill(child, SIGKILL);
  if (fclose(out) != 0) fail(argv[1]);
  return 0;
}
