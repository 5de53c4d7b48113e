package dev.augur;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Models")
class ModelTest {
  private static final Columns OFFERS = Columns.of(Column.ids("item", 4, 9, 0), Column.ids("category", 3, 0, 1));

  private static float[] scores(Model model) {
    try (Session session = model.newSession()) {
      session.setFeature("user", 2);
      session.setHistory(Column.ids("item", 4, 1), Column.ids("category", 1, 2));
      return session.rank(OFFERS);
    }
  }

  @Test
  @DisplayName("info tells all that the model declares")
  void info() {
    assertTrue(Augur.getVersion().matches("\\d+\\.\\d+\\.\\d+"), Augur.getVersion());
    try (Model model = Fixtures.open("kinds.augur"); Session session = model.newSession()) {
      ModelInfo info = model.getInfo();
      assertEquals(1, info.getSessions());
      assertEquals(3, info.getFeatures().size());
      assertEquals("age", info.getFeatures().get(0).getName());
      assertEquals(FieldKind.NUMBER, info.getFeatures().get(0).getKind());
      assertEquals(FieldKind.IDS, info.getFeatures().get(1).getKind());
      assertEquals(FieldKind.VECTOR, info.getFeatures().get(2).getKind());
      assertEquals(3, info.getFeatures().get(2).getWidth());
      assertEquals("item", info.getCandidateFields().get(0).getColumn());
      assertEquals(2, info.getStacks().size());
      StackInfo skips = info.getStacks().get(1);
      assertEquals("skips", skips.getName());
      assertEquals("price", skips.getFields().get(1).getName());
      assertFalse(skips.getKeepsOldest());
      assertTrue(skips.getMaxHistory() > 0);
      assertEquals(32, info.getId().length);
      assertEquals(32, info.getSchemaId().length);
      assertEquals(OutputKind.SIGMOID, info.getOutput());
      assertEquals(1f, info.getCalibrationScale());
      assertTrue(info.getFileBytes() > 0 && info.getArenaBytes() >= info.getArenaUsedBytes());
      TableInfo table = info.getTables().get(0);
      assertEquals(RowsOrigin.INSIDE, table.getOrigin());
      assertEquals(KeyType.ROW, table.getKeyType());
      assertTrue(table.getRows() > 0 && table.getWidth() > 0);
      assertThrows(UnsupportedOperationException.class, () -> info.getTables().clear());
      assertTrue(model.sessionBytes(SessionOptions.DEFAULT) > 0);
      assertEquals(0, model.sessionBytes(new SessionOptions.Builder().threads(65).build()));
    }
    try (Model model = Fixtures.open("format1.augur")) {
      ModelInfo info = model.getInfo();
      assertEquals(0.75f, info.getCalibrationScale());
      assertEquals(-1.25f, info.getCalibrationOffset());
      assertEquals(List.of("a test's model; its weights are random"), info.getNotes());
      assertEquals("make_golden", info.getProducer());
    }
  }

  @Test
  @DisplayName("a file, a direct buffer and a buffer on the heap give the same scores")
  void sources() throws IOException {
    byte[] bytes = Fixtures.bytes("dien.augur");
    ByteBuffer inside = ByteBuffer.allocateDirect(bytes.length + 9);
    inside.position(3);
    inside.put(bytes);
    inside.limit(3 + bytes.length).position(3);
    ModelOptions load = new ModelOptions.Builder().load(true).build();
    float[] expected;
    try (Model model = Fixtures.open("dien.augur")) {
      expected = scores(model);
    }
    List<Model> models = new ArrayList<>();
    models.add(Model.fromFile(Fixtures.FOLDER + "/dien.augur"));
    models.add(Model.fromBuffer(Fixtures.direct(bytes)));
    models.add(Model.fromBuffer(inside));
    models.add(Model.fromBuffer(ByteBuffer.wrap(bytes)));
    models.add(Model.open(Source.buffer(ByteBuffer.wrap(bytes)), load));
    models.add(Model.open(Fixtures.file("dien.augur"), load));
    for (int i = 0; i < 50; ++i) ByteBuffer.allocateDirect(bytes.length); // what was not kept may be gone now
    System.gc();
    for (Model model : models) {
      assertArrayEquals(expected, scores(model));
      model.close();
    }
    assertEquals(3, inside.position());
    assertThrows(RuntimeException.class, () -> Model.fromBuffer(ByteBuffer.allocateDirect(0)));
    assertThrows(AugurException.BadModel.class, () -> Model.fromBuffer(ByteBuffer.wrap(new byte[100])));
  }

