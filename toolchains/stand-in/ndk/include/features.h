/* glibc's features.h, then changed so that the names of functions in object files are bionic's. Without that, glibc's
 * headers give some functions names that only glibc has, and the link with bionic's names would fail. */
#ifndef AUGUR_STAND_IN_FEATURES_H
#define AUGUR_STAND_IN_FEATURES_H

#include_next <features.h>

#undef __USE_EXTERN_INLINES /* inline bodies call helpers of glibc */
#define __NO_CTYPE          /* as do the macros of ctype.h */

#undef __GLIBC_PREREQ /* libc++ asks for functions of newer versions; __GLIBC__ stays, for libc++'s character classes */

/* As in glibc, but the name is expanded, so that the macros below apply. */
#undef __REDIRECT
#undef __REDIRECT_NTH
#undef __REDIRECT_NTHNL
#define __REDIRECT(name, proto, alias) name proto __asm__(__ASMNAME(AUGUR_STAND_IN_NAME(alias)))
#ifdef __cplusplus
#define __REDIRECT_NTH(name, proto, alias) name proto __THROW __asm__(__ASMNAME(AUGUR_STAND_IN_NAME(alias)))
#define __REDIRECT_NTHNL(name, proto, alias) name proto __THROWNL __asm__(__ASMNAME(AUGUR_STAND_IN_NAME(alias)))
#else
#define __REDIRECT_NTH(name, proto, alias) name proto __asm__(__ASMNAME(AUGUR_STAND_IN_NAME(alias))) __THROW
#define __REDIRECT_NTHNL(name, proto, alias) name proto __asm__(__ASMNAME(AUGUR_STAND_IN_NAME(alias))) __THROWNL
#endif
#define AUGUR_STAND_IN_NAME(alias) AUGUR_STAND_IN_QUOTE(alias)
#define AUGUR_STAND_IN_QUOTE(name) #name

#define __errno_location __errno
#define __isoc99_fscanf fscanf
#define __isoc99_scanf scanf
#define __isoc99_sscanf sscanf
#define __isoc99_vfscanf vfscanf
#define __isoc99_vscanf vscanf
#define __isoc99_vsscanf vsscanf
#define __isoc99_swscanf swscanf
#define __isoc99_vswscanf vswscanf
#define __xpg_basename basename
/* With 64-bit offsets on a 32-bit ABI: before API level 24 bionic opens files by the plain names. It has no fseeko and
 * ftello with 64 bits; those two keep glibc's names, which are not in symbols/libc.txt. */
#define fopen64 fopen
#define freopen64 freopen
#define tmpfile64 tmpfile

/* Macros of bionic that Android's own headers use. What is newer than API level 21 fails at the link. */
#ifdef __USE_FILE_OFFSET64
#define __RENAME_IF_FILE_OFFSET64(name) __asm__(#name)
#else
#define __RENAME_IF_FILE_OFFSET64(name)
#endif
#define __INTRODUCED_IN(level)

#endif
