package dev.augur;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Keys")
class KeysTest {
  /** As in fixtures.cc, with their rows. */
  private static final String[] KEYS = {
    "a\0b", "a", "\0", "zelt ä", "\ud83d\ude00", "€ 5", "", "plain", "\ud83d\ude00\ud834\udd1e"
  };

  @Test
  @DisplayName("strings with U+0000, beyond the BMP, empty: each is found")
  void found() {
    try (Model model = Fixtures.open("text.augur")) {
      for (int i = 0; i < KEYS.length; ++i) assertEquals(9 - i, model.findKey("items", KEYS[i]), KEYS[i]);
      assertEquals(-1, model.findKey("items", "a\0"));
      assertEquals(-1, model.findKey("items", "\ud83d\ude01"));
      assertEquals(-1, model.findKey("items", "zelt a"));
      assertThrows(AugurException.InvalidArgument.class, () -> model.findKey("nothing", "a"));
      assertEquals(4, model.findKey("users", 9007199254740993L));
      assertEquals(-1, model.findKey("users", 9007199254740992L));
      assertThrows(AugurException.InvalidArgument.class, () -> model.findKey("users", "a"));
      assertThrows(AugurException.InvalidArgument.class, () -> model.findKey("items", 5));
      assertEquals(KeyType.STRING, model.getInfo().getTables().get(1).getKeyType());
    }
  }

  @Test
  @DisplayName("UTF-8 is what String.getBytes gives, for every character")
  void utf8() {
    StringBuilder all = new StringBuilder();
    for (int c = 0; c <= Character.MAX_CODE_POINT; ++c) {
      if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) all.appendCodePoint(c);
    }
    assertArrayEquals(all.toString().getBytes(StandardCharsets.UTF_8), Utf8.key(all.toString()));
    assertThrows(IllegalArgumentException.class, () -> Utf8.key("\udc00\ud800"));
    assertThrows(IllegalArgumentException.class, () -> Utf8.key("a\ud800"));
    assertEquals(2, Utf8.name("name", "a").length);
  }

  @Test
  @DisplayName("keys rank as their rows do")
  void asRows() {
    try (Model model = Fixtures.open("text.augur"); Session session = model.newSession()) {
      session.setFeature("user", -5L);
      long[] rows = new long[KEYS.length];
      long[] categories = new long[KEYS.length];
      for (int i = 0; i < rows.length; ++i) rows[i] = 9 - i;
      Column category = Column.ids("category", categories);
      float[] byKey = session.rank(Column.keys("item", KEYS), category);
      float[] byList = session.rank(Column.keys("item", Arrays.asList(KEYS)), category);
      float[] byRow = session.rank(Column.ids("item", rows).withIdForm(Column.IdForm.ROWS), category);
      assertArrayEquals(byRow, byKey);
      assertArrayEquals(byRow, byList);
      AugurException error = assertThrows(
          AugurException.OutOfRange.class, () -> session.rank(Column.keys("item", "gone"), Column.ids("category", 0)));
      assertEquals(Status.OUT_OF_RANGE, error.getStatus());
      RankEachResult each =
          session.rankEach(Columns.of(Column.keys("item", "gone", "a"), Column.ids("category", 0, 0)));
      assertEquals(Status.OUT_OF_RANGE, each.status(0));
      assertEquals(Status.OK, each.status(1));
      assertEquals(byKey[1], each.getScores()[1]);
    }
  }
}
