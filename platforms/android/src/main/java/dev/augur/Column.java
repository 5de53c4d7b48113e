package dev.augur;

import androidx.annotation.NonNull;
import androidx.annotation.Nullable;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Collection;

/**
 * The values of one column, for events, candidates or one feature. A column refers to the array or buffer that it is
 * made of, so that values which change later are seen by the next call that gets the column. String keys are the
 * exception: they are encoded when the column is made.
 *
 * <p>A direct buffer is read in place, from the position to the limit that it has now. It must have the byte order of
 * the machine ({@code order(ByteOrder.nativeOrder())}) and begin at a multiple of its element's size. An array is copied
 * once by each call, into memory that the session keeps. For a buffer on the heap its array is taken.
 */
public final class Column {
  /** What the ids of a column are. */
  public enum IdForm {
    /** Keys, if the field's table has keys, else rows. */
    BY_FIELD,
    ROWS,
    KEYS
  }

  // Kinds of `data`; the same numbers are in jni/columns.cc.
  private static final int LONGS = 0;
  private static final int INTS = 1;
  private static final int FLOATS = 2;
  private static final int LONG_BUFFER = 3;
  private static final int FLOAT_BUFFER = 4;
  private static final int STRINGS = 5;

  final byte[] utf8Name;
  final int kind;
  final Object data;
  final int offset;
  final int length;
  /** Of STRINGS: the bytes of each key. */
  @Nullable final int[] lengths;
  /** How many ids each row has; null: the column has one value, or {@link #width} values, a row. */
  @Nullable final int[] counts;
  final IdForm idForm;
  private final String name;
  private final int width;

  private Column(
      String name, byte[] utf8Name, int kind, Object data, int offset, int length, @Nullable int[] lengths,
      @Nullable int[] counts, int width, IdForm idForm) {
    this.name = name;
    this.utf8Name = utf8Name;
    this.kind = kind;
    this.data = data;
    this.offset = offset;
    this.length = length;
    this.lengths = lengths;
    this.counts = counts;
    this.width = width;
    this.idForm = idForm;
  }

  /** One id a row: a row's number or an integer key. */
  @NonNull
  public static Column ids(@NonNull String name, long first, @NonNull long... more) {
    long[] ids = new long[notNull(name, more).length + 1];
    ids[0] = first;
    System.arraycopy(more, 0, ids, 1, more.length);
    return ids(name, ids);
  }

  /** One id a row. */
  @NonNull
  public static Column ids(@NonNull String name, @NonNull long[] ids) {
    return make(name, LONGS, notNull(name, ids), 0, ids.length, null, 1);
  }

  /** One id a row. */
  @NonNull
  public static Column ids(@NonNull String name, @NonNull int[] ids) {
    return make(name, INTS, notNull(name, ids), 0, ids.length, null, 1);
  }

  /** One id a row. */
  @NonNull
  public static Column ids(@NonNull String name, @NonNull LongBuffer ids) {
    return longs(name, ids, null);
  }

  /** One string key a row. */
  @NonNull
  public static Column keys(@NonNull String name, @NonNull String first, @NonNull String... more) {
    String[] keys = new String[notNull(name, more).length + 1];
    keys[0] = first;
    System.arraycopy(more, 0, keys, 1, more.length);
    return strings(name, keys, null);
  }

  /** One string key a row. */
  @NonNull
  public static Column keys(@NonNull String name, @NonNull String[] keys) {
    return strings(name, keys, null);
  }

  /** One string key a row. */
  @NonNull
  public static Column keys(@NonNull String name, @NonNull Collection<String> keys) {
    return strings(name, notNull(name, keys).toArray(new String[0]), null);
  }

  /**
   * Several ids a row.
   *
   * @param ids row after row
   * @param counts how many belong to each row; their sum is the number of ids
   */
  @NonNull
  public static Column idLists(@NonNull String name, @NonNull long[] ids, @NonNull int[] counts) {
    return make(name, LONGS, notNull(name, ids), 0, ids.length, notNull(name, counts), 1);
  }

  /** Several ids a row. */
  @NonNull
  public static Column idLists(@NonNull String name, @NonNull int[] ids, @NonNull int[] counts) {
    return make(name, INTS, notNull(name, ids), 0, ids.length, notNull(name, counts), 1);
  }

