// One sequence stack: behaviours -> interest states -> attention -> what the head gets.
#pragma once

#include "layers/attention.h"
#include "layers/embedding.h"
#include "layers/evolution.h"
#include "layers/extractor.h"
#include "layers/steps_kept.h"

namespace augur {

enum class ResultKind : std::uint8_t {
  kLastState,
  kSumPool,
  kMeanPool,
  kAttentionPool,
  kEvolution
};

// Rows of floats that are not copied. stride 0: one row that all candidates share.
struct Rows {
  const float* data = nullptr;
  std::size_t stride = 0;
};

// A history as training had it: the events and padding rows beside them, `length` rows in all.
struct Window {
  std::uint32_t length = 0;  // 0: no window, nothing but the events
  bool padding_after = false;
  // Of n events, the extractor reads the first n rows; the attention weighs the events' rows.
  // Otherwise all rows are events for both.
  bool reads_first = false;
  bool evolves_first = false;  // the evolution reads the first n rows

  std::size_t rows(std::size_t events) const { return length == 0 ? events : length; }
  // The row of the first event.
  std::size_t first_event(std::size_t events) const {
    return length == 0 || padding_after ? 0 : length - events;
  }
};

class Stack {
 public:
  augur_status load(Reader& reader, const fb::Stack* file, const Span<Table>& tables,
                    const FieldGroup& candidate);

  const char* name() const { return name_; }
  const FieldGroup& fields() const { return fields_; }
  std::uint32_t max_history() const { return max_history_; }
  // The field whose id says whether an event is to be dropped; nullptr with the mask rule "length".
  const Field* mask_field() const { return mask_field_; }
  // An event with this id in the mask's field is dropped.
  bool drops(std::int64_t id) const { return mask_field_->table->counts_as(id) == masked_id_; }
  // A full history drops new events.
  bool keeps_oldest() const { return keeps_oldest_; }
  const Window& window() const { return window_; }
  const Span<const Field*>& query() const { return query_; }
  std::uint32_t query_width() const { return query_width_; }
  const Attention* attention() const { return attention_; }
  std::uint32_t result_width() const { return result_width_; }
  // The result is the same for all candidates.
  bool shared_result() const { return shared_result_; }

 private:
  friend class StackUser;
  friend class StackRun;

  augur_status load_mask(Reader& reader, const fb::Stack* file);
  augur_status load_truncation(Reader& reader, const fb::Stack* file);
  augur_status load_window(Reader& reader, const fb::Window* file);
  augur_status load_query(Reader& reader, const fb::Stack* file, const FieldGroup& candidate);
  augur_status load_result(Reader& reader, const fb::Stack* file);

  const char* name_ = "";
  FieldGroup fields_;
  std::uint32_t max_history_ = 0;
  const Field* mask_field_ = nullptr;
  std::int64_t masked_id_ = 0;
  bool keeps_oldest_ = false;
  Window window_;
  Span<const Field*> query_;
  std::uint32_t query_width_ = 0;
  Extractor extractor_;
  Attention* attention_ = nullptr;
  Evolution* evolution_ = nullptr;
  ResultKind result_ = ResultKind::kEvolution;
  bool shared_result_ = false;
  std::uint32_t padded_length_ = 0;
  std::uint32_t result_width_ = 0;
};

// Σ or mean of `steps` behaviours; with padded_length > steps, padding events are summed and
// counted too.
void pool_behaviours(const FieldGroup& fields, const float* behaviours, std::size_t steps,
                     bool mean, std::uint32_t padded_length, float* scratch, float* out);

// The user's part.
class StackUser {
 public:
  // max_steps: the most rows, of the window where there is one.
  augur_status create(const Stack& stack, std::size_t max_steps, Arena& arena, Fault& error);

  // behaviours [rows, width of the stack's fields] must stay: the events, or the window with them
  // in it. Of `kept` nothing is computed again that the last call has computed.
  void prepare(const float* behaviours, std::size_t events, StepsKept kept);

  // The events' rows.
  const float* behaviours() const { return behaviours_; }
  std::size_t events() const { return events_; }
  // So many steps have attention weights.
  std::size_t steps() const { return steps_; }
  // Of these, the first event's.
  std::size_t first_event_step() const { return first_event_step_; }
  // What the head gets, if that is the same for all candidates.
  Rows shared_result() const { return {result_, 0}; }

 private:
  friend class StackRun;

  const Stack* stack_ = nullptr;
  ExtractorRun extractor_;
  AttentionUser attention_;
  EvolutionUser evolution_;
  EvolutionRun shared_evolution_;
  const float* behaviours_ = nullptr;
  std::size_t events_ = 0;
  const float* states_ = nullptr;  // the extractor's outputs that have attention weights
  std::size_t steps_ = 0;
  std::size_t first_event_step_ = 0;
  float* padding_ = nullptr;  // [width of the stack's fields]
  float* result_ = nullptr;   // [result_width]
};

// One thread's candidates.
class StackRun {
 public:
  augur_status create(const StackUser& user, std::size_t max_steps, std::size_t max_rows,
                      Arena& arena, Fault& error);

  // Attention queries of `rows` candidates from their embeddings [rows, query_width].
  const float* queries(const float* embeddings, std::size_t rows) const;
  // Attention weights; there must be an attention and steps.
  AttentionWeights weights(const float* queries, std::size_t rows) const {
    return attention_.weigh(queries, rows);
  }
  // What the head gets: [rows, result_width], or one row for all.
  Rows result(const float* queries, std::size_t rows) const;

 private:
  const StackUser* user_ = nullptr;
  AttentionRun attention_;
  EvolutionRun evolution_;
  float* scratch_ = nullptr;  // of a weighted sum
  float* result_ = nullptr;   // [rows, result_width]
};

}  // namespace augur
