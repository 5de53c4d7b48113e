package dev.augur.bench;

import java.util.Map;

/** Prints what test_bench_java.py checks of Timing and Inputs: a name and a value a line. */
public final class TimingCheck {
  private TimingCheck() {}

  public static void main(String[] arguments) {
    long[] times = new long[200];
    for (int i = 0; i < 200; ++i) times[i] = (i + 1) * 1000L;
    for (double share : new double[] {0, 0.5, 0.9, 0.99, 1}) {
      System.out.println("percentile " + share + " " + Timing.percentile(times, share));
    }
    System.out.println("single " + Timing.percentile(new long[] {7000}, 0.99));
    int[] count = {0};
    long begin = System.nanoTime();
    Map<String, Object> paced = Timing.repeat(12, 4, () -> ++count[0]);
    System.out.println("paced_ms " + (System.nanoTime() - begin) / 1e6);
    System.out.println("called " + count[0]);
    System.out.println("calls " + paced.get("calls"));
    System.out.println("p50_us " + paced.get("p50_us"));
    begin = System.nanoTime();
    Timing.repeat(1000, 0, () -> ++count[0]);
    System.out.println("back_to_back_ms " + (System.nanoTime() - begin) / 1e6);
    Inputs.SplitMix random = new Inputs.SplitMix(1);
    for (int i = 0; i < 4; ++i) System.out.println("next " + Long.toHexString(random.next()));
    for (int i = 0; i < 4; ++i) System.out.println("below " + random.below(1000003));
    System.out.println("unit " + random.unit());
    System.out.println("json " + Json.of("a\"\\\n\u0001\u00e9\ud83d\ude00").trim());
  }
}
