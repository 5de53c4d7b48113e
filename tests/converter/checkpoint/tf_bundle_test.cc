// TensorFlow V2 bundles as checkpoints.
#include "checkpoint/tf_bundle.h"

#include <doctest/doctest.h>

#include "checkpoint/tf_messages.h"
#include "converter/checkpoint/bundle_writer.h"
#include "converter/checkpoint/bytes.h"

using namespace augur::checkpoint;
using namespace augur::checkpoint::test;

namespace {

// Bundles in memory: data files are views, too.
std::unique_ptr<Checkpoint> open(const Bundle& bundle) {
  return open_tf_bundle(view(bundle.index, "m.index"), [&bundle](uint32_t shard, uint32_t shards) {
    CHECK(shards == bundle.data.size());
    return view(bundle.data.at(shard), shard_name("m", shard, shards));
  });
}

std::unique_ptr<Checkpoint> open_index(const std::vector<KeyValue>& entries) {
  const Bytes index = table_bytes(entries);
  return open_tf_bundle(view(index, "m.index"), [](uint32_t, uint32_t) {
    return std::unique_ptr<ByteSource>();  // never asked for
  });
}

// A partitioned float tensor: the entry of the whole, and one for each part under its key.
struct Part {
  std::vector<SliceExtent> slice;
  std::vector<int64_t> shape;
  std::vector<float> values;
};

Bytes slice_message(const std::vector<SliceExtent>& slice) {
  Bytes out;
  for (const SliceExtent& extent : slice) {
    Bytes message;
    if (extent.start != 0) put(&message, varint_field(1, static_cast<uint64_t>(extent.start)));
    if (extent.length >= 0) put(&message, varint_field(2, static_cast<uint64_t>(extent.length)));
    put(&out, bytes_field(1, message));
  }
  return out;
}

Bundle partitioned(const std::vector<int64_t>& shape, const std::vector<Part>& parts) {
  Bundle bundle;
  bundle.data.resize(1);
  Bytes whole = varint_field(1, 1);
  put(&whole, bytes_field(2, shape_message(shape)));
  std::vector<KeyValue> entries;
  for (const Part& part : parts) {
    put(&whole, bytes_field(7, slice_message(part.slice)));
    const BundleTensor tensor = {slice_key("table", part.slice), 1, part.shape,
                                 bytes_of(part.values)};
    entries.emplace_back(tensor.name, entry_message(tensor, bundle.data[0].size()));
    put(&bundle.data[0], tensor.values);
  }
  entries.emplace_back("", header_message());
  entries.emplace_back("table", whole);
  std::sort(entries.begin(), entries.end());
  bundle.index = table_bytes(entries);
  return bundle;
}

std::string read_error(const Bundle& bundle) {
  return error_of([&] {
    const auto weights = open(bundle);
    weights->read(weights->get("table"));
  });
}

}  // namespace

TEST_CASE("bundle: every type is read") {
  const Bundle bundle = bundle_of({{"bf16", 14, {1}, bytes_of<uint16_t>({0x4040})},
                                   {"bool", 10, {2}, {1, 0}},
                                   {"double", 2, {2}, bytes_of<double>({0.1, -1e10})},
                                   {"empty", 1, {0, 3}, {}},
                                   {"float", 1, {2, 2}, bytes_of<float>({1, 2, 3, 4})},
                                   {"half", 19, {1}, bytes_of<uint16_t>({0xc000})},
                                   {"i16", 5, {1}, bytes_of<int16_t>({-300})},
                                   {"i32", 3, {1}, bytes_of<int32_t>({-70000})},
                                   {"i64", 9, {}, bytes_of<int64_t>({1234567})},
                                   {"i8", 6, {1}, bytes_of<int8_t>({-7})},
                                   {"u16", 17, {1}, bytes_of<uint16_t>({65535})},
                                   {"u32", 22, {1}, bytes_of<uint32_t>({4000000000u})},
                                   {"u64", 23, {1}, bytes_of<uint64_t>({5})},
                                   {"u8", 4, {1}, {255}}});
  const auto weights = open(bundle);
  const auto read = [&](const char* name) { return weights->read(weights->get(name)); };
  CHECK(weights->tensors().size() == 14);
  CHECK(read("bf16") == std::vector<float>{3});
  CHECK(read("bool") == std::vector<float>{1, 0});
  CHECK(read("double") == std::vector<float>{0.1f, -1e10f});
  CHECK(read("empty").empty());
  CHECK(read("float") == std::vector<float>{1, 2, 3, 4});
  CHECK(read("half") == std::vector<float>{-2});
  CHECK(read("i16") == std::vector<float>{-300});
  CHECK(read("i32") == std::vector<float>{-70000});
  CHECK(weights->read_int64(weights->get("i64")) == std::vector<int64_t>{1234567});
  CHECK(read("i8") == std::vector<float>{-7});
  CHECK(read("u16") == std::vector<float>{65535});
  CHECK(read("u32") == std::vector<float>{4e9f});
  CHECK(read("u64") == std::vector<float>{5});
  CHECK(read("u8") == std::vector<float>{255});
  CHECK(weights->get("float").shape == std::vector<int64_t>{2, 2});
  CHECK(weights->get("half").type_name == "DT_HALF");
  CHECK(weights->get("float").bytes == 16);
}

