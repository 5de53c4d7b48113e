// What a call through Swift costs beside the same call of the C API.
import Augur
import CAugur
import Foundation
import XCTest

final class OverheadTests: XCTestCase {
  func testACallThroughSwiftCostsMicroseconds() throws {
    let count = 100
    let shop = try Fixtures.shop()
    let items = (0..<count).map { Int64(1 + $0) }
    let categories = (0..<count).map { Int64(1 + $0 % 20) }
    let columns: [Column] = [.ids("item", items).asRows(), .ids("category", categories)]

    let session = shop.session
    let c = try CSession(shop)
    var swiftScores: [Float] = []
    var cScores = [Float](repeating: 0, count: count)
    let swift = { swiftScores = try session.rank(columns, count: count) }
    let direct = { c.rank(items, categories, &cScores) }
    // In pairs, in either order, so that both meet the same clock and the same neighbours.
    var cTimes: [Double] = []
    var differences: [Double] = []
    for turn in 0..<2000 {
      var c = turn % 2 == 0 ? time(direct) : 0
      let swift = try time(swift)
      if turn % 2 == 1 { c = time(direct) }
      cTimes.append(c)
      differences.append(swift - c)
    }
    XCTAssertEqual(bits(swiftScores), bits(cScores))
    let (whole, overhead) = (median(cTimes), median(differences))
    print(
      String(
        format: "ranking %d candidates: C %.2f us, overhead of Swift %.2f us (%.2f %%)", count, whole,
        overhead, 100 * overhead / whole))
    // The goal is 5 us or 2 %; a busy machine gets some room.
    XCTAssertLessThan(overhead, max(10, 0.04 * whole))
  }

  private func time(_ call: () throws -> Void) rethrows -> Double {
    let begin = DispatchTime.now().uptimeNanoseconds
    try call()
    return Double(DispatchTime.now().uptimeNanoseconds - begin) / 1000
  }

  private func median(_ times: [Double]) -> Double { times.sorted()[times.count / 2] }
}

// The shop's session through the C API alone, with the user's part of the Swift session.
private final class CSession {
  private var model: OpaquePointer?
  private var session: OpaquePointer?

  init(_ shop: Shop) throws {
    let path = try Fixtures.made("shop.augur").path
    XCTAssertEqual(augur_model_open_file(path, nil, &model, nil), AUGUR_OK)
    XCTAssertEqual(augur_session_create(model, nil, nil, 0, &session, nil), AUGUR_OK)
    let state = try shop.session.save()
    state.withUnsafeBytes {
      XCTAssertEqual(augur_session_restore(session, $0.baseAddress, $0.count), AUGUR_OK)
    }
  }

  func rank(_ items: [Int64], _ categories: [Int64], _ scores: inout [Float]) {
    items.withUnsafeBufferPointer { items in
      categories.withUnsafeBufferPointer { categories in
        "item".withCString { item in
          "category".withCString { category in
            let size = MemoryLayout<augur_column>.stride
            let columns = [
              augur_column(
                struct_size: size, name: item, ids: items.baseAddress, values: nil, counts: nil,
                length: items.count, strings: nil, id_form: AUGUR_IDS_ROWS.rawValue, reserved: 0),
              augur_column(
                struct_size: size, name: category, ids: categories.baseAddress, values: nil,
                counts: nil, length: categories.count, strings: nil, id_form: 0, reserved: 0),
            ]
            XCTAssertEqual(augur_rank(session, columns, 2, items.count, &scores, nil), AUGUR_OK)
          }
        }
      }
    }
  }

  deinit {
    augur_session_destroy(session)
    augur_model_close(model)
  }
}
