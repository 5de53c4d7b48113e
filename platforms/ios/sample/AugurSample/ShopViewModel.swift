// What the list shows. It lives on the main actor; rankings run in the background.
import Augur
import SwiftUI

@MainActor
final class ShopViewModel: ObservableObject {
  @Published private(set) var ranked: [Recommender.Ranked] = []
  @Published private(set) var taps = 0
  @Published private(set) var status = "Opening the model ..."

  private var recommender: Recommender?
  private var work: Task<Void, Never>?

  func open() {
    // In the benchmark, the first calls of the process are those of the test, which measures them.
    if ProcessInfo.processInfo.environment["XCTestConfigurationFilePath"] != nil {
      status = "the benchmark runs"
      return
    }
    guard work == nil else { return }
    run { [self] _ in
      // Reading files is no work for the main actor.
      recommender = try await Task.detached { () -> Recommender in
        guard let url = Bundle.main.url(forResource: "catalogue", withExtension: "tsv") else {
          throw CocoaError(.fileNoSuchFile)
        }
        return try Recommender(model: Model(resource: "shop"), catalogue: Catalogue(contentsOf: url))
      }.value
    }
  }

  func tap(_ item: Item) {
    run { [self] recommender in
      try recommender?.append(item)
      taps += 1
    }
  }

  func forget() {
    run { [self] recommender in
      try recommender?.forget()
      taps = 0
    }
  }

  // Makes a change and ranks again. A session serves one call at a time, so a ranking that still runs is
  // cancelled, and its end awaited.
  private func run(_ change: @escaping @MainActor (Recommender?) async throws -> Void) {
    let before = work
    before?.cancel()
    work = Task {
      await before?.value
      do {
        try await change(recommender)
        guard let recommender = recommender else { return }
        let (best, milliseconds) = try await recommender.best(50)
        withAnimation { ranked = best }
        status = String(format: "ranked in %.2f ms", milliseconds)
      } catch is CancellationError {
        // The next tap ranks.
      } catch {
        status = error.localizedDescription
      }
    }
  }
}
