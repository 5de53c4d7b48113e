// Other names in front of the same tensors; see renamed.h.
#include "checkpoint/renamed.h"

#include <unordered_map>
#include <utility>

#include "checkpoint/groups.h"

namespace augur::checkpoint {
namespace {

struct Entry {
  TensorInfo info;
  size_t index = 0;  // in the whole
};

class Renamed final : public Checkpoint, public Groups {
 public:
  Renamed(std::shared_ptr<const Checkpoint> whole, const std::vector<std::string>& names)
      : Checkpoint(whole->file(), whole->format()), whole_(std::move(whole)) {
    const std::vector<TensorInfo>& tensors = whole_->tensors();
    std::unordered_map<std::string_view, const std::string*> new_names;
    for (size_t i = 0; i < tensors.size(); ++i) {
      new_names.emplace(tensors[i].name, &names[i]);
    }
    for (size_t i = 0; i < tensors.size(); ++i) {
      if (names[i].empty()) continue;
      Entry entry{tensors[i], i};
      if (names[i] != entry.info.name) {
        if (entry.info.stored_name.empty()) entry.info.stored_name = entry.info.name;
        entry.info.name = names[i];
      }
      const auto kept = new_names.find(entry.info.alias_of);
      if (kept != new_names.end() && !kept->second->empty()) entry.info.alias_of = *kept->second;
      entries_.push_back(std::move(entry));
    }
    adopt(entries_);
    if (whole_->has_order()) set_order();
  }

  std::vector<std::string> empty_groups() const override {
    return checkpoint::empty_groups(*whole_);
  }

  std::vector<std::string> full_names() const override {
    const std::vector<std::string> all = whole_->full_names();
    std::vector<std::string> names;
    if (all.empty()) return names;
    for (const Entry& entry : entries_)
      names.push_back(all[entry.index]);
    return names;
  }

 private:
  Raw open_raw(size_t index) const override { return open_raw_of(*whole_, entries_[index].index); }

  std::shared_ptr<const Checkpoint> whole_;
  std::vector<Entry> entries_;  // in the order of tensors(); their `info` is moved away
};

}  // namespace

std::unique_ptr<Checkpoint> renamed(std::shared_ptr<const Checkpoint> whole,
                                    const std::vector<std::string>& names) {
  return std::make_unique<Renamed>(std::move(whole), names);
}

}  // namespace augur::checkpoint
