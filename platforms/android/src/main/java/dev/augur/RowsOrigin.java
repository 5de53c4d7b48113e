package dev.augur;

/** Whether a table's rows are those that the model was converted with. */
public enum RowsOrigin {
  /** They are in the model's own file. */
  INSIDE,
  /** They have not been attached yet. */
  MISSING,
  /** Attached: those of the conversion. */
  OF_CONVERSION,
  /** Attached: other rows, or with a delta. */
  OTHER,
  /** Attached: the model or the file, made by 0.1, states no hash. */
  UNKNOWN
}
