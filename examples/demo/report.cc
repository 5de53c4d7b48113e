// The demo's pages; see report.h.
#include "report.h"

#include <algorithm>

namespace augur::demo {
namespace {

constexpr size_t kShown = 8;  // offers that are printed of a ranking
constexpr size_t kFavourites =
    3;  // best offers of the first ranking, which the second prints again
constexpr size_t kTop = 10;
constexpr size_t kDepartment = 13;
constexpr size_t kPercent = 5;
constexpr size_t kLongestName = 48;
constexpr size_t kShortestBar = 10;

// Widths of a line about an item: lead, name, department, bar, percent.
struct Widths {
  Widths(const Terminal& terminal, size_t lead_width) : lead(lead_width) {
    const size_t taken = 4 + lead + 2 + 2 + kDepartment + 2 + kPercent;
    name = std::min(kLongestName, terminal.width() - taken - kShortestBar);
    bar = terminal.width() - taken - name;
  }
  size_t lead, name, bar = 0;
};

std::string department_of(const Catalogue& catalogue, const Item& item) {
  return catalogue.departments()[catalogue.department(item)];
}

std::string percent(double share) {
  return format("%.0f%%", share * 100);
}

// Prints a line: `lead` (already of its column's width), the item, and a share of `whole` with a
// bar.
void show_item(const Terminal& terminal, const Catalogue& catalogue, const Widths& widths,
               const std::string& lead, const Item& item, double share, double whole) {
  const Tone tone = hue(catalogue.department(item));
  terminal.line(lead + "  " + terminal.left(item.name, widths.name) + "  " +
                terminal.left(department_of(catalogue, item), kDepartment, tone) + "  " +
                terminal.bar(share / whole, widths.bar, tone) +
                terminal.right(percent(share), kPercent));
}

void show_heads(const Terminal& terminal, const Widths& widths, const std::string& lead,
                const std::string& name, const std::string& value) {
  terminal.line(terminal.right(lead, widths.lead, Tone::kFaint) + "  " +
                terminal.left(name, widths.name, Tone::kFaint) + "  " +
                terminal.left("department", kDepartment, Tone::kFaint) + "  " +
                terminal.left(value, widths.bar + kPercent, Tone::kFaint));
}

double largest(const std::vector<float>& values) {
  return values.empty() ? 1 : *std::max_element(values.begin(), values.end());
}

// The score of a full bar, the same for both rankings.
double best_score(const Visit& visit) {
  return std::max(largest(visit.before.scores), largest(visit.after.scores));
}

void show_events(const Terminal& terminal, const Catalogue& catalogue, const Visit& visit,
                 size_t begin, size_t end, const std::vector<float>& attention, double whole) {
  const Widths widths(terminal, 3);
  for (size_t i = begin; i < end; ++i) {
    show_item(terminal, catalogue, widths, terminal.right(std::to_string(i + 1), 3, Tone::kFaint),
              *visit.history[i], static_cast<double>(attention[i]), whole);
  }
}

std::string plural(size_t count, const std::string& thing) {
  return grouped(count) + " " + thing + (count == 1 ? "" : "s");
}

// "12 → 1", green if the offer has risen.
std::string move_text(const Terminal& terminal, size_t before, size_t after) {
  const Tone tone = after < before ? Tone::kUp : after > before ? Tone::kDown : Tone::kPlain;
  return terminal.right(std::to_string(before + 1), 3, Tone::kFaint) +
         terminal.paint(terminal.either(" → ", " > "), tone) +
         terminal.right(std::to_string(after + 1), 3, tone);
}

std::vector<size_t> departments_in_top(const Catalogue& catalogue, const Visit& visit,
                                       const Ranking& ranking) {
  std::vector<size_t> counts(catalogue.departments().size());
  for (size_t i = 0; i < std::min(kTop, ranking.order.size()); ++i)
    ++counts[catalogue.department(*visit.offers[ranking.order[i]])];
  return counts;
}

}  // namespace

void show_opening(const Terminal& terminal, const Catalogue& catalogue, const Visit& visit) {
  terminal.title("Augur: a Deep Interest Evolution Network ranks a shop's offers");
  terminal.line();
  terminal.paragraph("An invented shop has " + plural(catalogue.items().size(), "item") + " in " +
                     grouped(catalogue.category_count()) + " categories of " +
                     plural(catalogue.departments().size(), "department") + ". Visitor " +
                     visit.visitor + " comes back; of " + plural(visit.offers.size(), "offer") +
                     ", which to show first?");
}

void show_history(const Terminal& terminal, const Catalogue& catalogue, const Visit& visit) {
  const size_t events = visit.history.size() - visit.added;
  terminal.section("What visitor " + visit.visitor + " has looked at");
  show_heads(terminal, Widths(terminal, 3), "", "oldest first", "attention *");
  show_events(terminal, catalogue, visit, 0, events, visit.before.attention,
              largest(visit.before.attention));
  terminal.line();
  terminal.paragraph("* each look's weight when the network judges its first choice", Tone::kFaint);
}

void show_first_ranking(const Terminal& terminal, const Catalogue& catalogue, const Visit& visit) {
  terminal.section("The best of " + plural(visit.offers.size(), "offer"));
  const Widths widths(terminal, 3);
  show_heads(terminal, widths, "", "best first", "click chance");
  for (size_t i = 0; i < std::min(kShown, visit.offers.size()); ++i) {
    const size_t offer = visit.before.order[i];
    show_item(terminal, catalogue, widths, terminal.right(std::to_string(i + 1), 3, Tone::kStrong),
              *visit.offers[offer], static_cast<double>(visit.before.scores[offer]),
              best_score(visit));
  }
}

void show_new_events(const Terminal& terminal, const Catalogue& catalogue, const Visit& visit) {
  const size_t events = visit.history.size() - visit.added;
  terminal.section("Then visitor " + visit.visitor + " looks at something else");
  show_heads(terminal, Widths(terminal, 3), "", plural(visit.added, "new look"), "attention");
  show_events(terminal, catalogue, visit, events, visit.history.size(), visit.after.attention,
              largest(visit.after.attention));
  double old_share = 0;
  for (size_t i = 0; i < events; ++i)
    old_share += static_cast<double>(visit.after.attention[i]);
  terminal.line();
  terminal.paragraph("The " + plural(events, "earlier look") + " together: " + percent(old_share) +
                         " of the attention",
                     Tone::kFaint);
}

void show_second_ranking(const Terminal& terminal, const Catalogue& catalogue, const Visit& visit) {
  terminal.section("The same offers again: the interest has evolved");
  const Widths widths(terminal, 9);
  const auto show = [&](size_t offer) {
    show_item(terminal, catalogue, widths,
              move_text(terminal, visit.before.place[offer], visit.after.place[offer]),
              *visit.offers[offer], static_cast<double>(visit.after.scores[offer]),
              best_score(visit));
  };
  show_heads(terminal, widths, terminal.either("was → now", "was > now"), "best first",
             "click chance");
  for (size_t i = 0; i < std::min(kShown, visit.offers.size()); ++i)
    show(visit.after.order[i]);
  terminal.line();
  terminal.line(terminal.paint("and where the favourites of before are now", Tone::kFaint));
  for (size_t i = 0; i < std::min(kFavourites, visit.offers.size()); ++i)
    show(visit.before.order[i]);
}

void show_departments(const Terminal& terminal, const Catalogue& catalogue, const Visit& visit) {
  const std::vector<size_t> before = departments_in_top(catalogue, visit, visit.before);
  const std::vector<size_t> after = departments_in_top(catalogue, visit, visit.after);
  const size_t bar = (terminal.width() - 4 - kDepartment - 2 * 6) / 2;
  const auto show = [&](size_t count, Tone tone) {
    return terminal.bar(static_cast<double>(count) / kTop, bar, tone) +
           terminal.right(std::to_string(count), 3) + "   ";
  };
  terminal.line();
  terminal.line(terminal.left("in the top 10", kDepartment + 2, Tone::kFaint) +
                terminal.left("before", bar + 6, Tone::kFaint) +
                terminal.left("after", bar, Tone::kFaint));
  for (size_t d = 0; d < before.size(); ++d) {
    if (before[d] + after[d] == 0) continue;
    terminal.line(terminal.left(catalogue.departments()[d], kDepartment + 2, hue(d)) +
                  show(before[d], hue(d)) + show(after[d], hue(d)));
  }
}

void show_quality(const Terminal& terminal, const std::vector<Contestant>& contestants) {
  if (contestants.empty()) return;
  const Quality& any = contestants.front().quality;
  terminal.section("Is it right? " + plural(any.requests, "page") + " of the last week, " +
                   plural(any.offers, "offer"));
  constexpr size_t kName = 12, kSees = 26, kAuc = 6, kFirst = 16;
  const size_t bar = terminal.width() - 4 - kName - kSees - kAuc - 2 - kFirst;
  terminal.line(terminal.left("model", kName, Tone::kFaint) +
                terminal.left("sees of the history", kSees, Tone::kFaint) +
                terminal.right("AUC", kAuc, Tone::kFaint) + "  " +
                terminal.left("above 0.5", bar, Tone::kFaint) +
                terminal.right("click is first", kFirst, Tone::kFaint));
  double best = 0;
  for (const Contestant& one : contestants)
    best = std::max(best, one.quality.auc);
  for (const Contestant& one : contestants) {
    const Tone tone = one.quality.auc == best ? Tone::kUp : Tone::kPlain;
    terminal.line(terminal.left(one.name, kName, tone) + terminal.left(one.sees, kSees) +
                  terminal.right(format("%.4f", one.quality.auc), kAuc, tone) + "  " +
                  terminal.bar((one.quality.auc - 0.5) * 2, bar, tone) +
                  terminal.right(percent(one.quality.first_is_clicked), kFirst));
  }
  terminal.line();
  terminal.paragraph(
      "AUC: how often a clicked offer scores above one that was not clicked. Guessing "
      "gives 0.5, and puts the click first in " +
          format("%.3g%%", any.chosen_by_chance * 100) + " of the pages.",
      Tone::kFaint);
}

void show_speed(const Terminal& terminal, const Speed& speed) {
  terminal.section("How fast? " + plural(speed.offers, "offer") + ", history of " +
                   grouped(speed.events) + ", one thread");
  constexpr size_t kWhat = 44, kTime = 10;
  const std::string micro = terminal.either("µ", "u");
  terminal.line(terminal.left("a request", kWhat, Tone::kFaint) +
                terminal.right("median", kTime, Tone::kFaint) +
                terminal.right("90%", kTime, Tone::kFaint) +
                terminal.right("runs", 8, Tone::kFaint));
  const auto show = [&](const char* what, const Times& times) {
    terminal.line(terminal.left(what, kWhat) +
                  terminal.right(time_text(times.median, micro), kTime, Tone::kStrong) +
                  terminal.right(time_text(times.p90, micro), kTime) +
                  terminal.right(grouped(times.runs), 8));
  };
  show("another user: history set, offers ranked", speed.new_user);
  show("the same user, ranked again", speed.same_user);
  show("one more event, ranked again", speed.new_event);
}

void show_sizes(const Terminal& terminal, const Model& model) {
  const augur_model_info info = model.info();
  terminal.section("How big?");
  const auto show = [&](const char* what, size_t bytes, const char* remark) {
    terminal.line(terminal.left(what, 16) + terminal.right(size_text(bytes), 10, Tone::kStrong) +
                  "   " + terminal.paint(remark, Tone::kFaint));
  };
  show("model file", info.file_bytes, "mapped; embeddings are read where they lie");
  show("model's arena", info.arena_bytes, "packed weights; one for all threads");
  show("a session", Session::bytes(model), "one user's; the same for any number of offers");
  terminal.line();
}

}  // namespace augur::demo