  @Test
  @DisplayName("sidecars and deltas are attached, replaced and taken off")
  void tables() throws IOException {
    float[] before;
    float[] after;
    try (Model model = Fixtures.open("parted.augur")) {
      assertThrows(AugurException.NotFound.class, model::newSession);
      assertEquals(RowsOrigin.MISSING, model.getInfo().getTables().get(1).getOrigin());
      assertThrows(AugurException.NotFound.class, () -> model.attachDelta("items", Fixtures.file("day.augurdelta")));
      model.attachTable("items", Fixtures.file("after.augurtable"));
      after = scores(model);
      model.attachTable("items", Fixtures.file("before.augurtable"));
      before = scores(model);
      assertFalse(java.util.Arrays.equals(before, after));
      model.attachDelta("items", Fixtures.file("day.augurdelta"));
      assertArrayEquals(after, scores(model));
      assertEquals(1, model.getInfo().getTables().get(1).getDeltas());
      model.detachDeltas("items", 0);
      assertArrayEquals(before, scores(model));
      assertThrows(AugurException.InvalidArgument.class, () -> model.detachDeltas("items", 1));
      assertThrows(AugurException.NotFound.class, () -> model.attachTable("none", Fixtures.file("before.augurtable")));
      try (Session session = model.newSession()) {
        AugurException error = assertThrows(
            AugurException.InvalidArgument.class, () -> model.attachTable("items", Fixtures.file("after.augurtable")));
        assertTrue(error.getMessage().contains("session"), error.getMessage());
        assertEquals(0, session.getHistoryLength());
      }
    }
    try (Model model = Fixtures.open("parted.augur")) {
      model.attachTable("items", Source.buffer(Fixtures.direct(Fixtures.bytes("before.augurtable"))));
      model.attachDelta("items", Source.buffer(ByteBuffer.wrap(Fixtures.bytes("day.augurdelta"))));
      System.gc();
      assertArrayEquals(after, scores(model));
      model.attachTable("items", Source.buffer(Fixtures.direct(Fixtures.bytes("before.augurtable"))), true);
      model.attachDelta("items", Source.buffer(Fixtures.direct(Fixtures.bytes("day.augurdelta"))), true);
      System.gc();
      assertArrayEquals(after, scores(model));
    }
  }

  @Test
  @DisplayName("a verifier decides about the model and what is attached")
  void verifier() {
    List<ContentVerifier.Content> asked = new ArrayList<>();
    boolean[] answer = {true};
    ContentVerifier verifier = content -> {
      asked.add(content);
      return answer[0];
    };
    ModelOptions options = new ModelOptions.Builder().contentVerifier(verifier).build();
    try (Model model = Model.open(Fixtures.file("format4.augur"), options)) {
      assertEquals(1, asked.size());
      ContentVerifier.Content content = asked.get(0);
      assertTrue(content.getFile().endsWith("format4.augur"), content.getFile());
      assertEquals("", content.getTable());
      assertEquals(6720, content.getBytes());
      assertArrayEquals(model.getInfo().getId(), content.getModelId());
      assertEquals((byte) 0x38, content.getContentHash()[0]);
      assertEquals(32, content.getContentHash().length);
    }
    answer[0] = false;
    AugurException refused =
        assertThrows(AugurException.BadModel.class, () -> Model.open(Fixtures.file("format4.augur"), options));
    assertTrue(refused.getMessage().length() > 0);
    RuntimeException thrown = new RuntimeException("no key for the signature");
    ModelOptions throwing = new ModelOptions.Builder().contentVerifier(content -> {
      throw thrown;
    }).build();
    assertSame(thrown, assertThrows(RuntimeException.class, () -> Model.open(Fixtures.file("format4.augur"), throwing)));
  }

  @Test
  @DisplayName("a verifier that uses the model is refused")
  void verifierUsesModel() {
    Model[] model = {null};
    ModelOptions options = new ModelOptions.Builder().contentVerifier(content -> {
      if (model[0] != null) model[0].getInfo();
      return true;
    }).build();
    try (Model opened = Model.open(Fixtures.file("parted.augur"), options)) {
      model[0] = opened;
      IllegalStateException error = assertThrows(
          IllegalStateException.class, () -> opened.attachTable("items", Fixtures.file("before.augurtable")));
      assertTrue(error.getMessage().contains("ContentVerifier"), error.getMessage());
      model[0] = null;
      opened.attachTable("items", Fixtures.file("before.augurtable"));
      assertEquals(3, scores(opened).length);
    }
  }

  private static boolean isMapped(String file) {
    try {
      return new String(Files.readAllBytes(Paths.get("/proc/self/maps")), StandardCharsets.UTF_8).contains(file);
    } catch (IOException error) {
      throw new AssertionError(error);
    }
  }

  @Test
  @DisplayName("a model that its verifier closes is freed after the call")
  void verifierClosesModel() {
    Model[] model = {null};
    boolean[] mapped = {false};
    ModelOptions options = new ModelOptions.Builder().contentVerifier(content -> {
      if (model[0] == null) return true;
      model[0].close();
      mapped[0] = isMapped("parted.augur");
      return true;
    }).build();
    model[0] = Model.open(Fixtures.file("parted.augur"), options);
    model[0].attachTable("items", Fixtures.file("before.augurtable"));
    assertTrue(mapped[0], "the model was freed during the call");
    assertFalse(isMapped("parted.augur"), "the model was not freed after the call");
    assertThrows(IllegalStateException.class, model[0]::getInfo);
  }
}
