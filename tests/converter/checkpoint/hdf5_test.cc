// Keras weights in HDF5. The files are written by libhdf5 itself.
#include "checkpoint/hdf5.h"
#include "checkpoint/names.h"

#include <doctest/doctest.h>
#include <hdf5.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <limits>

#include "checkpoint/wrappers.h"
#include "converter/checkpoint/bytes.h"

using namespace augur::checkpoint;
using namespace augur::checkpoint::test;

namespace {

// An HDF5 file being written.
class H5Writer {
 public:
  explicit H5Writer(const std::filesystem::path& path)
      : file_(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT)) {
    REQUIRE(file_ >= 0);
  }
  ~H5Writer() { H5Fclose(file_); }

  hid_t file() const { return file_; }

  void group(const std::string& path) {
    H5Gclose(H5Gcreate2(file_, path.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  }

  // A dataset of `stored` type from values of `memory` type; an empty shape is a scalar.
  void dataset(const std::string& path, hid_t stored, hid_t memory,
               const std::vector<hsize_t>& shape, const void* values,
               hid_t properties = H5P_DEFAULT) {
    const hid_t space =
        shape.empty() ? H5Screate(H5S_SCALAR)
                      : H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr);
    const hid_t set =
        H5Dcreate2(file_, path.c_str(), stored, space, H5P_DEFAULT, properties, H5P_DEFAULT);
    REQUIRE(set >= 0);
    if (values != nullptr)
      REQUIRE(H5Dwrite(set, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    H5Dclose(set);
    H5Sclose(space);
  }

  void floats(const std::string& path, const std::vector<hsize_t>& shape,
              const std::vector<float>& values) {
    dataset(path, H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, shape, values.data());
  }

 private:
  hid_t file_;
};

std::vector<float> read(const Checkpoint& weights, const char* name) {
  return weights.read(weights.get(name));
}

Bytes read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return Bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
}

// A two-byte float type: half or brain float.
hid_t narrow_float(size_t exponent_bits, size_t bias) {
  const hid_t type = H5Tcopy(H5T_IEEE_F32LE);
  const size_t mantissa_bits = 15 - exponent_bits;
  H5Tset_fields(type, 15, mantissa_bits, exponent_bits, 0, mantissa_bits);
  H5Tset_size(type, 2);
  H5Tset_ebias(type, bias);
  return type;
}

}  // namespace

TEST_CASE("hdf5: the second model of a process is seen without Keras' numbers") {
  const TemporaryFolder folder;
  for (const std::string root : {"", "model_weights/"}) {
    const std::filesystem::path file = folder / (root.empty() ? "w.h5" : "m.h5");
    {
      H5Writer out(file);
      if (!root.empty()) out.group("model_weights");
      for (const char* group :
           {"emb_user", "emb_user/emb_user_1", "gru1", "gru1/gru1", "emb_1", "emb_1/emb_x"}) {
        out.group(root + group);
      }
      out.floats(root + "emb_user/emb_user_1/embeddings:0", {1}, {1});
      out.floats(root + "gru1/gru1/kernel:0", {1}, {2});
      out.floats(root + "emb_1/emb_x/kernel:0", {1}, {3});
    }
    const auto knows = [&root](const Checkpoint& weights) {
      return weights.find(root + "gru1/gru1/kernel:0") != nullptr;
    };
    const NamedCheckpoint found =
        under_known_names(open_checkpoint(file), knows, NameOrder::kProgramFirst);
    CHECK(found.note == "numbers that Keras added to variables' names taken off");
    const std::string name = root + "emb_user/emb_user/embeddings:0";
    CHECK(read(*found.checkpoint, name.c_str()) == std::vector<float>{1});
    CHECK(found.checkpoint->get(name).stored_name == root + "emb_user/emb_user_1/embeddings:0");
    CHECK(found.checkpoint->find(root + "emb_1/emb_x/kernel:0") != nullptr);
    const NamedCheckpoint described =
        under_known_names(open_checkpoint(file), knows, NameOrder::kStoredFirst);
    CHECK(described.note.empty());
  }
}

TEST_CASE("hdf5: the trees of Keras 2 and 3") {
  const TemporaryFolder folder;
  {
    H5Writer out(folder / "k2.h5");
    for (const char* group : {"model_weights", "model_weights/gru", "model_weights/gru/gru",
                              "model_weights/top_level_model_weights", "optimizer_weights"}) {
      out.group(group);
    }
    out.floats("model_weights/gru/gru/kernel:0", {2, 3}, {1, 2, 3, 4, 5, 6});
    out.floats("optimizer_weights/m:0", {1}, {9});
  }
  const auto keras2 = open_checkpoint(folder / "k2.h5");
  CHECK(keras2->format() == "HDF5");
  REQUIRE(keras2->tensors().size() == 2);
  CHECK(read(*keras2, "model_weights/gru/gru/kernel:0") == std::vector<float>{1, 2, 3, 4, 5, 6});
  CHECK(keras2->get("model_weights/gru/gru/kernel:0").shape == std::vector<int64_t>{2, 3});
  CHECK(keras2->get("model_weights/gru/gru/kernel:0").type_name == "float32");
  CHECK(is_training_only("optimizer_weights/m:0"));
  {
    H5Writer out(folder / "k3.weights.h5");
    for (const char* group : {"layers", "layers/dense", "layers/dense/vars"})
      out.group(group);
    out.floats("layers/dense/vars/0", {2}, {7, 8});
    out.floats("layers/dense/vars/1", {}, {0.5});
  }
  const auto keras3 = open_checkpoint(folder / "k3.weights.h5");
  CHECK(read(*keras3, "layers/dense/vars/0") == std::vector<float>{7, 8});
  CHECK(read(*keras3, "layers/dense/vars/1") == std::vector<float>{0.5});
  CHECK(keras3->get("layers/dense/vars/1").shape.empty());
  const auto unknown = [](const Checkpoint&) { return false; };
  CHECK_REFUSED(under_known_names(open_checkpoint(folder / "k3.weights.h5"), unknown,
                                  NameOrder::kProgramFirst),
                "its tensors are numbered ('layers/dense/vars/0')");
}

TEST_CASE("hdf5: types and byte orders") {
  const TemporaryFolder folder;
  const auto path = folder / "types.h5";
  {
    H5Writer out(path);
    const std::vector<float> two = {1.5f, -2};
    const std::vector<double> doubles = {0.1, -1e10};
    const std::vector<int64_t> numbers = {-100, 100};
    const std::vector<uint64_t> large = {1, uint64_t{1} << 63};
    const hid_t half = narrow_float(5, 15), brain = narrow_float(8, 127);
    out.dataset("half", half, H5T_NATIVE_FLOAT, {2}, two.data());
    out.dataset("brain", brain, H5T_NATIVE_FLOAT, {2}, two.data());
    out.dataset("f32be", H5T_IEEE_F32BE, H5T_NATIVE_FLOAT, {2}, two.data());
    out.dataset("f64be", H5T_IEEE_F64BE, H5T_NATIVE_DOUBLE, {2}, doubles.data());
    out.dataset("i8", H5T_STD_I8LE, H5T_NATIVE_INT64, {2}, numbers.data());
    out.dataset("i16", H5T_STD_I16BE, H5T_NATIVE_INT64, {2}, numbers.data());
    out.dataset("i32", H5T_STD_I32LE, H5T_NATIVE_INT64, {2}, numbers.data());
    out.dataset("i64", H5T_STD_I64BE, H5T_NATIVE_INT64, {2}, numbers.data());
    out.dataset("u64", H5T_STD_U64LE, H5T_NATIVE_UINT64, {2}, large.data());
    const uint8_t bytes[] = {200, 1};
    out.dataset("u8", H5T_STD_U8LE, H5T_NATIVE_UINT8, {2}, bytes);
    const uint16_t shorts[] = {65535, 1};
    out.dataset("u16", H5T_STD_U16BE, H5T_NATIVE_UINT16, {2}, shorts);
    const uint32_t words[] = {4000000000u, 1};
    out.dataset("u32", H5T_STD_U32LE, H5T_NATIVE_UINT32, {2}, words);
    const hid_t boolean = H5Tenum_create(H5T_NATIVE_INT8);
    const int8_t no = 0, yes = 1;
    H5Tenum_insert(boolean, "FALSE", &no);
    H5Tenum_insert(boolean, "TRUE", &yes);
    const int8_t flags[] = {1, 0};
    out.dataset("bool", boolean, boolean, {2}, flags);
    const hid_t text = H5Tcopy(H5T_C_S1);
    H5Tset_size(text, 4);
    out.dataset("text", text, text, {}, "abc");
    const hid_t complex = H5Tcreate(H5T_COMPOUND, 8);
    H5Tinsert(complex, "r", 0, H5T_IEEE_F32LE);
    H5Tinsert(complex, "i", 4, H5T_IEEE_F32LE);
    out.dataset("complex", complex, complex, {1}, two.data());
    out.dataset("long", H5T_NATIVE_LDOUBLE, H5T_NATIVE_DOUBLE, {2}, doubles.data());
    for (const hid_t type : {half, brain, boolean, text, complex})
      H5Tclose(type);
    const hid_t null = H5Screate(H5S_NULL);
    H5Dclose(H5Dcreate2(out.file(), "null", H5T_IEEE_F32LE, null, H5P_DEFAULT, H5P_DEFAULT,
                        H5P_DEFAULT));
    H5Sclose(null);
    out.floats("empty", {0, 4}, {});
  }
  const auto weights = open_hdf5(path);
  CHECK(weights->get("half").dtype == DType::kF16);
  CHECK(weights->get("half").bytes == 4);
  CHECK(weights->get("brain").dtype == DType::kBF16);
  CHECK(read(*weights, "half") == std::vector<float>{1.5f, -2});
  CHECK(read(*weights, "brain") == std::vector<float>{1.5f, -2});
  CHECK(read(*weights, "f32be") == std::vector<float>{1.5f, -2});
  CHECK(read(*weights, "f64be") == std::vector<float>{0.1f, -1e10f});
  for (const char* name : {"i8", "i16", "i32", "i64"}) {
    CHECK(read(*weights, name) == std::vector<float>{-100, 100});
    CHECK(weights->read_int64(weights->get(name)) == std::vector<int64_t>{-100, 100});
  }
  CHECK(read(*weights, "u8") == std::vector<float>{200, 1});
  CHECK(read(*weights, "u16") == std::vector<float>{65535, 1});
  CHECK(read(*weights, "u32") == std::vector<float>{4e9f, 1});
  CHECK(read(*weights, "u64") == std::vector<float>{1, 0x1p63f});
  CHECK_REFUSED(weights->read_int64(weights->get("u64")), "tensor 'u64': element [1] is 9223372");
  CHECK(weights->get("bool").dtype == DType::kBool);
  CHECK(read(*weights, "bool") == std::vector<float>{1, 0});
  CHECK(read(*weights, "null").empty());
  CHECK(read(*weights, "empty").empty());
  CHECK(weights->get("empty").shape == std::vector<int64_t>{0, 4});
  CHECK_REFUSED(weights->read(weights->get("text")), "tensor 'text' has type 'string'");
  CHECK_REFUSED(weights->read(weights->get("complex")), "tensor 'complex' has type 'complex'");
  CHECK(weights->get("complex").dtype == DType::kComplex64);
  CHECK_REFUSED(weights->read(weights->get("long")), "tensor 'long' has type 'float");
}

TEST_CASE("hdf5: a double beyond f32 is refused with its place") {
  const TemporaryFolder folder;
  {
    H5Writer out(folder / "w.h5");
    const std::vector<double> values = {1, 2, 3, 1e300};
    out.dataset("fc", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, {2, 2}, values.data());
  }
  const auto weights = open_hdf5(folder / "w.h5");
  CHECK_REFUSED(weights->read(weights->get("fc")), "w.h5: tensor 'fc': element [1, 1] is 1");
}

TEST_CASE("hdf5: compressed chunks are read; data that was never written is refused") {
  const TemporaryFolder folder;
  std::vector<float> values(10000);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>(i % 7);
  {
    H5Writer out(folder / "w.h5");
    const hid_t chunked = H5Pcreate(H5P_DATASET_CREATE);
    const hsize_t chunk[] = {30, 30};
    H5Pset_chunk(chunked, 2, chunk);
    H5Pset_shuffle(chunked);
    H5Pset_deflate(chunked, 6);
    out.dataset("packed", H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, {100, 100}, values.data(), chunked);
    out.dataset("never", H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, {1000000, 1000000}, nullptr, chunked);
    out.dataset("late", H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, {100}, nullptr);
    H5Pclose(chunked);
    const hid_t external = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_external(external, "/etc/passwd", 0, 16);
    out.dataset("foreign", H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, {4}, nullptr, external);
    H5Pclose(external);
  }
  const auto weights = open_hdf5(folder / "w.h5");
  CHECK(read(*weights, "packed") == values);
  CHECK_REFUSED(weights->read(weights->get("never")), "holds 0 of 4000000000000 bytes");
  CHECK_REFUSED(weights->read(weights->get("late")), "holds 0 of 400 bytes");
  CHECK_REFUSED(weights->read(weights->get("foreign")), "has its data in another file");
}

TEST_CASE("hdf5: links that go in circles end; soft and external links are not followed") {
  const TemporaryFolder folder;
  {
    H5Writer out(folder / "w.h5");
    out.group("a");
    out.group("a/b");
    out.floats("a/b/w", {1}, {3});
    H5Lcreate_hard(out.file(), "a", out.file(), "a/b/again", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_hard(out.file(), "a/b/w", out.file(), "a/shared", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_soft("/a/b/w", out.file(), "soft", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_external("other.h5", "/x", out.file(), "external", H5P_DEFAULT, H5P_DEFAULT);
  }
  const auto weights = open_hdf5(folder / "w.h5");
  REQUIRE(weights->tensors().size() == 2);
  CHECK(read(*weights, "a/b/w") == std::vector<float>{3});
  CHECK(read(*weights, "a/shared") == std::vector<float>{3});
}

TEST_CASE("hdf5: groups that are nested too deeply are refused") {
  const TemporaryFolder folder;
  {
    H5Writer out(folder / "w.h5");
    std::string path;
    for (int i = 0; i < 120; ++i) {
      path += "/g";
      out.group(path);
    }
  }
  CHECK_REFUSED(open_hdf5(folder / "w.h5"), "is nested too deeply");
}

TEST_CASE("hdf5: truncated and damaged files are refused, and libhdf5 prints nothing") {
  const TemporaryFolder folder;
  {
    H5Writer out(folder / "w.h5");
    out.group("g");
    out.floats("g/w", {2, 2}, {1, 2, 3, 4});
  }
  const Bytes whole = read_file(folder / "w.h5");
  REQUIRE(whole.size() > 100);
  for (size_t size = 0; size < whole.size(); size += 7) {
    const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK_REFUSED(open_hdf5(folder.write("part.h5", part)), "part.h5: ");
  }
  CHECK_REFUSED(open_hdf5(folder / "absent.h5"), "is not a readable HDF5 file");
}

TEST_CASE("hdf5: impossible sizes are refused before anything is allocated") {
  const TemporaryFolder folder;
  {
    H5Writer out(folder / "w.h5");
    const hid_t chunked = H5Pcreate(H5P_DATASET_CREATE);
    const hsize_t chunk[] = {1, 1};
    H5Pset_chunk(chunked, 2, chunk);
    out.dataset("w", H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, {hsize_t{1} << 62, 8}, nullptr, chunked);
    H5Pclose(chunked);
  }
  CHECK_REFUSED(open_hdf5(folder / "w.h5"), "whose size overflows");
}

TEST_CASE("hdf5: a header that claims gigabytes in a small file is refused before they are read") {
  const TemporaryFolder folder;
  const std::string path = folder / "w.h5";
  {
    H5Writer out(path);
    out.floats("w", {7, 4}, std::vector<float>(28, 1));
  }
  std::ifstream in(path, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  const auto number = [](uint64_t value) {
    return std::string(reinterpret_cast<const char*>(&value), sizeof value);
  };
  const auto change = [&bytes](const std::string& from, const std::string& to) {
    const size_t at = bytes.find(from);
    REQUIRE(at != std::string::npos);
    bytes.replace(at, to.size(), to);
    return at;
  };
  const uint64_t rows = uint64_t{3} << 29;
  const size_t at = change(number(7) + number(4), number(rows));
  if (bytes.compare(at + 16, 8, number(7)) == 0) bytes.replace(at + 16, 8, number(rows));
  change(number(7 * 4 * 4), number(rows * 4 * 4));
  std::ofstream(path, std::ios::binary) << bytes;
  const auto weights = open_hdf5(path);
  CHECK_REFUSED(
      weights->read(weights->get("w")),
      "tensor 'w' claims 25769803776 bytes of data in a file of " + std::to_string(bytes.size()));
}

TEST_CASE("hdf5: a changed byte is refused or harmless") {
  const TemporaryFolder folder;
  {
    H5Writer out(folder / "w.h5");
    out.group("g");
    out.floats("g/w", {2, 2}, {1, 2, 3, 4});
  }
  const Bytes whole = read_file(folder / "w.h5");
  const size_t step = std::getenv("AUGUR_EMULATED") != nullptr ? 97 : 11;
  size_t refused = 0;
  for (size_t at = 0; at < whole.size(); at += step) {
    for (const uint8_t mask : Bytes{0x01, 0x80, 0xff}) {
      Bytes changed = whole;
      changed[at] ^= mask;
      const auto path = folder.write("changed.h5", changed);
      bool complete = true;
      const std::string error = error_of([&] {
        const auto weights = open_hdf5(path);
        for (const TensorInfo& tensor : weights->tensors()) {
          complete = complete && weights->read(tensor).size() == tensor.count();
        }
      });
      CHECK(complete);
      if (!error.empty()) ++refused;
    }
  }
  CHECK(refused > 0);
}
