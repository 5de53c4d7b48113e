// A SAX handler that accepts exactly the shape of a safetensors header.
#include "checkpoint/safetensors_header.h"

#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <unordered_set>
#include <utility>

#include "checkpoint/values.h"
#include "text/text.h"

namespace augur::checkpoint {
namespace {

using Json = nlohmann::json;

struct TypeRow {
  const char* name;
  DType dtype;
  unsigned bits;
};

// The spec's types; those that are kOther can be listed but not read.
constexpr TypeRow kTypes[] = {
    {"BOOL", DType::kBool, 8},     {"U8", DType::kU8, 8},          {"I8", DType::kI8, 8},
    {"U16", DType::kU16, 16},      {"I16", DType::kI16, 16},       {"U32", DType::kU32, 32},
    {"I32", DType::kI32, 32},      {"U64", DType::kU64, 64},       {"I64", DType::kI64, 64},
    {"F16", DType::kF16, 16},      {"BF16", DType::kBF16, 16},     {"F32", DType::kF32, 32},
    {"F64", DType::kF64, 64},      {"C64", DType::kComplex64, 64}, {"F8_E5M2", DType::kOther, 8},
    {"F8_E4M3", DType::kOther, 8}, {"F8_E8M0", DType::kOther, 8},  {"F6_E2M3", DType::kOther, 6},
    {"F6_E3M2", DType::kOther, 6}, {"F4", DType::kOther, 4},
};

class HeaderHandler final : public nlohmann::json_sax<Json> {
 public:
  explicit HeaderHandler(const std::string& file) : file_(file) {}

  SafetensorsHeader take() { return {std::move(entries_), std::move(metadata_)}; }

  bool start_object(size_t) override {
    switch (state_) {
      case State::kStart:
        state_ = State::kNames;
        return true;
      case State::kTensorValue:
        state_ = State::kFields;
        return true;
      case State::kMetadataValue:
        state_ = State::kMetadata;
        return true;
      default:
        wrong("an object");
    }
  }

  bool key(string_t& text) override {
    switch (state_) {
      case State::kNames:
        begin_tensor(text);
        return true;
      case State::kFields:
        begin_field(text);
        return true;
      default:  // kMetadata
        if (!metadata_keys_.insert(text).second) {
          throw Error(file_ + ": '__metadata__' has the key " + augur::quoted(text) + " twice");
        }
        metadata_.emplace_back(text, std::string());
        state_ = State::kMetadataText;
        return true;
    }
  }

  bool end_object() override {
    switch (state_) {
      case State::kNames:
        state_ = State::kEnd;
        return true;
      case State::kFields:
        end_tensor();
        return true;
      default:
        state_ = State::kNames;
        return true;  // the metadata
    }
  }

  bool start_array(size_t) override {
    if (state_ == State::kShapeValue)
      state_ = State::kShape;
    else if (state_ == State::kOffsetsValue)
      state_ = State::kOffsets;
    else
      wrong("an array");
    return true;
  }

  bool end_array() override {
    if (state_ == State::kOffsets && offsets_.size() != 2) {
      fail("'data_offsets' has " + std::to_string(offsets_.size()) + " numbers, expected 2");
    }
    state_ = State::kFields;
    return true;
  }

  bool string(string_t& text) override {
    if (state_ == State::kMetadataText) {
      metadata_.back().second = std::move(text);
      state_ = State::kMetadata;
      return true;
    }
    if (state_ != State::kTypeValue) wrong("a string");
    for (const TypeRow& row : kTypes) {
      if (text == row.name) type_ = &row;
    }
    if (type_ == nullptr) {
      fail("has the unknown type " + augur::quoted(text) +
           "; types are F32, F16, BF16, F64, I64, ...");
    }
    state_ = State::kFields;
    return true;
  }

  bool number_unsigned(number_unsigned_t value) override {
    if (state_ == State::kShape) {
      if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
        fail("has the dimension " + std::to_string(value) + ", which is too large");
      }
      if (shape_.size() == kMaxRank) fail("has more than 64 dimensions");
      shape_.push_back(static_cast<int64_t>(value));
    } else if (state_ == State::kOffsets) {
      if (offsets_.size() == 2) fail("'data_offsets' has more than 2 numbers");
      offsets_.push_back(value);
    } else {
      wrong("a number");
    }
    return true;
  }

