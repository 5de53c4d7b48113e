package dev.augur;

import androidx.annotation.NonNull;
import androidx.annotation.Nullable;
import java.io.Closeable;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * What is known of one user, and the ranking for that user. Made by {@link Model#newSession}.
 *
 * <p>A session is for one thread at a time. A call that comes while another thread is in a call throws
 * IllegalStateException, and does nothing. {@link #cancel} and {@link #close} may be called on any thread at any time. A
 * call that fails leaves the session as it was. After close(), calls throw IllegalStateException.
 *
 * <p>In the methods that take the name of a stack (a behaviour sequence), null means the model's only one.
 */
public final class Session implements Closeable {
  private final Model model;
  private final SessionHandle handle;
  private final LeakNet net;

  Session(@NonNull Model model, @NonNull ModelHandle modelHandle, @NonNull SessionOptions options) {
    this.model = model;
    handle = new SessionHandle(modelHandle, options);
    net = new LeakNet(this, handle, "A Session");
  }

  @NonNull
  public Model getModel() {
    return model;
  }

  // ---- the user

  /** Sets a feature of the user or the request: a column of one row. A feature that is not set is 0. */
  public void setFeature(@NonNull Column feature) {
    Columns columns = Columns.of(feature);
    long session = handle.begin();
    try {
      Native.setFeature(session, columns.data, columns.numbers, columns.names);
    } finally {
      handle.end();
    }
  }

  public void setFeature(@NonNull String name, long id) {
    setFeature(Column.ids(name, id));
  }

  public void setFeature(@NonNull String name, float number) {
    setFeature(Column.numbers(name, number));
  }

  public void setFeature(@NonNull String name, @NonNull String key) {
    setFeature(Column.keys(name, key));
  }

  /** Replaces the history of the model's only stack, oldest event first; no columns: empties it. */
  public void setHistory(@NonNull Column... events) {
    putEvents(null, false, Columns.of(events));
  }

  /** Replaces a stack's history, oldest event first; no columns: empties it. */
  public void setHistory(@Nullable String stack, @NonNull Columns events) {
    putEvents(stack, false, events);
  }

  /** Adds events at the end of the history of the model's only stack. */
  public void append(@NonNull Column... events) {
    putEvents(null, true, Columns.of(events));
  }

  /** Adds events at the end of a stack's history. */
  public void append(@Nullable String stack, @NonNull Columns events) {
    putEvents(stack, true, events);
  }

  /** Back to a new session's state: no history, features 0. */
  public void clear() {
    long session = handle.begin();
    try {
      Native.clear(session);
    } finally {
      handle.end();
    }
  }

  /** How many events the model's only stack holds now. */
  public int getHistoryLength() {
    return historyLength(null);
  }

  /** How many events the stack holds now; 0 if there is no such stack. */
  public int historyLength(@Nullable String stack) {
    byte[] name = Utf8.nameOrNull("stack's name", stack);
    long session = handle.begin();
    try {
      return (int) Native.historyLength(session, name);
    } finally {
      handle.end();
    }
  }

  /** Features and histories, to be restored into a session of the same model, or of another one with the same schema. */
  @NonNull
  public byte[] save() {
    long session = handle.begin();
    try {
      return Native.save(session);
    } finally {
      handle.end();
    }
  }

  /** Restores what {@link #save} returned, and tells what was found. */
  @NonNull
  public RestoreReport restore(@NonNull byte[] state) {
    if (state == null) throw new IllegalArgumentException("the state is null");
    long[] report = new long[3];
    long session = handle.begin();
    try {
      Native.restore(session, state, report);
    } finally {
      handle.end();
    }
    return new RestoreReport(report);
  }

  // ---- ranking: the calls that cancel() ends

  /** The score of each candidate: a click's probability, or what a regression predicts. */
  @NonNull
  public float[] rank(@NonNull Column... candidates) {
    return rank(Columns.of(candidates));
  }

  /** The score of each candidate. */
  @NonNull
  public float[] rank(@NonNull Columns candidates) {
    float[] scores = new float[rows(candidates)];
    rank(candidates, scores, null);
    return scores;
  }

  /**
   * Writes the score of candidate i into {@code scores[i]}, and what the network gives into {@code logits[i]}. Either may
   * be null, and may be longer than there are candidates. If the call fails, the candidates' elements are NaN.
   */
  public void rank(@NonNull Columns candidates, @Nullable float[] scores, @Nullable float[] logits) {
    int rows = rows(candidates);
    checkRoom("scores", scores, rows);
    checkRoom("logits", logits, rows);
    rank(candidates, scores, 0, logits, 0, false, null);
  }

  /**
   * The same into buffers, from their positions on; these do not change. Direct buffers are written in place: they must
   * have the machine's byte order and begin at a multiple of 4.
   */
  public void rank(@NonNull Columns candidates, @Nullable FloatBuffer scores, @Nullable FloatBuffer logits) {
    int rows = rows(candidates);
    checkRoom("scores", scores, rows);
    checkRoom("logits", logits, rows);
    rank(candidates, target(scores), offset(scores), target(logits), offset(logits), false, null);
  }

  /**
   * Ranks a list in which some candidates may be unusable, such as those with an id that its table refuses. These get a
   * status, and NaN as their score. The others get the scores of a list that holds them alone.
   */
  @NonNull
  public RankEachResult rankEach(@NonNull Columns candidates) {
    int rows = rows(candidates);
    float[] scores = new float[rows];
    float[] logits = new float[rows];
    int[] statuses = new int[rows];
    rank(candidates, scores, 0, logits, 0, true, statuses);
    return new RankEachResult(scores, logits, statuses);
  }

  /** The best k candidates, best first. */
  @NonNull
  public TopK topK(@NonNull Columns candidates, int k) {
    return topK(candidates, k, null);
  }

  /** The best k of the usable candidates; see {@link #rankEach}. */
  @NonNull
  public TopK topKEach(@NonNull Columns candidates, int k) {
    return topK(candidates, k, new int[rows(candidates)]);
  }

  /** The attention that each event of the only stack's history gets from candidate {@code row}, oldest first. */
  @NonNull
  public float[] explain(@NonNull Columns candidates, int row) {
    return explain(candidates, row, null);
  }

  /**
   * The attention that each event of the stack's history gets from candidate {@code row}, oldest first.
   *
   * @throws AugurException.NotFound if the stack has no attention
   */
  @NonNull
  public float[] explain(@NonNull Columns candidates, int row, @Nullable String stack) {
    int rows = rows(candidates);
    byte[] name = Utf8.nameOrNull("stack's name", stack);
    if (row < 0 || row >= rows) {
      throw new IllegalArgumentException("row is " + row + ", but there are " + rows + " candidates");
    }
    long session = handle.begin();
    try {
      float[] weights = new float[(int) Native.historyLength(session, name)];
      int length = Native.explain(
          session, name, candidates.data, candidates.numbers, candidates.names, rows, row, weights);
      return length == weights.length ? weights : Arrays.copyOf(weights, length);
    } finally {
      handle.end();
    }
  }

  /**
   * Ends the ranking or explain() that is running on another thread: it throws {@link AugurException.Cancelled} as soon as
   * each of its threads has finished its tile, and the session is as before. A call that begins later is not affected. May be called on any thread, also after close().
   */
  public void cancel() {
    handle.cancel();
  }

  public boolean isClosed() {
    return handle.isClosed();
  }

  /**
   * Frees the session. If a call is running on another thread, that call is cancelled, and the session is freed when it
   * ends. May be called more than once, and on any thread.
   */
  @Override
  public void close() {
    net.close();
  }

  private void putEvents(@Nullable String stack, boolean append, Columns events) {
    int rows = rows(events);
    byte[] name = Utf8.nameOrNull("stack's name", stack);
    long session = handle.begin();
    try {
      Native.putEvents(session, name, append, events.data, events.numbers, events.names, rows);
    } finally {
      handle.end();
    }
  }

  private void rank(
      Columns candidates, @Nullable Object scores, int scoresOffset, @Nullable Object logits, int logitsOffset,
      boolean each, @Nullable int[] statuses) {
    long session = handle.begin();
    try {
      Native.rank(
          session, candidates.data, candidates.numbers, candidates.names, candidates.rows, scores, scoresOffset,
          logits, logitsOffset, each, statuses);
    } finally {
      handle.end();
    }
  }

  private TopK topK(Columns candidates, int k, @Nullable int[] statuses) {
    int rows = rows(candidates);
    if (k < 0) throw new IllegalArgumentException("k is " + k + ", expected 0 or more");
    int room = Math.min(k, rows);
    int[] indices = new int[room];
    float[] scores = new float[room];
    int count;
    long session = handle.begin();
    try {
      count = Native.topK(
          session, candidates.data, candidates.numbers, candidates.names, rows, indices, scores, statuses);
    } finally {
      handle.end();
    }
    if (count < room) {
      indices = Arrays.copyOf(indices, count);
      scores = Arrays.copyOf(scores, count);
    }
    return new TopK(indices, scores, statuses);
  }

  private static int rows(Columns columns) {
    if (columns == null) throw new IllegalArgumentException("the columns are null");
    return columns.rows;
  }

  private static void checkRoom(String name, @Nullable float[] values, int rows) {
    if (values != null && values.length < rows) throw noRoom(name, values.length, rows);
  }

  private static void checkRoom(String name, @Nullable FloatBuffer values, int rows) {
    if (values == null) return;
    if (values.remaining() < rows) throw noRoom(name, values.remaining(), rows);
    if (values.isReadOnly()) throw new IllegalArgumentException(name + ": the buffer is read-only");
    if (values.isDirect() && values.order() != ByteOrder.nativeOrder()) {
      throw new IllegalArgumentException(
          name + ": the buffer's byte order is " + values.order()
              + "; call order(ByteOrder.nativeOrder()) before asFloatBuffer()");
    }
  }

  private static IllegalArgumentException noRoom(String name, int room, int rows) {
    return new IllegalArgumentException(name + " has room for " + room + " values, but there are " + rows + " candidates");
  }

  @Nullable
  private static Object target(@Nullable FloatBuffer values) {
    return values == null || values.isDirect() ? values : values.array();
  }

  private static int offset(@Nullable FloatBuffer values) {
    if (values == null) return 0;
    return values.isDirect() ? values.position() : values.arrayOffset() + values.position();
  }
}