TEST_CASE("bundle: big-endian data, several shards, many tensors") {
  const Bundle swapped = bundle_of({{"a", 1, {2}, bytes_of<float>({1, -2.5f}, true)}}, 1, true);
  CHECK(open(swapped)->read(open(swapped)->get("a")) == std::vector<float>{1, -2.5f});

  std::vector<BundleTensor> tensors;
  for (int i = 100; i < 200; ++i) {
    tensors.push_back({"layer/variable_" + std::to_string(i),
                       1,
                       {1},
                       bytes_of<float>({static_cast<float>(i)}),
                       static_cast<uint32_t>(i % 3)});
  }
  const Bundle sharded = bundle_of(tensors, 3);
  const auto weights = open(sharded);
  REQUIRE(weights->tensors().size() == 100);
  for (size_t i = 0; i < 100; ++i) {
    CHECK(weights->read(weights->tensors()[i]) == std::vector<float>{static_cast<float>(100 + i)});
  }
  CHECK(shard_name("dir/m", 1, 12) == "dir/m.data-00001-of-00012");
}

TEST_CASE("bundle: strings, complex and unknown types are listed, and refused when read") {
  const Bundle bundle = bundle_of({{"_CHECKPOINTABLE_OBJECT_GRAPH", 7, {}, {9, 9, 9}},
                                   {"c", 8, {1}, Bytes(8)},
                                   {"q", 11, {2}, Bytes(2)},
                                   {"z", 77, {2}, Bytes(5)}});
  const auto weights = open(bundle);
  CHECK(weights->get("_CHECKPOINTABLE_OBJECT_GRAPH").bytes == 3);
  CHECK_REFUSED(weights->read(weights->get("_CHECKPOINTABLE_OBJECT_GRAPH")),
                "m.index: tensor '_CHECKPOINTABLE_OBJECT_GRAPH' has type 'DT_STRING'");
  CHECK_REFUSED(weights->read(weights->get("c")), "'DT_COMPLEX64'");
  CHECK_REFUSED(weights->read(weights->get("q")), "'DT_QINT8'");
  CHECK_REFUSED(weights->read(weights->get("z")), "'DataType 77'");
}

TEST_CASE("bundle: a tensor's data is checked when it is read") {
  Bundle bundle =
      bundle_of({{"a", 1, {2}, bytes_of<float>({1, 2})}, {"b", 1, {1}, bytes_of<float>({3})}});
  bundle.data[0][1] ^= 4;
  {
    const auto weights = open(bundle);
    CHECK_REFUSED(weights->read(weights->get("a")),
                  "m.index: tensor 'a' does not match its CRC-32C");
    CHECK(weights->read(weights->get("b")) == std::vector<float>{3});
  }
  bundle.data[0].resize(10);
  const auto weights = open(bundle);
  CHECK_REFUSED(weights->read(weights->get("b")),
                "m.index: tensor 'b' needs 4 bytes at offset 8 of m.data-00000-of-00001, which has "
                "only 10");
}

