// Writes the fuzzers' corpus of checkpoints, sound files that use as much of each format as fits in
// a few hundred bytes: make_checkpoint_corpus FOLDER
#include <cstdio>

#include "checkpoint/tf_bundle.h"
#include "checkpoint/tf_messages.h"
#include "converter/checkpoint/bundle_writer.h"
#include "converter/checkpoint/bytes.h"
#include "converter/checkpoint/npz_writer.h"
#include "converter/checkpoint/safetensors_writer.h"

namespace augur::checkpoint::test {
namespace {

class Corpus {
 public:
  explicit Corpus(std::filesystem::path folder) : folder_(std::move(folder)) {}

  void add(const std::string& format, const std::string& name, const Bytes& bytes) const {
    std::filesystem::create_directories(folder_ / format);
    std::ofstream out(folder_ / format / name, std::ios::binary);
    out.write(reinterpret_cast<const char*>(bytes.data()),
              static_cast<std::streamsize>(bytes.size()));
    if (!out.flush()) throw Error((folder_ / format / name).string() + ": cannot be written");
  }

 private:
  std::filesystem::path folder_;
};

void add_safetensors(const Corpus& corpus) {
  const auto add = [&corpus](const std::string& name, const std::vector<TensorData>& tensors) {
    corpus.add("safetensors", name, safetensors_bytes(tensors));
  };
  add("none", {});
  add("float", {float_tensor("fc1.weight", {2, 2}, {1, 2, 3, 4})});
  add("types", {{"a", DType::kBool, {2}, {0, 1}},
                {"b", DType::kBF16, {1}, {0, 1}},
                {"c", DType::kF16, {1, 1}, {0, 60}},
                {"d", DType::kF64, {}, bytes_of<double>({1e300})},
                {"e", DType::kI64, {1}, bytes_of<int64_t>({-1})},
                {"f", DType::kU64, {0, 5}, {}},
                {"g", DType::kComplex64, {1}, Bytes(8)}});
  const std::string header =
      R"({"__metadata__":{"format":"pt"},"a":{"dtype":"F4","shape":[2],"data_offsets":[0,1]}})";
  Bytes bytes;
  put(&bytes, header.size(), 8);
  put(&bytes, header);
  put(&bytes, 7, 1);
  corpus.add("safetensors", "metadata", bytes);
}

void add_npz(const Corpus& corpus) {
  const auto array = [](const std::string& name, const std::string& descr, bool fortran,
                        const std::string& shape, const Bytes& values, bool deflate,
                        unsigned version = 1) {
    return ZipMember{name, npy_bytes(npy_dictionary(descr, fortran, shape), values, version),
                     deflate};
  };
  const ZipMember floats = array("a.npy", "<f4", false, "(2,)", Bytes(8), false);
  const ZipMember columns = array("b.npy", ">i2", true, "(2, 3)", Bytes(12, 1), true, 2);
  const ZipMember wide = array("c.npy", "<f8", false, "()", bytes_of<double>({1e300}), true, 3);
  const ZipMember words = array("d.npy", "|S2", false, "(1,)", Bytes(2), false);
  corpus.add("npz", "stored", zip_bytes({floats}));
  corpus.add("npz", "deflated", zip_bytes({columns, wide}));
  corpus.add("npz", "zip64", zip_bytes({floats, columns}, {true, "comment"}));
  corpus.add("npz", "strings", zip_bytes({words}));
  corpus.add("npz", "records",
             zip_bytes({{"r.npy",
                         npy_bytes("{'descr': [('a', '<f4'), ('b', '<i4', (2,))], "
                                   "'fortran_order': False, 'shape': (0,), }",
                                   {}),
                         false}}));
}

void add_bundles(const Corpus& corpus) {
  const auto add = [&corpus](const std::string& name, const Bundle& bundle) {
    Bytes bytes;
    put(&bytes, bundle.index.size(), 2);
    put(&bytes, bundle.index);
    for (const Bytes& data : bundle.data)
      put(&bytes, data);
    corpus.add("tf_bundle", name, bytes);
  };
  add("float", bundle_of({{"fc1/kernel", 1, {2}, bytes_of<float>({1, 2})}}));
  add("types", bundle_of({{"a", 2, {}, bytes_of<double>({1e300})},
                          {"ab", 9, {1}, bytes_of<int64_t>({5})},
                          {"abc", 14, {2, 1}, Bytes(4)},
                          {"b/Adam", 7, {}, Bytes(3)},
                          {"c", 10, {0, 2}, {}},
                          {"cd", 23, {1}, bytes_of<uint64_t>({~uint64_t{0}})}}));
  add("big_endian", bundle_of({{"a", 19, {2}, Bytes(4)}}, 1, true));
  // A table of two rows in two parts.
  const auto part = [](int64_t start) { return slice_key("t", {{start, 1}, {0, -1}}); };
  Bytes whole = varint_field(1, 1);
  put(&whole, bytes_field(2, shape_message({2, 2})));
  std::vector<KeyValue> entries = {{"", header_message()}};
  for (const int64_t start : {0, 1}) {
    Bytes extent = varint_field(1, static_cast<uint64_t>(start));
    put(&extent, varint_field(2, 1));
    Bytes slice = bytes_field(1, extent);
    put(&slice, bytes_field(1, {}));
    put(&whole, bytes_field(7, slice));
    entries.emplace_back(part(start), entry_message({"", 1, {1, 2}, Bytes(8)}, 0));
  }
  entries.emplace_back("t", whole);
  add("partitioned", {table_bytes(entries, 2), {Bytes(8)}});
}

}  // namespace
}  // namespace augur::checkpoint::test

int main(int argc, char** argv) {
  using namespace augur::checkpoint::test;
  if (argc != 2) {
    std::fprintf(stderr, "usage: make_checkpoint_corpus FOLDER\n");
    return 2;
  }
  try {
    const Corpus corpus(argv[1]);
    add_safetensors(corpus);
    add_npz(corpus);
    add_bundles(corpus);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "make_checkpoint_corpus: %s\n", error.what());
    return 1;
  }
  return 0;
}
