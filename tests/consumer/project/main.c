/* Calls libaugur from C: the version, and an error with its message. Prints "works" if all is well.
 */
#include <augur/augur.h>
#include <stdio.h>
#include <string.h>

int main(void) {
  augur_model* model = NULL;
  augur_error error;
  memset(&error, 0, sizeof error);
  error.struct_size = sizeof error;
  if (augur_version() != AUGUR_VERSION || !augur_is_compatible(AUGUR_VERSION)) return 1;
  if (augur_model_open_file("no-such-file.augur", NULL, &model, &error) != AUGUR_NOT_FOUND)
    return 2;
  if (model != NULL || strstr(error.message, "no-such-file.augur") == NULL) return 3;
  puts("works");
  return 0;
}
