package dev.augur;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@DisplayName("Threads")
@Timeout(120)
class ThreadsTest {
  /** Long enough that the tests catch it in the middle: several seconds. */
  private static final int LONG = 400_000;

  private ExecutorService threads;

  @BeforeEach
  void start() {
    threads = Executors.newCachedThreadPool();
  }

  @AfterEach
  void stop() throws InterruptedException {
    threads.shutdownNow();
    assertTrue(threads.awaitTermination(60, TimeUnit.SECONDS));
  }

  /**
   * Starts a ranking on another thread, and waits until the session is in it. Looking whether it is takes the session for
   * a moment, so the other thread begins again if it was refused for that.
   */
  private Future<float[]> startRanking(Session session, Columns candidates, float[] scores) throws Exception {
    Future<float[]> ranking = threads.submit(() -> {
      while (true) {
        try {
          session.rank(candidates, scores, null);
          return scores;
        } catch (IllegalStateException refused) {
          if (!refused.getMessage().contains("another thread")) throw refused;
          Thread.yield();
        }
      }
    });
    while (!ranking.isDone()) {
      try {
        session.getHistoryLength();
        Thread.sleep(1);
      } catch (IllegalStateException inCall) {
        Thread.sleep(20); // reading the columns takes a moment
        return ranking;
      }
    }
    throw new AssertionError("the ranking ended before it was seen: " + ranking.get());
  }

  @Test
  @DisplayName("a session in use refuses a second thread and gives the first its scores")
  void twoThreads() throws Exception {
    try (Model model = Fixtures.open("shop.augur"); Session session = model.newSession()) {
      Fixtures.setShopUser(session);
      Columns candidates = Fixtures.shopCandidates(20_000);
      float[] expected = session.rank(candidates);
      Future<float[]> ranking = startRanking(session, candidates, new float[expected.length]);
      IllegalStateException error =
          assertThrows(IllegalStateException.class, () -> session.rank(Fixtures.shopCandidates(1)));
      assertTrue(error.getMessage().contains("another thread"), error.getMessage());
      assertThrows(IllegalStateException.class, session::clear);
      assertThrows(IllegalStateException.class, session::save);
      assertArrayEquals(expected, ranking.get());
      assertEquals(50, session.getHistoryLength());
    }
  }

  @Test
  @DisplayName("16 threads with sessions of one model, which comes and goes")
  void sixteen() throws Exception {
    float[] expected;
    try (Model model = Fixtures.open("dien.augur"); Session session = model.newSession()) {
      Fixtures.setUser(session);
      expected = session.rank(Fixtures.CANDIDATES);
    }
    for (int round = 0; round < 5; ++round) {
      Model model = Fixtures.open("dien.augur");
      List<Future<Integer>> results = new ArrayList<>();
      for (int i = 0; i < 16; ++i) {
        results.add(threads.submit(() -> {
          int equal = 0;
          for (int s = 0; s < 10; ++s) {
            try (Session session = model.newSession()) {
              Fixtures.setUser(session);
              for (int call = 0; call < 20; ++call) {
                if (Arrays.equals(expected, session.rank(Fixtures.CANDIDATES))) ++equal;
              }
              assertTrue(model.getInfo().getSessions() > 0);
            }
          }
          return equal;
        }));
      }
      for (Future<Integer> result : results) assertEquals(200, result.get());
      results.clear();
      for (int i = 0; i < 16; ++i) {
        Session session = model.newSession();
        results.add(threads.submit(() -> {
          int equal = 0;
          try (Session own = session) {
            Fixtures.setUser(own);
            for (int call = 0; call < 200; ++call) {
              if (Arrays.equals(expected, own.rank(Fixtures.CANDIDATES))) ++equal;
              if (call % 50 == 0 && !model.isClosed()) own.restore(own.save());
            }
          }
          return equal;
        }));
      }
      model.close(); // the last session frees it
      for (Future<Integer> result : results) assertEquals(200, result.get());
    }
  }

  @Test
  @DisplayName("one session, 16 threads: each call is whole or refused")
  void oneSessionSixteenThreads() throws Exception {
    try (Model model = Fixtures.open("dien.augur"); Session session = model.newSession()) {
      Fixtures.setUser(session);
      float[] expected = session.rank(Fixtures.CANDIDATES);
      AtomicInteger ranked = new AtomicInteger();
      List<Future<?>> results = new ArrayList<>();
      for (int i = 0; i < 16; ++i) {
        results.add(threads.submit(() -> {
          for (int call = 0; call < 300; ++call) {
            try {
              assertArrayEquals(expected, session.rank(Fixtures.CANDIDATES));
              ranked.incrementAndGet();
            } catch (IllegalStateException inUse) {
              Thread.yield();
            }
          }
        }));
      }
      for (Future<?> result : results) result.get();
      assertTrue(ranked.get() > 0);
      assertArrayEquals(expected, session.rank(Fixtures.CANDIDATES));
    }
  }

