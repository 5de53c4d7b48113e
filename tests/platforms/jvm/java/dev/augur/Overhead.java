package dev.augur;

import java.io.File;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;

/**
 * What a call through Java takes more than one of the C API: both rank the same candidates, by turns, and are timed one by
 * one. Run by {@code run.sh BUILD-FOLDER overhead}.
 */
final class Overhead {
  private static final String[] FORMS = {"arrays", "direct buffers", "arrays, new columns"};

  private Overhead() {}

  private static native long open(String path, int candidates);

  private static native long time(long probe, float[] score);

  public static void main(String[] arguments) {
    System.loadLibrary("augur_jvm_probe");
    System.out.printf("%-11s %-20s %12s %12s %12s %8s%n", "candidates", "columns", "C", "Java", "more", "");
    for (int candidates : new int[] {1, 10, 100, 1000}) {
      for (int form = 0; form < FORMS.length; ++form) measure(candidates, form);
    }
  }

  private static void measure(int candidates, int form) {
    File file = new File(Fixtures.FOLDER, "shop.augur");
    long probe = open(file.getPath(), candidates);
    if (probe == 0) throw new IllegalStateException("the probe could not open " + file);
    int calls = Math.max(1_000, 10_000 / candidates);
    long[] plain = new long[calls];
    long[] java = new long[calls];
    long[] more = new long[calls];
    float[] score = new float[1];
    try (Model model = Model.fromFile(file); Session session = model.newSession()) {
      Fixtures.setShopUser(session);
      Columns columns = form == 1 ? direct(candidates) : Fixtures.shopCandidates(candidates);
      long[] items = new long[candidates];
      long[] categories = new long[candidates];
      for (int i = 0; i < candidates; ++i) {
        items[i] = i * 37L % 3080;
        categories[i] = i % 4;
      }
      float[] scores = new float[candidates];
      FloatBuffer buffer = ByteBuffer.allocateDirect(candidates * 4).order(ByteOrder.nativeOrder()).asFloatBuffer();
      for (int i = -calls / 4; i < calls; ++i) { // the first quarter warms up
        long c = time(probe, score);
        long begin = System.nanoTime();
        if (form == 0) {
          session.rank(columns, scores, null);
        } else if (form == 1) {
          session.rank(columns, buffer, null);
        } else {
          scores = session.rank(Columns.of(Column.ids("item", items), Column.ids("category", categories)));
        }
        long end = System.nanoTime();
        if (i < 0) continue;
        plain[i] = c;
        java[i] = end - begin;
        more[i] = java[i] - c;
      }
      if (score[0] != (form == 1 ? buffer.get(0) : scores[0])) throw new IllegalStateException("other scores");
    }
    double c = median(plain);
    double difference = median(more);
    System.out.printf("%-11d %-20s %9.2f µs %9.2f µs %9.2f µs %6.2f %%%n", candidates, FORMS[form], c, median(java),
        difference, 100 * difference / c);
  }

  private static Columns direct(int candidates) {
    LongBuffer items = ByteBuffer.allocateDirect(candidates * 8).order(ByteOrder.nativeOrder()).asLongBuffer();
    LongBuffer categories = ByteBuffer.allocateDirect(candidates * 8).order(ByteOrder.nativeOrder()).asLongBuffer();
    for (int i = 0; i < candidates; ++i) {
      items.put(i, i * 37L % 3080);
      categories.put(i, i % 4);
    }
    return Columns.of(Column.ids("item", items), Column.ids("category", categories));
  }

  /** In microseconds. */
  private static double median(long[] nanoseconds) {
    long[] sorted = nanoseconds.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2] / 1000.0;
  }
}
