// What the user answered to a library's questions, and what the checkpoint itself answers, checked
// against its declarations.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "description/node.h"
#include "libraries/parameter.h"
#include "libraries/tensors.h"

namespace augur::convert {

class Answers {
 public:
  // Reads `given`, an object, against `parameters`; both must outlive this. Throws Error for an
  // unknown key and a wrong value; and, with all that is missing at once as JSON to fill in, for
  // answers that this checkpoint needs and that are not there.
  Answers(const std::vector<Parameter>& parameters, const Node& given, const Tensors& tensors);

  // The parameters that this checkpoint needs answers to and that have none, in their order. Throws
  // Error for an unknown key and a wrong value.
  static std::vector<const Parameter*> unanswered(const std::vector<Parameter>& parameters,
                                                  const Node& given, const Tensors& tensors);

  // Whether there is an answer, the checkpoint's own and the default of a parameter counted.
  bool has(const std::string& name) const;
  // Whether the user gave it.
  bool is_stated(const std::string& name) const;

  // The answer, which must be there: has(), or a parameter that is required or has a default.
  const Json& at(const std::string& name) const;
  std::string text(const std::string& name) const { return at(name).get<std::string>(); }
  bool flag(const std::string& name) const { return at(name).get<bool>(); }
  int64_t integer(const std::string& name) const { return at(name).get<int64_t>(); }
  std::vector<std::string> texts(const std::string& name) const;
  // text(), or `otherwise` if there is no answer.
  std::string text_or(const std::string& name, const std::string& otherwise) const;

  // What the tensors tell of this parameter: `found`, by `evidence` ("attention.dice.alpha is
  // there"). Gives `found`; throws Error, naming both, if the user stated something else.
  std::string agree(const std::string& name, const std::string& found,
                    const std::string& evidence) const;
  bool agree_flag(const std::string& name, bool found, const std::string& evidence) const;

  // What the order of the file tells: throws Error at the answer if `stated` is not `found`, or
  // warns if that is no proof. `what` are they, "the tables of the columns"; `reason`, why the
  // file's order counts or does not.
  void agree_order(const std::string& name, const std::string& what,
                   const std::vector<std::string>& stated, const std::vector<std::string>& found,
                   bool is_proof, const std::string& reason) const;

  // Throws Error at the answer's place.
  [[noreturn]] void fail(const std::string& name, const std::string& message) const;

  // For evidence that is no proof: the conversion goes on, and the user reads this.
  void warn(const std::string& message) const { warnings_.push_back(message); }
  const std::vector<std::string>& warnings() const { return warnings_; }

  // Throws Error for an answer that nothing has looked at: it was meant for another model, or for
  // another version of this one.
  void refuse_idle() const;

 private:
  explicit Answers(const Node& given) : given_(given) {}

  // Gives those that are missing.
  std::vector<const Parameter*> read(const std::vector<Parameter>& parameters,
                                     const Tensors& tensors);
  static Json agreed(const Parameter& parameter, const Node& stated, const Json& told,
                     const std::string& evidence);
  [[noreturn]] void fail_unanswered(const std::vector<const Parameter*>& missing) const;
  void check_agreement(const std::string& name, const Json& found,
                       const std::string& evidence) const;

  Node given_;
  Json told_;  // by the checkpoint, see told.h
  std::map<std::string, Json> values_;
  mutable std::set<std::string> used_;
  mutable std::vector<std::string> warnings_;
};

}  // namespace augur::convert
