// Augur for C++17: handles that clean up after themselves, over the C API of augur.h.
//
//   augur::ErrorInfo error;
//   augur::Model model = augur::Model::open_file("model.augur", &error);
//   augur::Session session = augur::Session::create(model, &error);
//   if (!session) return complain(error.message);
//
//   augur::Status status = session.set_history(
//       {augur::column("item", items), augur::column("category", categories)}, items.size());
//   if (augur::ok(status))
//     status = session.rank({augur::column("item", offers), augur::column("category", kinds)},
//                           offers.size(), scores);
//   if (!augur::ok(status)) complain(session.error());
//
// Where a table has a vocabulary, items are named by the catalogue's own keys:
//
//   const augur::String offers[] = {augur::key("sku-2041"), augur::key("sku-77")};
//   ... augur::column("item", offers) ...
//
// Nothing here throws, allocates or needs RTTI. augur.h describes each call, with its conditions,
// at the function of the same name. Handles can be moved but not copied. An empty handle (after a
// failed open, or moved from) is false, and calls on it return Status::kInvalidArgument.
#pragma once

#include "augur/augur.h"
#include "augur/column.hpp"
#include "augur/model.hpp"
#include "augur/session.hpp"
