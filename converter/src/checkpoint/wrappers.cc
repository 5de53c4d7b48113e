// Finds wrappers' prefixes, and copies and averages of the model; see wrappers.h.
#include "checkpoint/wrappers.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "checkpoint/names.h"

namespace augur::checkpoint {
namespace {

using Names = std::vector<std::string>;

constexpr std::string_view kSeparators = "./";
constexpr size_t kDeepestWrapper = 8;

// What wrappers and training scripts call the model, and an average of it.
constexpr std::string_view kWrapperWords[] = {
    "module",  "_orig_mod", "model", "net",    "network",     "_forward_module",
    "student", "model_",    "base",  "online", "model_state", "wrapped"};
constexpr std::string_view kAverageWords[] = {
    "ema",     "ema_model", "model_ema", "module_ema",     "ema_module",
    "ema_net", "net_ema",   "shadow",    "averaged_model", "swa_model",
    "swa",     "avg_model", "teacher",   "average_model",  "ema_"};

// What an average is called beside its tensor; the first is TensorFlow's.
constexpr std::string_view kAverageSuffixes[] = {"/ExponentialMovingAverage", "_ema", ".ema",
                                                 "_average", "_avg"};

template <size_t N>
bool is_one_of(std::string_view word, const std::string_view (&words)[N]) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

bool begins_with(std::string_view name, std::string_view prefix) {
  return name.size() > prefix.size() && name.substr(0, prefix.size()) == prefix;
}

bool ends_with(std::string_view name, std::string_view suffix) {
  return name.size() > suffix.size() && name.substr(name.size() - suffix.size()) == suffix;
}

// "a." and "a.b." of "a.b.c".
std::vector<std::string_view> prefixes_of(std::string_view name) {
  std::vector<std::string_view> prefixes;
  for (size_t end = name.find_first_of(kSeparators);
       end != std::string_view::npos && prefixes.size() < kDeepestWrapper;
       end = name.find_first_of(kSeparators, end + 1)) {
    prefixes.push_back(name.substr(0, end + 1));
  }
  return prefixes;
}

std::string_view last_word(std::string_view prefix) {
  prefix.remove_suffix(1);
  const size_t before = prefix.find_last_of(kSeparators);
  return before == std::string_view::npos ? prefix : prefix.substr(before + 1);
}

bool is_average(std::string_view prefix) {
  const std::vector<std::string_view> parts = prefixes_of(prefix);
  return std::any_of(parts.begin(), parts.end(), [](std::string_view part) {
    return is_one_of(last_word(part), kAverageWords);
  });
}

// Prefixes made of wrappers' words alone, longest first, so that all wrappers are taken off.
std::vector<std::string> wrapper_prefixes(const Names& names) {
  std::set<std::string, std::less<>> found;
  for (const std::string& name : names) {
    for (const std::string_view prefix : prefixes_of(name)) {
      const std::string_view word = last_word(prefix);
      if (!is_one_of(word, kWrapperWords) && !is_one_of(word, kAverageWords)) break;
      if (found.find(prefix) == found.end()) found.emplace(prefix);
    }
  }
  std::vector<std::string> prefixes(found.begin(), found.end());
  std::stable_sort(prefixes.begin(), prefixes.end(),
                   [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
  return prefixes;
}

// The prefixes that all these names have, shortest first.
std::vector<std::string> common_prefixes(const Names& names) {
  if (names.empty()) return {};
  // The names ascend within the checkpoint, but may have been renamed since.
  const auto [first, last] = std::minmax_element(names.begin(), names.end());
  std::vector<std::string> prefixes;
  for (const std::string_view prefix : prefixes_of(*first)) {
    if (begins_with(*last, prefix)) prefixes.emplace_back(prefix);
  }
  return prefixes;
}

// The names without `prefix`; those that have none are kept if `others`, else left out (empty).
// Nothing if two tensors would get one name.
std::optional<Names> without(const Names& names, std::string_view prefix, bool others) {
  Names out;
  out.reserve(names.size());
  std::unordered_set<std::string> seen;
  for (const std::string& name : names) {
    out.push_back(begins_with(name, prefix) ? name.substr(prefix.size())
                  : others                  ? name
                                            : std::string());
    if (!out.back().empty() && !seen.insert(out.back()).second) return std::nullopt;
  }
  return out;
}

Names model_names(const Names& names) {
  Names kept;
  for (const std::string& name : names) {
    if (!is_training_only(name)) kept.push_back(name);
  }
  return kept;
}

// Tries names, and says which are recognised.
class Search {
 public:
  Search(const Checkpoint& whole, const Recogniser& knows) : whole_(whole), knows_(knows) {}

  bool known(const Names& names) const {
    // The view lives no longer than `whole_`.
    const std::shared_ptr<const Checkpoint> borrowed(&whole_, [](const Checkpoint*) {});
    return knows_(*renamed(borrowed, names));
  }

  // As they are, or behind a prefix.
  bool finds(const Names& names) const {
    return known(names) || !copies(names).empty() || !common(names).empty();
  }

  // Of the wrappers' prefixes, those under which a copy of the model stands: the longest ones, so
  // that all wrappers are taken off.
  std::vector<std::string> copies(const Names& names) const {
    std::vector<std::string> found;
    Names left = names;  // without those of the copies found
    for (const std::string& prefix : wrapper_prefixes(model_names(names))) {
      const std::optional<Names> view = without(left, prefix, false);
      if (!view || !known(*view)) continue;
      found.push_back(prefix);
      for (std::string& name : left) {
        if (begins_with(name, prefix)) name.clear();
      }
    }
    std::sort(found.begin(), found.end());
    return found;
  }

  // A prefix under which an average of the model stands, while the others are a model too; or "".
  std::string average_beside(const Names& names) const {
    for (const std::string& prefix : copies(names)) {
      if (!is_average(prefix)) continue;
      Names others = names;
      for (std::string& name : others) {
        if (begins_with(name, prefix)) name.clear();
      }
      if (known(others)) return prefix;
    }
    return "";
  }

  // A prefix that all tensors of the model have, or "".
  std::string common(const Names& names) const {
    for (const std::string& prefix : common_prefixes(model_names(names))) {
      const std::optional<Names> view = without(names, prefix, true);
      if (view && known(*view)) return prefix;
    }
    return "";
  }

 private:
  const Checkpoint& whole_;
  const Recogniser& knows_;
};

std::string advice(const std::vector<std::string>& copies) {
  const auto average = std::find_if(copies.begin(), copies.end(), is_average);
  std::string text;
  if (average != copies.end()) {
    text = "An average of the weights (EMA) is what is meant to score: --prefix " + *average;
  }
  for (const std::string& prefix : copies) {
    if (average != copies.end() && prefix == *average) continue;
    text += text.empty() ? "State which is meant: --prefix " : ", or --prefix ";
    text += prefix;
  }
  return text;
}

[[noreturn]] void refuse_copies(const Checkpoint& whole, const std::vector<std::string>& copies) {
  std::string list;
  for (size_t i = 0; i < copies.size(); ++i) {
    if (i > 0) list += i + 1 == copies.size() ? " and " : ", ";
    list += augur::quoted(copies[i]);
  }
  throw Error(whole.file() + ": holds " + std::to_string(copies.size()) +
              " copies of the model's tensors, under " + list + ". " + advice(copies));
}

// Says that averages stand beside their tensors; "" if there are none.
std::string averages_text(const Names& names) {
  const std::unordered_set<std::string_view> known(names.begin(), names.end());
  for (const std::string_view suffix : kAverageSuffixes) {
    for (const std::string& name : names) {
      if (!ends_with(name, suffix)) continue;
      const std::string_view raw = std::string_view(name).substr(0, name.size() - suffix.size());
      if (known.count(raw) == 0) continue;
      return augur::quoted(name) + " and its like are averages (EMA) of " + augur::quoted(raw) +
             " and its like, and are what is meant to score: --suffix " + std::string(suffix);
    }
  }
  return "";
}

std::string off_text(const Names& names, const std::string& prefix) {
  const Names model = model_names(names);
  const auto having = std::count_if(model.begin(), model.end(), [&](const std::string& name) {
    return begins_with(name, prefix);
  });
  const bool all = static_cast<size_t>(having) == model.size();
  return "taken off " +
         (all ? std::string("every tensor's name: ")
              : "the names of " + std::to_string(having) + " of " + std::to_string(model.size()) +
                    " tensors: ") +
         augur::quoted(prefix);
}

std::string joined(const std::string& first, const std::string& second) {
  return first.empty() || second.empty() ? first + second : first + "; " + second;
}

// Applies a further change to `view`, if there is one.
void add(View& view, std::optional<View> change) {
  if (change) view = {std::move(change->names), joined(view.note, change->note)};
}

}  // namespace

NamedCheckpoint under_known_names(std::unique_ptr<Checkpoint> whole, const Recogniser& knows,
                                  NameOrder order) {
  const Search search(*whole, knows);
  View view = {names_of(*whole), ""};
  const bool stored = order == NameOrder::kStoredFirst && knows(*whole);
  if (!stored) {
    if (std::optional<Names> full = with_full_names(*whole)) {
      view = {std::move(*full), "variables called by the names in the object graph"};
    } else if (order == NameOrder::kProgramFirst) {
      if (std::optional<Names> plain = without_keras_numbers(*whole)) {
        view = {std::move(*plain), "numbers that Keras added to variables' names taken off"};
      }
    }
    add(view, plainly_spelt(*whole, view.names));
    if (!search.finds(view.names)) add(view, without_outputs(*whole, view.names));
    if (!search.finds(view.names)) refuse_numbered_variables(*whole);
  }
  NamedCheckpoint found;
  if (stored || search.known(view.names)) {
    const std::string average = stored ? "" : search.average_beside(view.names);
    if (!average.empty()) {
      found.copies = "those under " + augur::quoted(average) +
                     " are a copy of the model's tensors. " + advice({average});
    }
  } else {
    const std::vector<std::string> copies = search.copies(view.names);
    if (copies.size() > 1) refuse_copies(*whole, copies);
    const std::string prefix = copies.empty() ? search.common(view.names) : copies.front();
    std::optional<Names> names;
    if (!prefix.empty()) names = without(view.names, prefix, true);
    if (names) {
      view = {std::move(*names), joined(view.note, off_text(view.names, prefix))};
    } else if (order == NameOrder::kStoredFirst) {
      view.note.clear();  // nothing is recognised: the file's names are as good
    }
  }
  if (order == NameOrder::kProgramFirst && found.copies.empty()) {
    found.copies = averages_text(view.names);
  }
  if (view.note.empty()) {
    found.checkpoint = std::move(whole);
    return found;
  }
  found.checkpoint = renamed(std::shared_ptr<const Checkpoint>(std::move(whole)), view.names);
  found.note = std::move(view.note);
  return found;
}

NamedCheckpoint under_prefix(std::unique_ptr<Checkpoint> whole, const std::string& prefix) {
  const Names names = names_of(*whole);
  std::string cut = prefix;
  const auto has = [&names](const std::string& text) {
    return std::any_of(names.begin(), names.end(),
                       [&](const std::string& name) { return begins_with(name, text); });
  };
  if (!cut.empty() && kSeparators.find(cut.back()) == std::string_view::npos) {
    for (const char separator : kSeparators) {
      if (has(prefix + separator)) {
        cut = prefix + separator;
        break;
      }
    }
  }
  if (cut.empty() || !has(cut)) {
    std::set<std::string> heads;
    for (const std::string& name : names) {
      const auto prefixes = prefixes_of(name);
      if (!prefixes.empty()) heads.emplace(prefixes.front());
    }
    std::string list;
    for (const std::string& head : heads) {
      if (list.size() > 400) {
        list += ", ...";
        break;
      }
      list += (list.empty() ? "" : ", ") + augur::quoted(head);
    }
    throw Error(whole->file() + ": --prefix " + augur::quoted(prefix) +
                ": no tensor's name begins so" +
                (list.empty() ? "" : "; names begin with " + list));
  }
  const std::optional<Names> view = without(names, cut, false);
  const auto left_out = std::count(view->begin(), view->end(), std::string());
  NamedCheckpoint found;
  found.note = "taken off as stated: " + augur::quoted(cut);
  if (left_out > 0) found.note += ", " + std::to_string(left_out) + " tensors without it left out";
  found.checkpoint = renamed(std::shared_ptr<const Checkpoint>(std::move(whole)), *view);
  return found;
}

NamedCheckpoint under_suffix(std::unique_ptr<Checkpoint> whole, const std::string& suffix) {
  Names names = names_of(*whole);
  std::unordered_set<std::string> averaged;
  for (const std::string& name : names) {
    if (ends_with(name, suffix)) averaged.insert(name.substr(0, name.size() - suffix.size()));
  }
  if (suffix.empty() || averaged.empty()) {
    throw Error(whole->file() + ": --suffix " + augur::quoted(suffix) +
                ": no tensor's name ends so; --list-tensors shows the names that it has");
  }
  size_t replaced = 0;
  for (std::string& name : names) {
    if (averaged.count(name) != 0) {
      name.clear();
      ++replaced;
    } else if (ends_with(name, suffix)) {
      name.resize(name.size() - suffix.size());
    }
  }
  NamedCheckpoint found;
  found.note = "taken off as stated: " + augur::quoted(suffix) + " at the end of " +
               std::to_string(averaged.size()) + " names, in the place of " +
               std::to_string(replaced) + " tensors without it";
  found.checkpoint = renamed(std::shared_ptr<const Checkpoint>(std::move(whole)), names);
  return found;
}

}  // namespace augur::checkpoint
