/* glibc's gnu/stubs.h includes it, because Android passes floats in general registers on 32-bit ARM. */
