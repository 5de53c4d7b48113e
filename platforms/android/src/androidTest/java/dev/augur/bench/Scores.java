package dev.augur.bench;

import androidx.annotation.NonNull;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A short form of a ranking's scores, by which two machines can be compared: docs/benchmark-json.md. */
final class Scores {
  private static final int MOST_SAMPLES = 16;

  private Scores() {}

  @NonNull
  static Map<String, Object> digest(@NonNull float[] scores) {
    long bits = 0xcbf29ce484222325L;
    double sum = 0;
    double weightedSum = 0;
    for (int i = 0; i < scores.length; ++i) {
      int word = Float.floatToRawIntBits(scores[i]);
      for (int shift = 0; shift < 32; shift += 8) bits = (bits ^ (word >>> shift & 0xff)) * 0x100000001b3L;
      sum += scores[i];
      weightedSum += scores[i] * (i % 17 / 16.0);
    }
    int count = Math.min(MOST_SAMPLES, scores.length);
    List<Object> samples = new ArrayList<>();
    for (int i = 0; i < count; ++i) samples.add((double) scores[(int) ((long) i * scores.length / count)]);
    Map<String, Object> digest = new LinkedHashMap<>();
    digest.put("count", scores.length);
    digest.put("bits", hexadecimal(bits));
    digest.put("sum", sum);
    digest.put("weighted_sum", weightedSum);
    digest.put("samples", samples);
    return digest;
  }

  private static String hexadecimal(long bits) {
    StringBuilder text = new StringBuilder();
    for (int shift = 60; shift >= 0; shift -= 4) text.append(Character.forDigit((int) (bits >>> shift & 15), 16));
    return text.toString();
  }
}
