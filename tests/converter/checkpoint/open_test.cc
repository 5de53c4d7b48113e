// open_checkpoint(): formats by content and name, and errors for other files.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include "checkpoint/checkpoint.h"
#include "converter/checkpoint/bundle_writer.h"
#include "converter/checkpoint/bytes.h"
#include "converter/checkpoint/npz_writer.h"
#include "converter/checkpoint/safetensors_writer.h"

using namespace augur::checkpoint;
using namespace augur::checkpoint::test;

namespace {

Bytes text(std::string_view content) {
  return Bytes(content.begin(), content.end());
}

Bytes one_safetensor() {
  return safetensors_bytes({float_tensor("a", {1}, {4})});
}

Bytes one_npz() {
  return zip_bytes(
      {{"a.npy", npy_bytes(npy_dictionary("<f4", false, "(1,)"), bytes_of<float>({4})), true}});
}

void check_has_a(const std::filesystem::path& path) {
  const auto weights = open_checkpoint(path);
  CHECK(weights->read(weights->get("a")) == std::vector<float>{4});
}

}  // namespace

TEST_CASE("open: content decides, not the name") {
  const TemporaryFolder folder;
  for (const char* name : {"w.safetensors", "w.npz", "w.bin", "w", "w.pt"}) {
    check_has_a(folder.write(name, one_safetensor()));
    check_has_a(folder.write(name, one_npz()));
  }
}

TEST_CASE("open: a bundle by its prefix, its index or its data") {
  const TemporaryFolder folder;
  const Bundle bundle = bundle_of({{"a", 1, {1}, bytes_of<float>({4})}});
  folder.write("model.ckpt-9.index", bundle.index);
  folder.write("model.ckpt-9.data-00000-of-00001", bundle.data[0]);
  for (const char* name :
       {"model.ckpt-9", "model.ckpt-9.index", "model.ckpt-9.data-00000-of-00001"}) {
    check_has_a(folder / name);
  }
  CHECK(open_checkpoint(folder / "model.ckpt-9")->file() == (folder / "model.ckpt-9.index"));
  CHECK_REFUSED(open_checkpoint(folder.path()), "is a directory, expected a checkpoint, such as");
  CHECK_REFUSED(open_checkpoint(folder.path()), "model.ckpt-9'");
  CHECK_REFUSED(open_checkpoint(folder / "other.data-00000-of-00001"),
                "other.index: cannot be opened");
  folder.write("renamed", bundle.index);
  const auto renamed = open_checkpoint(folder / "renamed");
  CHECK(renamed->tensors().size() == 1);
  CHECK_REFUSED(renamed->read(renamed->get("a")), "name it PREFIX.index");
}

TEST_CASE("open: what cannot be opened") {
  const TemporaryFolder folder;
  CHECK_REFUSED(open_checkpoint(folder / "absent.npz"),
                "absent.npz: cannot be opened: No such file or directory");
  std::filesystem::create_directory(folder / "empty");
  CHECK_REFUSED(open_checkpoint(folder / "empty"), "is a directory, expected a checkpoint file");
  const auto fifo = folder / "fifo";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  CHECK_REFUSED(open_checkpoint(fifo), "is not a regular file");
}

