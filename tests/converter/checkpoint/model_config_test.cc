// The attribute model_config of Keras' HDF5 files.
#include <doctest/doctest.h>
#include <hdf5.h>

#include <functional>
#include <string>

#include "checkpoint/checkpoint.h"
#include "checkpoint/wrappers.h"
#include "converter/checkpoint/bytes.h"

using namespace augur::checkpoint;
using namespace augur::checkpoint::test;

namespace {

// Writes a file of no tensors; `add` gives it its attributes.
std::filesystem::path write_h5(const TemporaryFolder& folder,
                               const std::function<void(hid_t)>& add) {
  std::filesystem::path path = folder / "model.h5";
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  REQUIRE(file >= 0);
  add(file);
  H5Fclose(file);
  return path;
}

void add_attribute(hid_t file, const char* name, hid_t type, const void* value) {
  const hid_t space = H5Screate(H5S_SCALAR);
  const hid_t attribute = H5Acreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  REQUIRE(attribute >= 0);
  CHECK(H5Awrite(attribute, type, value) >= 0);
  H5Aclose(attribute);
  H5Sclose(space);
}

// Of `size` bytes, or H5T_VARIABLE.
hid_t text_type(size_t size) {
  const hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, size);
  return type;
}

std::string config_of(const std::filesystem::path& path) {
  return model_config(*open_checkpoint(path));
}

}  // namespace

TEST_CASE("hdf5: the model's configuration is a text of variable or fixed length") {
  const TemporaryFolder folder;
  const std::string longer(100000, 'x');  // more than an attribute's header holds
  for (const std::string& text : {std::string(R"({"layers": []})"), longer}) {
    const char* pointer = text.c_str();
    const hid_t type = text_type(H5T_VARIABLE);
    CHECK(config_of(write_h5(folder, [&](hid_t file) {
            add_attribute(file, "model_config", type, &pointer);
          })) == text);
    H5Tclose(type);
  }
  const hid_t fixed = text_type(8);
  CHECK(config_of(write_h5(folder, [&](hid_t file) {
          add_attribute(file, "model_config", fixed, "{} \0\0\0\0");
        })) == "{} ");
  H5Tclose(fixed);
}

TEST_CASE("hdf5: a file without a configuration has none") {
  const TemporaryFolder folder;
  CHECK(config_of(write_h5(folder, [](hid_t) {})).empty());
  const double number = 3;
  CHECK(config_of(write_h5(folder, [&](hid_t file) {
          add_attribute(file, "model_config", H5T_NATIVE_DOUBLE, &number);
        })).empty());
}

TEST_CASE("hdf5: a checkpoint under other names keeps the model's configuration") {
  const TemporaryFolder folder;
  const auto path = write_h5(folder, [](hid_t file) {
    const hid_t type = text_type(2);
    add_attribute(file, "model_config", type, "{}");
    H5Tclose(type);
    const hid_t space = H5Screate(H5S_SCALAR);
    const hid_t set =
        H5Dcreate2(file, "module.w", H5T_IEEE_F32LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    const float value = 1;
    H5Dwrite(set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, &value);
    H5Dclose(set);
    H5Sclose(space);
  });
  const NamedCheckpoint renamed = under_prefix(open_checkpoint(path), "module.");
  CHECK(renamed.checkpoint->find("w") != nullptr);
  CHECK(model_config(*renamed.checkpoint) == "{}");
}
