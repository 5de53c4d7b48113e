// The C API's header, as it is in the checkout.
#include "../../../../runtime/include/augur/augur.h"
