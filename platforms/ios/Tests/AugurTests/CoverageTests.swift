// Every function of the C API is called by the Swift API, or is left out for a reason.
import Foundation
import XCTest

final class CoverageTests: XCTestCase {
  // Function of augur.h -> where Swift has it.
  private let covered = [
    "augur_version": "AugurLibrary.version",
    "augur_is_compatible": "AugurLibrary.isCompatible",
    "augur_status_name": "AugurStatus.name",
    "augur_model_open_file": "Model(contentsOf:), Model(resource:)",
    "augur_model_open_fd": "Model(fileDescriptor:)",
    "augur_model_open_buffer": "Model(data:), Model(bytesNoCopy:)",
    "augur_model_attach_table_from": "Model.attachTable",
    "augur_model_attach_delta": "Model.attachDelta",
    "augur_model_detach_deltas": "Model.detachDeltas",
    "augur_model_close": "the end of a Model",
    "augur_model_get_info": "Model.info",
    "augur_model_get_feature": "Model.features",
    "augur_model_get_candidate_field": "Model.candidateFields",
    "augur_model_get_stack": "Model.stacks",
    "augur_model_get_stack_field": "StackInfo.fields",
    "augur_model_get_table": "Model.tables",
    "augur_model_get_note": "Model.notes",
    "augur_model_find_string": "Model.row(of: String, in:)",
    "augur_model_find_integer": "Model.row(of: Int64, in:)",
    "augur_session_bytes": "Session.bytes(for:options:)",
    "augur_session_create": "Session(model:options:)",
    "augur_session_destroy": "the end of a Session",
    "augur_session_error": "AugurError.message",
    "augur_session_set_feature": "Session.setFeature",
    "augur_session_set_history": "Session.setHistory",
    "augur_session_append": "Session.append",
    "augur_session_clear": "Session.clear",
    "augur_session_history_length": "Session.historyLength",
    "augur_session_save": "Session.save",
    "augur_session_restore_report": "Session.restore",
    "augur_session_cancel": "Session.cancel, cancelling a task",
    "augur_rank": "Session.rank, rankWithLogits, rankInBackground",
    "augur_rank_top_k": "Session.topK, topKInBackground",
    "augur_rank_each": "Session.rankEach, rankEachInBackground",
    "augur_rank_top_k_each": "Session.topKEach",
    "augur_explain": "Session.explain, explainInBackground",
  ]

  // Function of augur.h -> why Swift does not call it.
  private let leftOut = [
    "augur_model_attach_table": "augur_model_attach_table_from does the same",
    "augur_model_attach_table_fd": "augur_model_attach_table_from does the same",
    "augur_model_attach_table_buffer": "augur_model_attach_table_from does the same",
    "augur_session_restore": "augur_session_restore_report does the same",
  ]

  func testEveryFunctionOfTheHeaderIsCalledOrLeftOut() throws {
    let header = try text("runtime/include/augur/augur.h")
    let declared = Set(names("AUGUR_API[^;(]*?\\b(augur_[a-z_]+)\\(", header))
    XCTAssertGreaterThan(declared.count, 35)
    XCTAssertEqual(declared, Set(covered.keys).union(leftOut.keys))
    XCTAssert(Set(covered.keys).isDisjoint(with: leftOut.keys))

    let folder = Fixtures.root.appendingPathComponent("platforms/ios/Sources/Augur")
    let sources = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".swift") }
      .map { try text("platforms/ios/Sources/Augur/\($0)") }.joined()
    let code = sources.components(separatedBy: "\n")
      .filter { !$0.trimmingCharacters(in: .whitespaces).hasPrefix("//") }.joined(separator: "\n")
    let used = Set(names("\\b(augur_[a-z_]+)\\b", code)).intersection(declared)
    XCTAssertEqual(used, Set(covered.keys))
  }

  private func text(_ path: String) throws -> String {
    try String(contentsOf: Fixtures.root.appendingPathComponent(path), encoding: .utf8)
  }

  private func names(_ pattern: String, _ text: String) -> [String] {
    let expression = try! NSRegularExpression(pattern: pattern)
    return expression.matches(in: text, range: NSRange(text.startIndex..., in: text)).map {
      String(text[Range($0.range(at: 1), in: text)!])
    }
  }
}
