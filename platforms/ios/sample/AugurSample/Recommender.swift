// Ranks the shop's items for the one user of this app. This is all the code that an app needs.
import Augur
import Foundation

final class Recommender: Sendable {
  struct Ranked: Sendable {
    let item: Item
    let score: Float
  }

  private let session: Session
  private let items: [Item]
  // Made once: the strings are not encoded again for each ranking.
  private let candidates: [Column]

  init(model: Model, catalogue: Catalogue) throws {
    session = try Session(model: model)
    // A user whom the model does not know: the taps alone tell what they like.
    try session.setFeature("user", id: 0)
    items = catalogue.items
    candidates = [
      .keys("item", items.map(\.id)), .ids("category", items.map(\.category)),
    ]
  }

  // The user has tapped an item.
  func append(_ item: Item) throws {
    try session.append([.keys("item", [item.id]), .ids("category", [item.category])])
  }

  func forget() throws {
    try session.setHistory([], events: 0)
  }

  // The best items, and how long ranking the whole catalogue took, in milliseconds.
  func best(_ count: Int) async throws -> (ranked: [Ranked], milliseconds: Double) {
    let begin = DispatchTime.now().uptimeNanoseconds
    let best = try await session.topKInBackground(candidates, count: items.count, k: count)
    let taken = Double(DispatchTime.now().uptimeNanoseconds - begin) / 1e6
    return (best.map { Ranked(item: items[$0.index], score: $0.score) }, taken)
  }
}
