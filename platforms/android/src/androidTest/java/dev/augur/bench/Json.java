package dev.augur.bench;

import androidx.annotation.NonNull;
import java.util.List;
import java.util.Map;

/** Writes maps, lists, texts, numbers and booleans as JSON, one member a line. */
final class Json {
  /** What each line of a benchmark's JSON begins with in a log. */
  static final String MARK = "augur-benchmark: ";

  private final StringBuilder text = new StringBuilder();

  private Json() {}

  @NonNull
  static String of(@NonNull Object value) {
    Json json = new Json();
    json.write(value, 0);
    return json.text.append('\n').toString();
  }

  private void write(Object value, int depth) {
    if (value instanceof Map) {
      String separator = "{";
      for (Map.Entry<?, ?> member : ((Map<?, ?>) value).entrySet()) {
        text.append(separator);
        newLine(depth + 1);
        quote((String) member.getKey());
        text.append(": ");
        write(member.getValue(), depth + 1);
        separator = ",";
      }
      end(separator, "{", "}", depth);
    } else if (value instanceof List) {
      String separator = "[";
      for (Object element : (List<?>) value) {
        text.append(separator);
        newLine(depth + 1);
        write(element, depth + 1);
        separator = ",";
      }
      end(separator, "[", "]", depth);
    } else if (value instanceof String) {
      quote((String) value);
    } else if (value instanceof Number || value instanceof Boolean) {
      text.append(value);
    } else {
      throw new IllegalArgumentException("a value that JSON does not have here: " + value);
    }
  }

  private void end(String separator, String open, String close, int depth) {
    if (separator.equals(",")) {
      newLine(depth);
      text.append(close);
    } else {
      text.append(open).append(close);
    }
  }

  private void newLine(int depth) {
    text.append('\n');
    for (int i = 0; i < depth; ++i) text.append(' ');
  }

  private void quote(String value) {
    text.append('"');
    for (int i = 0; i < value.length(); ++i) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        text.append('\\').append(c);
      } else if (c < ' ' || Character.isSurrogate(c)) {
        text.append("\\u");
        for (int shift = 12; shift >= 0; shift -= 4) text.append(Character.forDigit(c >> shift & 15, 16));
      } else {
        text.append(c);
      }
    }
    text.append('"');
  }
}
