package dev.augur;

import androidx.annotation.NonNull;

/** An embedding table. */
public final class TableInfo {
  private final String name;
  private final long rows;
  private final int width;
  private final UnknownIdRule unknownIdRule;
  private final RowsOrigin origin;
  private final KeyType keyType;
  private final long keys;
  private final int deltas;
  private final long paddingRow;
  private final long unknownRow;
  private final byte[] rowsHash;
  private final byte[] convertedRowsHash;
  private final byte[] vocabularyHash;
  private final byte[] state;

  TableInfo(
      @NonNull String name, long rows, int width, @NonNull UnknownIdRule unknownIdRule, @NonNull RowsOrigin origin,
      @NonNull KeyType keyType, long keys, int deltas, long paddingRow, long unknownRow, @NonNull byte[] rowsHash,
      @NonNull byte[] convertedRowsHash, @NonNull byte[] vocabularyHash, @NonNull byte[] state) {
    this.name = name;
    this.rows = rows;
    this.width = width;
    this.unknownIdRule = unknownIdRule;
    this.origin = origin;
    this.keyType = keyType;
    this.keys = keys;
    this.deltas = deltas;
    this.paddingRow = paddingRow;
    this.unknownRow = unknownRow;
    this.rowsHash = rowsHash;
    this.convertedRowsHash = convertedRowsHash;
    this.vocabularyHash = vocabularyHash;
    this.state = state;
  }

  @NonNull
  public String getName() {
    return name;
  }

  /** 0: not attached yet. */
  public long getRows() {
    return rows;
  }

  /** Values in a row. */
  public int getWidth() {
    return width;
  }

  @NonNull
  public UnknownIdRule getUnknownIdRule() {
    return unknownIdRule;
  }

  @NonNull
  public RowsOrigin getOrigin() {
    return origin;
  }

  @NonNull
  public KeyType getKeyType() {
    return keyType;
  }

  /** How many its vocabulary has, its deltas not counted; 0: it has none, or is not attached yet. */
  public long getKeys() {
    return keys;
  }

  /** How many are attached. */
  public int getDeltas() {
    return deltas;
  }

  /** The row of the padding id. */
  public long getPaddingRow() {
    return paddingRow;
  }

  /** With {@link UnknownIdRule#UNKNOWN_ROW}. */
  public long getUnknownRow() {
    return unknownRow;
  }

  /** 32 bytes: of the sidecar's rows, as it states it, without deltas; zeros: none. */
  @NonNull
  public byte[] getRowsHash() {
    return rowsHash.clone();
  }

  /** 32 bytes: of the rows of the conversion, as the model states it. */
  @NonNull
  public byte[] getConvertedRowsHash() {
    return convertedRowsHash.clone();
  }

  /** 32 bytes, as the file states it; zeros: none. */
  @NonNull
  public byte[] getVocabularyHash() {
    return vocabularyHash.clone();
  }

  /** 32 bytes: what its rows and keys are, with its deltas; zeros: unknown, or not a sidecar. */
  @NonNull
  public byte[] getState() {
    return state.clone();
  }
}
