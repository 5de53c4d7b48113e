// Random models with tensors of smaller types; see models.h.
#include "runtime/support/quantised_models.h"

#include "reference/network.h"
#include "reference/random_model.h"

namespace augur::testing {

std::unique_ptr<fb::ModelT> quantised_model(const reference::ModelSpec& spec,
                                            const convert::Precision& precision) {
  auto model = reference::random_model(spec);
  convert::quantise_model(*model, precision, [](std::uint64_t, std::uint64_t) {});
  model->format = 2;
  return model;
}

convert::Precision precision(fb::TensorType weights, fb::TensorType embeddings,
                             std::uint32_t group_size) {
  convert::Precision chosen;
  chosen.weights = weights;
  chosen.embeddings = embeddings;
  chosen.group_size = group_size;
  return chosen;
}

Logits score(std::unique_ptr<fb::ModelT> parts, std::uint64_t seed, std::size_t events,
             std::size_t candidates) {
  const TestModel model(std::move(parts));
  reference::Generator generator(seed);
  const reference::Request request =
      reference::random_request(model.parts(), generator, events, candidates);
  const SessionHandle session = model.session();
  set_user(session.get(), model.parts(), request);
  Logits logits;
  logits.found = rank(session.get(), model.parts(), request.candidates);
  for (const reference::Trace& trace : reference::Network(model.parts()).score(request))
    logits.expected.push_back(trace.logit);
  return logits;
}

}  // namespace augur::testing