  /** Several ids a row. */
  @NonNull
  public static Column idLists(@NonNull String name, @NonNull LongBuffer ids, @NonNull int[] counts) {
    return longs(name, ids, notNull(name, counts));
  }

  /** Several string keys a row. */
  @NonNull
  public static Column keyLists(@NonNull String name, @NonNull String[] keys, @NonNull int[] counts) {
    return strings(name, keys, notNull(name, counts));
  }

  /** One number a row. */
  @NonNull
  public static Column numbers(@NonNull String name, float first, @NonNull float... more) {
    float[] values = new float[notNull(name, more).length + 1];
    values[0] = first;
    System.arraycopy(more, 0, values, 1, more.length);
    return numbers(name, values);
  }

  /** One number a row. */
  @NonNull
  public static Column numbers(@NonNull String name, @NonNull float[] values) {
    return vectors(name, values, 1);
  }

  /** One number a row. */
  @NonNull
  public static Column numbers(@NonNull String name, @NonNull FloatBuffer values) {
    return vectors(name, values, 1);
  }

  /** {@code width} numbers a row, row after row. */
  @NonNull
  public static Column vectors(@NonNull String name, @NonNull float[] values, int width) {
    return make(name, FLOATS, notNull(name, values), 0, values.length, null, width);
  }

  /** {@code width} numbers a row, row after row. */
  @NonNull
  public static Column vectors(@NonNull String name, @NonNull FloatBuffer values, int width) {
    int length = notNull(name, values).remaining();
    if (values.isDirect()) {
      checkOrder(name, values.order());
      return make(name, FLOAT_BUFFER, values, values.position(), length, null, width);
    }
    if (!values.hasArray()) throw noArray(name);
    return make(name, FLOATS, values.array(), values.arrayOffset() + values.position(), length, null, width);
  }

  /** The same column, whose ids are rows, or keys, whatever its fields' tables have. */
  @NonNull
  public Column withIdForm(@NonNull IdForm form) {
    if (form == null) throw new IllegalArgumentException("column '" + name + "': the id form is null");
    return new Column(name, utf8Name, kind, data, offset, length, lengths, counts, width, form);
  }

  @NonNull
  public String getName() {
    return name;
  }

  /** How many events or candidates it has values for. */
  public int getRows() {
    return counts != null ? counts.length : length / width;
  }

  private static Column longs(String name, LongBuffer ids, @Nullable int[] counts) {
    int length = notNull(name, ids).remaining();
    if (ids.isDirect()) {
      checkOrder(name, ids.order());
      return make(name, LONG_BUFFER, ids, ids.position(), length, counts, 1);
    }
    if (!ids.hasArray()) throw noArray(name);
    return make(name, LONGS, ids.array(), ids.arrayOffset() + ids.position(), length, counts, 1);
  }

  private static Column strings(String name, String[] keys, @Nullable int[] counts) {
    byte[] utf8Name = Utf8.name("column's name", name);
    int[] lengths = new int[notNull(name, keys).length];
    byte[] bytes = Utf8.keys(name, keys, lengths);
    return new Column(
        name, utf8Name, STRINGS, bytes, 0, lengths.length, lengths, counts, 1, IdForm.BY_FIELD);
  }

  private static Column make(
      String name, int kind, Object data, int offset, int length, @Nullable int[] counts, int width) {
    byte[] utf8Name = Utf8.name("column's name", name);
    if (width < 1 || length % width != 0) {
      throw new IllegalArgumentException(
          "column '" + name + "' has " + length + " values, which are not rows of width " + width);
    }
    return new Column(name, utf8Name, kind, data, offset, length, null, counts, width, IdForm.BY_FIELD);
  }

  private static <T> T notNull(String name, T values) {
    if (values == null) throw new IllegalArgumentException("column '" + name + "': an array or buffer is null");
    return values;
  }

  private static void checkOrder(String name, ByteOrder order) {
    if (order != ByteOrder.nativeOrder()) {
      throw new IllegalArgumentException(
          "column '" + name + "': the buffer's byte order is " + order
              + "; call order(ByteOrder.nativeOrder()) before asLongBuffer() or asFloatBuffer()");
    }
  }

  private static IllegalArgumentException noArray(String name) {
    return new IllegalArgumentException(
        "column '" + name + "': a read-only buffer on the heap cannot be read; give a direct buffer or an array");
  }
}
