// The C API of libaugur, as the framework's module CAugur.
#include <CAugur/augur.h>
