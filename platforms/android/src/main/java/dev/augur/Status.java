package dev.augur;

import androidx.annotation.NonNull;

/** The results of the C API: {@code augur_status}. */
public enum Status {
  OK(0),
  /** A value outside of what is documented, or a number that is not finite. */
  INVALID_ARGUMENT(1),
  /** A name that the model does not declare, or a file that is not there. */
  NOT_FOUND(2),
  /** The file could not be read. */
  IO_ERROR(3),
  /** Not a model file, a damaged one, or one whose parts contradict each other. */
  BAD_MODEL(4),
  /** The file needs a newer Augur. */
  NEWER_MODEL(5),
  /** Native memory is missing. */
  OUT_OF_MEMORY(6),
  /** Columns of unequal lengths, a missing field, a vector of the wrong width. */
  SHAPE_MISMATCH(7),
  /** An id outside of its table, or a key that the vocabulary does not have. */
  OUT_OF_RANGE(8),
  /** This processor or build cannot do it. */
  UNSUPPORTED(9),
  /** A logit or an attention weight is infinite or not a number. */
  NOT_FINITE(10),
  /** {@link Session#cancel} has ended the call. */
  CANCELLED(11);

  private static final Status[] ALL = values();

  private final int code;

  Status(int code) {
    this.code = code;
  }

  /** The number that the C API has for it. */
  public int getCode() {
    return code;
  }

  /** The status with this number; {@link #UNSUPPORTED} for one that this version does not know. */
  @NonNull
  static Status of(int code) {
    return code >= 0 && code < ALL.length ? ALL[code] : UNSUPPORTED;
  }
}
