// Trained weights as a list of named tensors, whatever the format of their file.
//
//   auto weights = augur::checkpoint::open_checkpoint("model.safetensors");
//   for (const auto& tensor : weights->tensors()) ...           // names, types, shapes
//   std::vector<float> kernel = weights->read(weights->get("fc1.weight"));
//
// Opening reads names and shapes alone; a tensor's data is read when it is asked for, so the memory
// needed is that of the tensors which the caller keeps. Every failure is an augur::Error.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checkpoint/file_notes.h"
#include "checkpoint/values.h"
#include "error.h"

namespace augur::checkpoint {

// A tensor as it stands in the file.
struct TensorInfo {
  std::string name;
  DType dtype = DType::kOther;
  std::string type_name;         // the format's own word: "BF16", "<f4", "DT_FLOAT"
  std::vector<int64_t> shape;    // row-major, outermost first; empty for a scalar
  uint64_t bytes = 0;            // of the values, uncompressed; for kString and kOther as stored
  size_t position = 0;           // in the file's own order: see Checkpoint::has_order()
  std::string stored_name = {};  // in the file, where `name` is another: see names.h
  std::string alias_of = {};     // the tensor whose values this one shares, if the file says so

  // Number of values: the product of `shape`, 1 for a scalar. Never overflows, for the readers
  // refuse such shapes.
  uint64_t count() const;
};

// An opened checkpoint. One thread at a time may use it.
class Checkpoint {
 public:
  virtual ~Checkpoint();
  Checkpoint(const Checkpoint&) = delete;
  Checkpoint& operator=(const Checkpoint&) = delete;

  // The file's name as the user gave it, and its format ("safetensors", "npz", ...): for messages.
  const std::string& file() const { return file_; }
  const std::string& format() const { return format_; }

  // All tensors, ascending by name (bytewise), names unique. The references stay valid as long as
  // the checkpoint lives.
  const std::vector<TensorInfo>& tensors() const { return tensors_; }

  // The tensor called `name`, or nullptr.
  const TensorInfo* find(std::string_view name) const;

  // The same, but a missing tensor is an Error that offers the nearest names.
  const TensorInfo& get(std::string_view name) const;

  // Whether the file tells in which order the model holds its tensors (`position`): the entries of
  // an .npz, the order that augur_rank notes in a .safetensors. Other files are sorted.
  bool has_order() const { return has_order_; }

  // The tensors by `position`; nothing if the file tells no order.
  std::vector<const TensorInfo*> file_order() const;

  // The names that the program gave to its variables, where the file calls them otherwise: in the
  // order of tensors(), "" for a tensor that has none. Empty for all formats but TensorFlow's
  // object graphs (layer_with_weights-0/...). Reads the graph: Error if that is damaged.
  virtual std::vector<std::string> full_names() const { return {}; }

  // What the file tells beside its tensors; nothing, if it is not a .safetensors of augur_rank.
  const FileNotes& notes() const { return notes_; }

  // The values in row-major order as f32. f16, bf16, f64, bool and integers are converted, rounding
  // to nearest; infinities and NaNs pass through. Refused with an Error: complex, string and other
  // types; an f64 value beyond f32's range; data that is missing, truncated or fails its checksum.
  // `tensor` is one of tensors() (its name is what counts).
  std::vector<float> read(const TensorInfo& tensor) const;

  // The values in row-major order as int64, for counters and ids: bool and integer types only. A
  // u64 value above int64's range is an Error.
  std::vector<int64_t> read_int64(const TensorInfo& tensor) const;

 protected:
  // How to get at a tensor's bytes, which follow in C order unless column_major.
  struct Raw {
    std::unique_ptr<RawStream> stream;
    Encoding encoding;
    bool column_major = false;
  };

  Checkpoint(std::string file, std::string format);

  // Bytes of tensors()[index], whose type is readable. Checks that they are there before anything
  // is allocated for them.
  virtual Raw open_raw(size_t index) const = 0;

  // Takes over what a reader found: sorts by name, refuses duplicates. Entry has a member `info`
  // (moved from); the order of `entries` afterwards is that of tensors().
  template <typename Entry>
  void adopt(std::vector<Entry>& entries);

  // To be called by a reader whose entries have their `position`.
  void set_order() { has_order_ = true; }

  void set_notes(FileNotes notes) { notes_ = std::move(notes); }

  // open_raw() of another checkpoint, for those that show one under other names.
  static Raw open_raw_of(const Checkpoint& other, size_t index) { return other.open_raw(index); }

  // "FILE: tensor 'NAME'", the beginning of a message; with the name in the file, if it is another.
  std::string where(const TensorInfo& tensor) const;

 private:
  size_t index_of(const TensorInfo& tensor) const;
  void refuse_duplicates() const;

  std::string file_;
  std::string format_;
  std::vector<TensorInfo> tensors_;
  bool has_order_ = false;
  FileNotes notes_;
};

// Opens whatever `path` is, by its content first and its name second:
//   safetensors | npz | TensorFlow V2 bundle (given as PREFIX, PREFIX.index or
//   PREFIX.data-00000-of-00001; its data is needed only once a tensor is read).
// Throws OtherKind for what augur_rank reads: PyTorch's files, HDF5, .keras, folders. ONNX and
// others are refused with what to do instead.
std::unique_ptr<Checkpoint> open_checkpoint(const std::filesystem::path& path);

// A checkpoint that the Python package augur_rank reads. The message does not say how: whoever
// knows the user's command line adds that.
class OtherKind : public Error {
 public:
  using Error::Error;
};

template <typename Entry>
void Checkpoint::adopt(std::vector<Entry>& entries) {
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.info.name < b.info.name; });
  tensors_.reserve(entries.size());
  for (Entry& entry : entries)
    tensors_.push_back(std::move(entry.info));
  refuse_duplicates();
}

}  // namespace augur::checkpoint
