package dev.augur;

/** What a field holds for each row. */
public enum FieldKind {
  /** One id. */
  ID,
  /** Several ids, pooled by the model. */
  IDS,
  /** One number. */
  NUMBER,
  /** {@link FieldInfo#getWidth} numbers. */
  VECTOR
}
