package dev.augur;

/** What happens to an id outside of its table, or to a key that the table's vocabulary does not have. */
public enum UnknownIdRule {
  /** The call fails with {@link AugurException.OutOfRange}. */
  ERROR,
  /** It is read as the padding row. */
  PADDING_ROW,
  /** It is hashed into the table's buckets. */
  HASH,
  /** It is treated as the padding id: dropped, or not counted. */
  PADDING_ID,
  /** It reads the row that was trained for unknown ids, and counts. */
  UNKNOWN_ROW
}
