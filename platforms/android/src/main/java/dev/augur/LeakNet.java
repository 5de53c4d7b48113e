package dev.augur;

import androidx.annotation.NonNull;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.util.Collections;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Frees the native memory of a model or session that was collected without being closed, and warns. (java.lang.ref.Cleaner
 * needs a newer Android than API 21.)
 */
final class LeakNet extends PhantomReference<Object> {
  /** What the owner would have closed. It must not refer to the owner. */
  interface Handle {
    /**
     * Closes it; false if it was closed already.
     *
     * @param byOwner false: it was found unreachable, which may be before its last call has ended. That call then goes on.
     */
    boolean close(boolean byOwner);
  }

  private static final ReferenceQueue<Object> QUEUE = new ReferenceQueue<Object>();
  private static final Set<LeakNet> ALL =
      Collections.newSetFromMap(new ConcurrentHashMap<LeakNet, Boolean>());

  static {
    Thread thread = new Thread("augur-leaks") {
      @Override
      public void run() {
        watch();
      }
    };
    thread.setDaemon(true);
    thread.start();
  }

  private final Handle handle;
  private final String what;

  /**
   * @param owner when nothing refers to it any more, {@code handle} is closed
   * @param what names the owner in the warning
   */
  LeakNet(@NonNull Object owner, @NonNull Handle handle, @NonNull String what) {
    super(owner, QUEUE);
    this.handle = handle;
    this.what = what;
    ALL.add(this);
  }

  /** Closes the handle for its owner. */
  void close() {
    ALL.remove(this);
    clear();
    handle.close(true);
  }

  private static void watch() {
    while (true) {
      try {
        LeakNet net = (LeakNet) QUEUE.remove();
        ALL.remove(net);
        if (net.handle.close(false)) {
          Augur.warn(net.what + " was never closed. Its memory is freed now, late: call close(), or use { } in Kotlin.");
        }
      } catch (InterruptedException notUsed) {
        // The thread serves as long as the process lives.
      } catch (Throwable fromLogger) {
        // A logger that fails must not end the thread.
      }
    }
  }
}
