// Reads ranking requests from JSON; see request.h.
#include "requests/request.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "error.h"
#include "requests/json_lines.h"
#include "text/strict_json.h"
#include "text/text.h"

namespace augur::requests {
namespace {

// Gets the events of nlohmann's SAX parser and fills the request. Every callback returns true or
// throws.
class RequestHandler {
 public:
  using Json = nlohmann::json;
  using string_t = Json::string_t;

  RequestHandler(const ModelFields& fields, Request& request)
      : fields_(fields), request_(request), sequence_given_(fields.sequences.size(), false) {}

  bool null() { return unexpected("null"); }
  bool boolean(bool value) { return unexpected(value ? "true" : "false"); }
  bool binary(Json::binary_t&) { return unexpected("binary data"); }

  bool number_integer(int64_t value) {
    if (!wants_integer()) return take_number(static_cast<double>(value), std::to_string(value));
    column_->ids.push_back(value);
    return scalar_taken();
  }

  bool number_unsigned(uint64_t value) {
    if (!wants_integer()) return take_number(static_cast<double>(value), std::to_string(value));
    if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
      return unexpected(std::to_string(value) + ", which does not fit into 64 bits with a sign");
    }
    column_->ids.push_back(static_cast<int64_t>(value));
    return scalar_taken();
  }

  bool number_float(double value, const string_t& text) {
    if (!wants_integer()) return take_number(value, text);
    const bool is_integer = text.find_first_of(".eE") == string_t::npos;
    return unexpected(text + (is_integer ? ", which does not fit into 64 bits with a sign"
                                         : ", which is not written as an integer"));
  }

  bool string(string_t& value) {
    if (wants_string()) {
      column_->strings.add(value);
      return scalar_taken();
    }
    if (next_ != Part::kId) return unexpected_text(value);
    request_.id = value;
    next_ = Part::kNothing;
    return true;
  }

  bool start_object(size_t) {
    switch (next_) {
      case Part::kRequest:
      case Part::kFeatures:
      case Part::kHistory:
      case Part::kCandidates:
        open_.push_back(next_);
        break;
      case Part::kSequenceOrField:
        open_sequence();
        break;
      default:
        return unexpected("an object");
    }
    next_ = Part::kNothing;
    return true;
  }

  bool end_object() {
    open_.pop_back();
    return true;
  }

  bool start_array(size_t) {
    if (next_ == Part::kSequenceOrField) begin_flat_field();
    if (next_ != Part::kField || depth_ == scalar_depth_) return unexpected("an array");
    ++depth_;
    row_begin_ = column_->length();
    return true;
  }

  bool end_array() {
    if (has_inner_rows() && depth_ == scalar_depth_) end_row();
    if (--depth_ == 0) next_ = Part::kNothing;
    return true;
  }

  bool key(string_t& name) {
    switch (open_.back()) {
      case Part::kRequest:
        request_key(name);
        break;
      case Part::kFeatures:
        begin_field(request_.features, name, 0);
        break;
      case Part::kHistory:
        name_ = name;
        next_ = Part::kSequenceOrField;
        break;
      case Part::kSequence:
        begin_field(request_.histories[sequence_], name, 1);
        break;
      default:
        begin_field(request_.candidates, name, 1);
        break;
    }
    return true;
  }

  bool parse_error(size_t, const std::string&, const nlohmann::detail::exception& error) {
    throw Error(malformed(error.what()));
  }

  // Checks that no part of the request is missing.
  void finish() {
    for (const char* part : {"id", "history", "candidates"}) {
      if (is_given(part) || (part == std::string("history") && fields_.sequences.empty())) continue;
      throw Error(augur::quoted(part) + " is missing");
    }
    for (size_t s = 0; s < sequence_given_.size(); ++s) {
      if (sequence_given_[s] || sequence_given_.size() == 1) continue;
      const std::string name = augur::quoted(fields_.sequence_names[s]);
      throw Error("history: the sequence " + name + " is missing; {} stands for no events");
    }
    request_.features.finish(false);
    for (RequestColumns& history : request_.histories)
      history.finish(true);
    request_.candidates.finish(false);
  }

