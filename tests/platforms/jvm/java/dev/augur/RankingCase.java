package dev.augur;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A request and the C API's answers, from a .case file; fixtures.cc describes it. */
final class RankingCase {
  /** In what form columns are given. */
  enum Form {
    ARRAYS,
    /** ids as int[], where they fit. */
    INTS,
    DIRECT_BUFFERS,
    /** Direct buffers with other values around those that are meant. */
    MIDDLE_OF_DIRECT_BUFFERS,
    HEAP_BUFFERS
  }

  private static final class Given {
    String group;
    String name;
    String kind;
    int width;
    int[] counts;
    String[] values;
  }

  final String name;
  Source model;
  final List<String[]> attached = new ArrayList<>();
  final Map<String, Integer> rows = new LinkedHashMap<>();
  int[] scores;
  int[] logits;
  int[] top;
  final Map<String, int[]> explained = new LinkedHashMap<>();
  private final List<Given> columns = new ArrayList<>();

  RankingCase(File file) throws IOException {
    name = file.getName().replace(".case", "");
    for (String line : Files.readAllLines(file.toPath(), StandardCharsets.UTF_8)) read(line.split(" "));
  }

  static List<RankingCase> all() throws IOException {
    List<RankingCase> cases = new ArrayList<>();
    File[] files = Fixtures.FOLDER.listFiles();
    if (files == null) throw new IOException("no folder " + Fixtures.FOLDER);
    java.util.Arrays.sort(files);
    for (File file : files) {
      if (file.getName().endsWith(".case")) cases.add(new RankingCase(file));
    }
    return cases;
  }

  Model open() {
    Model opened = Model.open(model);
    for (String[] part : attached) {
      Source source = Fixtures.file(part[3]);
      if (part[1].equals("delta")) {
        opened.attachDelta(part[2], source);
      } else {
        opened.attachTable(part[2], source);
      }
    }
    return opened;
  }

  /** Gives the session the case's user. */
  void setUser(Session session, Form form) {
    for (Given given : columns) {
      if (given.group.equals("feature")) session.setFeature(column(given, form));
    }
    for (String group : rows.keySet()) {
      if (group.startsWith("history:")) session.setHistory(group.substring(8), group(group, form));
    }
  }

  Columns candidates(Form form) {
    return group("candidates", form);
  }

  private Columns group(String group, Form form) {
    List<Column> found = new ArrayList<>();
    for (Given given : columns) {
      if (given.group.equals(group)) found.add(column(given, form));
    }
    return Columns.of(found);
  }

  private static Column column(Given given, Form form) {
    String[] values = given.values;
    if (given.kind.equals("keys")) {
      String[] keys = new String[values.length];
      for (int i = 0; i < keys.length; ++i) keys[i] = key(values[i]);
      return given.counts == null ? Column.keys(given.name, keys) : Column.keyLists(given.name, keys, given.counts);
    }
    if (given.kind.equals("ids")) return ids(given, form);
    float[] numbers = new float[values.length];
    for (int i = 0; i < numbers.length; ++i) numbers[i] = Float.intBitsToFloat(Integer.parseUnsignedInt(values[i], 16));
    if (form == Form.ARRAYS || form == Form.INTS) return Column.vectors(given.name, numbers, given.width);
    return Column.vectors(given.name, floats(numbers, form), given.width);
  }

  private static Column ids(Given given, Form form) {
    long[] ids = new long[given.values.length];
    int[] ints = new int[ids.length];
    boolean fit = true;
    for (int i = 0; i < ids.length; ++i) {
      ids[i] = Long.parseLong(given.values[i]);
      ints[i] = (int) ids[i];
      fit &= ints[i] == ids[i];
    }
    if (form == Form.ARRAYS || form == Form.INTS && !fit) {
      return given.counts == null ? Column.ids(given.name, ids) : Column.idLists(given.name, ids, given.counts);
    }
    if (form == Form.INTS) {
      return given.counts == null ? Column.ids(given.name, ints) : Column.idLists(given.name, ints, given.counts);
    }
    LongBuffer buffer = longs(ids, form);
    return given.counts == null ? Column.ids(given.name, buffer) : Column.idLists(given.name, buffer, given.counts);
  }

  private static LongBuffer longs(long[] values, Form form) {
    int around = form == Form.DIRECT_BUFFERS ? 0 : 3;
    LongBuffer buffer = form == Form.HEAP_BUFFERS
        ? LongBuffer.allocate(values.length + 2 * around)
        : ByteBuffer.allocateDirect((values.length + 2 * around) * 8).order(ByteOrder.nativeOrder()).asLongBuffer();
    for (int i = 0; i < around; ++i) buffer.put(-77);
    buffer.put(values);
    for (int i = 0; i < around; ++i) buffer.put(-77);
    buffer.limit(around + values.length).position(around);
    return form == Form.HEAP_BUFFERS ? buffer.slice() : buffer;
  }

  static FloatBuffer floats(float[] values, Form form) {
    int around = form == Form.DIRECT_BUFFERS ? 0 : 3;
    FloatBuffer buffer = form == Form.HEAP_BUFFERS
        ? FloatBuffer.allocate(values.length + 2 * around)
        : ByteBuffer.allocateDirect((values.length + 2 * around) * 4).order(ByteOrder.nativeOrder()).asFloatBuffer();
    for (int i = 0; i < around; ++i) buffer.put(-77);
    buffer.put(values);
    for (int i = 0; i < around; ++i) buffer.put(-77);
    buffer.limit(around + values.length).position(around);
    return form == Form.HEAP_BUFFERS ? buffer.slice() : buffer;
  }

  private static String key(String hex) {
    if (hex.equals("-")) return "";
    byte[] bytes = new byte[hex.length() / 2];
    for (int i = 0; i < bytes.length; ++i) bytes[i] = (byte) Integer.parseInt(hex.substring(2 * i, 2 * i + 2), 16);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private void read(String[] words) {
    switch (words[0]) {
      case "model":
        model = Fixtures.file(words[1]);
        break;
      case "attach":
        attached.add(words);
        break;
      case "column":
        columns.add(readColumn(words));
        break;
      case "rows":
        rows.put(words[1], Integer.parseInt(words[2]));
        break;
      case "scores":
        scores = numbers(words, 1, 16);
        break;
      case "logits":
        logits = numbers(words, 1, 16);
        break;
      case "top":
        top = numbers(words, 1, 10);
        break;
      case "explain":
        explained.put(words[1], numbers(words, 3, 16));
        break;
      default:
        throw new IllegalStateException(name + ": " + words[0]);
    }
  }

  private static Given readColumn(String[] words) {
    Given given = new Given();
    given.group = words[1];
    given.name = words[2];
    given.kind = words[3];
    given.width = Integer.parseInt(words[4]);
    int at = 5;
    if (words[at].equals("counts")) {
      given.counts = numbers(words, at + 1, 10);
      at += 2 + given.counts.length;
    }
    given.values = new String[Integer.parseInt(words[at + 1])];
    System.arraycopy(words, at + 2, given.values, 0, given.values.length);
    return given;
  }

  /** A count at index `at`, and so many numbers. */
  private static int[] numbers(String[] words, int at, int radix) {
    int[] numbers = new int[Integer.parseInt(words[at])];
    for (int i = 0; i < numbers.length; ++i) numbers[i] = Integer.parseUnsignedInt(words[at + 1 + i], radix);
    return numbers;
  }
}
