// Loads recurrent cells: the interest extractor's and the interest evolution's.
#include <cstring>

#include "kernels/kernel_set.h"
#include "loader/layers.h"
#include "loader/limits.h"

namespace augur {
namespace {

// Copies the values, so that kernels may read whole vectors past `size`; zeros if `from` is
// nullptr.
augur_status copy_padded(Reader& reader, const float* from, std::size_t size, const float** out) {
  const Span<float> copy = reader.arena().array<float>(padded_units(size) + kMaxVector);
  if (copy.empty()) return reader.no_memory();
  if (from != nullptr) std::memcpy(copy.data(), from, size * sizeof(float));
  *out = copy.data();
  return AUGUR_OK;
}

// How the attention enters a cell, and what is known about the cell's inputs.
struct CellKind {
  ShareRule share = ShareRule::kPlain;
  bool scaled_input = false;  // AIGRU
  bool unit_share = false;    // the attention's weights lie in [0, 1]
  bool unit_input = false;    // the inputs lie in [-1, 1]

  // The states lie in [-1, 1].
  bool bounded() const { return share == ShareRule::kPlain || unit_share; }
};

// Packs U. If the reset comes after the product, the rows of all gates are packed together;
// otherwise the candidate state's rows are packed separately, because they are multiplied with r ∘
// h.
augur_status load_recurrent(Reader& reader, const fb::Gru* file, const CellKind& kind, Gru* gru) {
  Cell& cell = gru->cell;
  const std::uint32_t hidden = gru->hidden;
  const Shape shape{gru->gate_rows(), hidden};
  const Arena::Scratch scratch(reader.arena(), Reader::weight_bytes(shape));
  if (scratch.data() == nullptr) return reader.no_memory();
  WeightMatrix matrix;
  AUGUR_TRY(reader.weights(file->recurrent(), "recurrent", shape, scratch.data(), &matrix));
  if (matrix.quantised() && kind.bounded() && hidden % kIntegerUnits == 0)
    cell.integers = cell_path(kernels().integers, cell);
  if (matrix.quantised() && cell.integers == IntegerPath::kNone) {
    matrix = float_weights(nullptr, shape.rows, shape.columns);
    AUGUR_TRY(
        reader.read_matrix(file->recurrent(), "recurrent", shape, scratch.data(), &matrix.values));
  }
  const std::uint32_t groups = shape.rows / hidden;
  const std::uint32_t gates = cell.resets_before() ? groups - 1 : groups;
  AUGUR_TRY(pack_gates(reader, matrix.rows(0, gates * hidden), gates, cell.integers, &cell.gates,
                       &cell.integer_gates));
  if (!cell.resets_before()) return AUGUR_OK;
  return pack_gates(reader, matrix.rows(gates * hidden, hidden), 1, cell.integers,
                    &cell.state_weights, &cell.integer_state);
}

augur_status load_cell(Reader& reader, const fb::Gru* file, std::uint32_t inputs,
                       const CellKind& kind, Gru* gru) {
  Cell& cell = gru->cell;
  gru->inputs = inputs;
  gru->unit_input = kind.unit_input;
  cell.share = kind.share;
  switch (file->reset()) {
    case fb::Reset::AfterProduct:
      AUGUR_TRY(reader.need(build::kResetAfter, build::kReset, "after"));
      cell.reset_before = false;
      break;
    case fb::Reset::BeforeProduct:
      AUGUR_TRY(reader.need(build::kResetBefore, build::kReset, "before"));
      cell.reset_before = true;
      break;
    default:
      return reader.bad("unknown reset position %u", static_cast<unsigned>(file->reset()));
  }

  Shape shape;
  AUGUR_TRY(reader.matrix_shape(file->recurrent(), "recurrent", &shape));
  const std::uint32_t hidden = shape.columns;
  gru->hidden = hidden;
  cell.hidden = hidden;
  if (hidden * gate_count(kind.share) > kMaxWidth)
    return reader.bad("a hidden state of %u is too wide", hidden);
  const std::uint32_t rows = gru->gate_rows();
  if (shape.rows != rows) {
    return reader.bad("tensor 'recurrent' has shape [%u, %u], expected [%u, %u]", shape.rows,
                      shape.columns, rows, hidden);
  }

  const float* bias = nullptr;
  AUGUR_TRY(reader.vector(file->bias(), "bias", rows, &bias));
  if (kind.scaled_input) {
    AUGUR_TRY(copy_padded(reader, bias, rows, &cell.input_bias));
    bias = nullptr;
  }
  AUGUR_TRY(load_product(reader, file->input(), "input", {rows, inputs}, bias, &gru->input));

  if (cell.reset_before && file->candidate_recurrent_bias() != nullptr) {
    return reader.bad("'candidate_recurrent_bias' needs the reset after the product");
  }
  const float* state_bias = nullptr;
  AUGUR_TRY(reader.optional_vector(file->candidate_recurrent_bias(), "candidate_recurrent_bias",
                                   hidden, &state_bias));
  AUGUR_TRY(copy_padded(reader, state_bias, hidden, &cell.state_bias));
  return load_recurrent(reader, file, kind, gru);
}

}  // namespace

augur_status load_extractor(Reader& reader, const GruList* file, std::uint32_t inputs,
                            Span<Gru>* layers) {
  const std::uint32_t count = file == nullptr ? 0 : file->size();
  AUGUR_TRY(reader.check_count(count, "extractor layers"));
  *layers = reader.arena().array<Gru>(count);
  if (layers->size() != count) return reader.no_memory();
  for (std::uint32_t i = 0; i < count; ++i) {
    const Reader::Part part(reader, "extractor %u", i);
    CellKind kind;
    kind.unit_input = i > 0;
    Gru& gru = (*layers)[i];
    AUGUR_TRY(load_cell(reader, file->Get(i), inputs, kind, &gru));
    inputs = gru.hidden;
  }
  return AUGUR_OK;
}

augur_status load_evolution(Reader& reader, const fb::Evolution* file, std::uint32_t inputs,
                            bool unit_input, bool unit_attention, Evolution* evolution) {
  const Reader::Part part(reader, "evolution");
  CellKind kind;
  kind.unit_input = unit_input;
  kind.unit_share = unit_attention;
  evolution->uses_attention = true;
  switch (file->kind()) {
    case fb::EvolutionKind::Gru:
      evolution->uses_attention = false;
      break;
    case fb::EvolutionKind::Aigru:
      AUGUR_TRY(reader.need(build::kAigru, build::kCells, "aigru"));
      kind.scaled_input = true;
      break;
    case fb::EvolutionKind::Agru:
      AUGUR_TRY(reader.need(build::kAgru, build::kCells, "agru"));
      kind.share = ShareRule::kAttention;
      break;
    case fb::EvolutionKind::Augru:
      AUGUR_TRY(reader.need(build::kAugru, build::kCells, "augru"));
      switch (file->form()) {
        case fb::AugruForm::Scale:
          kind.share = ShareRule::kScale;
          break;
        case fb::AugruForm::Lift:
          kind.share = ShareRule::kLift;
          break;
        default:
          return reader.bad("unknown AUGRU form %u", static_cast<unsigned>(file->form()));
      }
      break;
    default:
      return reader.bad("unknown kind %u", static_cast<unsigned>(file->kind()));
  }
  const Reader::Part cell(reader, "cell");
  return load_cell(reader, file->cell(), inputs, kind, &evolution->gru);
}

}  // namespace augur
