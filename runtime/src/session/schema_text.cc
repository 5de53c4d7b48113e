// Describes the inputs that a session keeps.
#include "session/schema_text.h"

#include <cstdio>
#include <cstring>

namespace augur {
namespace {

class Lines {
 public:
  Lines(PutText put, void* context) : put_(put), context_(context) {}

  void add(const char* text) { put_(context_, text, std::strlen(text)); }
  void add_number(const char* before, std::uint32_t number) {
    char text[48];
    std::snprintf(text, sizeof(text), "%s%u", before, static_cast<unsigned>(number));
    add(text);
  }

 private:
  PutText put_;
  void* context_;
};

void add_hash(Lines& lines, const Field& field) {
  const HashRule& rule = field.hash == nullptr ? field.table->hash : *field.hash;
  if (rule.kind == HashKind::kFarm64) {
    lines.add(" hashed by Farm64");
  } else {
    lines.add_number(" hashed by Murmur3 with seed ", rule.seed);
  }
}

void add_field(Lines& lines, const char* what, const Field& field) {
  static constexpr const char* kKinds[] = {"an id", "ids", "a number", "a vector"};
  lines.add(what);
  lines.add(" '");
  lines.add(field.name);
  lines.add("': ");
  lines.add(kKinds[field.kind]);
  if (field.kind == AUGUR_VECTOR) lines.add_number(" of width ", field.width);
  if (field.kind == AUGUR_ID || field.kind == AUGUR_IDS) {
    static constexpr const char* kForms[] = {", rows", ", integer keys", ", string keys",
                                             ", string keys"};
    lines.add(kForms[static_cast<std::size_t>(field.id_form)]);
    if (field.id_form == IdForm::kHashedString) add_hash(lines, field);
  }
  lines.add("\n");
}

}  // namespace

void write_schema_text(const Model& model, PutText put, void* context) {
  Lines lines(put, context);
  for (const Field& field : model.features.fields)
    add_field(lines, "feature", field);
  for (const Sequence& sequence : model.sequences) {
    lines.add("stack '");
    lines.add(sequence.name);
    lines.add_number("': at most ", sequence.max_history);
    lines.add(sequence.keeps_oldest ? " events, the oldest\n" : " events, the newest\n");
    for (const Field& field : sequence.fields.fields)
      add_field(lines, "event field", field);
  }
}

Digest schema_id(const Model& model) {
  Sha256 hash;
  write_schema_text(
      model,
      [](void* context, const char* bytes, std::size_t size) {
        static_cast<Sha256*>(context)->add(bytes, size);
      },
      &hash);
  return hash.digest();
}

}  // namespace augur
