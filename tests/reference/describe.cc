// A specification as text.
#include <sstream>

#include "reference/spec.h"

namespace augur::reference {
namespace {

void list(std::ostream& out, const std::vector<std::uint32_t>& sizes) {
  for (std::size_t i = 0; i < sizes.size(); ++i)
    out << (i == 0 ? "" : ",") << sizes[i];
}

void fields(std::ostream& out, const char* what, const std::vector<FieldSpec>& specs) {
  out << what << "[";
  for (const FieldSpec& field : specs) {
    out << " " << fb::EnumNameFieldKind(field.kind) << field.width << "/"
        << fb::EnumNameOutOfTable(field.out_of_table) << "/" << fb::EnumNamePooling(field.pooling)
        << (field.skip_zero ? "/skip0" : "") << (field.skip_padding ? "/skip_padding" : "");
  }
  out << " ] ";
}

void attention(std::ostream& out, const AttentionSpec& spec) {
  out << "attention{" << fb::EnumNameAttentionKind(spec.kind) << " "
      << fb::EnumNameNormalisation(spec.normalisation) << " scale=" << spec.score_scale
      << " projection=" << spec.projection << "/"
      << fb::EnumNameActivationKind(spec.projection_activation);
  if (spec.kind == fb::AttentionKind::Mlp) {
    out << " units=";
    list(out, spec.units);
    out << " " << fb::EnumNameActivationKind(spec.activation) << (spec.pair_query ? " query" : "")
        << (spec.pair_key ? " key" : "") << (spec.pair_product ? " product" : "");
  }
  out << "} ";
}

void stack(std::ostream& out, const StackSpec& spec) {
  out << "stack{";
  fields(out, "fields", spec.fields);
  out << "max_history=" << spec.max_history << " mask=" << fb::EnumNameMaskRule(spec.mask)
      << " query_width=" << spec.query_width << " extractor=";
  list(out, spec.extractor);
  out << " " << fb::EnumNameReset(spec.reset) << (spec.state_bias ? " d_c " : " ");
  if (spec.attention) attention(out, *spec.attention);
  out << "result=" << fb::EnumNameResultKind(spec.result);
  if (spec.result == fb::ResultKind::Evolution) {
    out << " " << fb::EnumNameEvolutionKind(spec.evolution) << "/"
        << fb::EnumNameAugruForm(spec.form) << "/" << fb::EnumNameReset(spec.evolution_reset)
        << " H=" << spec.hidden;
  }
  out << " padded_length=" << spec.padded_length;
  if (spec.truncation == fb::Truncation::Oldest) out << " oldest";
  if (spec.window) {
    out << " window=" << spec.max_history + spec.window->beyond << "/"
        << fb::EnumNameWindowRead(spec.window->reads) << "/"
        << fb::EnumNameWindowPadding(spec.window->padding) << "/"
        << fb::EnumNameWindowRead(spec.window->evolves);
  }
  out << "} ";
}

void source(std::ostream& out, const SourceSpec& spec) {
  out << fb::EnumNameSourceKind(spec.kind) << spec.index;
  if (spec.kind == fb::SourceKind::Pooled)
    out << "/" << fb::EnumNamePooling(spec.pooling) << "/" << spec.padded_length;
}

}  // namespace

std::string describe(const ModelSpec& spec) {
  std::ostringstream out;
  out << "seed " << spec.seed << ": ";
  fields(out, "features", spec.features);
  fields(out, "candidate", spec.candidate);
  for (const StackSpec& each : spec.stacks)
    stack(out, each);
  out << "slots[";
  for (const SlotSpec& slot : spec.slots) {
    out << " ";
    source(out, slot.source);
    if (slot.times) {
      out << "*";
      source(out, *slot.times);
    }
  }
  out << " ] head=";
  list(out, spec.head);
  out << " " << fb::EnumNameActivationKind(spec.head_activation)
      << (spec.head_biases ? " biases" : "") << (spec.calibrated ? " calibrated" : "") << " "
      << fb::EnumNameOutputKind(spec.output);
  return out.str();
}

}  // namespace augur::reference
