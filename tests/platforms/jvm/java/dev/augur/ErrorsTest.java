package dev.augur;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

@DisplayName("Errors")
class ErrorsTest {
  private static <T extends AugurException> T fails(Class<T> type, Status status, String part, Executable call) {
    T error = assertThrows(type, call);
    assertEquals(status, error.getStatus());
    assertTrue(error.getMessage().contains(part), error.getMessage());
    return error;
  }

  private static void refuses(String part, Executable call) {
    IllegalArgumentException error = assertThrows(IllegalArgumentException.class, call);
    assertTrue(error.getMessage().contains(part), error.getMessage());
  }

  @Test
  @DisplayName("every status has its class, and the library's message")
  void statuses() {
    fails(AugurException.NotFound.class, Status.NOT_FOUND, "gone.augur", () -> Fixtures.open("gone.augur"));
    fails(AugurException.IoError.class, Status.IO_ERROR, "fixtures", () -> Model.fromFile(Fixtures.FOLDER));
    fails(AugurException.BadModel.class, Status.BAD_MODEL, "not an Augur model", () -> Fixtures.open("dien.case"));
    fails(AugurException.NewerModel.class, Status.NEWER_MODEL, "9.9", () -> Fixtures.open("newer.augur"));
    ModelOptions verified = new ModelOptions.Builder().verifyContentHash(true).build();
    fails(AugurException.Unsupported.class, Status.UNSUPPORTED, "hash",
        () -> Model.open(Fixtures.file("format1.augur"), verified));
    SessionOptions huge = new SessionOptions.Builder().tile(1024).threads(64).build();
    try (Model longest = Fixtures.open("long.augur")) {
      AugurException.OutOfMemory error =
          fails(AugurException.OutOfMemory.class, Status.OUT_OF_MEMORY, "", () -> longest.newSession(huge));
      assertTrue(error.getRequiredBytes() > 1L << 30);
    }
    try (Model model = Fixtures.open("dien.augur"); Session session = model.newSession()) {
      fails(AugurException.NotFound.class, Status.NOT_FOUND, "'nobody'", () -> session.setFeature("nobody", 1));
      fails(AugurException.OutOfRange.class, Status.OUT_OF_RANGE, "user", () -> session.setFeature("user", 5));
      fails(AugurException.ShapeMismatch.class, Status.SHAPE_MISMATCH, "category",
          () -> session.rank(Column.ids("item", 1, 2), Column.ids("category", 1)));
      fails(AugurException.InvalidArgument.class, Status.INVALID_ARGUMENT, "",
          () -> model.newSession(new SessionOptions.Builder().threads(65).build()));
    }
    try (Model model = Fixtures.open("overflow.augur"); Session session = model.newSession()) {
      float[] scores = {1, 1};
      fails(AugurException.NotFinite.class, Status.NOT_FINITE, "candidate 1",
          () -> session.rank(overflowing(), scores, null));
      assertTrue(Float.isNaN(scores[0]) && Float.isNaN(scores[1]));
      RankEachResult each = session.rankEach(overflowing());
      assertEquals(Status.OK, each.status(0));
      assertEquals(Status.NOT_FINITE, each.status(1));
      assertTrue(Float.isNaN(each.getScores()[1]));
      TopK top = session.topKEach(overflowing(), 2);
      assertArrayEquals(new int[] {0}, top.getIndices());
      assertEquals(Status.NOT_FINITE, top.status(1));
    }
  }

  private static Columns overflowing() {
    return Columns.of(
        Column.ids("item", 1, 2), Column.idLists("tags", new long[] {1, 1}, new int[] {1, 1}),
        Column.numbers("price", 0.5f, 3e38f), Column.vectors("look", new float[] {0, 0, 3e38f, 3e38f}, 2));
  }

  @Test
  @DisplayName("each of the C API's statuses is known")
  void codes() {
    for (Status status : Status.values()) assertSame(status, Status.of(status.getCode()));
    assertEquals(11, Status.CANCELLED.getCode());
    for (Status status : Status.values()) {
      AugurException error = AugurException.of(status, "why", 0);
      assertEquals(status, error.getStatus());
      assertEquals("why", error.getMessage());
      if (status != Status.OK) assertTrue(error.getClass() != AugurException.class, status.name());
    }
  }

