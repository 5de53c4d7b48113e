package dev.augur.bench;

import androidx.annotation.NonNull;
import dev.augur.Column;
import dev.augur.Columns;
import dev.augur.FieldInfo;
import dev.augur.FieldKind;
import dev.augur.ModelInfo;
import dev.augur.StackInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The random inputs of one case, as docs/benchmark-json.md describes them: the same as those of augur-bench. */
final class Inputs {
  /** So many different events are appended in turn; after the last comes the first again. */
  static final int NEW_EVENTS = 64;

  final List<Column> features;
  final Columns candidates;
  final List<StackInfo> stacks;
  /** For each stack. */
  final List<Columns> histories = new ArrayList<>();
  /** For each stack NEW_EVENTS events. */
  final List<List<Columns>> newEvents = new ArrayList<>();

  private final SplitMix random;

  Inputs(@NonNull ModelInfo model, long seed, int history, int candidates) {
    random = new SplitMix(seed);
    stacks = model.getStacks();
    features = draw(model.getFeatures(), 1);
    this.candidates = Columns.of(draw(model.getCandidateFields(), candidates));
    for (StackInfo stack : stacks) {
      histories.add(Columns.of(draw(stack.getFields(), Math.min(history, stack.getMaxHistory()))));
      List<Columns> events = new ArrayList<>();
      for (int i = 0; i < NEW_EVENTS; ++i) events.add(Columns.of(draw(stack.getFields(), 1)));
      newEvents.add(events);
    }
  }

  /** The generator splitmix64. */
  static final class SplitMix {
    private long state;

    SplitMix(long seed) {
      state = seed;
    }

    long next() {
      state += 0x9e3779b97f4a7c15L;
      long z = state;
      z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
      z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
      return z ^ (z >>> 31);
    }

    /** next() modulo {@code bound}, unsigned. Long.remainderUnsigned is newer than API 21. */
    long below(long bound) {
      long value = next();
      long quotient = ((value >>> 1) / bound) << 1;
      long rest = value - quotient * bound;
      return rest < 0 || rest >= bound ? rest - bound : rest;
    }

    float unit() {
      return (next() >>> 40) * 0x1p-24f;
    }
  }

  /** One column for each that the fields name, with values for so many rows. */
  private List<Column> draw(List<FieldInfo> fields, int rows) {
    Map<String, FieldInfo> first = new LinkedHashMap<>();
    Map<String, Long> tableRows = new LinkedHashMap<>();
    for (FieldInfo field : fields) {
      Long fewest = tableRows.get(field.getColumn());
      if (fewest == null) first.put(field.getColumn(), field);
      if (fewest == null || field.getTableRows() < fewest) tableRows.put(field.getColumn(), field.getTableRows());
    }
    List<Column> columns = new ArrayList<>();
    for (Map.Entry<String, FieldInfo> one : first.entrySet()) {
      columns.add(drawColumn(one.getKey(), one.getValue(), tableRows.get(one.getKey()), rows));
    }
    return columns;
  }

  private Column drawColumn(String name, FieldInfo field, long tableRows, int rows) {
    FieldKind kind = field.getKind();
    if (kind == FieldKind.ID) {
      long[] ids = new long[rows];
      for (int row = 0; row < rows; ++row) ids[row] = id(tableRows);
      return Column.ids(name, ids).withIdForm(Column.IdForm.ROWS);
    }
    if (kind == FieldKind.IDS) {
      int[] counts = new int[rows];
      long[] most = new long[3 * rows];
      int length = 0;
      for (int row = 0; row < rows; ++row) {
        counts[row] = 1 + (int) random.below(3);
        for (int i = 0; i < counts[row]; ++i) most[length++] = id(tableRows);
      }
      long[] ids = new long[length];
      System.arraycopy(most, 0, ids, 0, length);
      return Column.idLists(name, ids, counts).withIdForm(Column.IdForm.ROWS);
    }
    float[] values = new float[rows * field.getWidth()];
    for (int i = 0; i < values.length; ++i) values[i] = random.unit();
    return Column.vectors(name, values, field.getWidth());
  }

  /** A row of the table, but never 0, which may mean "no event". */
  private long id(long tableRows) {
    return tableRows < 2 ? 0 : 1 + random.below(tableRows - 1);
  }
}