TEST_CASE("open: what the Python package reads is told from damaged files") {
  const TemporaryFolder folder;
  const auto refuse = [&](const char* name, const Bytes& bytes,
                          const char* what = "is a file of PyTorch's") {
    CAPTURE(name);
    const auto path = folder.write(name, bytes);
    CHECK_THROWS_AS(open_checkpoint(path), OtherKind);
    CHECK_REFUSED(open_checkpoint(path), std::string(name) + ": " + what);
  };
  refuse("model.pt", zip_bytes({{"archive/data.pkl", text("\x80\2}."), false}}));
  refuse("model", zip_bytes({{"data.pkl", {}, false}}));
  refuse("model.pth", text("\x80\2\x8a\nl\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."));
  refuse("model.ckpt", text("garbage"));
  refuse("model.pt", text("PK\3\4 and then nothing"));
  // Cut short, and under a name of the library's own:
  Bytes cut = zip_bytes({{"archive/data.pkl", text("\x80\2}."), false}});
  cut.resize(60);
  refuse("model.model", cut);
  refuse("model.h5", zip_bytes({{"archive/data.pkl", text("\x80\2}."), false}}));
  for (const size_t block : {size_t{0}, size_t{512}, size_t{1024}, size_t{2048}}) {
    Bytes hdf5(block + 100);
    std::copy_n("\x89HDF\r\n\x1a\n", 8, hdf5.begin() + static_cast<std::ptrdiff_t>(block));
    refuse("w.dat", hdf5, "is an HDF5 file (Keras)");
  }
  refuse("w.h5", text("something else"), "is an HDF5 file");
  refuse("m.keras", zip_bytes({{"config.json", {}, false}, {"model.weights.h5", {}, false}}),
         "is a Keras archive");
  refuse("m.keras", text("something else"), "is a Keras archive");
}

TEST_CASE("open: the error for other files says what to do instead") {
  const TemporaryFolder folder;
  const auto refuse = [&](const char* name, const Bytes& bytes, const char* why) {
    CAPTURE(name);
    CHECK_REFUSED(open_checkpoint(folder.write(name, bytes)), why);
    CHECK_REFUSED(open_checkpoint(folder / name), std::string(name) + ": ");
  };
  refuse("w.safetensors", {}, "is empty");
  refuse("m.augur", text("\1\1\1\1AUGR...."), "is a converted Augur model already");
  refuse("m.tflite", text("\x1c\1\1\1TFL3"), "is a TensorFlow Lite model");
  refuse("m.json", text("{\"model\": 1}"), "is it the model description?");
  refuse("m.onnx", text("\10\7\22\7pytorch"), "is an ONNX model");
  refuse("saved_model.pb", text("\10\1\22\1"), "weights are in variables/variables");
  refuse("model.meta", text("\10\1\22\1"), "is a TensorFlow graph");
  refuse("checkpoint", text("model_checkpoint_path: \"model.ckpt-9\"\n"),
         "the prefix that it names");
  refuse("a.npy", npy_bytes(npy_dictionary("<f4", false, "()"), Bytes(4)), "numpy.savez");
  refuse("w.npz.gz", text("\x1f\x8b\10........"), "is compressed by gzip");
  refuse("w.safetensors", text("version https://git-lfs.github.com/spec/v1\n"), "git lfs pull");
  Bytes tar(512);
  std::copy_n("ustar", 5, tar.begin() + 257);
  refuse("w.tar", tar, "is a tar archive");
  refuse("w.dat", text("something else"), "its format is not recognised; expected .safetensors");
}

TEST_CASE("open: a broken file gets the error of the reader that its name suggests") {
  const TemporaryFolder folder;
  const auto refuse = [&](const char* name, const char* why) {
    CHECK_REFUSED(open_checkpoint(folder.write(name, text("something else"))), why);
  };
  refuse("w.safetensors", "the safetensors header claims");
  refuse("w.npz", "damaged zip file");
  refuse("w.index", "does not end like the index of a TensorFlow checkpoint");
}

TEST_CASE("open: folders of TensorFlow's are read by the Python package") {
  const TemporaryFolder saved_model, checkpoints;
  saved_model.write("saved_model.pb", text("x"));
  checkpoints.write("checkpoint", text("model_checkpoint_path: \"a\"\n"));
  CHECK_THROWS_AS(open_checkpoint(saved_model.path()), OtherKind);
  CHECK_REFUSED(open_checkpoint(saved_model.path()), "variables/variables'");
  CHECK_THROWS_AS(open_checkpoint(checkpoints.path()), OtherKind);
}
