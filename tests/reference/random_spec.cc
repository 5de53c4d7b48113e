// Random specifications. Where a part asks for equal widths (dot attention, q ∘ h, products in the
// head), the widths are made equal, so that every specification is a sound model.
#include "reference/random_spec.h"

#include <cmath>
#include <initializer_list>

#include "reference/generator.h"

namespace augur::reference {
namespace {

template <typename T>
T any_of(Generator& generator, std::initializer_list<T> choices) {
  return choices.begin()[generator.below(choices.size())];
}

std::uint32_t small(Generator& generator, std::uint32_t most) {
  return static_cast<std::uint32_t>(1 + generator.below(most));
}

fb::ActivationKind any_activation(Generator& generator) {
  using Kind = fb::ActivationKind;
  return any_of(generator,
                {Kind::None, Kind::Relu, Kind::Prelu, Kind::Dice, Kind::DiceRowwise, Kind::Sigmoid,
                 Kind::Tanh, Kind::Gelu, Kind::GeluTanh, Kind::Elu, Kind::Silu});
}

FieldSpec any_field(Generator& generator) {
  FieldSpec field;
  field.kind = any_of(generator, {fb::FieldKind::Id, fb::FieldKind::Id, fb::FieldKind::Ids,
                                  fb::FieldKind::Number, fb::FieldKind::Vector});
  field.width = field.kind == fb::FieldKind::Number ? 1 : small(generator, 9);
  field.out_of_table =
      any_of(generator, {fb::OutOfTable::Error, fb::OutOfTable::PaddingRow, fb::OutOfTable::Hash});
  field.pooling = any_of(generator, {fb::Pooling::Sum, fb::Pooling::Mean, fb::Pooling::Max});
  field.skip_zero = generator.one_in(2);
  return field;
}

std::vector<FieldSpec> any_fields(Generator& generator, std::size_t least, std::size_t most) {
  std::vector<FieldSpec> fields;
  const std::size_t count = least + generator.below(most - least + 1);
  while (fields.size() < count)
    fields.push_back(any_field(generator));
  return fields;
}

std::uint32_t behaviour_width(const StackSpec& stack) {
  std::uint32_t width = 0;
  for (const FieldSpec& field : stack.fields)
    width += field.width;
  return width;
}

std::uint32_t query_width(const StackSpec& stack) {
  return stack.query_width != 0 ? stack.query_width : behaviour_width(stack);
}

std::uint32_t output_width(const StackSpec& stack) {
  return stack.extractor.empty() ? behaviour_width(stack) : stack.extractor.back();
}

std::uint32_t result_width(const StackSpec& stack) {
  return stack.result == fb::ResultKind::Evolution ? stack.hidden : output_width(stack);
}

AttentionSpec any_attention(Generator& generator, const StackSpec& stack) {
  AttentionSpec attention;
  attention.kind = any_of(
      generator, {fb::AttentionKind::Bilinear, fb::AttentionKind::Dot, fb::AttentionKind::Mlp});
  attention.normalisation =
      generator.one_in(3) ? fb::Normalisation::None : fb::Normalisation::Softmax;
  if (generator.one_in(3)) attention.score_scale = 0.5f;
  if (generator.one_in(3)) {
    attention.projection = small(generator, 12);
    attention.projection_activation = any_activation(generator);
  }
  attention.units = {small(generator, 10)};
  if (generator.one_in(2)) attention.units.push_back(small(generator, 6));
  attention.activation = any_activation(generator);
  attention.pair_query = !generator.one_in(4);
  attention.pair_key = !generator.one_in(4);
  attention.pair_product = generator.one_in(2) || !(attention.pair_query || attention.pair_key);

  const std::uint32_t keys = output_width(stack);
  const std::uint32_t queries =
      attention.projection != 0 ? attention.projection : query_width(stack);
  const bool equal_widths = attention.kind == fb::AttentionKind::Dot ||
                            (attention.kind == fb::AttentionKind::Mlp && attention.pair_product);
  if (equal_widths && queries != keys) attention.projection = keys;
  // As in attention over √H: the sum over the units would else make weights without softmax so
  // large that states grow without bound.
  if (attention.kind == fb::AttentionKind::Dot)
    attention.score_scale /= std::sqrt(static_cast<float>(keys));
  // The share of the candidate state is then unbounded, and a state that diverges is more than f32
  // can follow; tests/runtime/network/diverging_test.cc looks at those.
  const bool unbounded =
      attention.normalisation == fb::Normalisation::None &&
      stack.result == fb::ResultKind::Evolution &&
      (stack.evolution == fb::EvolutionKind::Agru || stack.evolution == fb::EvolutionKind::Augru);
  if (unbounded) attention.score_scale *= 0.25f;
  return attention;
}

StackSpec any_stack(Generator& generator) {
  StackSpec stack;
  stack.fields = any_fields(generator, 1, 3);
  stack.max_history = small(generator, 20);
  if (generator.one_in(3)) {
    stack.mask = fb::MaskRule::NonZero;
    stack.fields[0].kind = fb::FieldKind::Id;
  }
  if (generator.one_in(3)) stack.query_width = small(generator, 9);
  stack.extractor.clear();
  for (std::size_t layers = generator.below(3); layers > 0; --layers)
    stack.extractor.push_back(small(generator, 20));
  stack.reset = any_of(generator, {fb::Reset::AfterProduct, fb::Reset::BeforeProduct});
  stack.state_bias = generator.one_in(2);
  stack.result = any_of(
      generator, {fb::ResultKind::LastState, fb::ResultKind::SumPool, fb::ResultKind::MeanPool,
                  fb::ResultKind::AttentionPool, fb::ResultKind::Evolution,
                  fb::ResultKind::Evolution, fb::ResultKind::Evolution, fb::ResultKind::Evolution});
  stack.evolution = any_of(generator, {fb::EvolutionKind::Gru, fb::EvolutionKind::Aigru,
                                       fb::EvolutionKind::Agru, fb::EvolutionKind::Augru});
  stack.form = any_of(generator, {fb::AugruForm::Scale, fb::AugruForm::Lift});
  stack.evolution_reset = any_of(generator, {fb::Reset::AfterProduct, fb::Reset::BeforeProduct});
  stack.hidden = small(generator, 20);
  const bool pooled =
      stack.result == fb::ResultKind::SumPool || stack.result == fb::ResultKind::MeanPool;
  if (pooled && stack.extractor.empty() && generator.one_in(2))
    stack.padded_length = small(generator, 25);

  stack.attention.reset();
  const bool needs_attention =
      stack.result == fb::ResultKind::AttentionPool ||
      (stack.result == fb::ResultKind::Evolution && stack.evolution != fb::EvolutionKind::Gru);
  if (needs_attention || generator.one_in(4)) stack.attention = any_attention(generator, stack);
  return stack;
}

struct SizedSource {
  SourceSpec source;
  std::uint32_t width;
};

// Everything that the head can read, with its width.
std::vector<SizedSource> all_sources(const ModelSpec& spec, Generator& generator) {
  std::vector<SizedSource> sources;
  for (std::size_t i = 0; i < spec.features.size(); ++i)
    sources.push_back({{fb::SourceKind::Feature, i}, spec.features[i].width});
  std::size_t candidate = 0;
  const auto add_candidate = [&](std::uint32_t width) {
    sources.push_back({{fb::SourceKind::Candidate, candidate++}, width});
  };
  for (const FieldSpec& field : spec.candidate)
    add_candidate(field.width);
  for (std::size_t s = 0; s < spec.stacks.size(); ++s) {
    const StackSpec& stack = spec.stacks[s];
    if (stack.query_width != 0) {
      add_candidate(stack.query_width);
    } else {
      for (const FieldSpec& field : stack.fields)
        add_candidate(field.width);
    }
    sources.push_back({{fb::SourceKind::Query, s}, query_width(stack)});
    if (stack.attention && stack.attention->projection != 0)
      sources.push_back({{fb::SourceKind::ProjectedQuery, s}, stack.attention->projection});
    sources.push_back({{fb::SourceKind::Result, s}, result_width(stack)});
    SourceSpec pooled = {fb::SourceKind::Pooled, s};
    pooled.pooling = any_of(generator, {fb::Pooling::Sum, fb::Pooling::Mean});
    if (generator.one_in(3)) pooled.padded_length = small(generator, 25);
    sources.push_back({pooled, behaviour_width(stack)});
  }
  return sources;
}

std::vector<SlotSpec> any_slots(const ModelSpec& spec, Generator& generator) {
  const std::vector<SizedSource> sources = all_sources(spec, generator);
  std::vector<SlotSpec> slots;
  for (const std::size_t i : generator.permutation(sources.size())) {
    // Results always: a model that ignores its stacks would test little.
    const SizedSource& chosen = sources[i];
    if (chosen.source.kind != fb::SourceKind::Result && generator.one_in(3)) continue;
    slots.push_back({chosen.source, {}});
    if (!generator.one_in(3)) continue;
    for (const std::size_t j : generator.permutation(sources.size())) {
      if (sources[j].width != chosen.width || slots.back().times) continue;
      slots.back().times = sources[j].source;
    }
  }
  if (slots.empty()) slots.push_back({sources[0].source, {}});
  return slots;
}

}  // namespace

ModelSpec random_spec(std::uint64_t seed) {
  Generator generator(seed * 2 + 1);
  ModelSpec spec;
  spec.seed = seed;
  spec.features = any_fields(generator, 0, 2);
  spec.candidate = any_fields(generator, 0, 2);
  spec.stacks.clear();
  const std::size_t stacks =
      generator.one_in(12) && !spec.candidate.empty() ? 0 : 1 + generator.below(3);
  while (spec.stacks.size() < stacks)
    spec.stacks.push_back(any_stack(generator));
  spec.slots = any_slots(spec, generator);
  spec.head.clear();
  for (std::size_t layers = generator.below(4); layers > 0; --layers)
    spec.head.push_back(small(generator, 24));
  spec.head_activation = any_activation(generator);
  spec.head_biases = !generator.one_in(4);
  spec.calibrated = generator.one_in(3);
  spec.output = generator.one_in(4) ? fb::OutputKind::Identity : fb::OutputKind::Sigmoid;
  return spec;
}

ModelSpec random_padded_spec(std::uint64_t seed) {
  Generator generator(seed * 2 + 1000001);
  ModelSpec spec = random_spec(seed);
  const auto change = [&](FieldSpec& field) {
    if (!generator.one_in(3)) field.out_of_table = fb::OutOfTable::PaddingId;
    field.skip_padding = generator.one_in(2);
  };
  for (auto* fields : {&spec.features, &spec.candidate}) {
    for (FieldSpec& field : *fields)
      change(field);
  }
  for (StackSpec& stack : spec.stacks) {
    for (FieldSpec& field : stack.fields)
      change(field);
    if (generator.one_in(2)) {
      stack.mask = fb::MaskRule::NotPadding;
      stack.fields[0].kind = fb::FieldKind::Id;
    }
    if (generator.one_in(3)) stack.truncation = fb::Truncation::Oldest;
    if (stack.padded_length != 0 || generator.one_in(3)) continue;
    stack.window.emplace();
    if (generator.one_in(2)) stack.window->beyond = small(generator, 6);
    if (generator.one_in(2)) stack.window->padding = fb::WindowPadding::After;
    const bool evolves =
        stack.result == fb::ResultKind::Evolution && !stack.extractor.empty() &&
        stack.evolution != fb::EvolutionKind::Aigru &&
        (stack.evolution != fb::EvolutionKind::Augru || stack.form == fb::AugruForm::Scale);
    const bool pools = stack.result == fb::ResultKind::AttentionPool && !stack.extractor.empty();
    if (!(evolves || pools) || generator.one_in(4)) continue;
    stack.window->reads = fb::WindowRead::FirstEvents;
    stack.window->padding = fb::WindowPadding::Before;
    if (generator.one_in(2)) stack.window->evolves = fb::WindowRead::FirstEvents;
  }
  return spec;
}

}  // namespace augur::reference