 private:
  // The parts of a request: objects, and what the next value may be.
  enum class Part {
    kRequest,
    kId,
    kFeatures,
    kHistory,
    kCandidates,
    kSequence,
    kSequenceOrField,
    kField,
    kNothing
  };

  bool is_given(const std::string& part) const {
    return std::find(parts_given_.begin(), parts_given_.end(), part) != parts_given_.end();
  }

  void request_key(const string_t& name) {
    static constexpr std::pair<const char*, Part> kKeys[] = {{"id", Part::kId},
                                                             {"features", Part::kFeatures},
                                                             {"history", Part::kHistory},
                                                             {"candidates", Part::kCandidates}};
    const auto* const found = std::find_if(std::begin(kKeys), std::end(kKeys),
                                           [&name](const auto& key) { return name == key.first; });
    if (found == std::end(kKeys)) {
      throw Error("unknown key " + augur::quoted(name) +
                  "; a request has 'id', 'features', 'history' and 'candidates'");
    }
    if (is_given(name)) throw Error(augur::quoted(name) + " is given twice");
    parts_given_.push_back(name);
    next_ = found->second;
  }

  void open_sequence() {
    sequence_ = fields_.find_sequence(name_);
    if (sequence_ == fields_.sequences.size()) {
      if (fields_.sequences.size() == 1 && is_field(fields_.sequences[0], name_)) {
        begin_flat_field();
        unexpected("an object");
      }
      throw Error("history: the model has no sequence " + augur::quoted(name_) + "; it has " +
                  join(fields_.sequence_names, ", ", true));
    }
    if (sequence_given_[sequence_])
      throw Error("history: sequence " + augur::quoted(name_) + " is given twice");
    sequence_given_[sequence_] = true;
    open_.push_back(Part::kSequence);
  }

  static bool is_field(const DeclaredFields& group, const std::string& name) {
    return group.find(name) != group.fields.size();
  }

  // A field directly in the history: {"item": [...]}.
  void begin_flat_field() {
    if (fields_.sequences.size() != 1) {
      throw Error("history: " + augur::quoted(name_) +
                  " is a list, but the model has the sequences " +
                  join(fields_.sequence_names, ", ", true) + ": write {\"<sequence>\": {" +
                  "\"<field>\": [...]}}");
    }
    begin_field(request_.histories[0], name_, 1);
  }

  // `list_depth` 1: a value for each row; 0: one value.
  void begin_field(RequestColumns& set, const string_t& name, int list_depth) {
    const DeclaredFields& group = set.group();
    const size_t f = group.find(name);
    if (f == group.fields.size()) {
      throw Error(group.title + ": the model has no field " + augur::quoted(name) +
                  " there; it has " + (group.fields.empty() ? "none" : group.names()));
    }
    if (set.values(f).given)
      throw Error(group.title + ": field " + augur::quoted(name) + " is given twice");
    set_ = &set;
    field_ = f;
    column_ = &set.values(f);
    column_->given = true;
    list_depth_ = list_depth;
    depth_ = 0;
    scalar_depth_ = list_depth + (has_inner_rows() ? 1 : 0);
    next_ = Part::kField;
  }

  const DeclaredField& field() const { return set_->group().fields[field_]; }
  bool has_inner_rows() const { return field().kind == AUGUR_IDS || field().kind == AUGUR_VECTOR; }

  bool wants_scalar() const { return next_ == Part::kField && depth_ == scalar_depth_; }
  bool wants_integer() const {
    return wants_scalar() && field().is_id() && !field().has_string_keys();
  }
  bool wants_string() const { return wants_scalar() && field().has_string_keys(); }

  bool take_number(double value, const std::string& text) {
    if (wants_string()) {
      return unexpected("the number " + text + " (the ids of this catalogue are strings: write \"" +
                        text + "\")");
    }
    if (!wants_scalar()) return unexpected("the number " + text);
    const auto number = static_cast<float>(value);
    if (!std::isfinite(number)) return unexpected(text + ", which is too large for 32 bits");
    column_->values.push_back(number);
    return scalar_taken();
  }

  bool scalar_taken() {
    if (depth_ == 0) next_ = Part::kNothing;
    return true;
  }

