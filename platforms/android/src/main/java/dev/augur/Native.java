package dev.augur;

import androidx.annotation.NonNull;
import androidx.annotation.Nullable;
import java.nio.ByteBuffer;

/**
 * The functions of libaugur_jni. They trust their callers in three things alone, which {@link ModelHandle} and {@link
 * SessionHandle} see to: a handle is one that was returned and is not freed, a session's handle is used by one thread at
 * a time ({@link #setCancelled} excepted), and a model is not changed while it is used.
 *
 * <p>Strings are UTF-8 in byte arrays; names end with a zero byte ({@link Utf8#name}). "Columns" are the three arrays of
 * {@link Columns}. A call that fails throws what {@link #failure} returns.
 *
 * <p>libaugur_jni looks up this class by its name, and its methods by name and signature: see consumer-rules.pro.
 */
final class Native {
  static {
    System.loadLibrary("augur_jni");
  }

  private Native() {}

  static native int version();

  // ---- models; `verifier` is null or a ContentVerifier

  static native long openFile(
      @NonNull byte[] path, boolean load, boolean verify, @Nullable Object verifier);

  /** length 0: up to the file's end. */
  static native long openFd(
      int fd, long offset, long length, boolean load, boolean verify, @Nullable Object verifier);

  /** The first {@code bytes} bytes of a direct buffer, which must stay reachable unless {@code load} is true. */
  static native long openBuffer(
      @NonNull ByteBuffer data, long bytes, boolean load, boolean verify, @Nullable Object verifier);

  static native void closeModel(long model);

  /** From {@code path} if it is not null, else from {@code data}, else from {@code fd}. */
  static native void attach(
      long model, @NonNull byte[] table, boolean delta, @Nullable byte[] path, @Nullable ByteBuffer data,
      long bytes, int fd, long offset, long length, boolean load);

  static native void detachDeltas(long model, @NonNull byte[] table, int keep);

  // ---- what a model declares: strings are returned, numbers are written into `numbers`; see InfoReader

  @NonNull
  static native byte[][] modelInfo(long model, @NonNull long[] numbers);

  /** list 0: features, 1: candidate fields, 2: fields of the stack. */
  @NonNull
  static native byte[][] fieldInfo(long model, int list, int stack, int index, @NonNull long[] numbers);

  @NonNull
  static native byte[][] stackInfo(long model, int index, @NonNull long[] numbers);

  @NonNull
  static native byte[][] tableInfo(long model, int index, @NonNull long[] numbers);

  @NonNull
  static native byte[] note(long model, int index);

  /** The row, or -1. */
  static native long findString(long model, @NonNull byte[] table, @NonNull byte[] key);

  /** The row, or -1. */
  static native long findInteger(long model, @NonNull byte[] table, long key);

  // ---- sessions; `options` are those of SessionOptions.toInts()

  static native long sessionBytes(long model, @NonNull int[] options);

  static native long createSession(long model, @NonNull int[] options);

  static native void destroySession(long session);

  /** True: ends the ranking that is running, or the next one. The next ones are as ever after false. */
  static native void setCancelled(long session, boolean cancelled);

  static native void setFeature(
      long session, @NonNull Object[] data, @NonNull int[] numbers, @NonNull byte[] names);

  static native void putEvents(
      long session, @Nullable byte[] stack, boolean append, @NonNull Object[] data, @NonNull int[] numbers,
      @NonNull byte[] names, int events);

  static native void clear(long session);

  static native long historyLength(long session, @Nullable byte[] stack);

  @NonNull
  static native byte[] save(long session);

  /** report: by, unknown ids, dropped events. */
  static native void restore(long session, @NonNull byte[] state, @NonNull long[] report);

  /**
   * @param scores null, a float[] or a direct FloatBuffer; so are {@code logits}
   * @param scoresOffset the index of the first score
   * @param statuses with {@code each}: one for each row
   */
  static native void rank(
      long session, @NonNull Object[] data, @NonNull int[] numbers, @NonNull byte[] names, int rows,
      @Nullable Object scores, int scoresOffset, @Nullable Object logits, int logitsOffset, boolean each,
      @Nullable int[] statuses);

  /**
   * The best, as many as {@code indices} and {@code scores} have room for. Returns how many were found.
   *
   * @param statuses null, or one for each row: then unusable candidates are left out
   */
  static native int topK(
      long session, @NonNull Object[] data, @NonNull int[] numbers, @NonNull byte[] names, int rows,
      @NonNull int[] indices, @NonNull float[] scores, @Nullable int[] statuses);

  /** Returns the history's length. */
  static native int explain(
      long session, @Nullable byte[] stack, @NonNull Object[] data, @NonNull int[] numbers,
      @NonNull byte[] names, int rows, int row, @NonNull float[] weights);

  // ---- called by libaugur_jni

  /** The exception of a call that failed. */
  @NonNull
  static Throwable failure(int status, @NonNull byte[] message, long requiredBytes) {
    return AugurException.of(Status.of(status), Utf8.text(message), requiredBytes);
  }

  /** Asks the app's verifier; the status's code. */
  static int verify(
      @NonNull Object verifier, @NonNull byte[] file, @NonNull byte[] table, long bytes,
      @NonNull byte[] modelId, @NonNull byte[] contentHash) {
    ContentVerifier.Content content =
        new ContentVerifier.Content(Utf8.text(file), Utf8.text(table), bytes, modelId, contentHash);
    return ((ContentVerifier) verifier).mayUse(content) ? Status.OK.getCode() : Status.BAD_MODEL.getCode();
  }
}
