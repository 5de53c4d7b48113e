// Random models: tables, stacks and a head from a specification.
#include "reference/random_model.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

#include "reference/build.h"
#include "reference/random_layers.h"

namespace augur::reference {
namespace {

class Builder {
 public:
  explicit Builder(const ModelSpec& spec) : spec_(spec), generator_(spec.seed) {}

  std::unique_ptr<fb::ModelT> build() {
    for (const FieldSpec& field : spec_.features) {
      model_->features.push_back(new_field("f" + std::to_string(model_->features.size()), field));
    }
    for (std::size_t i = 0; i < spec_.candidate.size(); ++i) {
      model_->candidate.push_back(new_field("c" + std::to_string(i), spec_.candidate[i]));
    }
    for (const StackSpec& stack : spec_.stacks)
      add_stack(stack);
    add_head();
    if (spec_.calibrated) {
      model_->calibration = std::make_unique<fb::CalibrationT>();
      model_->calibration->scale = 0.75f;
      model_->calibration->offset = -1.25f;
    }
    model_->output = spec_.output;
    return std::move(model_);
  }

 private:
  // A field with a table of its own if it needs one.
  std::unique_ptr<fb::FieldT> new_field(const std::string& name, const FieldSpec& spec) {
    auto field = make_field(name, spec.kind);
    field->dim = spec.width;
    field->pooling = spec.pooling;
    field->skip_zero = spec.skip_zero;
    field->skip_padding = spec.skip_padding;
    if (spec.kind == fb::FieldKind::Number) field->dim = 1;
    if (spec.kind == fb::FieldKind::Number || spec.kind == fb::FieldKind::Vector) return field;

    auto table = std::make_unique<fb::EmbeddingTableT>();
    const auto rows = static_cast<std::uint32_t>(11 + generator_.below(40));
    table->name = name;
    table->weights =
        make_tensor(rows, spec.width, generator_.symmetric(1.0, std::size_t{rows} * spec.width));
    table->out_of_table = spec.out_of_table;
    table->padding_row = static_cast<std::uint32_t>(generator_.below(3));
    if (spec.out_of_table == fb::OutOfTable::Hash) {
      table->hash = std::make_unique<fb::HashT>();
      table->hash->seed = static_cast<std::uint32_t>(generator_.next());
      table->hash->first_row = static_cast<std::uint32_t>(generator_.below(5));
      table->hash->buckets = rows - table->hash->first_row - 1;
    }
    model_->tables.push_back(std::move(table));
    field->table = name;
    return field;
  }

  std::uint32_t width(const fb::FieldT& field) const {
    for (const auto& table : model_->tables) {
      if (table->name == field.table) return table->weights->shape[1];
    }
    return field.dim;
  }

  void add_stack(const StackSpec& spec) {
    auto stack = std::make_unique<fb::StackT>();
    stack->name = "s" + std::to_string(model_->stacks.size());
    stack->max_history = spec.max_history;
    stack->result = spec.result;
    stack->padded_length = spec.padded_length;
    stack->truncation = spec.truncation;
    if (spec.window) {
      stack->window = std::make_unique<fb::WindowT>();
      stack->window->length = spec.max_history + spec.window->beyond;
      stack->window->reads = spec.window->reads;
      stack->window->padding = spec.window->padding;
      stack->window->evolves = spec.window->evolves;
    }
    std::uint32_t inputs = 0;
    for (const FieldSpec& field : spec.fields) {
      const std::string name = stack->name + "_f" + std::to_string(stack->fields.size());
      stack->fields.push_back(new_field(name, field));
      inputs += width(*stack->fields.back());
    }
    stack->mask = spec.mask;
    if (spec.mask != fb::MaskRule::Length) stack->mask_field = stack->fields[0]->name;
    const std::uint32_t query_width = add_query(spec, *stack);

    for (const std::uint32_t hidden : spec.extractor) {
      stack->extractor.push_back(
          random_gru(generator_, 3, hidden, inputs, spec.reset, spec.state_bias));
      inputs = hidden;
    }
    if (spec.attention) {
      stack->attention = random_attention(generator_, *spec.attention, query_width, inputs);
    }
    if (spec.result == fb::ResultKind::Evolution) {
      stack->evolution = std::make_unique<fb::EvolutionT>();
      stack->evolution->kind = spec.evolution;
      stack->evolution->form = spec.form;
      const std::uint32_t gates = spec.evolution == fb::EvolutionKind::Agru ? 2 : 3;
      stack->evolution->cell =
          random_gru(generator_, gates, spec.hidden, inputs, spec.evolution_reset, spec.state_bias);
    }
    model_->stacks.push_back(std::move(stack));
  }

  // Adds the candidate fields that are the stack's query, and returns their width.
  std::uint32_t add_query(const StackSpec& spec, fb::StackT& stack) {
    std::uint32_t query_width = 0;
    const std::size_t count = spec.query_width == 0 ? stack.fields.size() : 1;
    for (std::size_t i = 0; i < count; ++i) {
      const std::string name = stack.name + "_q" + std::to_string(i);
      if (spec.query_width == 0) {
        model_->candidate.push_back(std::make_unique<fb::FieldT>(*stack.fields[i]));
        model_->candidate.back()->name = name;
      } else {
        model_->candidate.push_back(new_field(name, {fb::FieldKind::Id, spec.query_width}));
      }
      stack.query.push_back(name);
      query_width += width(*model_->candidate.back());
    }
    return query_width;
  }

