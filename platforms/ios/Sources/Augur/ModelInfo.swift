import CAugur

/// What kind of values a field has.
public enum FieldKind: UInt32, Sendable {
  /// One id a row.
  case id = 0
  /// Several ids a row, pooled by the model.
  case ids = 1
  /// One number a row.
  case number = 2
  /// ``FieldInfo/width`` numbers a row.
  case vector = 3
}

/// What the ids of a table are.
public enum KeyType: UInt32, Sendable {
  /// Numbers of rows.
  case row = 0
  /// 64-bit keys of the catalogue.
  case integer = 1
  /// Strings of the catalogue.
  case string = 2
}

/// What happens to an id outside its table, or to a key that the table's vocabulary does not have.
public enum UnknownIDRule: UInt32, Sendable {
  /// The call fails with ``AugurStatus/outOfRange``.
  case error = 0
  /// It is read as the padding row.
  case paddingRow = 1
  /// It is hashed into the table's buckets.
  case hash = 2
  /// It is treated as the padding id: dropped, or not counted.
  case paddingID = 3
  /// It reads the row that was trained for unknown ids, and counts.
  case unknownRow = 4
}

/// How a score is computed from a logit.
public enum OutputKind: UInt32, Sendable {
  /// The sigmoid: a click's probability.
  case sigmoid = 0
  /// The logit itself: what a regression predicts.
  case identity = 1
}

/// Whether a table's rows are those that the model was converted with.
public enum RowsOrigin: UInt32, Sendable {
  /// They are in the model's own file.
  case inside = 0
  /// They have not been attached yet.
  case missing = 1
  /// Attached: those of the conversion.
  case ofConversion = 2
  /// Attached: other rows, or with a delta.
  case other = 3
  /// Attached; the model or the file, made by 0.1, states no hash.
  case unknown = 4
}

/// What a model is, and the memory that it uses.
public struct ModelInfo: Sendable {
  /// Name and producer, as the converter wrote them.
  public let name, producer, producerVersion: String
  /// SHA-256 of the model's content.
  public let id: Digest
  /// Models with equal schema ids can restore each other's saved sessions.
  public let schemaID: Digest
  /// The file's format version.
  public let format: Int
  /// Size of the file, in bytes.
  public let fileBytes: Int
  /// Size of the arena with the library's copies of tables, and how much of it is in use, in bytes.
  public let arenaBytes, arenaUsedBytes: Int
  /// A logit is `calibrationScale` times the network's output plus `calibrationOffset`.
  public let calibrationScale, calibrationOffset: Float
  /// How a score follows from a logit.
  public let output: OutputKind
  /// How many tables have ``RowsOrigin/other`` and ``RowsOrigin/unknown`` rows now.
  public let tablesWithOtherRows, tablesWithUnknownRows: Int
  /// How many sessions exist now.
  public let sessionCount: Int
}

/// A field of the request, of a candidate or of an event.
public struct FieldInfo: Sendable {
  /// Its name.
  public let name: String
  /// The name of the column that it reads. Several fields may read one column.
  public let column: String
  /// What its values are.
  public let kind: FieldKind
  /// Values in its embedding; of a vector, numbers a row.
  public let width: Int
  /// The table that its ids are of; "" for numbers and vectors.
  public let table: String
  /// Ids are 0 to `tableRows` - 1. 0: the table is not attached yet.
  public let tableRows: Int
  /// What happens to ids that the table does not have.
  public let unknownIDs: UnknownIDRule
  /// What a column of it holds, unless the column says otherwise.
  public let keyType: KeyType
}

/// A behaviour sequence: one list of a user's past events. The C API and the model file call it a
/// stack.
public struct StackInfo: Sendable {
  /// Its name.
  public let name: String
  /// How many events are kept.
  public let maxHistory: Int
  /// Whether new events of a full history are dropped, instead of the oldest. It cannot stream.
  public let keepsOldest: Bool
  /// What an event consists of.
  public let fields: [FieldInfo]
}

/// A table of embeddings.
public struct TableInfo: Sendable {
  /// Its name.
  public let name: String
  /// How many rows it has; 0: not attached yet.
  public let rows: Int
  /// Values in a row.
  public let width: Int
  /// What happens to ids that it does not have.
  public let unknownIDs: UnknownIDRule
  /// Where its rows are from.
  public let origin: RowsOrigin
  /// What its ids are.
  public let keyType: KeyType
  /// Keys in its vocabulary, its deltas not counted; 0: it has none, or is not attached yet.
  public let keys: Int
  /// How many deltas are attached.
  public let deltas: Int
  /// The row of the padding id.
  public let paddingRow: Int
  /// The row of unknown ids, with ``UnknownIDRule/unknownRow``.
  public let unknownRow: Int
  /// Of the sidecar's rows, as it states it, without deltas; of the rows of the conversion, as the
  /// model states it; of the vocabulary. Zeros: the file states none.
  public let rowsHash, convertedRowsHash, vocabularyHash: Digest
  /// What its rows and keys are now, with its deltas; zeros: unknown, or not attached from a file.
  public let state: Digest
}

