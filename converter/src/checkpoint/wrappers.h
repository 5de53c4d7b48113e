// Takes off what wrappers put in front of tensors' names: DataParallel's "module.", torch.compile's
// "_orig_mod.", Lightning's "model.", in any nesting, and averaged copies of the weights (EMA).
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "checkpoint/checkpoint.h"

namespace augur::checkpoint {

// Whether the caller knows a checkpoint by its tensors' names.
using Recogniser = std::function<bool(const Checkpoint&)>;

// A checkpoint under the names by which it was recognised.
struct NamedCheckpoint {
  std::unique_ptr<Checkpoint> checkpoint;
  // What was done to the names, for people: "taken off every tensor's name: 'module.'". Empty: they
  // are the file's.
  std::string note;
  // Says that other tensors are an averaged copy of these, and how to use that copy. Empty: there
  // is none.
  std::string copies;
};

// Which names are tried, and in which order.
enum class NameOrder {
  kStoredFirst,   // the file's; full_names() if those are not recognised
  kProgramFirst,  // full_names(), if there are any, and Keras' numbers in names taken off
                  // (a/a_1/kernel is a/a/kernel: the second model of a process); else the file's
};

// Returns `whole` unchanged if it is recognised. Otherwise looks for a prefix without which it is
// recognised: one that every tensor of the model has (tensors that serve training alone are not
// counted), or a wrapper's word that some have; the other tensors keep their names. Error if two
// such prefixes are recognised, because there are two copies of the model then; the message
// recommends the averaged one. If nothing is recognised, returns `whole` unchanged.
NamedCheckpoint under_known_names(std::unique_ptr<Checkpoint> whole, const Recogniser& knows,
                                  NameOrder order);

// The tensors whose names begin with `prefix` ("ema_model." or "ema_model"), without it; the others
// are left out. The note says how many. Error, with the prefixes that there are, if none has it.
NamedCheckpoint under_prefix(std::unique_ptr<Checkpoint> whole, const std::string& prefix);

// Replaces tensors by the averages that stand beside them: the tensors whose names end
// with `suffix` ("_ema", "/ExponentialMovingAverage"), without it; those that they replace are left
// out, those that have no average stay. The note says how many. Error if no name ends so.
NamedCheckpoint under_suffix(std::unique_ptr<Checkpoint> whole, const std::string& suffix);

}  // namespace augur::checkpoint
