// The runtime against the float64 reference: all sizes in a range, odd ones included.
#include <doctest/doctest.h>

#include <vector>

#include "runtime/support/compare.h"
#include "runtime/support/handles.h"

namespace augur::testing {
namespace {

using reference::AttentionSpec;
using reference::ModelSpec;
using reference::StackSpec;

// Around the widths of vectors and of XNNPACK's tiles, and some between.
std::vector<std::uint32_t> odd_sizes() {
  if (emulated()) return {1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65, 127, 130};
  std::vector<std::uint32_t> sizes;
  for (std::uint32_t size = 1; size <= 24; ++size)
    sizes.push_back(size);
  for (const std::uint32_t size :
       {27u, 31u, 32u, 33u, 36u, 40u,  47u,  48u,  49u,  55u,  63u,  64u, 65u,
        71u, 80u, 95u, 96u, 97u, 100u, 111u, 119u, 127u, 128u, 129u, 130u}) {
    sizes.push_back(size);
  }
  return sizes;
}

struct Cell {
  fb::EvolutionKind kind;
  fb::AugruForm form;
  fb::Reset reset;
};

std::vector<Cell> all_cells() {
  std::vector<Cell> cells;
  for (const fb::Reset reset : {fb::Reset::AfterProduct, fb::Reset::BeforeProduct}) {
    cells.push_back({fb::EvolutionKind::Gru, fb::AugruForm::Scale, reset});
    cells.push_back({fb::EvolutionKind::Aigru, fb::AugruForm::Scale, reset});
    cells.push_back({fb::EvolutionKind::Agru, fb::AugruForm::Scale, reset});
    cells.push_back({fb::EvolutionKind::Augru, fb::AugruForm::Scale, reset});
    cells.push_back({fb::EvolutionKind::Augru, fb::AugruForm::Lift, reset});
  }
  return cells;
}

ModelSpec with_cell(const Cell& cell, std::uint32_t hidden, std::uint32_t embedding) {
  ModelSpec spec;
  StackSpec& stack = spec.stacks[0];
  stack.fields = {{fb::FieldKind::Id, embedding}};
  stack.extractor = {hidden};
  stack.hidden = hidden;
  stack.reset = cell.reset;
  stack.evolution = cell.kind;
  stack.form = cell.form;
  stack.evolution_reset = cell.reset;
  return spec;
}

}  // namespace

TEST_CASE(
    "every cell matches the reference at every width of the hidden state and another of the "
    "input") {
  Worst worst;
  std::uint64_t seed = 1;
  for (const std::uint32_t hidden : odd_sizes()) {
    for (const Cell& cell : all_cells()) {
      ModelSpec spec = with_cell(cell, hidden, 1 + (hidden * 7 + 3) % 41);
      spec.seed = seed++;
      // The evolution may be wider or narrower than what it reads.
      if (seed % 3 == 0) spec.stacks[0].hidden = 1 + (hidden * 5) % 37;
      worst.add(compare_with_reference(spec, {9, 5, 0, 3}));
    }
  }
  MESSAGE("logits differ by at most ", worst.largest());
}

TEST_CASE("histories of every length match the reference, also longer ones than are kept") {
  Worst worst;
  std::uint64_t seed = 2000;
  constexpr std::uint32_t kLimit = 37;
  for (const Cell& cell : all_cells()) {
    ModelSpec spec = with_cell(cell, 12, 7);
    spec.stacks[0].max_history = kLimit;
    spec.seed = seed++;
    const std::size_t step = emulated() ? 6 : 1;
    for (std::size_t events = 0; events <= kLimit + 5; events += step)
      worst.add(compare_with_reference(spec, {events, 3}));
    for (const std::uint32_t shorter : {1u, 2u, 15u, 16u, 17u, kLimit, kLimit + 1})
      worst.add(compare_with_reference(spec, {kLimit, 3, shorter}));
  }
  MESSAGE("logits differ by at most ", worst.largest());
}

TEST_CASE("long histories match the reference") {
  Worst worst;
  for (const Cell& cell : all_cells()) {
    ModelSpec spec = with_cell(cell, 16, 10);
    spec.seed = 2500;
    spec.stacks[0].max_history = 500;
    worst.add(compare_with_reference(spec, {emulated() ? 150u : 500u, 3}));
  }
  MESSAGE("logits differ by at most ", worst.largest());
}

TEST_CASE("every number of candidates matches the reference") {
  Worst worst;
  ModelSpec spec = with_cell(all_cells()[3], 10, 6);
  spec.seed = 3000;
  for (std::size_t candidates = 0; candidates <= 257; candidates += emulated() ? 32u : 1u)
    worst.add(compare_with_reference(spec, {6, candidates}));
  worst.add(compare_with_reference(spec, {6, 257}));
  MESSAGE("logits differ by at most ", worst.largest());
}

TEST_CASE("every tile matches the reference, full, nearly full and more than full") {
  Worst worst;
  std::uint64_t seed = 4000;
  for (const std::uint32_t tile : {1u,  2u,  3u,  4u,  5u,  6u,  7u,  8u,  11u,  15u,
                                   16u, 17u, 31u, 32u, 33u, 63u, 64u, 65u, 100u, 1024u}) {
    for (const Cell& cell : {all_cells()[3], all_cells()[9]}) {
      ModelSpec spec = with_cell(cell, 19, 8);
      spec.seed = seed++;
      for (const std::uint32_t candidates : {1u, tile - 1, tile, tile + 1, 2 * tile + 1}) {
        if (candidates <= 257) worst.add(compare_with_reference(spec, {7, candidates, 0, tile}));
      }
    }
  }
  MESSAGE("logits differ by at most ", worst.largest());
}

TEST_CASE("every activation of the head matches the reference at every width") {
  Worst worst;
  std::uint64_t seed = 5000;
  for (const std::uint32_t units : odd_sizes()) {
    for (const fb::ActivationKind kind : fb::EnumValuesActivationKind()) {
      ModelSpec spec;
      spec.seed = seed++;
      spec.stacks[0].result = fb::ResultKind::SumPool;
      spec.stacks[0].attention.reset();
      spec.stacks[0].extractor.clear();
      spec.head = {units, 1 + units * 3 % 29};
      spec.head_activation = kind;
      worst.add(compare_with_reference(spec, {5, 4}));
    }
  }
  MESSAGE("logits differ by at most ", worst.largest());
}

TEST_CASE(
    "every attention matches the reference at every width, with and without softmax and "
    "projection") {
  Worst worst;
  std::uint64_t seed = 6000;
  for (const std::uint32_t width : odd_sizes()) {
    for (const fb::AttentionKind kind : fb::EnumValuesAttentionKind()) {
      for (const fb::Normalisation normalisation : fb::EnumValuesNormalisation()) {
        ModelSpec spec;
        spec.seed = seed++;
        StackSpec& stack = spec.stacks[0];
        stack.fields = {{fb::FieldKind::Id, width}};
        stack.extractor.clear();
        stack.result = fb::ResultKind::AttentionPool;
        AttentionSpec& attention = *stack.attention;
        attention.kind = kind;
        attention.normalisation = normalisation;
        attention.activation = fb::EnumValuesActivationKind()[seed % 11];
        attention.units = {1 + width % 23, 1 + width % 5};
        attention.score_scale = seed % 2 == 0 ? 1.0f : 0.25f;
        if (seed % 3 == 0) {
          stack.query_width = 1 + width * 3 % 31;
          attention.projection = width;
          attention.projection_activation = fb::EnumValuesActivationKind()[seed % 11];
        }
        // Around a block of steps, and more pairs than go through the MLP together.
        const std::size_t events = seed % 5 == 0 ? 70 : 15 + seed % 4;
        stack.max_history = 80;
        worst.add(compare_with_reference(spec, {events, 3}));
      }
    }
  }
  MESSAGE("logits differ by at most ", worst.largest());
}

}  // namespace augur::testing
