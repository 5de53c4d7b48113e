// Random models and requests, the same on every platform for the same seed. Weights are scaled such
// that states, attention and logits lie in an interesting range: neither saturated nor all the
// same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "augur_generated.h"
#include "reference/generator.h"
#include "reference/request.h"
#include "reference/spec.h"

namespace augur::reference {

// Names: features f0, f1, ...; stacks s0, s1, ... with fields s0_f0, ...; candidate fields c0, ...
// and those of a stack's query s0_q0, .... Tables have the name of the field that they were made
// for.
std::unique_ptr<fb::ModelT> random_model(const ModelSpec& spec);

// `events` in every stack's history, events that the mask drops among them. Ids are of all sorts
// that the tables' rules allow, first and last rows included.
Request random_request(const fb::ModelT& model, Generator& generator, std::size_t events,
                       std::size_t candidates);

// Rows of values for a group of fields. `mask_field`: this field is `dropped` now and then.
Rows random_rows(const fb::ModelT& model, const std::vector<std::unique_ptr<fb::FieldT>>& fields,
                 Generator& generator, std::size_t count, const std::string& mask_field = "",
                 std::int64_t dropped = 0);

}  // namespace augur::reference