TEST_CASE("bundle: the index without the data file lists every tensor") {
  const TemporaryFolder folder;
  const Bundle bundle = bundle_of({{"gru1/kernel", 1, {2}, bytes_of<float>({1, 2})}});
  folder.write("model.ckpt-7.index", bundle.index);
  const auto weights = open_checkpoint(folder / "model.ckpt-7");
  CHECK(weights->tensors().at(0).name == "gru1/kernel");
  CHECK_REFUSED(weights->read(weights->tensors()[0]),
                "model.ckpt-7.data-00000-of-00001' is missing; a checkpoint is both");
}

TEST_CASE("bundle: partitioned variables are put together") {
  const Bundle rows = partitioned({5, 2}, {{{{3, 2}, {0, 2}}, {2, 2}, {6, 7, 8, 9}},
                                           {{{0, 3}, {0, 2}}, {3, 2}, {0, 1, 2, 3, 4, 5}}});
  const auto weights = open(rows);
  REQUIRE(weights->tensors().size() == 1);
  CHECK(weights->get("table").shape == std::vector<int64_t>{5, 2});
  CHECK(weights->get("table").bytes == 40);
  CHECK(weights->read(weights->get("table")) == std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});

  const Bundle columns = partitioned(
      {2, 3}, {{{{0, -1}, {0, 1}}, {2, 1}, {0, 3}}, {{{0, -1}, {1, 2}}, {2, 2}, {1, 2, 4, 5}}});
  CHECK(open(columns)->read(open(columns)->get("table")) == std::vector<float>{0, 1, 2, 3, 4, 5});

  const Bundle one = partitioned({2}, {{{{0, 2}}, {2}, {8, 9}}});
  CHECK(open(one)->read(open(one)->get("table")) == std::vector<float>{8, 9});
}

TEST_CASE("bundle: partitions that do not fit are refused") {
  const auto refuse = [](const std::vector<int64_t>& shape, const std::vector<Part>& parts,
                         const char* why) {
    const std::string message = read_error(partitioned(shape, parts));
    CAPTURE(message);
    CHECK(contains(message, why));
    CHECK(contains(message, "m.index: tensor 'table'"));
  };
  refuse({4}, {{{{0, 2}}, {2}, {0, 1}}, {{{3, 1}}, {1}, {3}}}, "leave a gap or overlap");
  refuse({4}, {{{{0, 3}}, {3}, {0, 1, 2}}, {{{2, 2}}, {2}, {2, 3}}}, "leave a gap or overlap");
  refuse({4}, {{{{0, 3}}, {3}, {0, 1, 2}}}, "cover 3 of 4 rows");
  refuse({4}, {{{{0, 5}}, {5}, {0, 1, 2, 3, 4}}}, "leave a gap or overlap");
  refuse({2, 2}, {{{{0, 1}, {0, 1}}, {1, 1}, {0}}}, "along more than one axis");
  refuse({2}, {{{{0, 1}, {0, 1}}, {1, 1}, {0}}}, "do not fit the shape [2]");
  refuse({}, {{{}, {}, {0}}}, "do not fit the shape []");
  refuse({0, 2}, {{{{0, 0}, {0, 2}}, {0, 2}, {}}}, "do not fit the shape [0, 2]");
  refuse({4}, {{{{0, 4}}, {2}, {0, 1}}}, "one of its parts is DT_FLOAT of shape [2]");
  Bundle damaged = partitioned({2}, {{{{0, 1}}, {1}, {0}}, {{{1, 1}}, {1}, {1}}});
  damaged.data[0][5] ^= 1;
  CHECK(contains(read_error(damaged), "does not match its CRC-32C"));
}

TEST_CASE("bundle: a part that is not in the index is refused") {
  Bytes whole = varint_field(1, 1);
  put(&whole, bytes_field(2, shape_message({2})));
  put(&whole, bytes_field(7, slice_message({{0, 2}})));
  const auto weights = open_index({{"", header_message()}, {"table", whole}});
  CHECK_REFUSED(weights->read(weights->get("table")), "its part of shape [2] is not in the index");
}

