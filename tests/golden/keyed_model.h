// The golden model of format 4, whose ids are keys, and a request for it.
#pragma once

#include <memory>

#include "augur_generated.h"
#include "reference/generator.h"
#include "reference/keys.h"
#include "reference/request.h"

namespace augur::golden {

// A DIEN at small widths:
//   s0_f0  items: string keys, [PAD] and [UNK] among them; unknown ones read the row of [UNK]
//   f1     several items, averaged, from a table of their own that shares that vocabulary
//   f0     integer keys, unknown ones are the padding id, whose key is not stored
//   c0, c1 both read the column "brand": by the rule of c0's table, and by the field's own hash
struct KeyedModel {
  std::unique_ptr<fb::ModelT> model;
  reference::Vocabularies vocabularies;
};
KeyedModel keyed_model();

// Keys of all sorts: known, unknown, padding, the brand "0".
reference::Request keyed_request(const KeyedModel& keyed, reference::Generator& generator,
                                 std::size_t events, std::size_t candidates);

}  // namespace augur::golden
