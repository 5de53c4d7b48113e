package dev.augur;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;

/** The files that augur_jvm_fixtures wrote, and what several tests do with them. */
final class Fixtures {
  static final File FOLDER = new File(System.getProperty("augur.fixtures"));

  /** For dien.augur. */
  static final Columns CANDIDATES = Columns.of(Column.ids("item", 7, 8, 0, 9, 2), Column.ids("category", 2, 2, 1, 0, 3));

  private Fixtures() {}

  static Source file(String name) {
    return Source.file(new File(FOLDER, name));
  }

  static Model open(String name) {
    return Model.open(file(name));
  }

  static byte[] bytes(String name) throws IOException {
    return Files.readAllBytes(new File(FOLDER, name).toPath());
  }

  static ByteBuffer direct(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length).order(ByteOrder.nativeOrder());
    buffer.put(bytes);
    buffer.flip();
    return buffer;
  }

  /** The user of the case "dien". */
  static void setUser(Session session) {
    session.setFeature("user", 4);
    session.setHistory(Column.ids("item", 3, 9, 1), Column.ids("category", 1, 3, 2));
  }

  /** Columns for shop.augur. */
  static Columns shopCandidates(int count) {
    long[] items = new long[count];
    long[] categories = new long[count];
    for (int i = 0; i < count; ++i) {
      items[i] = i * 37L % 3080;
      categories[i] = i % 4;
    }
    return Columns.of(Column.ids("item", items), Column.ids("category", categories));
  }

  static void setShopUser(Session session) {
    long[] items = new long[50];
    long[] categories = new long[50];
    for (int i = 0; i < 50; ++i) {
      items[i] = i * 59L % 3080;
      categories[i] = i % 3;
    }
    session.setFeature("user", 3);
    session.setHistory(Column.ids("item", items), Column.ids("category", categories));
  }
}
