package dev.augur.bench;

import androidx.annotation.NonNull;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** Times calls: once, or many of them back to back or at a pace. */
final class Timing {
  /** A call that is timed. */
  interface Call {
    void run();
  }

  private Timing() {}

  /** In nanoseconds. */
  static long of(@NonNull Call call) {
    long begin = System.nanoTime();
    call.run();
    return System.nanoTime() - begin;
  }

  static double micros(long nanos) {
    return nanos / 1e3;
  }

  /**
   * So many calls are timed, after a tenth as many for warming up.
   *
   * @param paceMs milliseconds from one call's begin to the next one's, during which the thread sleeps; 0: back to back
   */
  @NonNull
  static Map<String, Object> repeat(int calls, double paceMs, @NonNull Call call) {
    long pace = (long) (paceMs * 1e6);
    long due = System.nanoTime();
    int warmUp = (calls + 9) / 10;
    long[] times = new long[calls];
    for (int i = -warmUp; i < calls; ++i) {
      due = pace == 0 ? due : sleepUntil(due + pace);
      long time = of(call);
      if (i >= 0) times[i] = time;
    }
    Arrays.sort(times);
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("calls", calls);
    summary.put("min_us", micros(times[0]));
    summary.put("p50_us", percentile(times, 0.5));
    summary.put("p90_us", percentile(times, 0.9));
    summary.put("p99_us", percentile(times, 0.99));
    return summary;
  }

  /** In microseconds: the smallest of the sorted times such that this share of them is not larger. */
  static double percentile(@NonNull long[] sorted, double share) {
    int index = (int) Math.ceil(share * sorted.length) - 1;
    return micros(sorted[Math.max(0, Math.min(index, sorted.length - 1))]);
  }

  /** Returns when the next call was due: now, if it is late. */
  private static long sleepUntil(long due) {
    long now = System.nanoTime();
    if (now - due > 0) return now;
    for (; due - now > 0; now = System.nanoTime()) LockSupport.parkNanos(due - now);
    return due;
  }
}
