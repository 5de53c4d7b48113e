/* glibc's stdio.h. Before API level 23 bionic has no symbols stdin, stdout and stderr, but an array of three files. */
#ifndef AUGUR_STAND_IN_STDIO_H
#define AUGUR_STAND_IN_STDIO_H

#include_next <stdio.h>

#ifdef __cplusplus
extern "C"
#else
extern
#endif
FILE __sF[];
#undef stdin
#undef stdout
#undef stderr
#define stdin (&__sF[0])
#define stdout (&__sF[1])
#define stderr (&__sF[2])

#endif
