package dev.augur;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Closing")
class LifecycleTest {
  private final List<String> warnings = new CopyOnWriteArrayList<>();

  @BeforeEach
  void listen() {
    Augur.setLogger(warnings::add);
  }

  @AfterEach
  void stopListening() {
    Augur.setLogger(null);
  }

  @Test
  @DisplayName("sessions work on after their model is closed")
  void modelFirst() {
    Model model = Fixtures.open("dien.augur");
    Session first = model.newSession();
    Session second = model.newSession();
    Fixtures.setUser(first);
    float[] scores = first.rank(Fixtures.CANDIDATES);
    model.close();
    assertTrue(model.isClosed());
    assertArrayEquals(scores, first.rank(Fixtures.CANDIDATES));
    first.close();
    Fixtures.setUser(second);
    assertArrayEquals(scores, second.rank(Fixtures.CANDIDATES));
    second.close();
  }

  @Test
  @DisplayName("a closed model or session refuses every call but close and cancel")
  void useAfterClose() {
    Model model = Fixtures.open("dien.augur");
    Session session = model.newSession();
    session.close();
    session.close();
    session.cancel();
    assertTrue(session.isClosed());
    assertThrows(IllegalStateException.class, () -> session.rank(Fixtures.CANDIDATES));
    assertThrows(IllegalStateException.class, () -> session.setFeature("user", 1));
    assertThrows(IllegalStateException.class, session::getHistoryLength);
    assertThrows(IllegalStateException.class, session::save);
    assertThrows(IllegalStateException.class, session::clear);
    assertEquals(0, model.getInfo().getSessions());
    model.close();
    model.close();
    assertThrows(IllegalStateException.class, model::newSession);
    assertThrows(IllegalStateException.class, model::getInfo);
    assertThrows(IllegalStateException.class, () -> model.findKey("items", "a"));
    assertThrows(IllegalStateException.class, () -> model.attachTable("items", Fixtures.file("before.augurtable")));
  }

  @Test
  @DisplayName("what is forgotten is freed, and a warning says so")
  void forgotten() throws InterruptedException {
    Model model = Fixtures.open("dien.augur");
    for (int i = 0; i < 20; ++i) Fixtures.setUser(model.newSession());
    assertEquals(20, model.getInfo().getSessions());
    for (int i = 0; i < 500 && warnings.size() < 20; ++i) {
      System.gc();
      Thread.sleep(10);
    }
    assertEquals(20, warnings.size());
    assertTrue(warnings.get(0).startsWith("A Session was never closed"), warnings.get(0));
    assertEquals(0, model.getInfo().getSessions());
    model.close();
  }

  @Test
  @DisplayName("a session keeps its model; both are freed if both are forgotten")
  void forgottenTogether() throws InterruptedException {
    Session session = Fixtures.open("dien.augur").newSession();
    System.gc();
    Thread.sleep(50);
    assertEquals(0, warnings.size(), warnings::toString);
    Fixtures.setUser(session);
    assertFalse(session.getModel().isClosed());
    session = null;
    for (int i = 0; i < 500 && warnings.size() < 2; ++i) {
      System.gc();
      Thread.sleep(10);
    }
    assertEquals(2, warnings.size(), warnings::toString);
  }

  @Test
  @DisplayName("what was closed gives no warning")
  void closedGivesNoWarning() throws InterruptedException {
    for (int i = 0; i < 20; ++i) {
      try (Model model = Fixtures.open("dien.augur"); Session session = model.newSession()) {
        session.getHistoryLength();
      }
    }
    System.gc();
    Thread.sleep(50);
    assertEquals(0, warnings.size(), warnings::toString);
  }

  @Test
  @DisplayName("a logger that throws does not end the net")
  void throwingLogger() throws InterruptedException {
    int[] calls = {0};
    Augur.setLogger(message -> {
      ++calls[0];
      throw new IllegalStateException("the logger's mistake");
    });
    for (int round = 1; round <= 2; ++round) {
      Fixtures.open("dien.augur");
      for (int i = 0; i < 500 && calls[0] < round; ++i) {
        System.gc();
        Thread.sleep(10);
      }
      assertEquals(round, calls[0]);
    }
  }

  @Test
  @DisplayName("without a logger, and without Android's log, a warning goes to the error stream")
  void noLogger() {
    Augur.setLogger(null);
    java.io.PrintStream before = System.err;
    java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
    System.setErr(new java.io.PrintStream(out));
    try {
      Augur.warn("a test");
    } finally {
      System.setErr(before);
    }
    assertEquals("Augur: a test" + System.lineSeparator(), out.toString());
  }
}
