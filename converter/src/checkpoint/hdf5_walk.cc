// H5Ovisit is not used: it recurses, and a hostile file could make it recurse without limit.
#include "checkpoint/hdf5_walk.h"

#include <set>

#include "error.h"

namespace augur::checkpoint {
namespace {

constexpr int kDeepest = 100;
constexpr size_t kMostNameBytes = size_t{256} << 20;

struct PendingGroup {
  std::string path;  // "" for the root
  int depth;
};

// Collects the names of a group's hard links. C code calls it, so nothing may be thrown.
herr_t collect_link(hid_t, const char* name, const H5L_info_t* info, void* names) noexcept {
  if (info->type != H5L_TYPE_HARD) return 0;
  try {
    static_cast<std::vector<std::string>*>(names)->emplace_back(name);
    return 0;
  } catch (const std::exception&) {
    return -1;
  }
}

herr_t keep_first_description(unsigned, const H5E_error2_t* error, void* text) noexcept {
  try {
    auto* out = static_cast<std::string*>(text);
    if (out->empty() && error->desc != nullptr) *out = error->desc;
    return 0;
  } catch (const std::exception&) {
    return -1;
  }
}

}  // namespace

H5Quiet::H5Quiet() {
  H5Eget_auto2(H5E_DEFAULT, &function_, &data_);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

H5Quiet::~H5Quiet() {
  H5Eset_auto2(H5E_DEFAULT, function_, data_);
}

std::string h5_last_error() {
  std::string text;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_first_description, &text);
  return text.empty() ? "unknown failure" : text;
}

H5Objects list_objects(hid_t file, const std::string& file_name) {
  H5Objects found;
  std::vector<PendingGroup> groups = {{"", 0}};
  std::set<haddr_t> entered;
  size_t name_bytes = 0;
  while (!groups.empty()) {
    const PendingGroup group = std::move(groups.back());
    groups.pop_back();
    const std::string what = file_name + ": group " + augur::quoted("/" + group.path);
    const H5Handle opened(
        H5Gopen2(file, group.path.empty() ? "/" : group.path.c_str(), H5P_DEFAULT), H5Gclose);
    H5O_info_t info = {};
    if (!opened || H5Oget_info(opened.get(), &info) < 0) {
      throw Error(what + " cannot be read (" + h5_last_error() + "): the file is damaged");
    }
    if (!entered.insert(info.addr).second) continue;
    std::vector<std::string> names;
    if (H5Literate(opened.get(), H5_INDEX_NAME, H5_ITER_INC, nullptr, collect_link, &names) < 0) {
      throw Error(what + " cannot be listed (" + h5_last_error() + "): the file is damaged");
    }
    if (names.empty() && !group.path.empty()) found.empty_groups.push_back(group.path);
    for (const std::string& name : names) {
      std::string path = group.path.empty() ? name : group.path + "/" + name;
      name_bytes += path.size();
      if (name_bytes > kMostNameBytes) throw Error(file_name + ": has more than 256 MiB of names");
      const H5Handle object(H5Oopen(opened.get(), name.c_str(), H5P_DEFAULT), H5Oclose);
      if (!object) {
        throw Error(file_name + ": object " + augur::quoted("/" + path) + " cannot be opened (" +
                    h5_last_error() + "): the file is damaged");
      }
      const H5I_type_t type = H5Iget_type(object.get());
      if (type == H5I_DATASET) {
        found.datasets.push_back(std::move(path));
        continue;
      }
      if (type != H5I_GROUP) continue;
      if (group.depth == kDeepest) throw Error(what + " is nested too deeply: the file is damaged");
      groups.push_back({std::move(path), group.depth + 1});
    }
  }
  return found;
}

}  // namespace augur::checkpoint
