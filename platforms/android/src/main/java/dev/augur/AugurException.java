package dev.augur;

import androidx.annotation.NonNull;

/**
 * Why a call failed: a status, and a message that names the field, what was expected and what came. Each status has a
 * class of its own, so that one can be caught: {@code catch (e: AugurException.NewerModel)}. None is a checked exception.
 *
 * <p>A mistake in the use of the Java API itself is an {@link IllegalArgumentException} or {@link IllegalStateException}
 * (a closed session, or one that another thread is using).
 */
public class AugurException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Status status;
  private final long requiredBytes;

  AugurException(@NonNull Status status, @NonNull String message, long requiredBytes) {
    super(message);
    this.status = status;
    this.requiredBytes = requiredBytes;
  }

  @NonNull
  public Status getStatus() {
    return status;
  }

  /** With {@link OutOfMemory}: how many bytes would have been enough, if that is known; else 0. */
  public long getRequiredBytes() {
    return requiredBytes;
  }

  @NonNull
  @Override
  public String getMessage() {
    String message = super.getMessage();
    return message == null ? "" : message;
  }

  /** The exception of a status; one that is not known gives the base class. */
  @NonNull
  static AugurException of(@NonNull Status status, @NonNull String message, long requiredBytes) {
    switch (status) {
      case INVALID_ARGUMENT:
        return new InvalidArgument(message);
      case NOT_FOUND:
        return new NotFound(message);
      case IO_ERROR:
        return new IoError(message);
      case BAD_MODEL:
        return new BadModel(message);
      case NEWER_MODEL:
        return new NewerModel(message);
      case OUT_OF_MEMORY:
        return new OutOfMemory(message, requiredBytes);
      case SHAPE_MISMATCH:
        return new ShapeMismatch(message);
      case OUT_OF_RANGE:
        return new OutOfRange(message);
      case UNSUPPORTED:
        return new Unsupported(message);
      case NOT_FINITE:
        return new NotFinite(message);
      case CANCELLED:
        return new Cancelled(message);
      default:
        return new AugurException(status, message, requiredBytes);
    }
  }

  /** {@link Status#INVALID_ARGUMENT}. */
  public static final class InvalidArgument extends AugurException {
    private static final long serialVersionUID = 1;

    InvalidArgument(@NonNull String message) {
      super(Status.INVALID_ARGUMENT, message, 0);
    }
  }

  /** {@link Status#NOT_FOUND}. */
  public static final class NotFound extends AugurException {
    private static final long serialVersionUID = 1;

    NotFound(@NonNull String message) {
      super(Status.NOT_FOUND, message, 0);
    }
  }

  /** {@link Status#IO_ERROR}. */
  public static final class IoError extends AugurException {
    private static final long serialVersionUID = 1;

    IoError(@NonNull String message) {
      super(Status.IO_ERROR, message, 0);
    }
  }

  /** {@link Status#BAD_MODEL}. */
  public static final class BadModel extends AugurException {
    private static final long serialVersionUID = 1;

    BadModel(@NonNull String message) {
      super(Status.BAD_MODEL, message, 0);
    }
  }

  /** {@link Status#NEWER_MODEL}. */
  public static final class NewerModel extends AugurException {
    private static final long serialVersionUID = 1;

    NewerModel(@NonNull String message) {
      super(Status.NEWER_MODEL, message, 0);
    }
  }

  /** {@link Status#OUT_OF_MEMORY}. */
  public static final class OutOfMemory extends AugurException {
    private static final long serialVersionUID = 1;

    OutOfMemory(@NonNull String message, long requiredBytes) {
      super(Status.OUT_OF_MEMORY, message, requiredBytes);
    }
  }

  /** {@link Status#SHAPE_MISMATCH}. */
  public static final class ShapeMismatch extends AugurException {
    private static final long serialVersionUID = 1;

    ShapeMismatch(@NonNull String message) {
      super(Status.SHAPE_MISMATCH, message, 0);
    }
  }

  /** {@link Status#OUT_OF_RANGE}. */
  public static final class OutOfRange extends AugurException {
    private static final long serialVersionUID = 1;

    OutOfRange(@NonNull String message) {
      super(Status.OUT_OF_RANGE, message, 0);
    }
  }

  /** {@link Status#UNSUPPORTED}. */
  public static final class Unsupported extends AugurException {
    private static final long serialVersionUID = 1;

    Unsupported(@NonNull String message) {
      super(Status.UNSUPPORTED, message, 0);
    }
  }

  /** {@link Status#NOT_FINITE}. */
  public static final class NotFinite extends AugurException {
    private static final long serialVersionUID = 1;

    NotFinite(@NonNull String message) {
      super(Status.NOT_FINITE, message, 0);
    }
  }

  /** {@link Status#CANCELLED}. */
  public static final class Cancelled extends AugurException {
    private static final long serialVersionUID = 1;

    Cancelled(@NonNull String message) {
      super(Status.CANCELLED, message, 0);
    }
  }
}
