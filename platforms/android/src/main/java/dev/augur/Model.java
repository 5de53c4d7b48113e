package dev.augur;

import android.content.Context;
import android.content.res.AssetManager;
import androidx.annotation.NonNull;
import java.io.Closeable;
import java.io.File;
import java.nio.ByteBuffer;

/**
 * A model: what was trained. Any number of threads may use it, and any number of sessions share it.
 *
 * <pre>{@code
 * val model = Model.fromAsset(context, "shop.augur")
 * val session = model.newSession()
 * session.setHistory(Column.keys("item", "tents-104", "tents-6"))
 * val scores = session.rank(Column.keys("item", "sleeping-bags-17", "tents-21"))
 * }</pre>
 *
 * <p>Close it when it is not needed any more. Sessions that are open then go on working; the native memory is freed when
 * the last of them is closed.
 */
public final class Model implements Closeable {
  private final ModelHandle handle;
  private final LeakNet net;

  private Model(@NonNull Source source, @NonNull ModelOptions options) {
    handle = new ModelHandle(source, options);
    net = new LeakNet(this, handle, "A Model");
  }

  /**
   * Opens an asset, which is mapped and read in place inside the APK. It must not be compressed; in build.gradle.kts:
   * {@code android { androidResources { noCompress += "augur" } }}.
   *
   * @throws AugurException.Unsupported if the asset is compressed
   */
  @NonNull
  public static Model fromAsset(@NonNull Context context, @NonNull String name) {
    return open(Source.asset(context, name));
  }

  /** See {@link #fromAsset(Context, String)}. */
  @NonNull
  public static Model fromAsset(@NonNull AssetManager assets, @NonNull String name) {
    return open(Source.asset(assets, name));
  }

  /** Opens a file, which is mapped and read in place. It must not be changed while the model is open. */
  @NonNull
  public static Model fromFile(@NonNull File file) {
    return open(Source.file(file));
  }

  /** See {@link #fromFile(File)}. */
  @NonNull
  public static Model fromFile(@NonNull String path) {
    return open(Source.file(path));
  }

  /**
   * Opens the bytes from the buffer's position to its limit. A direct buffer is read in place: it must not be changed while
   * the model is open, and the model keeps it reachable. A buffer on the heap is copied.
   */
  @NonNull
  public static Model fromBuffer(@NonNull ByteBuffer data) {
    return open(Source.buffer(data));
  }

  @NonNull
  public static Model open(@NonNull Source source) {
    return open(source, ModelOptions.DEFAULT);
  }

  @NonNull
  public static Model open(@NonNull Source source, @NonNull ModelOptions options) {
    if (source == null) throw new IllegalArgumentException("the source is null");
    if (options == null) throw new IllegalArgumentException("the options are null");
    return new Model(source, options);
  }

  /** What the model declares. Made anew by each call. */
  @NonNull
  public ModelInfo getInfo() {
    return handle.info();
  }

  /**
   * The row of a string key in the table's vocabulary; -1 if it does not have the key.
   *
   * @throws AugurException.InvalidArgument if there is no such table, or if it has no string keys
   */
  public long findKey(@NonNull String table, @NonNull String key) {
    if (key == null) throw new IllegalArgumentException("the key is null");
    return handle.findKey(table, key);
  }

  /** The row of an integer key; as {@link #findKey(String, String)}. */
  public long findKey(@NonNull String table, long key) {
    return handle.findKey(table, key);
  }

  /**
   * Gives the model the rows of a table that its file does not hold, from a sidecar file. Attaching again replaces them.
   *
   * @throws AugurException.InvalidArgument if the model has open sessions
   */
  public void attachTable(@NonNull String table, @NonNull Source source) {
    attachTable(table, source, false);
  }

  /**
   * @param load true: the rows are copied into memory, and the source is not needed any more
   */
  public void attachTable(@NonNull String table, @NonNull Source source, boolean load) {
    if (source == null) throw new IllegalArgumentException("the source is null");
    handle.attach(table, source, false, load);
  }

  /** Changes the table's rows by a delta, a small file of changed and new rows; in their order, at most eight. */
  public void attachDelta(@NonNull String table, @NonNull Source source) {
    attachDelta(table, source, false);
  }

  /**
   * @param load true: the delta is copied into memory, and the source is not needed any more
   */
  public void attachDelta(@NonNull String table, @NonNull Source source, boolean load) {
    if (source == null) throw new IllegalArgumentException("the source is null");
    handle.attach(table, source, true, load);
  }

  /** Takes deltas off the table, the newest first, until {@code keep} are left. */
  public void detachDeltas(@NonNull String table, int keep) {
    if (keep < 0) throw new IllegalArgumentException("keep is " + keep + ", expected 0 or more");
    handle.detachDeltas(table, keep);
  }

  /** A session for one user. */
  @NonNull
  public Session newSession() {
    return newSession(SessionOptions.DEFAULT);
  }

  /** A session for one user. */
  @NonNull
  public Session newSession(@NonNull SessionOptions options) {
    if (options == null) throw new IllegalArgumentException("the options are null");
    return new Session(this, handle, options);
  }

  /** The native memory that a session needs, for any number of candidates; 0 if the options are not valid. */
  public long sessionBytes(@NonNull SessionOptions options) {
    if (options == null) throw new IllegalArgumentException("the options are null");
    return handle.sessionBytes(options);
  }

  public boolean isClosed() {
    return handle.isClosed();
  }

  /** May be called more than once, and on any thread. */
  @Override
  public void close() {
    net.close();
  }
}
