package dev.augur;

import androidx.annotation.NonNull;
import androidx.annotation.Nullable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The native model, which lives until the {@link Model} and all its sessions are closed. Calls on the model come one at a
 * time, so that none sees a table that is just being attached. Sessions rank without this lock.
 */
final class ModelHandle implements LeakNet.Handle {
  /** 0: freed. */
  private long model;
  private boolean closed;
  /** While the app's ContentVerifier may be running. */
  private boolean changing;
  private int sessions;

  /** What the native model reads in place. */
  @Nullable private ByteBuffer file;
  /** For each table the sidecar's buffer, then those of its deltas; null for one that is a file. */
  private final Map<String, List<ByteBuffer>> tables = new HashMap<String, List<ByteBuffer>>();

  ModelHandle(@NonNull Source source, @NonNull final ModelOptions options) {
    source.use(new Source.User() {
      @Override
      public void path(@NonNull byte[] path) {
        model = Native.openFile(path, options.load, options.verify, options.contentVerifier);
      }

      @Override
      public void buffer(@NonNull ByteBuffer data) {
        model = Native.openBuffer(data, data.remaining(), options.load, options.verify, options.contentVerifier);
        if (!options.load) file = data;
      }

      @Override
      public void descriptor(int fd, long offset, long length) {
        model = Native.openFd(fd, offset, length, options.load, options.verify, options.contentVerifier);
      }
    });
  }

  @Override
  public synchronized boolean close(boolean byOwner) {
    if (closed) return false;
    closed = true;
    freeIfUnused();
    return true;
  }

  synchronized boolean isClosed() {
    return closed;
  }

  @NonNull
  synchronized ModelInfo info() {
    return InfoReader.model(open());
  }

  synchronized long findKey(@NonNull String table, @NonNull String key) {
    return Native.findString(open(), Utf8.name("table's name", table), Utf8.key(key));
  }

  synchronized long findKey(@NonNull String table, long key) {
    return Native.findInteger(open(), Utf8.name("table's name", table), key);
  }

  synchronized void attach(
      @NonNull final String table, @NonNull Source source, final boolean delta, final boolean load) {
    final long target = open();
    final byte[] name = Utf8.name("table's name", table);
    changing = true;
    try {
      source.use(new Source.User() {
        @Override
        public void path(@NonNull byte[] path) {
          Native.attach(target, name, delta, path, null, 0, -1, 0, 0, load);
          keep(table, delta, null);
        }

        @Override
        public void buffer(@NonNull ByteBuffer data) {
          Native.attach(target, name, delta, null, data, data.remaining(), -1, 0, 0, load);
          keep(table, delta, load ? null : data);
        }

        @Override
        public void descriptor(int fd, long offset, long length) {
          Native.attach(target, name, delta, null, null, 0, fd, offset, length, load);
          keep(table, delta, null);
        }
      });
    } finally {
      changing = false;
      if (closed) freeIfUnused(); // by the ContentVerifier
    }
  }

  synchronized void detachDeltas(@NonNull String table, int keep) {
    Native.detachDeltas(open(), Utf8.name("table's name", table), keep);
    List<ByteBuffer> buffers = tables.get(table);
    while (buffers != null && buffers.size() > 1 + keep) buffers.remove(buffers.size() - 1);
  }

  synchronized long sessionBytes(@NonNull SessionOptions options) {
    return Native.sessionBytes(open(), options.toInts());
  }

  /** Returns the native session; {@link #sessionDestroyed} must follow once it is destroyed. */
  synchronized long createSession(@NonNull SessionOptions options) {
    long session = Native.createSession(open(), options.toInts());
    ++sessions;
    return session;
  }

  synchronized void sessionDestroyed() {
    --sessions;
    if (closed) freeIfUnused();
  }

  private void keep(String table, boolean delta, @Nullable ByteBuffer data) {
    List<ByteBuffer> buffers = tables.get(table);
    if (buffers == null || !delta) {
      buffers = new ArrayList<ByteBuffer>();
      tables.put(table, buffers);
    }
    buffers.add(data);
  }

  private long open() {
    if (closed) throw new IllegalStateException("the model is closed");
    if (changing) throw new IllegalStateException("a ContentVerifier must not use the model");
    return model;
  }

  private void freeIfUnused() {
    if (sessions > 0 || changing || model == 0) return;
    long freed = model;
    model = 0;
    Native.closeModel(freed);
    file = null;
    tables.clear();
  }
}
