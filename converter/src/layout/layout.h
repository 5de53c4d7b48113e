// Layouts: what is known of a library's checkpoints, as data. A layout is a JSON file in
// converter/layouts/ that holds a template of a model description; docs/layouts.md says how to
// write one.
#pragma once

#include <string>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "description/node.h"
#include "libraries/library.h"

namespace augur::convert {

class Layout {
 public:
  // Throws Error if the JSON is not a well-formed layout. `source` is its file, for messages.
  Layout(Json json, std::string source);
  explicit Layout(const Library& library)
      : library_(&library), name_(library.name), title_(library.title) {}

  const std::string& name() const { return name_; }
  const std::string& title() const { return title_; }
  // What --explain-layout prints.
  std::string explanation() const;

  // Whether the checkpoint's tensors look like this layout's, for "--layout auto".
  bool recognises(const checkpoint::Checkpoint& checkpoint) const;
  // What it is recognised by.
  std::string recognised_by() const;

  // The model description of this checkpoint. `answers` is an object. Throws Error if an answer is
  // wrong or missing, if the layout refuses the checkpoint, or if a tensor it needs is not there.
  Described describe(const checkpoint::Checkpoint& checkpoint, const Node& answers) const;

 private:
  Node root() const { return {json_, source_}; }

  const Library* library_ = nullptr;
  Json json_;
  std::string source_;
  std::string name_;
  std::string title_;
};

// The built-in layouts, ascending by name.
std::vector<Layout> builtin_layouts();

// `name` is a built-in layout, or a path (it ends with ".json") to a layout of the user's. Throws
// Error, with the nearest names, if there is none.
Layout find_layout(const std::string& name);

// Which built-in layouts recognise the checkpoint, for a message: "its tensors fit the layout ...".
std::string fitting_layouts_text(const checkpoint::Checkpoint& checkpoint);

// The only built-in layout that recognises the checkpoint. Throws Error if none or several do.
Layout recognise_layout(const checkpoint::Checkpoint& checkpoint);

}  // namespace augur::convert