  @Test
  @DisplayName("a call that fails leaves the session as it was, and scores are NaN")
  void unchanged() {
    try (Model model = Fixtures.open("dien.augur"); Session session = model.newSession()) {
      Fixtures.setUser(session);
      float[] before = session.rank(Fixtures.CANDIDATES);
      assertThrows(AugurException.class, () -> session.append(Column.ids("item", 99), Column.ids("category", 1)));
      assertThrows(AugurException.class, () -> session.append(Column.ids("item", 1)));
      assertEquals(3, session.getHistoryLength());
      float[] scores = new float[] {5, 5};
      assertThrows(AugurException.class, () -> session.rank(Columns.of(Column.ids("item", 1, 2)), scores, null));
      assertTrue(Float.isNaN(scores[0]) && Float.isNaN(scores[1]));
      assertArrayEquals(before, session.rank(Fixtures.CANDIDATES));
    }
  }

  @Test
  @DisplayName("wrong arguments of Java are refused by name")
  void arguments() {
    refuses("null", () -> Model.fromFile((String) null));
    refuses("U+0000", () -> Model.fromFile("a\0b"));
    refuses("null", () -> Column.ids("item", (long[]) null));
    refuses("key 1", () -> Column.keys("item", new String[] {"a", null}));
    refuses("surrogate", () -> Column.keys("item", "\ud83d"));
    refuses("width 2", () -> Column.vectors("look", new float[3], 2));
    refuses("'look'", () -> Column.vectors("look", new float[3], 0));
    LongBuffer swapped = ByteBuffer.allocateDirect(16).order(swappedOrder()).asLongBuffer();
    refuses("nativeOrder", () -> Column.ids("item", swapped));
    refuses("read-only", () -> Column.ids("item", LongBuffer.allocate(2).asReadOnlyBuffer()));
    refuses("column 0", () -> Columns.of((Column) null));
    refuses("threads", () -> new SessionOptions.Builder().threads(-1));
    try (Model model = Fixtures.open("dien.augur"); Session session = model.newSession()) {
      refuses("room for 1", () -> session.rank(Fixtures.CANDIDATES, new float[1], null));
      refuses("room for 2", () -> session.rank(Fixtures.CANDIDATES, null, FloatBuffer.allocate(2)));
      refuses("read-only",
          () -> session.rank(Fixtures.CANDIDATES, ByteBuffer.allocateDirect(40).asFloatBuffer().asReadOnlyBuffer(), null));
      refuses("row is 5", () -> session.explain(Fixtures.CANDIDATES, 5));
      refuses("k is -1", () -> session.topK(Fixtures.CANDIDATES, -1));
      refuses("keep", () -> model.detachDeltas("items", -1));
      ByteBuffer odd = ByteBuffer.allocateDirect(20).order(ByteOrder.nativeOrder());
      odd.position(1);
      LongBuffer unaligned = odd.slice().order(ByteOrder.nativeOrder()).asLongBuffer();
      refuses("'item'", () -> session.rank(Column.ids("item", unaligned), Column.ids("category", 1, 1)));
      FloatBuffer unalignedScores = odd.slice().order(ByteOrder.nativeOrder()).asFloatBuffer();
      Columns one = Columns.of(Column.ids("item", 1), Column.ids("category", 1));
      refuses("multiple of 4", () -> session.rank(one, unalignedScores, null));
      refuses("negative", () -> session.rank(Column.idLists("item", new long[] {1}, new int[] {-1})));
    }
  }

