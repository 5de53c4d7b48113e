// The shop's items, from catalogue.tsv of the app's bundle (examples/shop of the checkout).
import Foundation

struct Item: Identifiable, Hashable, Sendable {
  let id: String  // its key, which the model knows
  let category: Int64
  let name: String
}

struct Catalogue: Sendable {
  let items: [Item]

  // A line has: item, category, price, name; the first line is a heading.
  init(contentsOf url: URL) throws {
    let text = try String(contentsOf: url, encoding: .utf8)
    items = try text.split(separator: "\n").dropFirst().map { line in
      let columns = line.split(separator: "\t", omittingEmptySubsequences: false)
      guard columns.count == 4, let category = Int64(columns[1]) else {
        throw CatalogueError(line: String(line))
      }
      return Item(id: String(columns[0]), category: category, name: String(columns[3]))
    }
  }
}

struct CatalogueError: LocalizedError {
  let line: String
  var errorDescription: String? { "catalogue.tsv: not item, category, price and name: '\(line)'" }
}