  @Test
  @DisplayName("cancel ends a long ranking soon; the session is as before")
  void cancel() throws Exception {
    try (Model model = Fixtures.open("shop.augur"); Session session = model.newSession()) {
      Fixtures.setShopUser(session);
      Columns few = Fixtures.shopCandidates(30);
      float[] expected = session.rank(few);
      Columns many = Fixtures.shopCandidates(LONG);
      for (int round = 0; round < 3; ++round) {
        float[] scores = new float[LONG];
        Future<float[]> ranking = startRanking(session, many, scores);
        long begin = System.nanoTime();
        session.cancel();
        Exception error = assertThrows(Exception.class, ranking::get);
        long milliseconds = (System.nanoTime() - begin) / 1_000_000;
        assertTrue(error.getCause() instanceof AugurException.Cancelled, error.toString());
        assertTrue(milliseconds < 500, milliseconds + " ms");
        assertTrue(Float.isNaN(scores[0]) && Float.isNaN(scores[LONG - 1]));
        assertArrayEquals(expected, session.rank(few));
      }
      session.cancel(); // no call is running: nothing happens
      assertArrayEquals(expected, session.rank(few));
    }
  }

  @Test
  @DisplayName("close on another thread cancels the running call, which frees the session")
  void closeDuringCall() throws Exception {
    Model model = Fixtures.open("shop.augur");
    Session session = model.newSession(new SessionOptions.Builder().threads(2).build());
    Fixtures.setShopUser(session);
    Future<float[]> ranking = startRanking(session, Fixtures.shopCandidates(LONG), new float[LONG]);
    session.close();
    model.close();
    Exception error = assertThrows(Exception.class, ranking::get);
    assertTrue(error.getCause() instanceof AugurException.Cancelled, error.toString());
    assertThrows(IllegalStateException.class, session::getHistoryLength);
  }

  @Test
  @DisplayName("cancel and close race with calls and with each other")
  void races() throws Exception {
    try (Model model = Fixtures.open("dien.augur")) {
      for (int round = 0; round < 300; ++round) {
        Session session = model.newSession();
        Fixtures.setUser(session);
        List<Future<?>> results = new ArrayList<>();
        results.add(threads.submit(() -> {
          for (int i = 0; i < 50; ++i) {
            try {
              session.rank(Fixtures.CANDIDATES);
            } catch (AugurException.Cancelled | IllegalStateException expected) {
              // Each of these is right, depending on who comes first.
            }
          }
        }));
        for (int i = 0; i < 3; ++i) {
          results.add(threads.submit(() -> {
            for (int j = 0; j < 50; ++j) session.cancel();
          }));
        }
        for (int i = 0; i < 2; ++i) results.add(threads.submit(session::close));
        for (Future<?> result : results) result.get();
        assertThrows(IllegalStateException.class, () -> session.rank(Fixtures.CANDIDATES));
      }
      assertEquals(0, model.getInfo().getSessions());
    }
  }

  @Test
  @DisplayName("a session that is forgotten during its last call is not freed before it ends")
  void forgottenDuringCall() throws Exception {
    Augur.setLogger(message -> {});
    try (Model model = Fixtures.open("shop.augur")) {
      float[] expected;
      try (Session session = model.newSession()) {
        Fixtures.setShopUser(session);
        expected = session.rank(Fixtures.shopCandidates(5_000));
      }
      List<Future<float[]>> results = new ArrayList<>();
      for (int i = 0; i < 8; ++i) {
        results.add(threads.submit(() -> {
          Session session = model.newSession();
          Fixtures.setShopUser(session);
          return session.rank(Fixtures.shopCandidates(5_000));
        }));
      }
      for (Future<float[]> result : results) {
        while (!result.isDone()) {
          System.gc();
          Thread.sleep(1);
        }
        float[] scores;
        try {
          scores = result.get();
        } catch (java.util.concurrent.ExecutionException error) {
          throw new AssertionError("the ranking was ended", error.getCause());
        }
        assertArrayEquals(expected, scores);
      }
    } finally {
      Augur.setLogger(null);
    }
  }
}