TEST_CASE("bundle: headers") {
  CHECK(open_index({{"", header_message()}})->tensors().empty());
  CHECK_REFUSED(open_index({}), "m.index: has no header");
  CHECK_REFUSED(open_index({{"a", header_message()}}), "m.index: has no header");
  CHECK_REFUSED(open_index({{"", {0x80}}}), "m.index: has no header");
  CHECK_REFUSED(open_index({{"", header_message(0)}}), "claims 0 data files");
  CHECK_REFUSED(open_index({{"", header_message(1000000)}}), "claims 1000000 data files");
  CHECK_REFUSED(open_index({{"", header_message(uint64_t{1} << 40)}}), "has no header");
  CHECK_REFUSED(open_index({{"", header_message(1, false, 2)}}), "needs a reader of version 2");
  CHECK_REFUSED(open_index({{"", bytes_field(1, {1, 2})}}), "is a TensorFlow V1 checkpoint");
}

TEST_CASE("bundle: impossible entries are refused") {
  const auto refuse = [](const Bytes& entry, const char* why) {
    const std::string message = error_of([&] {
      open_index({{"", header_message()}, {"a", entry}});
    });
    CAPTURE(message);
    CHECK(contains(message, why));
    CHECK(contains(message, "m.index: tensor 'a'"));
  };
  const BundleTensor sound = {"a", 1, {2}, Bytes(8)};
  refuse({0x80}, "has a malformed entry");
  refuse({0x09, 1, 2, 3, 4, 5, 6, 7, 8}, "has a malformed entry");  // dtype as a fixed64
  refuse(bytes_field(2, {0x12, 0x05}), "has a malformed entry");
  Bytes unknown_rank = varint_field(1, 1);
  put(&unknown_rank, bytes_field(2, varint_field(3, 1)));
  refuse(unknown_rank, "has a malformed entry");
  BundleTensor wrong = sound;
  wrong.shape = {3};
  refuse(entry_message(wrong, 0), "has 8 bytes of data, but DT_FLOAT of shape [3] needs 12");
  wrong.shape = {-1};
  refuse(entry_message(wrong, 0), "has the shape [-1], which is negative or overflows");
  wrong.shape = {int64_t{1} << 40, int64_t{1} << 40};
  refuse(entry_message(wrong, 0), "negative or overflows");
  wrong = sound;
  wrong.shard = 1;
  refuse(entry_message(wrong, 0), "lies in data file 1 of 1");
  Bytes many = varint_field(1, 1);
  put(&many, bytes_field(2, shape_message(std::vector<int64_t>(65, 1))));
  refuse(many, "has a malformed entry");
}

TEST_CASE("bundle: offsets beyond the data file are refused") {
  const BundleTensor tensor = {"a", 1, {2}, bytes_of<float>({1, 2})};
  Bundle bundle;
  bundle.data.push_back(tensor.values);
  bundle.index = table_bytes({{"", header_message()}, {"a", entry_message(tensor, ~uint64_t{0})}});
  const auto weights = open(bundle);
  CHECK_REFUSED(weights->read(weights->get("a")), "at offset 18446744073709551615 of");
}

TEST_CASE("bundle: a cut or changed index is refused") {
  const Bundle whole = bundle_of({{"a", 1, {2}, bytes_of<float>({1, 2})},
                                  {"ab", 9, {}, bytes_of<int64_t>({3})},
                                  {"b", 1, {1}, bytes_of<float>({3})}});
  for (size_t size = 0; size < whole.index.size(); ++size) {
    Bundle part = whole;
    part.index.resize(size);
    CAPTURE(size);
    CHECK_REFUSED(open(part), "m.index: ");
  }
  // The metaindex block and the padding of the footer are not looked at; the rest has checksums.
  size_t refused = 0;
  for (size_t at = 0; at < whole.index.size(); ++at) {
    for (const uint8_t mask : Bytes{0x01, 0x80, 0xff}) {
      Bundle changed = whole;
      changed.index[at] ^= mask;
      const bool sound = error_of([&] {
                           const auto weights = open(changed);
                           CHECK(weights->read(weights->get("a")) == std::vector<float>{1, 2});
                         }).empty();
      if (!sound) ++refused;
    }
  }
  CHECK(refused > 3 * (whole.index.size() - 48 - 13));
}
