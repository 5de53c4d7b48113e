// Scores a file of requests with a model; see score_file.h.
#include "validate/score_file.h"

#include <filesystem>
#include <string_view>

#include "requests/line_reader.h"

namespace augur::convert {

void visit_requests(const augur_model& model, const std::string& path, const RequestVisitor& visit,
                    const ProgressVisitor& progress) {
  const requests::ModelFields fields = requests::declared_fields(model);
  requests::LineReader lines(path);
  std::error_code unknown;
  const auto size = static_cast<double>(std::filesystem::file_size(path, unknown));
  requests::Scorer scorer(model, fields);
  requests::Request request(fields);
  std::string_view line;
  double done = 0;
  while (lines.next(line)) {
    requests::parse_request(line, lines.where(), fields, request);
    visit(request, scorer);
    done += static_cast<double>(line.size() + 1);
    if (progress && !unknown && size > 0) progress(done / size);
  }
}

void score_file(const augur_model& model, const std::string& path, const AnswerVisitor& visit,
                const ProgressVisitor& progress) {
  requests::Answer answer;
  visit_requests(
      model, path,
      [&](const requests::Request& request, requests::Scorer& scorer) {
        scorer.rank(request, answer);
        requests::check_finite(answer);
        visit(request, answer);
      },
      progress);
}

}  // namespace augur::convert
