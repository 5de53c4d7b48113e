package dev.augur;

import androidx.annotation.NonNull;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Makes the info classes of the strings and numbers that jni/info.cc gives, in the order in which it gives them. */
final class InfoReader {
  private static final int FEATURES = 0;
  private static final int CANDIDATE_FIELDS = 1;
  private static final int STACK_FIELDS = 2;

  private static final FieldKind[] FIELD_KINDS = FieldKind.values();
  private static final KeyType[] KEY_TYPES = KeyType.values();
  private static final UnknownIdRule[] RULES = UnknownIdRule.values();
  private static final RowsOrigin[] ORIGINS = RowsOrigin.values();
  private static final OutputKind[] OUTPUTS = OutputKind.values();

  private InfoReader() {}

  @NonNull
  static ModelInfo model(long model) {
    long[] n = new long[13];
    byte[][] s = Native.modelInfo(model, n);
    List<StackInfo> stacks = new ArrayList<StackInfo>();
    for (int i = 0; i < n[3]; ++i) stacks.add(stack(model, i));
    List<TableInfo> tables = new ArrayList<TableInfo>();
    for (int i = 0; i < n[5]; ++i) tables.add(table(model, i));
    List<String> notes = new ArrayList<String>();
    for (int i = 0; i < n[4]; ++i) notes.add(Utf8.text(Native.note(model, i)));
    return new ModelInfo(
        Utf8.text(s[0]), Utf8.text(s[1]), Utf8.text(s[2]), s[3], s[4], (int) n[0],
        fields(model, FEATURES, 0, n[1]), fields(model, CANDIDATE_FIELDS, 0, n[2]),
        Collections.unmodifiableList(stacks), Collections.unmodifiableList(tables),
        Collections.unmodifiableList(notes), n[6], n[7], n[8], Float.intBitsToFloat((int) n[9]),
        Float.intBitsToFloat((int) n[10]), OUTPUTS[(int) n[11]], (int) n[12]);
  }

  private static List<FieldInfo> fields(long model, int list, int stack, long count) {
    List<FieldInfo> fields = new ArrayList<FieldInfo>();
    for (int i = 0; i < count; ++i) {
      long[] n = new long[5];
      byte[][] s = Native.fieldInfo(model, list, stack, i, n);
      fields.add(new FieldInfo(
          Utf8.text(s[0]), Utf8.text(s[2]), FIELD_KINDS[(int) n[0]], (int) n[1], Utf8.text(s[1]), n[2],
          RULES[(int) n[3]], KEY_TYPES[(int) n[4]]));
    }
    return Collections.unmodifiableList(fields);
  }

  private static StackInfo stack(long model, int index) {
    long[] n = new long[3];
    byte[][] s = Native.stackInfo(model, index, n);
    return new StackInfo(Utf8.text(s[0]), (int) n[0], n[2] != 0, fields(model, STACK_FIELDS, index, n[1]));
  }

  private static TableInfo table(long model, int index) {
    long[] n = new long[9];
    byte[][] s = Native.tableInfo(model, index, n);
    return new TableInfo(
        Utf8.text(s[0]), n[0], (int) n[1], RULES[(int) n[2]], ORIGINS[(int) n[3]], KEY_TYPES[(int) n[4]], n[5],
        (int) n[6], n[7], n[8], s[1], s[2], s[3], s[4]);
  }
}
