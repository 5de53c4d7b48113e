package dev.augur;

import androidx.annotation.NonNull;

/** A field of the request, of a candidate, or of an event. */
public final class FieldInfo {
  private final String name;
  private final String column;
  private final FieldKind kind;
  private final int width;
  private final String table;
  private final long tableRows;
  private final UnknownIdRule unknownIdRule;
  private final KeyType keyType;

  FieldInfo(
      @NonNull String name, @NonNull String column, @NonNull FieldKind kind, int width, @NonNull String table,
      long tableRows, @NonNull UnknownIdRule unknownIdRule, @NonNull KeyType keyType) {
    this.name = name;
    this.column = column;
    this.kind = kind;
    this.width = width;
    this.table = table;
    this.tableRows = tableRows;
    this.unknownIdRule = unknownIdRule;
    this.keyType = keyType;
  }

  @NonNull
  public String getName() {
    return name;
  }

  /** The name of the column that it reads. Several fields of one list may read the same column. */
  @NonNull
  public String getColumn() {
    return column;
  }

  @NonNull
  public FieldKind getKind() {
    return kind;
  }

  /** Values in its embedding, or in a row of its vector. */
  public int getWidth() {
    return width;
  }

  /** Ids: the table's name, else "". */
  @NonNull
  public String getTable() {
    return table;
  }

  /** Ids: rows are 0 to this number - 1; 0: not attached yet. */
  public long getTableRows() {
    return tableRows;
  }

  @NonNull
  public UnknownIdRule getUnknownIdRule() {
    return unknownIdRule;
  }

  /** Ids: what a column holds, unless its id form says otherwise. */
  @NonNull
  public KeyType getKeyType() {
    return keyType;
  }
}
