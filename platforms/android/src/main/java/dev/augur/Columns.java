package dev.augur;

import androidx.annotation.NonNull;
import java.util.Collection;

/**
 * Columns that belong together: all that is known of the events, or of the candidates. They can be used again, for any
 * number of calls and sessions; then a ranking into arrays that are there allocates nothing in Java either.
 */
public final class Columns {
  private static final int NUMBERS = 6;
  private static final int OBJECTS = 3;

  /** For each column: the data, the counts, the lengths of strings; null where it has none. */
  @NonNull final Object[] data;
  /** For each column: its kind, the name's offset, the data's offset, its length, how many counts, the id form. */
  @NonNull final int[] numbers;
  /** The names, each with a zero byte at its end. */
  @NonNull final byte[] names;
  final int rows;

  private Columns(@NonNull Column[] columns) {
    data = new Object[columns.length * OBJECTS];
    numbers = new int[columns.length * NUMBERS];
    int nameBytes = 0;
    for (int i = 0; i < columns.length; ++i) {
      Column column = columns[i];
      if (column == null) throw new IllegalArgumentException("column " + i + " is null");
      data[i * OBJECTS] = column.data;
      data[i * OBJECTS + 1] = column.counts;
      data[i * OBJECTS + 2] = column.lengths;
      int at = i * NUMBERS;
      numbers[at] = column.kind;
      numbers[at + 1] = nameBytes;
      numbers[at + 2] = column.offset;
      numbers[at + 3] = column.length;
      numbers[at + 4] = column.counts == null ? 0 : column.counts.length;
      numbers[at + 5] = column.idForm.ordinal();
      nameBytes += column.utf8Name.length;
    }
    names = new byte[nameBytes];
    for (int i = 0; i < columns.length; ++i) {
      byte[] name = columns[i].utf8Name;
      System.arraycopy(name, 0, names, numbers[i * NUMBERS + 1], name.length);
    }
    rows = columns.length == 0 ? 0 : columns[0].getRows();
    for (Column column : columns) {
      if (column.counts == null || column.counts.length == rows) continue;
      throw AugurException.of(
          Status.SHAPE_MISMATCH,
          "column '" + column.getName() + "' has " + column.counts.length + " counts, but column '"
              + columns[0].getName() + "' has " + rows + " rows",
          0);
    }
  }

  /**
   * @throws AugurException.ShapeMismatch if a column's counts are not as many as the first column's rows
   */
  @NonNull
  public static Columns of(@NonNull Column... columns) {
    if (columns == null) throw new IllegalArgumentException("the columns are null");
    return new Columns(columns);
  }

  /** See {@link #of(Column...)}. */
  @NonNull
  public static Columns of(@NonNull Collection<Column> columns) {
    if (columns == null) throw new IllegalArgumentException("the columns are null");
    return new Columns(columns.toArray(new Column[0]));
  }

  /** How many events or candidates there are: the rows of the first column. A call checks that the others agree. */
  public int getRows() {
    return rows;
  }
}
