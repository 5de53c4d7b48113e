package dev.augur;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

@DisplayName("A ranking through Java has the bits of the C API")
class BitsTest {
  interface Check {
    void run(RankingCase ranking, Session session, RankingCase.Form form);
  }

  private static List<DynamicTest> each(String what, SessionOptions options, Check check) throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (RankingCase ranking : RankingCase.all()) {
      tests.add(DynamicTest.dynamicTest(ranking.name + ": " + what, () -> {
        for (RankingCase.Form form : RankingCase.Form.values()) {
          try (Model model = ranking.open(); Session session = model.newSession(options)) {
            ranking.setUser(session, form);
            check.run(ranking, session, form);
          }
        }
      }));
    }
    return tests;
  }

  static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; ++i) bits[i] = Float.floatToRawIntBits(values[i]);
    return bits;
  }

  private static void checkRank(RankingCase ranking, Session session, RankingCase.Form form) {
    Columns candidates = ranking.candidates(form);
    int rows = candidates.getRows();
    assertArrayEquals(ranking.scores, bits(session.rank(candidates)), "scores");
    float[] scores = new float[rows + 2];
    float[] logits = new float[rows + 2];
    session.rank(candidates, scores, logits);
    assertArrayEquals(ranking.logits, bits(java.util.Arrays.copyOf(logits, rows)), "logits");
    assertEquals(0f, scores[rows], "what is behind the scores is not touched");
    java.util.Arrays.fill(logits, 7);
    session.rank(candidates, (float[]) null, logits);
    assertArrayEquals(ranking.logits, bits(java.util.Arrays.copyOf(logits, rows)), "logits alone");
    FloatBuffer into = RankingCase.floats(new float[rows], form);
    FloatBuffer logitsInto = RankingCase.floats(new float[rows], form);
    session.rank(candidates, into, logitsInto);
    float[] got = new float[rows];
    into.duplicate().get(got);
    assertArrayEquals(ranking.scores, bits(got), "scores in a buffer");
    logitsInto.duplicate().get(got);
    assertArrayEquals(ranking.logits, bits(got), "logits in a buffer");
    assertEquals(rows, into.remaining(), "the position stays");
    if (into.position() > 0) assertEquals(-77f, into.get(into.position() - 1));
  }

  @TestFactory
  List<DynamicTest> rank() throws IOException {
    return each("scores and logits, into arrays and buffers", SessionOptions.DEFAULT, BitsTest::checkRank);
  }

  @TestFactory
  List<DynamicTest> threads() throws IOException {
    return each("on three threads", new SessionOptions.Builder().threads(3).build(), BitsTest::checkRank);
  }

  @TestFactory
  List<DynamicTest> topK() throws IOException {
    return each("the best, with and without statuses", SessionOptions.DEFAULT, (ranking, session, form) -> {
      Columns candidates = ranking.candidates(form);
      TopK all = session.topK(candidates, candidates.getRows() + 5);
      assertArrayEquals(ranking.top, all.getIndices());
      for (int i = 0; i < all.getCount(); ++i) {
        assertEquals(ranking.scores[ranking.top[i]], Float.floatToRawIntBits(all.getScores()[i]));
      }
      TopK one = session.topKEach(candidates, 1);
      assertEquals(ranking.top[0], one.getIndices()[0]);
      assertEquals(1, one.getCount());
      assertEquals(Status.OK, one.status(0));
      assertEquals(0, session.topK(candidates, 0).getCount());
    });
  }

  @TestFactory
  List<DynamicTest> rankEach() throws IOException {
    return each("each of its own", SessionOptions.DEFAULT, (ranking, session, form) -> {
      RankEachResult result = session.rankEach(ranking.candidates(form));
      assertArrayEquals(ranking.scores, bits(result.getScores()));
      assertArrayEquals(ranking.logits, bits(result.getLogits()));
      assertEquals(Status.OK, result.status(0));
    });
  }

  @TestFactory
  List<DynamicTest> explain() throws IOException {
    return each("attention", SessionOptions.DEFAULT, (ranking, session, form) -> {
      for (Map.Entry<String, int[]> expected : ranking.explained.entrySet()) {
        assertArrayEquals(
            expected.getValue(), bits(session.explain(ranking.candidates(form), 0, expected.getKey())));
      }
    });
  }

  @TestFactory
  List<DynamicTest> saved() throws IOException {
    return each("after save and restore", SessionOptions.DEFAULT, (ranking, session, form) -> {
      byte[] state = session.save();
      try (Session other = session.getModel().newSession()) {
        RestoreReport report = other.restore(state);
        assertTrue(report.isSameModel());
        assertArrayEquals(ranking.scores, bits(other.rank(ranking.candidates(form))));
      }
      session.clear();
      for (String group : ranking.rows.keySet()) {
        if (group.startsWith("history:")) assertEquals(0, session.historyLength(group.substring(8)));
      }
    });
  }
}
