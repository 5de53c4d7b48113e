// The whole network in float64, in the order of the paper: embeddings, extractor, attention,
// evolution, head.
//
// Plain and independent: it shares no code with the runtime, but for the hashes of keys. It is what
// the runtime is compared with, and what augur-inspect --trace shows.
//
//   reference::Network network(model);          // an fb::ModelT, which must outlive it
//   for (const Trace& trace : network.score(request)) trace.logit ...
#pragma once

#include <cstddef>
#include <vector>

#include "augur_generated.h"
#include "reference/dense.h"
#include "reference/embedding.h"
#include "reference/matrix.h"
#include "reference/request.h"
#include "reference/stack.h"

namespace augur::reference {

// Everything on the way to one candidate's score.
struct Trace {
  std::vector<CandidatePart> stacks;
  Vector head_input;
  VectorSequence
      head_layers;     // each layer's output after its activation; the last is the network's logit
  double logit = 0.0;  // with calibration
  double score = 0.0;
};

class Network {
 public:
  // The keys of its tables' vocabularies are in `vocabularies`.
  explicit Network(const fb::ModelT& model, const Vocabularies& vocabularies = {});

  // max_history: keep no more events of each stack than this; 0: the model's limits alone.
  std::vector<Trace> score(const Request& request, std::size_t max_history = 0) const;
  // As score(), for a stream: the recurrence runs over all events, and the newest states are kept.
  std::vector<Trace> score_stream(const Request& request, std::size_t max_history = 0) const;

  // What each stack computes once for the user, and the candidates' scores from there.
  std::vector<UserPart> user_parts(const Request& request, std::size_t max_history = 0) const;
  std::vector<Trace> score(const Request& request, const std::vector<UserPart>& users) const;

 private:
  struct Context;

  const Rows& events(const Request& request, std::size_t stack) const;
  Vector source(const fb::SourceT& source, const Context& context) const;
  std::size_t stack_index(const std::string& name) const;

  const fb::ModelT& model_;
  Embedding embedding_;
  std::vector<Stack> stacks_;
  std::vector<Dense> head_;
};

}  // namespace augur::reference
