// Ranks requests; see answer.h.
#include "requests/answer.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>

#include "error.h"

namespace augur::requests {
namespace {

template <typename Number>
void append_number(Number value, std::string& out) {
  char text[64];
  const std::to_chars_result end = std::to_chars(text, text + sizeof text, value);
  out.append(text, end.ptr);
}

// NaN, which an unusable candidate has, becomes null.
template <typename Number>
void append_array(const std::vector<Number>& values, std::string& out) {
  out += '[';
  for (size_t i = 0; i < values.size(); ++i) {
    if (i > 0) out += ", ";
    if (!std::isnan(values[i])) {
      append_number(values[i], out);
    } else {
      out += "null";
    }
  }
  out += ']';
}

// `place`: which one of the answer's candidates it is.
void check_number(const Answer& answer, float value, const char* what, size_t place) {
  if (std::isfinite(value) || !answer.is_usable(place)) return;
  throw Error("request " + augur::quoted(answer.id) + ": the " + what + " of candidate " +
              std::to_string(answer.best_only ? answer.indices[place] : place) + " is " +
              std::to_string(value) + ": the model's numbers overflow on this input");
}

void check_values(const Answer& answer, const std::vector<float>& values, const char* what) {
  for (size_t i = 0; i < values.size(); ++i)
    check_number(answer, values[i], what, i);
}

void append_statuses(const std::vector<augur_status>& statuses, std::string& out) {
  out += ", \"statuses\": [";
  for (size_t i = 0; i < statuses.size(); ++i) {
    if (i > 0) out += ", ";
    out += std::string("\"") + augur_status_name(statuses[i]) + "\"";
  }
  out += ']';
}

void append_attention(const Answer& answer, std::string& out) {
  out += ", \"attention\": {";
  for (const SequenceAttention& sequence : answer.attention) {
    if (&sequence != &answer.attention.front()) out += ", ";
    out += nlohmann::json(sequence.sequence).dump() + ": [";
    for (size_t i = 0; i < sequence.weights.size(); ++i) {
      if (i > 0) out += ", ";
      if (!answer.is_usable(i)) {
        out += "null";
        continue;
      }
      for (const float weight : sequence.weights[i])
        check_number(answer, weight, "attention", i);
      append_array(sequence.weights[i], out);
    }
    out += ']';
  }
  out += '}';
}

template <typename Value>
void reorder(const std::vector<size_t>& indices, std::vector<Value>& values) {
  std::vector<Value> kept;
  kept.reserve(indices.size());
  for (const size_t index : indices)
    kept.push_back(values[index]);
  values = std::move(kept);
}

void compare_values(const std::vector<float>& came, const std::vector<double>& expected,
                    const char* what, const std::string& id, const std::string& where,
                    Differences& differences) {
  for (size_t i = 0; i < expected.size(); ++i) {
    const double unit = std::max(1.0, std::abs(expected[i]));
    const double difference = std::abs(static_cast<double>(came[i]) - expected[i]) / unit;
    differences.sum += difference;
    ++differences.values;
    // NaN counts as the largest difference and is not replaced.
    if (difference > differences.largest || std::isnan(difference) || differences.place.empty()) {
      if (std::isnan(differences.largest)) continue;
      differences.largest = difference;
      differences.id = id;
      differences.what = what;
      differences.index = i;
      differences.expected = expected[i];
      differences.came = static_cast<double>(came[i]);
      differences.place = where + ": " + what + ", index " + std::to_string(i) + ": expected ";
      append_number(expected[i], differences.place);
      differences.place += ", came ";
      append_number(came[i], differences.place);
    }
  }
}

}  // namespace

void keep_best(Answer& answer, size_t count) {
  answer.best_only = true;
  answer.indices.clear();
  for (size_t i = 0; i < answer.logits.size(); ++i) {
    if (answer.is_usable(i)) answer.indices.push_back(i);
  }
  answer.statuses.clear();
  count = std::min(count, answer.indices.size());
  std::partial_sort(answer.indices.begin(),
                    answer.indices.begin() + static_cast<std::ptrdiff_t>(count),
                    answer.indices.end(), [&](size_t a, size_t b) {
                      if (ranks_before(answer.logits[a], answer.logits[b])) return true;
                      return !ranks_before(answer.logits[b], answer.logits[a]) && a < b;
                    });
  answer.indices.resize(count);
  reorder(answer.indices, answer.scores);
  reorder(answer.indices, answer.logits);
}

void check_finite(const Answer& answer) {
  check_values(answer, answer.scores, "score");
  check_values(answer, answer.logits, "logit");
}

void append_json_line(const Answer& answer, std::string& out) {
  check_finite(answer);
  out += "{\"id\": " + nlohmann::json(answer.id).dump();
  if (answer.best_only) {
    out += ", \"indices\": ";
    append_array(answer.indices, out);
  }
  out += ", \"scores\": ";
  append_array(answer.scores, out);
  out += ", \"logits\": ";
  append_array(answer.logits, out);
  if (!answer.statuses.empty()) append_statuses(answer.statuses, out);
  if (!answer.attention.empty()) append_attention(answer, out);
  out += "}\n";
}

void compare(const Answer& answer, const Expected& expected, Differences& differences) {
  compare_values(answer.scores, expected.scores, "scores", answer.id, expected.where, differences);
  compare_values(answer.logits, expected.logits, "logits", answer.id, expected.where, differences);
}

RequestRanker::RequestRanker(const augur_model& model, const ModelFields& fields)
    : fields_(&fields) {
  augur_error error = {};
  error.struct_size = sizeof error;
  const augur_status status = augur_session_create(&model, nullptr, nullptr, 0, &session_, &error);
  if (status != AUGUR_OK) {
    throw Error(std::string("a session cannot be made: ") + error.message + " (" +
                augur_status_name(status) + ")");
  }
}

RequestRanker::~RequestRanker() {
  augur_session_destroy(session_);
}

void RequestRanker::check(augur_status status, const Request& request) const {
  if (status == AUGUR_OK) return;
  throw Error(request.where + ": request " + augur::quoted(request.id) + ": " +
              augur_session_error(session_) + " (" + augur_status_name(status) + ")");
}

void RequestRanker::set_user(const Request& request) {
  check(augur_session_clear(session_), request);
  for (const augur_column& feature : request.features.columns()) {
    check(augur_session_set_feature(session_, &feature), request);
  }
  for (size_t s = 0; s < request.histories.size(); ++s) {
    const RequestColumns& history = request.histories[s];
    check(augur_session_set_history(session_, fields_->sequence_names[s].c_str(),
                                    history.columns().data(), history.columns().size(),
                                    history.row_count()),
          request);
  }
}

template <typename Score>
void RequestRanker::rank_with(const Request& request, Answer& answer, const Score& score) {
  answer.id = request.id;
  answer.indices.clear();
  answer.best_only = false;
  answer.statuses.clear();
  answer.attention.clear();
  const size_t candidates = request.candidates.row_count();
  answer.scores.resize(candidates);
  answer.logits.resize(candidates);
  const auto begin = std::chrono::steady_clock::now();
  set_user(request);
  check(score(request.candidates.columns(), candidates), request);
  seconds_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

void RequestRanker::rank(const Request& request, Answer& answer) {
  rank_with(request, answer, [&](const std::vector<augur_column>& columns, size_t candidates) {
    return augur_rank(session_, columns.data(), columns.size(), candidates, answer.scores.data(),
                      answer.logits.data());
  });
}

void RequestRanker::rank_each(const Request& request, Answer& answer) {
  rank_with(request, answer, [&](const std::vector<augur_column>& columns, size_t candidates) {
    answer.statuses.resize(candidates);
    augur_each_options options = {};
    options.struct_size = sizeof options;
    options.statuses = answer.statuses.data();
    return augur_rank_each(session_, columns.data(), columns.size(), candidates,
                           answer.scores.data(), answer.logits.data(), &options);
  });
  const bool all_usable = std::all_of(answer.statuses.begin(), answer.statuses.end(),
                                      [](augur_status status) { return status == AUGUR_OK; });
  if (all_usable) answer.statuses.clear();
}

void RequestRanker::explain(const Request& request, Answer& answer) {
  RowCursor candidate(request.candidates);
  for (const std::string& sequence : fields_->sequence_names) {
    const size_t events = augur_session_history_length(session_, sequence.c_str());
    SequenceAttention attention{sequence, std::vector<std::vector<float>>(answer.scores.size())};
    bool has_attention = true;
    for (size_t i = 0; i < answer.scores.size() && has_attention; ++i) {
      if (!answer.is_usable(i)) continue;
      candidate.move_to(answer.best_only ? answer.indices[i] : i);
      std::vector<float>& weights = attention.weights[i];
      weights.resize(events);
      size_t count = 0;
      const augur_status status =
          augur_explain(session_, sequence.c_str(), candidate.columns().data(),
                        candidate.columns().size(), 1, 0, weights.data(), events, &count);
      has_attention = status != AUGUR_NOT_FOUND;
      if (has_attention) check(status, request);
    }
    if (has_attention) answer.attention.push_back(std::move(attention));
  }
}

}  // namespace augur::requests
