package dev.augur;

import androidx.annotation.NonNull;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The native session, and who may use it: {@link #begin} lets one thread in and throws for a second one. A session that
 * is closed while a call runs on another thread is freed when that call ends. So nothing is freed while it is in use, not
 * even if the garbage collector finds the session unreachable during its last call.
 */
final class SessionHandle implements LeakNet.Handle {
  private static final int IDLE = 0;
  private static final int IN_CALL = 1;
  /** In a call that cancel() ends. */
  private static final int CANCELLED = 2;
  /** Closed during a call, which is still running. */
  private static final int CLOSING = 3;
  private static final int CLOSED = 4;

  private final ModelHandle model;
  private final AtomicInteger state = new AtomicInteger(IDLE);
  /** 0: freed. Written under the lock, which cancel() holds while it uses the session. */
  private long session;

  SessionHandle(@NonNull ModelHandle model, @NonNull SessionOptions options) {
    this.model = model;
    session = model.createSession(options);
  }

  /** Returns the native session for one call, after which {@link #end} must be called. */
  long begin() {
    if (!state.compareAndSet(IDLE, IN_CALL)) {
      if (state.get() >= CLOSING) throw new IllegalStateException("the session is closed");
      throw new IllegalStateException(
          "the session is in a call on another thread; a session is for one thread at a time");
    }
    return session;
  }

  void end() {
    if (state.compareAndSet(IN_CALL, IDLE)) return;
    synchronized (this) {
      if (state.get() == CANCELLED) {
        Native.setCancelled(session, false); // for the next call
        if (state.compareAndSet(CANCELLED, IDLE)) return;
      }
    }
    state.set(CLOSED);
    destroy();
  }

  /** Ends the call that is running, also one that is still reading its columns; later calls are not affected. */
  synchronized void cancel() {
    if (state.compareAndSet(IN_CALL, CANCELLED) || state.get() == CANCELLED || state.get() == CLOSING) {
      if (session != 0) Native.setCancelled(session, true);
    }
  }

  @Override
  public boolean close(boolean byOwner) {
    while (true) {
      switch (state.get()) {
        case IDLE:
          if (state.compareAndSet(IDLE, CLOSED)) {
            destroy();
            return true;
          }
          break;
        case IN_CALL:
          if (state.compareAndSet(IN_CALL, CLOSING)) {
            if (byOwner) cancel();
            return true;
          }
          break;
        case CANCELLED:
          if (state.compareAndSet(CANCELLED, CLOSING)) return true;
          break;
        default:
          return false;
      }
    }
  }

  boolean isClosed() {
    return state.get() >= CLOSING;
  }

  private void destroy() {
    long freed;
    synchronized (this) {
      freed = session;
      session = 0;
    }
    Native.destroySession(freed);
    model.sessionDestroyed();
  }
}
