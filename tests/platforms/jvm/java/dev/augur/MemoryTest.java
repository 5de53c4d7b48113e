package dev.augur;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Paths;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Leaks; not with AddressSanitizer, which keeps what was freed. */
@Tag("memory")
@DisplayName("Memory stays the same")
class MemoryTest {
  private static final long MEGABYTE = 1 << 20;
  /** -Xcheck:jni makes calls many times slower. */
  private static final int CALLS = Integer.getInteger("augur.calls", 1_000_000);

  /** Bytes of the process in memory. */
  private static long resident() throws IOException {
    return Long.parseLong(new String(Files.readAllBytes(Paths.get("/proc/self/statm"))).split(" ")[1]) * 4096;
  }

  private static long heap() {
    for (int i = 0; i < 3; ++i) System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  private interface Calls {
    void run(int count);
  }

  /** Runs a part to warm up, and then all; the process may grow by a few megabytes, which is what the JVM itself takes. */
  private static void check(int count, Calls calls) throws IOException {
    calls.run(count / 4);
    long heap = heap();
    long resident = resident();
    calls.run(count);
    long grownHeap = heap() - heap;
    long grown = resident() - resident;
    System.out.println("  " + count + " calls: native memory +" + grown / 1024 + " KB, heap " + grownHeap / 1024 + " KB");
    assertTrue(grownHeap < MEGABYTE, "the heap grew by " + grownHeap + " bytes");
    assertTrue(grown < 12 * MEGABYTE, "the process grew by " + grown + " bytes");
  }

  @Test
  @DisplayName("over a million rankings of every form")
  void rankings() throws IOException {
    try (Model model = Fixtures.open("text.augur"); Session session = model.newSession()) {
      session.setFeature("user", -5L);
      Columns arrays = Columns.of(Column.keys("item", "a", "\0"), Column.ids("category", new int[] {1, 2}));
      FloatBuffer into = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder()).asFloatBuffer();
      float[] scores = new float[2];
      check(CALLS, count -> {
        for (int i = 0; i < count; i += 4) {
          session.rank(arrays, scores, null);
          session.rank(arrays, into, null);
          session.topKEach(arrays, 1);
          session.append(Column.keys("item", "a"), Column.ids("category", i % 4));
        }
      });
    }
  }

  @Test
  @DisplayName("over many calls that fail")
  void failures() throws IOException {
    try (Model model = Fixtures.open("dien.augur"); Session session = model.newSession()) {
      Columns wrong = Columns.of(Column.ids("item", 4711), Column.ids("category", 1));
      Columns incomplete = Columns.of(Column.ids("item", 1));
      check(CALLS / 20, count -> {
        for (int i = 0; i < count; i += 2) {
          assertThrows(AugurException.OutOfRange.class, () -> session.rank(wrong));
          assertThrows(AugurException.class, () -> session.rank(incomplete));
        }
      });
    }
  }

  @Test
  @DisplayName("over many models and sessions")
  void models() throws IOException {
    ByteBuffer file = Fixtures.direct(Fixtures.bytes("format4.augur"));
    ModelOptions options = new ModelOptions.Builder().contentVerifier(content -> true).build();
    check(CALLS / 100, count -> {
      for (int i = 0; i < count; ++i) {
        try (Model model = Model.open(Source.buffer(file), options)) {
          Session first = model.newSession();
          Session second = model.newSession();
          first.restore(second.save());
          first.close();
          second.close();
          assertEquals(0, model.getInfo().getSessions());
        }
        assertThrows(AugurException.class, () -> Fixtures.open("newer.augur"));
      }
    });
  }
}