  std::uint32_t pooled_width(const fb::StackT& stack) const {
    std::uint32_t sum = 0;
    for (const auto& field : stack.fields)
      sum += width(*field);
    return sum;
  }

  std::uint32_t width(const SourceSpec& source) const {
    if (source.kind == fb::SourceKind::Feature) return width(*model_->features.at(source.index));
    if (source.kind == fb::SourceKind::Candidate) return width(*model_->candidate.at(source.index));
    const fb::StackT& stack = *model_->stacks.at(source.index);
    if (source.kind == fb::SourceKind::Result) {
      if (stack.result == fb::ResultKind::Evolution)
        return stack.evolution->cell->recurrent->shape[1];
      if (!stack.extractor.empty()) return stack.extractor.back()->recurrent->shape[1];
      return pooled_width(stack);
    }
    if (source.kind == fb::SourceKind::Pooled) return pooled_width(stack);
    if (source.kind == fb::SourceKind::ProjectedQuery && stack.attention != nullptr &&
        stack.attention->query_projection != nullptr) {
      return stack.attention->query_projection->weight->shape[0];
    }
    std::uint32_t sum = 0;
    for (const std::string& name : stack.query) {
      for (const auto& field : model_->candidate)
        sum += field->name == name ? width(*field) : 0;
    }
    return sum;
  }

  // How large a source's values are, roughly: sums over the history are larger than one event.
  double magnitude(const SourceSpec& source) const {
    const bool stack =
        source.kind == fb::SourceKind::Result || source.kind == fb::SourceKind::Pooled;
    if (!stack) return 1.0;
    const StackSpec& summed = spec_.stacks.at(source.index);
    const bool sum = source.kind == fb::SourceKind::Pooled
                         ? source.pooling == fb::Pooling::Sum
                         : summed.result == fb::ResultKind::SumPool ||
                               summed.result == fb::ResultKind::AttentionPool;
    if (!sum) return 1.0;
    std::uint32_t padded =
        source.kind == fb::SourceKind::Pooled ? source.padded_length : summed.padded_length;
    if (source.kind == fb::SourceKind::Result && summed.window)
      padded = summed.max_history + summed.window->beyond;
    // The same padding again and again adds up faster than events do.
    return std::max(std::sqrt(1.0 * summed.max_history), 1.0 * padded);
  }

  // Divides columns [first, first + count), as training would for inputs that large.
  static void scale_columns(fb::TensorT& weight, std::size_t first, std::size_t count,
                            double divisor) {
    const std::size_t width = weight.shape[1];
    for (std::size_t row = 0; row < weight.shape[0]; ++row) {
      for (std::size_t k = first; k < first + count; ++k) {
        std::uint8_t* at = weight.data.data() + (row * width + k) * sizeof(float);
        float value;
        std::memcpy(&value, at, sizeof(value));
        value = static_cast<float>(value / divisor);
        std::memcpy(at, &value, sizeof(value));
      }
    }
  }

  std::unique_ptr<fb::SourceT> new_source(const SourceSpec& spec) const {
    std::string name;
    if (spec.kind == fb::SourceKind::Feature) {
      name = model_->features.at(spec.index)->name;
    } else if (spec.kind == fb::SourceKind::Candidate) {
      name = model_->candidate.at(spec.index)->name;
    } else {
      name = model_->stacks.at(spec.index)->name;
    }
    auto source = make_source(spec.kind, name);
    source->pooling = spec.pooling;
    source->padded_length = spec.padded_length;
    return source;
  }

  std::vector<SlotSpec> default_slots() const {
    std::vector<SlotSpec> slots;
    const auto add = [&slots](fb::SourceKind kind, std::size_t count) {
      for (std::size_t i = 0; i < count; ++i)
        slots.push_back({{kind, i}, {}});
    };
    add(fb::SourceKind::Feature, model_->features.size());
    add(fb::SourceKind::Candidate, model_->candidate.size());
    add(fb::SourceKind::Result, model_->stacks.size());
    return slots;
  }

  void add_head() {
    model_->head = std::make_unique<fb::HeadT>();
    std::uint32_t inputs = 0;
    const std::vector<SlotSpec> slots = spec_.slots.empty() ? default_slots() : spec_.slots;
    for (const SlotSpec& spec : slots) {
      auto slot = std::make_unique<fb::SlotT>();
      slot->source = new_source(spec.source);
      if (spec.times) slot->times = new_source(*spec.times);
      inputs += width(spec.source);
      model_->head->slots.push_back(std::move(slot));
    }
    for (const std::uint32_t units : spec_.head) {
      model_->head->layers.push_back(
          random_dense(generator_, units, inputs, spec_.head_activation, spec_.head_biases));
      inputs = units;
    }
    model_->head->layers.push_back(
        random_dense(generator_, 1, inputs, fb::ActivationKind::None, spec_.head_biases));
    std::size_t column = 0;
    for (const SlotSpec& spec : slots) {
      const double divisor = magnitude(spec.source) * (spec.times ? magnitude(*spec.times) : 1.0);
      scale_columns(*model_->head->layers[0]->weight, column, width(spec.source), divisor);
      column += width(spec.source);
    }
  }

  const ModelSpec& spec_;
  Generator generator_;
  std::unique_ptr<fb::ModelT> model_ = std::make_unique<fb::ModelT>();
};

}  // namespace

std::unique_ptr<fb::ModelT> random_model(const ModelSpec& spec) {
  return Builder(spec).build();
}

}  // namespace augur::reference
