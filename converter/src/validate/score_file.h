// Scores a file of requests with a model: what validation, calibration and comparisons of two
// models have in common.
#pragma once

#include <functional>
#include <string>

#include "augur/augur.h"
#include "requests/answer.h"
#include "requests/request_parser.h"
#include "requests/scorer.h"

namespace augur::convert {

// Called with each request, in the file's order, and the scorer that has its session.
using RequestVisitor = std::function<void(const requests::Request&, requests::Scorer&)>;
// Called with each request and its finite answer.
using AnswerVisitor = std::function<void(const requests::Request&, const requests::Answer&)>;
// Called with how much of the file is done, from 0 to 1; may be empty.
using ProgressVisitor = std::function<void(double share)>;

// `path` is a file, for it may be read several times. Both throw Error, naming file and line, and
// pass on what a visitor throws.
void visit_requests(const augur_model& model, const std::string& path, const RequestVisitor& visit,
                    const ProgressVisitor& progress = {});
void score_file(const augur_model& model, const std::string& path, const AnswerVisitor& visit,
                const ProgressVisitor& progress = {});

}  // namespace augur::convert
