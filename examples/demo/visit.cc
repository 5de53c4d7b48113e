// Ranks a visitor before and after a few more behaviours; see visit.h.
#include "visit.h"

#include <algorithm>
#include <numeric>

#include "error.h"
#include "requests/answer.h"
#include "requests/request.h"

namespace augur::demo {
namespace {

using requests::Request;
using requests::RequestColumns;

const requests::Strings& item_keys(const RequestColumns& set, const std::string& where) {
  const size_t field = set.group().find("item");
  if (field == set.group().fields.size() || !set.group().fields[field].has_string_keys()) {
    throw Error(where + ": the model's " + set.group().title +
                " have no field 'item' with string keys; the demo is for models of its shop");
  }
  return set.values(field).strings;
}

std::vector<const Item*> items_of(const RequestColumns& set, const Catalogue& catalogue,
                                  const std::string& where) {
  std::vector<const Item*> items;
  const requests::Strings& keys = item_keys(set, where);
  for (size_t i = 0; i < keys.size(); ++i)
    items.push_back(&catalogue.item(keys[i], where));
  return items;
}

// Columns of the rows from `first` on. Each field of the shop has one id a row.
std::vector<Column> rows_from(const RequestColumns& set, size_t first) {
  std::vector<Column> columns = set.columns();
  for (Column& column : columns) {
    if (column.strings != nullptr) {
      column.strings += first;
    } else {
      column.ids += first;
    }
    column.length -= first;
  }
  return columns;
}

void read_pair(const std::string& path, const requests::ModelFields& fields, size_t index,
               Request& before, Request& after) {
  requests::RequestReader reader(path, fields);
  for (size_t pair = 0; pair < index; ++pair) {
    if (!reader.next(before) || !reader.next(after)) {
      throw Error(path + ": there is no visitor " + std::to_string(index) + ", the last one is " +
                  std::to_string(pair));
    }
  }
}

Ranking rank(Session& session, const Request& request) {
  const std::vector<Column>& offers = request.candidates.columns();
  const size_t count = request.candidates.row_count();
  Ranking ranking;
  ranking.scores.resize(count);
  check(session.rank(offers, count, ranking.scores.data()), session, request);
  ranking.order.resize(count);
  std::iota(ranking.order.begin(), ranking.order.end(), size_t{0});
  std::stable_sort(ranking.order.begin(), ranking.order.end(), [&](size_t a, size_t b) {
    return requests::ranks_before(ranking.scores[a], ranking.scores[b]);
  });
  ranking.place.resize(count);
  for (size_t place = 0; place < count; ++place)
    ranking.place[ranking.order[place]] = place;
  ranking.attention.resize(session.history_length());
  size_t events = 0;
  check(session.explain(offers, count, ranking.order[0], ranking.attention.data(),
                        ranking.attention.size(), &events),
        session, request);
  return ranking;
}

}  // namespace

Session open_session(const Model& model) {
  ErrorInfo error;
  Session session = Session::create(model, &error);
  if (!session) throw Error(std::string("a session cannot be made: ") + error.message);
  return session;
}

void check(Status status, const Session& session, const Request& request) {
  if (ok(status)) return;
  throw Error(request.where + ": request " + augur::quoted(request.id) + ": " + session.error() +
              " (" + name(status) + ")");
}

Visit rank_visitor(const Model& model, const requests::ModelFields& fields,
                   const Catalogue& catalogue, const std::string& path, size_t index) {
  Request before(fields);
  Request after(fields);
  read_pair(path, fields, index, before, after);
  if (fields.sequences.size() != 1 || before.candidates.row_count() == 0)
    throw Error(before.where + ": expected one history and at least one candidate");

  Visit visit;
  const RequestColumns& old_events = before.histories[0];
  const RequestColumns& all_events = after.histories[0];
  const size_t old_count = old_events.row_count();
  visit.history = items_of(all_events, catalogue, after.where);
  visit.offers = items_of(before.candidates, catalogue, before.where);
  const std::vector<const Item*> old_items = items_of(old_events, catalogue, before.where);
  if (old_items.size() >= visit.history.size() ||
      !std::equal(old_items.begin(), old_items.end(), visit.history.begin()) ||
      items_of(after.candidates, catalogue, after.where) != visit.offers) {
    throw Error(after.where +
                ": expected the candidates and the history of the line before, with "
                "more events at the end");
  }
  visit.added = visit.history.size() - old_count;
  const size_t user = fields.features.find("user");
  if (user != fields.features.fields.size())
    visit.visitor = before.features.values(user).id_text(0);

  Session session = open_session(model);
  for (const Column& feature : before.features.columns())
    check(session.set_feature(feature), session, before);
  check(session.set_history(old_events.columns(), old_count), session, before);
  visit.before = rank(session, before);
  check(session.append(rows_from(all_events, old_count), visit.added), session, after);
  visit.after = rank(session, after);
  return visit;
}

}  // namespace augur::demo
