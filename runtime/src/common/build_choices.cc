// The message about what a build lacks.
#include "common/build_choices.h"

namespace augur::build {

augur_status lacks(const Choice& choice, const char* word, const char* part, Fault& error) {
  return error.fail(AUGUR_UNSUPPORTED,
                    "%sneeds '%s', which this build of libaugur lacks (%s is '%s'); build it with "
                    "%s in this list",
                    part, word, choice.name, choice.words, word);
}

}  // namespace augur::build
