package dev.augur;

import androidx.annotation.NonNull;

/** How a session is made. */
public final class SessionOptions {
  /** The model's own limits, one thread, no stream. */
  @NonNull public static final SessionOptions DEFAULT = new Builder().build();

  private final int maxHistory;
  private final int tile;
  private final int threads;
  private final boolean streaming;
  private final int maxIdsPerEvent;

  private SessionOptions(@NonNull Builder builder) {
    maxHistory = builder.maxHistory;
    tile = builder.tile;
    threads = builder.threads;
    streaming = builder.streaming;
    maxIdsPerEvent = builder.maxIdsPerEvent;
  }

  @NonNull
  int[] toInts() {
    return new int[] {maxHistory, tile, threads, streaming ? 1 : 0, maxIdsPerEvent};
  }

  public static final class Builder {
    private int maxHistory;
    private int tile;
    private int threads = 1;
    private boolean streaming;
    private int maxIdsPerEvent;

    /** How many events are kept of every stack, if fewer than the model's limit; 0: the model's limit. */
    @NonNull
    public Builder maxHistory(int events) {
      maxHistory = notNegative("maxHistory", events);
      return this;
    }

    /** How many candidates are computed together; 0: the library chooses. */
    @NonNull
    public Builder tile(int candidates) {
      tile = notNegative("tile", candidates);
      return this;
    }

    /**
     * How many threads rank, the caller's included, at most 64. Scores do not depend on it. The others are started with
     * the session, sleep between calls, and end when it is closed.
     */
    @NonNull
    public Builder threads(int threads) {
      this.threads = notNegative("threads", threads);
      return this;
    }

    /** True: a full history goes on as a stream; see {@code augur_session_options.streaming}. */
    @NonNull
    public Builder streaming(boolean streaming) {
      this.streaming = streaming;
      return this;
    }

    /** How many ids of a row with several ids are kept, at most 4096; 0: 16. */
    @NonNull
    public Builder maxIdsPerEvent(int ids) {
      maxIdsPerEvent = notNegative("maxIdsPerEvent", ids);
      return this;
    }

    @NonNull
    public SessionOptions build() {
      return new SessionOptions(this);
    }

    private static int notNegative(String name, int value) {
      if (value < 0) throw new IllegalArgumentException(name + " is " + value + ", expected 0 or more");
      return value;
    }
  }
}
