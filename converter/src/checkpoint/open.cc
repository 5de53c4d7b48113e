// open_checkpoint(): finds out a file's format, and tells what to do about files that cannot be
// read.
#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "checkpoint/byte_source.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/names.h"
#include "checkpoint/numpy.h"
#include "checkpoint/safetensors.h"
#include "checkpoint/tf_bundle.h"
#include "checkpoint/tf_table.h"
#include "checkpoint/zip.h"

namespace augur::checkpoint {
namespace {

namespace fs = std::filesystem;

constexpr char kIndexSuffix[] = ".index";

bool ends_with(const std::string& text, std::string_view end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

bool is_one_of(const std::string& text, std::initializer_list<const char*> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

std::unique_ptr<Checkpoint> open_bundle(const std::string& prefix) {
  const std::string index = prefix + kIndexSuffix;
  const ShardOpener open_shard = [index, prefix](uint32_t shard, uint32_t shards) {
    const std::string name = shard_name(prefix, shard, shards);
    if (!is_there(name)) {
      throw Error(index + " lists its tensors, but their data file " + augur::quoted(name) +
                  " is missing; a checkpoint is both, side by side");
    }
    return open_file(name);
  };
  return open_tf_bundle(open_file(index), open_shard);
}

// PREFIX of "PREFIX.data-00000-of-00001", or "".
std::string data_file_prefix(const std::string& name) {
  constexpr size_t kSuffixBytes = 20;  // ".data-00000-of-00001"
  if (name.size() <= kSuffixBytes) return "";
  std::string suffix = name.substr(name.size() - kSuffixBytes);
  for (char& c : suffix) {
    if (c >= '0' && c <= '9') c = '0';
  }
  return suffix == ".data-00000-of-00000" ? name.substr(0, name.size() - kSuffixBytes) : "";
}

[[noreturn]] void refuse_directory(const fs::path& path) {
  const std::string name = path.string();
  if (is_there(path / "saved_model.pb")) {
    throw OtherKind(name + ": is a SavedModel folder; its weights are the checkpoint " +
                    augur::quoted((path / "variables" / "variables").string()));
  }
  if (is_there(path / "checkpoint")) throw OtherKind(name + ": is a folder of checkpoints");
  std::vector<std::string> prefixes;
  std::error_code failure;
  for (fs::directory_iterator entry(path, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    const std::string file = entry->path().string();
    if (ends_with(file, kIndexSuffix)) prefixes.push_back(file.substr(0, file.size() - 6));
  }
  std::sort(prefixes.begin(), prefixes.end());
  throw Error(name + ": is a directory, expected a checkpoint" +
              (prefixes.empty() ? " file" : ", such as " + augur::quoted(prefixes.back())));
}

[[noreturn]] void refuse_pickle(const std::string& name) {
  throw OtherKind(name + ": is a file of PyTorch's torch.save, a pickle, which is not run");
}

[[noreturn]] void refuse_hdf5(const std::string& name) {
  throw OtherKind(name + ": is an HDF5 file (Keras)");
}

std::unique_ptr<Checkpoint> open_zip(std::unique_ptr<ByteSource> source, bool is_pickle) {
  const std::string name = source->name();
  std::unique_ptr<ZipArchive> archive;
  try {
    archive = std::make_unique<ZipArchive>(std::move(source));
  } catch (const Error&) {
    if (is_pickle) refuse_pickle(name);
    throw;
  }
  for (const ZipEntry& entry : archive->entries()) {
    if (entry.name == "data.pkl" || ends_with(entry.name, "/data.pkl")) refuse_pickle(name);
    if (entry.name == "model.weights.h5") throw OtherKind(name + ": is a Keras archive");
  }
  return open_npz(std::move(archive));
}

// The file's first bytes, and which format they show.
class Content {
 public:
  explicit Content(const ByteSource& source) : size_(source.size()) {
    start_.resize(static_cast<size_t>(std::min<uint64_t>(size_, 2048 + 8)));
    source.read(0, &start_[0], start_.size());
  }

  bool has(size_t at, std::string_view bytes) const {
    return start_.size() >= at + bytes.size() && start_.compare(at, bytes.size(), bytes) == 0;
  }
  bool empty() const { return size_ == 0; }

  bool is_safetensors() const {
    if (start_.size() < 9 || start_[8] != '{') return false;
    uint64_t length = 0;
    for (unsigned i = 0; i < 8; ++i) {
      length |= uint64_t{static_cast<uint8_t>(start_[i])} << (8 * i);
    }
    return length <= size_ - 8;
  }
  bool is_hdf5() const {
    constexpr std::string_view kMagic = "\x89HDF\r\n\x1a\n";
    // The format allows a block of the user's own before it.
    return has(0, kMagic) || has(512, kMagic) || has(1024, kMagic) || has(2048, kMagic);
  }
  bool is_zip() const { return has(0, "PK\3\4") || has(0, "PK\5\6"); }
  // torch.save writes this entry first, whatever the file is called.
  bool is_torch_zip() const { return is_zip() && start_.find("/data.pkl") != std::string::npos; }
  bool is_pickle() const {
    return start_.size() > 1 && start_[0] == '\x80' && start_[1] >= 2 && start_[1] <= 5;
  }

 private:
  uint64_t size_;
  std::string start_;
};

// What to do about files that people are likely to try and that cannot be read. "" for others.
std::string advice_for(const Content& content, const std::string& file, const std::string& type) {
  if (content.empty()) return "is empty";
  if (content.has(4, "AUGR")) return "is a converted Augur model already";
  if (content.has(4, "TFL3")) {
    return "is a TensorFlow Lite model; convert the checkpoint that it was made from";
  }
  if (content.has(0, "\x93NUMPY")) {
    return "is a single NumPy array; save the tensors together, by name, with numpy.savez";
  }
  if (content.has(0, "version https://git-lfs")) {
    return "is a Git LFS pointer instead of the file itself; fetch it with git lfs pull";
  }
  if (content.has(0, "\x1f\x8b")) return "is compressed by gzip; unpack it first (gunzip)";
  if (content.has(257, "ustar")) return "is a tar archive; unpack it first (tar xf)";
  if (content.has(0, "model_checkpoint_path:")) {
    return "is TensorFlow's note of the latest checkpoint; give the prefix that it names";
  }
  if (content.has(0, "{")) return "is JSON, and no checkpoint; is it the model description?";
  if (type == ".onnx") {
    return "is an ONNX model, whose graph has no names for the weights; convert the checkpoint "
           "that "
           "it was exported from";
  }
  if (file == "saved_model.pb") {
    return "is a TensorFlow graph; its weights are in variables/variables beside it";
  }
  if (type == ".pb" || type == ".meta" || type == ".pbtxt") {
    return "is a TensorFlow graph; give the checkpoint's prefix (the name before .index)";
  }
  return "";
}

}  // namespace

std::unique_ptr<Checkpoint> open_checkpoint(const fs::path& path) {
  const std::string name = path.string();
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) refuse_directory(path);
  const std::string prefix = data_file_prefix(name);
  if (!prefix.empty()) return open_bundle(prefix);
  if (!is_there(path) && is_there(name + kIndexSuffix)) return open_bundle(name);

  std::unique_ptr<ByteSource> source = open_file(path);
  const Content content(*source);
  const std::string type = path.extension().string();
  const bool named_like_pickle = is_one_of(type, {".pt", ".pth", ".ckpt", ".pkl", ".bin"});
  // What it is by its content:
  if (content.is_safetensors()) return open_safetensors(std::move(source));
  if (content.is_hdf5()) refuse_hdf5(name);
  if (content.is_zip()) {
    return open_zip(std::move(source), named_like_pickle || content.is_torch_zip());
  }
  if (content.is_pickle()) refuse_pickle(name);
  if (ends_with(name, kIndexSuffix)) return open_bundle(name.substr(0, name.size() - 6));
  if (has_table_magic(*source)) {  // a bundle's index under another name, or TensorFlow's V1 format
    return open_tf_bundle(std::move(source),
                          [name](uint32_t, uint32_t) -> std::unique_ptr<ByteSource> {
                            throw Error(name +
                                        ": is the index of a TensorFlow checkpoint; name it "
                                        "PREFIX.index, beside its data files");
                          });
  }
  const std::string advice = advice_for(content, path.filename().string(), type);
  if (!advice.empty()) throw Error(name + ": " + advice);
  // By its name, so that the reader of that format says what is wrong:
  if (type == ".safetensors") return open_safetensors(std::move(source));
  if (type == ".npz") return open_npz(std::move(source));
  if (is_one_of(type, {".h5", ".hdf5"})) refuse_hdf5(name);
  if (type == ".keras") throw OtherKind(name + ": is a Keras archive");
  if (named_like_pickle) refuse_pickle(name);
  throw Error(
      name +
      ": its format is not recognised; expected .safetensors, .npz, a TensorFlow checkpoint "
      "(PREFIX.index), PyTorch's (.pt) or Keras' (.h5)");
}

}  // namespace augur::checkpoint