  bool number_integer(number_integer_t) override { wrong("a negative number"); }
  bool number_float(number_float_t, const string_t&) override { wrong("a fraction"); }
  bool boolean(bool) override { wrong("true or false"); }
  bool null() override { wrong("null"); }
  bool binary(binary_t&) override { wrong("binary data"); }

  bool parse_error(size_t position, const std::string&, const Json::exception&) override {
    throw Error(file_ + ": the safetensors header is not valid JSON (at byte " +
                std::to_string(8 + position) + " of the file): it is damaged");
  }

 private:
  enum class State {
    kStart,
    kNames,          // in the outer object
    kTensorValue,    // after a tensor's name
    kFields,         // in a tensor's object
    kTypeValue,      // after "dtype"
    kShapeValue,     // after "shape"
    kShape,          // in its array
    kOffsetsValue,   // after "data_offsets"
    kOffsets,        // in its array
    kMetadataValue,  // after "__metadata__"
    kMetadata,       // in its object
    kMetadataText,   // after a key there
    kEnd,
  };

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(file_ + ": tensor " + augur::quoted(name_) + " " + what);
  }

  [[noreturn]] void wrong(const char* what) const {
    const std::string place =
        name_.empty() ? std::string() : " at or after " + augur::quoted(name_);
    throw Error(file_ + ": the safetensors header has " + what + place +
                " where the format does not allow it");
  }

  void begin_tensor(string_t& text) {
    name_ = text;
    if (!names_.insert(text).second) fail("occurs twice in the header");
    if (text == "__metadata__") {
      state_ = State::kMetadataValue;
      return;
    }
    type_ = nullptr;
    has_shape_ = false;
    shape_.clear();
    offsets_.clear();
    state_ = State::kTensorValue;
  }

  void begin_field(const string_t& text) {
    bool again = false;
    if (text == "dtype") {
      again = type_ != nullptr;
      state_ = State::kTypeValue;
    } else if (text == "shape") {
      again = std::exchange(has_shape_, true);
      state_ = State::kShapeValue;
    } else if (text == "data_offsets") {
      again = !offsets_.empty();
      state_ = State::kOffsetsValue;
    } else {
      fail("has the unknown key " + augur::quoted(text) +
           "; expected 'dtype', 'shape' and 'data_offsets'");
    }
    if (again) fail("has the key " + augur::quoted(text) + " twice");
  }

  void end_tensor() {
    if (type_ == nullptr) fail("has no 'dtype'");
    if (!has_shape_) fail("has no 'shape'");
    if (offsets_.empty()) fail("has no 'data_offsets'");
    uint64_t count = 0, bits = 0;
    if (!shape_size(shape_, type_->bits, &count, &bits)) {
      fail("has the shape " + shape_text(shape_) + ", whose size overflows");
    }
    if (bits % 8 != 0) {
      fail(std::string("has a number of ") + type_->name +
           " values that does not fill whole bytes");
    }
    SafetensorsEntry entry;
    entry.begin = offsets_[0];
    entry.end = offsets_[1];
    if (entry.end < entry.begin || entry.end - entry.begin != bits / 8) {
      fail("has the data_offsets [" + std::to_string(entry.begin) + ", " +
           std::to_string(entry.end) + "], but " + type_->name + " of shape " + shape_text(shape_) +
           " needs " + std::to_string(bits / 8) + " bytes");
    }
    entry.info = {name_, type_->dtype, type_->name, std::move(shape_), bits / 8};
    entries_.push_back(std::move(entry));
    state_ = State::kNames;
  }

  const std::string& file_;
  State state_ = State::kStart;
  std::unordered_set<std::string> names_;
  std::unordered_set<std::string> metadata_keys_;
  std::vector<SafetensorsEntry> entries_;
  std::vector<std::pair<std::string, std::string>> metadata_;
  // The tensor being parsed:
  std::string name_;
  const TypeRow* type_ = nullptr;
  bool has_shape_ = false;
  std::vector<int64_t> shape_;
  std::vector<uint64_t> offsets_;
};

}  // namespace

const char* safetensors_type_name(DType dtype) {
  if (dtype == DType::kOther) return nullptr;
  for (const TypeRow& row : kTypes) {
    if (row.dtype == dtype) return row.name;
  }
  return nullptr;
}

SafetensorsHeader parse_safetensors_header(std::string_view text, const std::string& file) {
  HeaderHandler handler(file);
  Json::sax_parse(text.begin(), text.end(), &handler);
  return handler.take();
}

}  // namespace augur::checkpoint