extension Model {
  /// What the model is, and the memory that it uses now.
  public var info: ModelInfo {
    locked { handle in
      let c_info = Model.info(of: handle)
      return ModelInfo(
        name: String(cString: c_info.name), producer: String(cString: c_info.producer),
        producerVersion: String(cString: c_info.producer_version), id: Digest(c_info.id),
        schemaID: Digest(c_info.schema_id), format: Int(c_info.format),
        fileBytes: c_info.file_bytes, arenaBytes: c_info.arena_bytes,
        arenaUsedBytes: c_info.arena_used_bytes, calibrationScale: c_info.calibration_scale,
        calibrationOffset: c_info.calibration_offset,
        output: OutputKind(rawValue: c_info.output.rawValue) ?? .sigmoid,
        tablesWithOtherRows: Int(c_info.tables_with_other_rows),
        tablesWithUnknownRows: Int(c_info.tables_with_unknown_rows),
        sessionCount: Int(c_info.session_count))
    }
  }

  /// The fields of the request: of the user, or of the moment. ``Session/setFeature(_:)`` sets them.
  public var features: [FieldInfo] {
    locked { handle in
      (0..<Model.info(of: handle).feature_count).map { index in
        FieldInfo(Model.filled { augur_model_get_feature(handle, index, $0) })
      }
    }
  }

  /// The fields of a candidate.
  public var candidateFields: [FieldInfo] {
    locked { handle in
      (0..<Model.info(of: handle).candidate_field_count).map { index in
        FieldInfo(Model.filled { augur_model_get_candidate_field(handle, index, $0) })
      }
    }
  }

  /// The behaviour sequences.
  public var stacks: [StackInfo] {
    locked { handle in
      (0..<Model.info(of: handle).stack_count).map { index in
        let stack = Model.filled(augur_stack_info()) { augur_model_get_stack(handle, index, $0) }
        return StackInfo(
          name: String(cString: stack.name), maxHistory: Int(stack.max_history),
          keepsOldest: stack.keeps_oldest == 1,
          fields: (0..<stack.field_count).map { field in
            FieldInfo(Model.filled { augur_model_get_stack_field(handle, index, field, $0) })
          })
      }
    }
  }

  /// The tables of embeddings.
  public var tables: [TableInfo] {
    locked { handle in
      (0..<Model.info(of: handle).table_count).map { index in
        TableInfo(Model.filled(augur_table_info()) { augur_model_get_table(handle, index, $0) })
      }
    }
  }

  /// Remarks that came with the model.
  public var notes: [String] {
    locked { handle in
      (0..<Model.info(of: handle).note_count).compactMap { index in
        augur_model_get_note(handle, index).map { String(cString: $0) }
      }
    }
  }

  private static func info(of handle: OpaquePointer) -> augur_model_info {
    filled(augur_model_info()) { augur_model_get_info(handle, $0) }
  }

  private static func filled(
    _ query: (UnsafeMutablePointer<augur_field_info>) -> augur_status
  ) -> augur_field_info {
    filled(augur_field_info(), query)
  }

  // A struct that a query of the C API fills. The handle and the index are right, so that it cannot
  // fail. Every struct of the C API begins with struct_size.
  private static func filled<Info>(
    _ empty: Info, _ query: (UnsafeMutablePointer<Info>) -> augur_status
  ) -> Info {
    var info = empty
    withUnsafeMutableBytes(of: &info) { bytes in
      bytes.storeBytes(of: MemoryLayout<Info>.stride, as: Int.self)
    }
    let status = query(&info)
    precondition(status == AUGUR_OK, "a query of the model failed: \(AugurStatus(status).name)")
    return info
  }
}

extension FieldInfo {
  init(_ info: augur_field_info) {
    name = String(cString: info.name)
    column = String(cString: info.column)
    kind = FieldKind(rawValue: info.kind.rawValue) ?? .id
    width = Int(info.width)
    table = String(cString: info.table)
    tableRows = Int(info.table_rows)
    unknownIDs = UnknownIDRule(rawValue: info.out_of_table.rawValue) ?? .error
    keyType = KeyType(rawValue: info.key_type.rawValue) ?? .row
  }
}

extension TableInfo {
  init(_ info: augur_table_info) {
    name = String(cString: info.name)
    rows = Int(info.rows)
    width = Int(info.width)
    unknownIDs = UnknownIDRule(rawValue: info.out_of_table.rawValue) ?? .error
    origin = RowsOrigin(rawValue: info.origin.rawValue) ?? .unknown
    keyType = KeyType(rawValue: info.key_type.rawValue) ?? .row
    keys = Int(info.keys)
    deltas = Int(info.deltas)
    paddingRow = Int(info.padding_row)
    unknownRow = Int(info.unknown_row)
    rowsHash = Digest(info.rows_hash)
    convertedRowsHash = Digest(info.converted_rows_hash)
    vocabularyHash = Digest(info.vocabulary_hash)
    state = Digest(info.state)
  }
}
