package dev.augur;

import androidx.annotation.NonNull;
import androidx.annotation.Nullable;
import java.nio.charset.Charset;

/** Real UTF-8, which is not the "modified UTF-8" of JNI's own string functions. */
final class Utf8 {
  private static final Charset UTF_8 = Charset.forName("UTF-8");

  private Utf8() {}

  /** A text of the library; bytes that are not UTF-8 become U+FFFD. */
  @NonNull
  static String text(@NonNull byte[] utf8) {
    return new String(utf8, UTF_8);
  }

  /** A name with a zero byte at its end. */
  @NonNull
  static byte[] name(@NonNull String what, @NonNull String name) {
    if (name == null) throw new IllegalArgumentException("the " + what + " is null");
    if (name.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("the " + what + " '" + name + "' contains the character U+0000");
    }
    byte[] bytes = new byte[length(what, name) + 1];
    write(name, bytes, 0);
    return bytes;
  }

  /** {@link #name}, but null stays null. */
  @Nullable
  static byte[] nameOrNull(@NonNull String what, @Nullable String name) {
    return name == null ? null : name(what, name);
  }

  /** A key; it may contain U+0000. */
  @NonNull
  static byte[] key(@NonNull String key) {
    byte[] bytes = new byte[length("key", key)];
    write(key, bytes, 0);
    return bytes;
  }

  /** Keys behind each other; {@code lengths} gets the bytes of each. */
  @NonNull
  static byte[] keys(@NonNull String column, @NonNull String[] keys, @NonNull int[] lengths) {
    long total = 0;
    for (int i = 0; i < keys.length; ++i) {
      if (keys[i] == null) throw new IllegalArgumentException("column '" + column + "': key " + i + " is null");
      lengths[i] = length(column, keys[i]);
      total += lengths[i];
    }
    if (total > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException("column '" + column + "': its keys have " + total + " bytes, more than an array");
    }
    byte[] bytes = new byte[(int) total];
    int at = 0;
    for (String key : keys) at = write(key, bytes, at);
    return bytes;
  }

  private static int length(String what, String text) {
    int bytes = text.length();
    for (int i = 0; i < text.length(); ++i) {
      char c = text.charAt(i);
      if (c < 0x80) continue;
      if (c < 0x800) {
        bytes += 1;
      } else if (!Character.isSurrogate(c)) {
        bytes += 2;
      } else if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
        bytes += 2; // four bytes for the two chars
        ++i;
      } else {
        throw new IllegalArgumentException(
            what + ": a string has half of a surrogate pair at index " + i + ", which has no UTF-8");
      }
    }
    return bytes;
  }

  /** Returns the index behind the last byte. {@link #length} has checked the text. */
  private static int write(String text, byte[] bytes, int at) {
    for (int i = 0; i < text.length(); ++i) {
      int c = text.charAt(i);
      if (c < 0x80) {
        bytes[at++] = (byte) c;
        continue;
      }
      if (c < 0x800) {
        bytes[at++] = (byte) (0xC0 | c >> 6);
      } else {
        if (Character.isSurrogate((char) c)) {
          c = Character.toCodePoint((char) c, text.charAt(++i));
          bytes[at++] = (byte) (0xF0 | c >> 18);
          bytes[at++] = (byte) (0x80 | c >> 12 & 0x3F);
        } else {
          bytes[at++] = (byte) (0xE0 | c >> 12);
        }
        bytes[at++] = (byte) (0x80 | c >> 6 & 0x3F);
      }
      bytes[at++] = (byte) (0x80 | c & 0x3F);
    }
    return at;
  }
}
