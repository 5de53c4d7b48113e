// The parts below the bundle reader: CRC-32C, wire format, slice keys, tables.
#include "checkpoint/tf_bundle.h"
#include "checkpoint/tf_table.h"

#include <doctest/doctest.h>

#include <limits>

#include "checkpoint/tf_messages.h"
#include "converter/checkpoint/bundle_writer.h"

using namespace augur::checkpoint;
using namespace augur::checkpoint::test;

namespace {

std::vector<KeyValue> read_table(const Bytes& bytes) {
  std::vector<KeyValue> out;
  visit_table(*view(bytes, "m.index"), [&out](std::string_view key, std::string_view value) {
    out.emplace_back(key, Bytes(value.begin(), value.end()));
  });
  return out;
}

std::vector<KeyValue> keys(const std::vector<std::string>& names) {
  std::vector<KeyValue> out;
  for (const std::string& name : names)
    out.emplace_back(name, Bytes{1, 2, 3});
  return out;
}

// A table with this one data block and an index entry with this separator.
Bytes table_of_block(const Bytes& block, const std::string& separator = "z") {
  Bytes out;
  const Bytes handle = put_block(&out, block);
  const Bytes index = put_block(&out, block_bytes({{separator, handle}}));
  put(&out, footer_bytes(handle, index));
  return out;
}

// A table whose index block is given, after one block of the key "k".
Bytes table_of_index(const std::vector<KeyValue>& index) {
  Bytes out;
  put_block(&out, block_bytes(keys({"k"})));
  const Bytes handle = put_block(&out, block_bytes(index));
  put(&out, footer_bytes(handle, handle));
  return out;
}

Bytes handle_bytes(uint64_t offset, uint64_t size) {
  Bytes out;
  put_varint(&out, offset);
  put_varint(&out, size);
  return out;
}

std::string_view text(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

TEST_CASE("crc32c: the check value of the catalogue, and any split") {
  CHECK(extend_crc32c(0, "123456789", 9) == 0xe3069283u);
  CHECK(extend_crc32c(0, "", 0) == 0);
  const Bytes zeros(32);
  CHECK(extend_crc32c(0, zeros.data(), zeros.size()) == 0x8a9136aau);  // RFC 3720, B.4
  Bytes bytes;
  for (uint32_t i = 0; i < 300; ++i)
    bytes.push_back(static_cast<uint8_t>(i * i + 7));
  for (size_t size = 0; size <= bytes.size(); ++size) {
    const Bytes part(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    const uint32_t expected = slow_crc32c(part);
    REQUIRE(extend_crc32c(0, part.data(), size) == expected);
    const size_t half = size / 3;
    REQUIRE(extend_crc32c(extend_crc32c(0, part.data(), half), part.data() + half, size - half) ==
            expected);
    REQUIRE(mask_crc32c(expected) == slow_masked_crc32c(part));
  }
}

TEST_CASE("varints") {
  const std::vector<uint64_t> values = {0,           1, 127, 128, 300, 1u << 21, uint64_t{1} << 63,
                                        ~uint64_t{0}};
  for (const uint64_t value : values) {
    Bytes bytes;
    put_varint(&bytes, value);
    std::string_view rest = text(bytes);
    uint64_t got = 0;
    REQUIRE(take_varint(&rest, &got));
    CHECK(got == value);
    CHECK(rest.empty());
    std::string_view cut = text(bytes).substr(0, bytes.size() - 1);
    CHECK_FALSE(take_varint(&cut, &got));
  }
  uint64_t got = 0;
  const std::string endless(20, '\x80');
  std::string_view rest = endless;
  CHECK_FALSE(take_varint(&rest, &got));
  const std::string large = std::string(9, '\xff') + '\x02';  // 65 bits
  rest = large;
  CHECK_FALSE(take_varint(&rest, &got));
}

TEST_CASE("messages: fields of each wire type, and malformed ones") {
  Bytes message = varint_field(1, 300);
  put(&message, bytes_field(2, {7, 8}));
  put(&message, fixed32_field(3, 0xdeadbeef));
  put_varint(&message, 4 << 3 | 1);
  put(&message, 0x0102030405060708, 8);
  ProtoReader reader(text(message));
  ProtoField field;
  REQUIRE(reader.next(&field));
  CHECK(field.id == 1);
  CHECK(field.number == 300);
  REQUIRE(reader.next(&field));
  CHECK(field.type == WireType::kBytes);
  CHECK(field.bytes == "\7\10");
  REQUIRE(reader.next(&field));
  CHECK(field.number == 0xdeadbeef);
  REQUIRE(reader.next(&field));
  CHECK(field.number == 0x0102030405060708);
  CHECK_FALSE(reader.next(&field));
  CHECK(reader.ok());

  const auto malformed = [](std::string_view bytes) {
    ProtoReader bad(bytes);
    ProtoField ignored;
    while (bad.next(&ignored)) {
    }
    return !bad.ok();
  };
  CHECK(malformed("\x80"));                       // a cut tag
  CHECK(malformed(std::string_view("\0\0", 2)));  // field 0
  CHECK(malformed("\x0b"));                       // a group
  CHECK(malformed("\x08"));                       // a number without value
  CHECK(malformed("\x12\x05xx"));                 // 5 bytes, of which 2 are there
  CHECK(malformed("\x1d\1\2\3"));                 // 4 bytes, of which 3 are there
  CHECK(malformed("\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"));
  for (size_t size = 1; size < message.size(); ++size) {
    // Cut between fields a message is well-formed; elsewhere it is not.
    const bool between = size == 3 || size == 7 || size == 12;
    CHECK(malformed(text(message).substr(0, size)) == !between);
  }
}

TEST_CASE("slice keys are TensorFlow's ordered code") {
  const std::string whole("\0part\0\1\1\1\x80\x7f", 11);
  CHECK(slice_key("part", {{0, -1}}) == whole);
  // 63 fits one byte; 64 needs two (c0 40); 8192 three (e0 20 00).
  CHECK(slice_key("a", {{63, 64}}) == std::string("\0a\0\1\1\1\xbf\xc0\x40", 9));
  CHECK(slice_key("a", {{8191, 8192}}) == std::string("\0a\0\1\1\1\xdf\xff\xe0\x20\0", 11));
  // Zero bytes in a name are escaped.
  CHECK(slice_key(std::string("\0\xff", 2), {}) == std::string("\0\0\xff\xff\0\0\1\0", 8));
  // The order of the keys is the order of the numbers.
  const std::vector<int64_t> ascending = {std::numeric_limits<int64_t>::min(),
                                          -70000,
                                          -65,
                                          -64,
                                          -1,
                                          0,
                                          1,
                                          63,
                                          64,
                                          8191,
                                          8192,
                                          1 << 20,
                                          1 << 27,
                                          int64_t{1} << 34,
                                          int64_t{1} << 41,
                                          int64_t{1} << 55,
                                          int64_t{1} << 62,
                                          std::numeric_limits<int64_t>::max()};
  for (size_t i = 1; i < ascending.size(); ++i) {
    CHECK(slice_key("a", {{ascending[i - 1], 0}}) < slice_key("a", {{ascending[i], 0}}));
  }
}

TEST_CASE("tables: entries of one or many blocks come back in order") {
  std::vector<KeyValue> entries;
  for (int i = 100; i < 160; ++i) {
    entries.emplace_back("scope/variable_" + std::to_string(i), Bytes(static_cast<size_t>(i % 5)));
  }
  for (const size_t per_block : {1u, 3u, 16u, 100u}) {
    CHECK(read_table(table_bytes(entries, per_block)) == entries);
  }
  CHECK(read_table(table_bytes({})).empty());
  const std::vector<KeyValue> first_is_empty = keys({"", "a"});
  CHECK(read_table(table_bytes(first_is_empty)) == first_is_empty);
}

TEST_CASE("tables: the footer") {
  const Bytes whole = table_bytes(keys({"a", "b"}));
  CHECK(has_table_magic(*view(whole)));
  CHECK_FALSE(has_table_magic(*view(Bytes(47))));
  Bytes other = whole;
  other.back() ^= 1;
  CHECK_REFUSED(read_table(other), "m.index: does not end like the index of a TensorFlow");
  Bytes malformed = whole;
  for (size_t i = 0; i < 40; ++i)
    malformed[malformed.size() - 48 + i] = 0xff;
  CHECK_REFUSED(read_table(malformed), "m.index: the footer is malformed");
  Bytes far = whole;
  const Bytes footer = footer_bytes(handle_bytes(0, 0), handle_bytes(~uint64_t{0}, 100));
  std::copy(footer.begin(), footer.end(), far.end() - 48);
  CHECK_REFUSED(read_table(far), "does not fit before byte");
  const Bytes large = footer_bytes(handle_bytes(0, 0), handle_bytes(0, ~uint64_t{0} - 3));
  std::copy(large.begin(), large.end(), far.end() - 48);
  CHECK_REFUSED(read_table(far), "does not fit before byte");
}

TEST_CASE("tables: checksums, compression") {
  Bytes bytes = table_bytes(keys({"a", "b"}));
  bytes[3] ^= 1;
  CHECK_REFUSED(read_table(bytes), "m.index: the block at byte 0 does not match its CRC-32C");
  Bytes snappy;
  const Bytes handle = put_block(&snappy, block_bytes(keys({"a"})), 1);
  const Bytes index = put_block(&snappy, block_bytes({{"a", handle}}));
  put(&snappy, footer_bytes(handle, index));
  CHECK_REFUSED(read_table(snappy), "m.index: the block at byte 0 is compressed (snappy)");
}

TEST_CASE("tables: a block handle that leads back or into another block is refused") {
  // The index block names itself; a block twice; a block inside the index.
  const size_t index_at = block_bytes(keys({"k"})).size() + 5;
  CHECK_REFUSED(read_table(table_of_index({{"k", handle_bytes(index_at, 10)}})),
                "does not fit before byte");
  const Bytes first = handle_bytes(0, index_at - 5);
  CHECK_REFUSED(read_table(table_of_index({{"k", first}, {"l", first}})), "two blocks overlap");
  CHECK_REFUSED(read_table(table_of_index({{"k", handle_bytes(~uint64_t{0}, 1)}})),
                "does not fit before byte");
  CHECK_REFUSED(read_table(table_of_index({{"k", {0x80}}})), "holds a malformed handle");
  CHECK_REFUSED(read_table(table_of_index({{"a", first}})), "a key beyond its place in the index");
  CHECK(read_table(table_of_index({{"k", first}})).size() == 1);
}

TEST_CASE("tables: malformed blocks") {
  const auto refuse = [](const Bytes& block, const char* why) {
    CHECK_REFUSED(read_table(table_of_block(block)), why);
  };
  refuse({}, "has no restart array");
  refuse({0, 0, 0}, "has no restart array");
  refuse({0, 0, 0, 0}, "claims 0 restarts");
  refuse({0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff}, "claims 4294967295 restarts");
  const auto block = [](const Bytes& entries, const std::vector<uint32_t>& restarts) {
    Bytes out = entries;
    for (const uint32_t restart : restarts)
      put(&out, restart, 4);
    put(&out, restarts.size(), 4);
    return out;
  };
  CHECK(read_table(table_of_block(block({0, 1, 0, 'a', 1, 1, 0, 'b'}, {0}))) ==
        std::vector<KeyValue>{{"a", {}}, {"ab", {}}});
  refuse(block({0, 1, 0, 'a'}, {1}), "first restart is not its first entry");
  refuse(block({0, 1, 0, 'a'}, {0, 2}), "restart 2 is not the offset of an entry");
  refuse(block({0, 1, 0, 'a'}, {0, 0}), "restart 0 is not the offset of an entry");
  refuse(block({0, 1, 0, 'a', 1, 1, 0, 'b'}, {0, 4}), "a restart points to a shortened key");
  refuse(block({1, 1, 0, 'a'}, {0}), "shares more bytes than the one before it has");
  refuse(block({0, 1, 0, 'a', 2, 1, 0, 'b'}, {0}), "shares more bytes");
  refuse(block({0, 1, 0, 'b', 0, 1, 0, 'a'}, {0}), "not in ascending order at 'a'");
  refuse(block({0, 1, 0, 'a', 0, 1, 0, 'a'}, {0}), "not in ascending order at 'a'");
  refuse(block({0, 9, 0, 'a'}, {0}), "runs past the end of its block");
  refuse(block({0, 1, 9, 'a'}, {0}), "runs past the end of its block");
  refuse(block({0, 1}, {0}), "runs past the end of its block");
  refuse(block({0x80}, {0}), "runs past the end of its block");
  Bytes long_key = {0, 0x81, 0x40, 0};  // 8193 bytes
  long_key.resize(4 + 8193, 'k');
  refuse(block(long_key, {0}), "a key has more than 8192 bytes");
  // Order holds across blocks, too.
  Bytes two;
  const Bytes first = put_block(&two, block_bytes(keys({"m"})));
  const Bytes second = put_block(&two, block_bytes(keys({"m"})));
  const Bytes index = put_block(&two, block_bytes({{"m", first}, {"n", second}}));
  put(&two, footer_bytes(first, index));
  CHECK_REFUSED(read_table(two), "not in ascending order at 'm'");
}
