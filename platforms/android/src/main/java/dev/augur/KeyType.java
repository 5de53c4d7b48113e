package dev.augur;

/** What the ids of a table are. */
public enum KeyType {
  /** Numbers of rows. */
  ROW,
  /** 64-bit keys of the catalogue. */
  INTEGER,
  /** Strings of the catalogue. */
  STRING
}
