// What is told of a validation: rows of a table for a person, JSON for --report.
#pragma once

#include <string>

#include "description/node.h"
#include "inspect/columns.h"
#include "validate/validation.h"

namespace augur::convert {

// Adds a row of two columns for each thing that was measured.
void add_rows(const Validation& validation, const ValidationOptions& options, Columns& columns);
Json validation_json(const Validation& validation, const ValidationOptions& options);

// Why the conversion failed: the largest difference is beyond the tolerance.
std::string validation_failure(const Validation& validation, const ValidationOptions& options);

}  // namespace augur::convert