  void end_row() {
    const size_t count = column_->length() - row_begin_;
    if (field().kind == AUGUR_VECTOR) {
      if (count != field().width) {
        // Remove the part of a row: the message's index counts whole rows.
        column_->values.resize(row_begin_);
        unexpected(std::to_string(count) + (count == 1 ? " number" : " numbers"));
      }
    } else {
      column_->counts.push_back(static_cast<uint32_t>(count));
    }
  }

  static std::string expectation(const DeclaredFields& group, const DeclaredField& field,
                                 int list_depth) {
    std::string row;
    const std::string ids = field.has_string_keys() ? "string ids" : "integer ids";
    switch (field.kind) {
      case AUGUR_ID:
        row = list_depth > 0 ? ids : field.has_string_keys() ? "a string id" : "an integer id";
        break;
      case AUGUR_IDS:
        row = (list_depth == 0 ? "an array of " : "arrays of ") + ids;
        break;
      case AUGUR_NUMBER:
        row = list_depth == 0 ? "a number" : "numbers";
        break;
      case AUGUR_VECTOR:
        row = (list_depth == 0 ? "an array of " : "arrays of ") + std::to_string(field.width) +
              (field.width == 1 ? " number" : " numbers");
        break;
    }
    return list_depth == 0 ? row : "an array of " + row + ", one for each " + group.row_name;
  }

  bool unexpected_text(const std::string& text) {
    int64_t integer = 0;
    const char* const end = text.data() + text.size();
    const std::from_chars_result read = std::from_chars(text.data(), end, integer);
    const bool is_integer = wants_integer() && read.ec == std::errc() && read.ptr == end;
    return unexpected("the text " + augur::quoted(text) +
                      (is_integer ? " (write it without quotes)" : ""));
  }

  // Always throws; returns bool only to end a callback.
  bool unexpected(const std::string& what) {
    switch (next_) {
      case Part::kRequest:
        throw Error("expected a request, which is an object; came " + what);
      case Part::kId:
        throw Error("'id': expected a text; came " + what);
      case Part::kFeatures:
        throw Error("'features': expected an object of fields; came " + what);
      case Part::kHistory:
        throw Error("'history': expected an object of fields or sequences; came " + what);
      case Part::kCandidates:
        throw Error("'candidates': expected an object of fields; came " + what);
      case Part::kSequenceOrField:
        begin_flat_field();
        return unexpected(what);
      case Part::kSequence:
      case Part::kNothing:
        throw Error("unexpected: " + what);
      case Part::kField:
        break;
    }
    const DeclaredFields& group = set_->group();
    std::string message = group.title + ": field " + augur::quoted(field().name) + ": expected " +
                          expectation(group, field(), list_depth_) + "; came " + what;
    if (depth_ > 0 && list_depth_ > 0) {
      message += ", at index " + std::to_string(set_->rows(field_));
    }
    throw Error(message);
  }

  const ModelFields& fields_;
  Request& request_;
  std::vector<std::string> parts_given_;
  std::vector<bool> sequence_given_;

  std::vector<Part> open_;      // the objects that are open
  Part next_ = Part::kRequest;  // what the next value is
  string_t name_;               // kSequenceOrField: the key
  size_t sequence_ = 0;         // the open sequence

  // The field whose value is being read.
  RequestColumns* set_ = nullptr;
  RequestColumn* column_ = nullptr;
  size_t field_ = 0;
  int list_depth_ = 0;    // 1: a value for each row; 0: one value
  int scalar_depth_ = 0;  // how deep in arrays its ids or numbers stand
  int depth_ = 0;         // how many arrays are open
  size_t row_begin_ = 0;  // ids and numbers before the row
};

}  // namespace

Request::Request(const ModelFields& fields)
    : features(fields.features),
      histories(fields.sequences.begin(), fields.sequences.end()),
      candidates(fields.candidates) {}

void parse_request(std::string_view line, const std::string& where, const ModelFields& fields,
                   Request& request) {
  request.id.clear();
  request.where = where;
  request.features.clear();
  for (RequestColumns& history : request.histories)
    history.clear();
  request.candidates.clear();
  try {
    RequestHandler handler(fields, request);
    refuse_zero_bytes(line);
    nlohmann::json::sax_parse(line.begin(), line.end(), &handler);
    handler.finish();
  } catch (const Error& error) {
    throw Error(where + ": " + error.what());
  }
}

}  // namespace augur::requests
