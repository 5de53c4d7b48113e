// Fuzzes the reader of TensorFlow bundles. An input is the index's length (2 bytes, little-endian),
// the index, and the data file. It is read as it is, and again with corrected checksums, because
// wrong checksums would stop almost every changed input.
#include "checkpoint/tf_bundle.h"

#include <cstring>
#include <vector>

#include "checkpoint/crc32c.h"
#include "checkpoint/table.h"
#include "exercise_checkpoint.h"

using namespace augur::checkpoint;

namespace {

constexpr uint8_t kMagic[] = {0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb};

void try_bundle(const std::vector<uint8_t>& index, const uint8_t* data, size_t size) {
  try {
    exercise(*open_tf_bundle(view_bytes(index.data(), index.size(), "index"),
                             [&](uint32_t, uint32_t) { return view_bytes(data, size, "data"); }));
  } catch (const augur::Error&) {
  }
}

// Marks a block as uncompressed and sets its checksum, if it lies inside.
void mend_block(std::vector<uint8_t>* index, BlockHandle handle) {
  const size_t size = index->size();
  if (handle.offset > size || size - handle.offset < kBlockTrailerBytes ||
      handle.size > size - handle.offset - kBlockTrailerBytes) {
    return;
  }
  uint8_t* block = index->data() + handle.offset;
  block[handle.size] = 0;
  const uint32_t crc = mask_crc32c(extend_crc32c(0, block, static_cast<size_t>(handle.size) + 1));
  for (unsigned i = 0; i < 4; ++i) {
    block[handle.size + 1 + i] = static_cast<uint8_t>((crc >> (8 * i)) & 0xff);
  }
}

void mend(std::vector<uint8_t>* index) {
  if (index->size() < kTableFooterBytes) return;
  std::memcpy(index->data() + index->size() - sizeof kMagic, kMagic, sizeof kMagic);
  try {
    const BlockHandle root = read_table_footer(*view_bytes(index->data(), index->size(), "index"));
    mend_block(index, root);
    if (root.offset > index->size() || root.size > index->size() - root.offset) return;
    const std::vector<uint8_t> content(
        index->begin() + static_cast<std::ptrdiff_t>(root.offset),
        index->begin() + static_cast<std::ptrdiff_t>(root.offset + root.size));
    std::optional<std::string> last;
    visit_block({reinterpret_cast<const char*>(content.data()), content.size()}, "index", &last,
                [index](std::string_view, std::string_view value) {
                  BlockHandle handle;
                  if (take_block_handle(&value, &handle)) mend_block(index, handle);
                });
    mend_block(index, root);
  } catch (const augur::Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const size_t claimed = data[0] | size_t{data[1]} << 8;
  const size_t index_size = claimed < size - 2 ? claimed : size - 2;
  std::vector<uint8_t> index(data + 2, data + 2 + index_size);
  const uint8_t* values = data + 2 + index_size;
  const size_t values_size = size - 2 - index_size;
  try_bundle(index, values, values_size);
  mend(&index);
  try_bundle(index, values, values_size);
  return 0;
}
