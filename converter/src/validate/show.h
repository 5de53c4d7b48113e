// What is told of a validation: lines for a person, JSON for --report.
#pragma once

#include <string>

#include "description/node.h"
#include "validate/validation.h"

namespace augur::convert {

// Lines that end with a line feed, each beginning with `indent`.
std::string validation_text(const Validation& validation, const ValidationOptions& options,
                            const std::string& indent);
Json validation_json(const Validation& validation, const ValidationOptions& options);

// Why the conversion failed: the largest difference is beyond the tolerance.
std::string validation_failure(const Validation& validation, const ValidationOptions& options);

}  // namespace augur::convert
