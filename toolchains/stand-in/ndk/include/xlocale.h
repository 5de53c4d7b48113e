/* libc++ includes it on Android. */
#include <locale.h>