  @Test
  @DisplayName("counts that are not one for each row are refused, also by the native library")
  void countsOfOtherRows() {
    Column tags = Column.idLists("tags", new long[] {1}, new int[] {1});
    fails(AugurException.ShapeMismatch.class, Status.SHAPE_MISMATCH, "'tags' has 1 counts",
        () -> Columns.of(Column.ids("item", 1, 2), tags));
    Columns one = Columns.of(Column.ids("item", 1), tags);
    Columns none = Columns.of(Column.idLists("tags", new long[0], new int[0]));
    ModelHandle model = new ModelHandle(Fixtures.file("overflow.augur"), ModelOptions.DEFAULT);
    SessionHandle handle = new SessionHandle(model, SessionOptions.DEFAULT);
    long peer = handle.begin();
    try {
      fails(AugurException.ShapeMismatch.class, Status.SHAPE_MISMATCH, "'tags' has 1 counts, expected 1000000",
          () -> Native.rank(peer, one.data, one.numbers, one.names, 1000000, null, 0, null, 0, false, null));
      fails(AugurException.ShapeMismatch.class, Status.SHAPE_MISMATCH, "'tags' has 1 counts, expected 1000000",
          () -> Native.putEvents(peer, null, true, one.data, one.numbers, one.names, 1000000));
      fails(AugurException.ShapeMismatch.class, Status.SHAPE_MISMATCH, "'tags' has 0 counts, expected 1",
          () -> Native.setFeature(peer, none.data, none.numbers, none.names));
    } finally {
      handle.end();
      handle.close(true);
      model.close(true);
    }
  }

  @Test
  @DisplayName("the native library writes and reads nothing beyond a direct buffer")
  void beyondBuffers() {
    ModelHandle model = new ModelHandle(Fixtures.file("dien.augur"), ModelOptions.DEFAULT);
    SessionHandle handle = new SessionHandle(model, SessionOptions.DEFAULT);
    long peer = handle.begin();
    try {
      FloatBuffer scores = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder()).asFloatBuffer();
      LongBuffer ids = ByteBuffer.allocateDirect(16).order(ByteOrder.nativeOrder()).asLongBuffer();
      Columns two = Columns.of(Column.ids("item", ids), Column.ids("category", 1, 1));
      for (int offset : new int[] {1, 3, -1, Integer.MAX_VALUE}) {
        refuses("room", () -> Native.rank(peer, two.data, two.numbers, two.names, 2, scores, offset, null, 0, false, null));
      }
      two.numbers[2] = 1; // the offset of the first column's data
      refuses("'item'", () -> Native.rank(peer, two.data, two.numbers, two.names, 2, null, 0, null, 0, false, null));
    } finally {
      handle.end();
      handle.close(true);
      model.close(true);
    }
  }

  private static ByteOrder swappedOrder() {
    return ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
  }

  @Test
  @DisplayName("a message of the library may hold any bytes")
  void anyName() {
    try (Model model = Fixtures.open("dien.augur"); Session session = model.newSession()) {
      fails(AugurException.NotFound.class, Status.NOT_FOUND, "'\ud83d\ude00 ä'", () -> session.setFeature("\ud83d\ude00 ä", 1));
      StringBuilder name = new StringBuilder();
      for (int i = 0; i < 400; ++i) name.append('ä'); // cut in the middle of a character
      assertThrows(AugurException.NotFound.class, () -> session.setFeature(name.toString(), 1));
      refuses("column", () -> session.rank(Column.idLists("\ud83d\ude00", new long[] {1}, new int[] {-1})));
    }
  }

  @Test
  @DisplayName("a damaged or foreign state is refused")
  void states() {
    try (Model model = Fixtures.open("dien.augur"); Model other = Fixtures.open("kinds.augur");
        Session session = model.newSession(); Session foreign = other.newSession()) {
      Fixtures.setUser(session);
      byte[] state = session.save();
      assertThrows(AugurException.class, () -> foreign.restore(state));
      assertThrows(AugurException.class, () -> session.restore(new byte[0]));
      state[state.length / 2] ^= 0x40;
      assertThrows(AugurException.class, () -> session.restore(state));
      assertEquals(3, session.getHistoryLength());
    }
  }

  @Test
  @DisplayName("columns that change between calls are read anew")
  void changingArrays() {
    try (Model model = Fixtures.open("dien.augur"); Session session = model.newSession()) {
      long[] items = {1, 2};
      Columns columns = Columns.of(Column.ids("item", items), Column.ids("category", 1, 1));
      float[] first = session.rank(columns);
      items[0] = 3;
      float[] second = session.rank(columns);
      assertTrue(first[0] != second[0]);
      assertEquals(first[1], second[1]);
      items[0] = 4711;
      fails(AugurException.OutOfRange.class, Status.OUT_OF_RANGE, "4711", () -> session.rank(columns));
    }
  }
}
