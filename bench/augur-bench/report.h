// What was measured, as text for people and as JSON.
#pragma once

#include <string>

#include "augur-bench/measure.h"

namespace augur::bench {

std::string text_report(const BenchOptions& options, const BenchResult& result);
std::string json_report(const BenchOptions& options, const BenchResult& result);

}  // namespace augur::bench
