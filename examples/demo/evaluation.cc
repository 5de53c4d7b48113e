// How well a model ranks, and how fast; see evaluation.h.
#include "evaluation.h"

#include <algorithm>
#include <chrono>
#include <memory>

#include "common/percentile.h"
#include "error.h"
#include "requests/answer.h"
#include "requests/json_lines.h"
#include "requests/measures.h"
#include "visit.h"

namespace augur::demo {
namespace {

constexpr double kSecondsEach = 0.3;
constexpr size_t kFewestRuns = 50;

double now() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(since).count();
}

// Repeats `work` for kSecondsEach, after a tenth of that time for warming up.
template <typename Work>
Times time_of(Work work) {
  std::vector<double> times;
  const double begin = now();
  for (double before = begin; before < begin + kSecondsEach * 1.1 || times.size() < kFewestRuns;) {
    work();
    const double after = now();
    if (before > begin + kSecondsEach * 0.1) times.push_back(after - before);
    before = after;
  }
  const double median = bench::percentile(times, 0.5);
  return {median, bench::percentile(times, 0.9), times.size()};
}

}  // namespace

Quality measure_quality(const Model& model, const requests::ModelFields& fields,
                        const std::string& requests_path, const std::string& labels_path) {
  const auto labels = requests::read_labels(labels_path);
  requests::RequestReader reader(requests_path, fields);
  requests::Request request(fields);
  requests::Answer answer;
  requests::RequestRanker scorer(*model.get(), fields);
  std::vector<float> scores;
  std::vector<uint8_t> clicked;
  Quality quality;
  while (reader.next(request)) {
    scorer.rank(request, answer);
    if (answer.scores.empty()) continue;
    const std::vector<uint8_t>& here =
        requests::labels_of(labels, request.id, answer.scores.size(), request.where).clicked;
    scores.insert(scores.end(), answer.scores.begin(), answer.scores.end());
    clicked.insert(clicked.end(), here.begin(), here.end());
    const auto best = std::max_element(answer.scores.begin(), answer.scores.end());
    quality.first_is_clicked += here[static_cast<size_t>(best - answer.scores.begin())];
    quality.chosen_by_chance +=
        static_cast<double>(std::count(here.begin(), here.end(), uint8_t{1})) /
        static_cast<double>(here.size());
    ++quality.requests;
  }
  if (quality.requests == 0) throw Error(requests_path + ": expected requests, came none");
  quality.auc = requests::area_under_curve(scores, clicked);
  quality.offers = scores.size();
  quality.first_is_clicked /= static_cast<double>(quality.requests);
  quality.chosen_by_chance /= static_cast<double>(quality.requests);
  return quality;
}

Speed measure_speed(const Model& model, const requests::ModelFields& fields,
                    const Catalogue& catalogue, const std::string& requests_path, size_t offers) {
  requests::RequestReader reader(requests_path, fields);
  auto request = std::make_unique<requests::Request>(fields);
  auto longest = std::make_unique<requests::Request>(fields);
  while (reader.next(*request)) {
    if (request->histories.at(0).row_count() > longest->histories.at(0).row_count())
      std::swap(request, longest);
  }
  const requests::RequestColumns& events = longest->histories[0];
  if (events.row_count() == 0) throw Error(requests_path + ": expected a history, came none");

  offers = std::min(offers, catalogue.items().size());
  std::vector<String> items;
  std::vector<int64_t> categories;
  for (size_t i = 0; i < offers; ++i) {
    const Item& item = catalogue.items()[i * catalogue.items().size() / offers];
    items.push_back(key(item.key));
    categories.push_back(item.category);
  }
  const Column candidates[] = {column("item", items), column("category", categories)};

  std::vector<float> scores(offers);
  Session session = open_session(model);
  const auto rank = [&] {
    check(session.rank(candidates, offers, scores.data()), session, *longest);
  };
  Speed speed;
  speed.offers = offers;
  speed.new_user = time_of([&] {
    check(session.clear(), session, *longest);
    for (const Column& feature : longest->features.columns())
      check(session.set_feature(feature), session, *longest);
    check(session.set_history(events.columns(), events.row_count()), session, *longest);
    rank();
  });
  speed.events = session.history_length();
  speed.same_user = time_of(rank);
  std::vector<Column> event = events.columns();
  for (Column& column : event)
    column.length = 1;
  speed.new_event = time_of([&] {
    check(session.append(event, 1), session, *longest);
    rank();
  });
  return speed;
}

}  // namespace augur::demo
