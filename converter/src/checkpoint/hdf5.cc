// HDF5 files as checkpoints. Damaged files make libhdf5 crash, so that a child process reads them
// (hdf5_reader.h), and its output is checked like a file.
#include "checkpoint/hdf5.h"

#include <utility>

#include "checkpoint/checkpoint.h"
#include "checkpoint/child_process.h"
#include "checkpoint/hdf5_reader.h"
#include "checkpoint/values.h"

namespace augur::checkpoint {
namespace {

constexpr uint64_t kMostTensors = uint64_t{1} << 24;
constexpr uint64_t kLongestName = uint64_t{1} << 24;
constexpr uint64_t kMostNameBytes = uint64_t{256} << 20;
constexpr uint64_t kHighestRank = 32;  // HDF5's own limit

void send(const ChildProcess::Write& write, uint64_t number) {
  write(&number, sizeof number);
}

void send(const ChildProcess::Write& write, const std::string& text) {
  send(write, text.size());
  write(text.data(), text.size());
}

void send_list(const std::filesystem::path& path, const ChildProcess::Write& write) {
  const Hdf5List list = list_hdf5(path);
  send(write, list.tensors.size());
  for (const TensorInfo& tensor : list.tensors) {
    send(write, tensor.name);
    send(write, static_cast<uint64_t>(tensor.dtype));
    send(write, tensor.type_name);
    send(write, tensor.shape.size());
    for (const int64_t size : tensor.shape)
      send(write, static_cast<uint64_t>(size));
    send(write, tensor.bytes);
  }
  send(write, list.empty_groups.size());
  for (const std::string& group : list.empty_groups)
    send(write, group);
  send(write, list.model_config.size() <= kLongestName ? list.model_config : "");
}

// What send_list() sends.
class ListReader {
 public:
  ListReader(ChildProcess& child, std::string file) : child_(child), file_(std::move(file)) {}

  Hdf5List read() {
    Hdf5List list;
    for (uint64_t left = number(kMostTensors); left > 0; --left)
      list.tensors.push_back(tensor());
    for (uint64_t left = number(kMostTensors); left > 0; --left)
      list.empty_groups.push_back(text());
    list.model_config = text();
    child_.finish();
    return list;
  }

 private:
  [[noreturn]] void fail() const { throw Error(file_ + ": cannot be listed; the file is damaged"); }

  uint64_t number(uint64_t most) {
    uint64_t value = 0;
    child_.read(&value, sizeof value);
    if (value > most) fail();
    return value;
  }

  std::string text() {
    std::string value(static_cast<size_t>(number(kLongestName)), '\0');
    name_bytes_ += value.size();
    if (name_bytes_ > kMostNameBytes) fail();
    child_.read(value.data(), value.size());
    return value;
  }

  TensorInfo tensor() {
    TensorInfo info;
    info.name = text();
    info.dtype = static_cast<DType>(number(static_cast<uint64_t>(DType::kOther)));
    info.type_name = text();
    info.shape.resize(static_cast<size_t>(number(kHighestRank)));
    for (int64_t& size : info.shape)
      size = static_cast<int64_t>(number(INT64_MAX));
    info.bytes = number(UINT64_MAX);
    uint64_t count = 0, bits = 0;
    if (!shape_size(info.shape, 8 * dtype_bytes(info.dtype), &count, &bits)) fail();
    if (dtype_bytes(info.dtype) != 0 && info.bytes != bits / 8) fail();
    return info;
  }

  ChildProcess& child_;
  std::string file_;
  uint64_t name_bytes_ = 0;
};

// A tensor's values, as a child process reads them.
class ValueStream final : public RawStream {
 public:
  ValueStream(std::string where, const std::filesystem::path& path, const TensorInfo& tensor)
      : child_(std::move(where), [&path, &tensor](const ChildProcess::Write& write) {
          copy_hdf5(path, tensor, write);
        }) {
    child_.wait_for_output();  // the reader allocates only for data that is there
  }

  void read(void* out, size_t size) override { child_.read(out, size); }
  void finish() override { child_.finish(); }

 private:
  ChildProcess child_;
};

class Hdf5 final : public Checkpoint, public Groups {
 public:
  explicit Hdf5(const std::filesystem::path& path)
      : Checkpoint(path.string(), "HDF5"), path_(path) {
    ChildProcess child(file(),
                       [&path](const ChildProcess::Write& write) { send_list(path, write); });
    struct Entry {
      TensorInfo info;
    };
    std::vector<Entry> entries;
    Hdf5List list = ListReader(child, file()).read();
    for (TensorInfo& tensor : list.tensors)
      entries.push_back({std::move(tensor)});
    adopt(entries);
    empty_groups_ = std::move(list.empty_groups);
    model_config_ = std::move(list.model_config);
  }

  std::vector<std::string> empty_groups() const override { return empty_groups_; }
  std::string model_config() const override { return model_config_; }

 private:
  Raw open_raw(size_t index) const override {
    const TensorInfo& tensor = tensors()[index];
    const Encoding encoding = {hdf5_values_type(tensor.dtype), host_is_big_endian()};
    return {std::make_unique<ValueStream>(where(tensor), path_, tensor), encoding, false};
  }

  std::filesystem::path path_;
  std::vector<std::string> empty_groups_;
  std::string model_config_;
};

}  // namespace

std::unique_ptr<Checkpoint> open_hdf5(const std::filesystem::path& path) {
  return std::make_unique<Hdf5>(path);
}

}  // namespace augur::checkpoint
