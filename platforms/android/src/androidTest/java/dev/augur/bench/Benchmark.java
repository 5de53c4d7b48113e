package dev.augur.bench;

import androidx.annotation.NonNull;
import androidx.annotation.Nullable;
import dev.augur.Augur;
import dev.augur.Column;
import dev.augur.Columns;
import dev.augur.Model;
import dev.augur.ModelInfo;
import dev.augur.Session;
import dev.augur.SessionOptions;
import dev.augur.Source;
import java.io.BufferedReader;
import java.io.FileReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures a model through the Java API, at a pace and back to back, and describes it as docs/benchmark-json.md says. It
 * uses nothing of Android, so it runs on a computer's JVM, too.
 */
public final class Benchmark {
  /** Tells the conditions that docs/benchmark-json.md names. */
  public interface Conditions {
    @NonNull
    Map<String, Object> now();
  }

  /** Opens the same model each time. */
  public interface Opener {
    @NonNull
    Model open();
  }

  private static final int COLD_RUNS = 21;

  private final String program;
  private final Map<String, Object> device;
  private final Opener opener;
  private Conditions conditions = LinkedHashMap::new;
  private int[] candidates = {10, 100};
  private int[] histories = {50};
  private int threads = 1;
  private int calls = 100;
  private double paceMs = 50;
  private long seed = 1;

  /**
   * @param program "instrumented-test" or "jvm"
   * @param device the members of "device"
   */
  public Benchmark(@NonNull String program, @NonNull Map<String, Object> device, @NonNull Opener opener) {
    this.program = program;
    this.device = device;
    this.opener = opener;
  }

  public Benchmark conditions(@NonNull Conditions conditions) {
    this.conditions = conditions;
    return this;
  }

  /** How many candidates, and how many events; these at most the model's limit. */
  public Benchmark cases(@NonNull int[] candidates, @NonNull int[] histories) {
    this.candidates = candidates.clone();
    this.histories = histories.clone();
    return this;
  }

  /** Threads of a session. */
  public Benchmark threads(int threads) {
    this.threads = threads;
    return this;
  }

  /** How many calls of each figure are timed, and how many milliseconds lie between them in the paced run. */
  public Benchmark pace(int calls, double paceMs) {
    this.calls = calls;
    this.paceMs = paceMs;
    return this;
  }

  public Benchmark seed(long seed) {
    this.seed = seed;
    return this;
  }

  /** Measures, and returns the JSON: lines that each end with a line feed. */
  @NonNull
  public String run() {
    Map<String, Object> first = new LinkedHashMap<>();
    Map<String, Object> memory = new LinkedHashMap<>();
    long resident = residentBytes();
    long begin = System.nanoTime();
    try (Model model = opener.open()) {
      first.put("open_us", Timing.micros(System.nanoTime() - begin));
      ModelInfo info = model.getInfo();
      start(model, info, first);
      if (resident > 0) memory.put("resident_growth_bytes", Math.max(0, residentBytes() - resident));
      List<Object> runs = new ArrayList<>();
      for (double pace : new double[] {paceMs, 0}) {
        Map<String, Object> run = new LinkedHashMap<>();
        run.put("pace_ms", pace);
        run.put("before", conditions.now());
        run.put("first_of_process", first);
        if (!memory.isEmpty()) run.put("memory", memory);
        run.put("cases", cases(model, info, pace));
        run.put("after", conditions.now());
        runs.add(run);
      }
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("format", "augur-benchmark");
      document.put("version", 1);
      document.put("program", program);
      document.put("augur", Augur.getVersion());
      document.put("device", device);
      document.put("model", describe(info));
      document.put("seed", seed);
      document.put("runs", runs);
      return Json.of(document);
    }
  }

  /** The JSON as lines for a log that others write into, too. */
  @NonNull
  public static List<String> logLines(@NonNull String json) {
    List<String> lines = new ArrayList<>();
    for (String line : json.split("\n")) lines.add(Json.MARK + line);
    return lines;
  }

  /** The first session of the process, and its first ranking. */
  private void start(Model model, ModelInfo info, Map<String, Object> first) {
    Inputs inputs = new Inputs(info, seed, clamped(info, histories[0]), candidates[0]);
    float[] scores = new float[candidates[0]];
    long begin = System.nanoTime();
    try (Session session = model.newSession(options(clamped(info, histories[0])))) {
      first.put("create_us", Timing.micros(System.nanoTime() - begin));
      setUser(session, inputs);
      first.put("rank_us", Timing.micros(Timing.of(() -> session.rank(inputs.candidates, scores, null))));
    }
  }

  private List<Object> cases(Model model, ModelInfo info, double pace) {
    List<Object> cases = new ArrayList<>();
    List<Integer> done = new ArrayList<>();
    for (int asked : histories) {
      int history = clamped(info, asked);
      if (done.contains(history)) continue;
      done.add(history);
      for (int count : candidates) cases.add(oneCase(model, info, history, count, pace));
    }
    return cases;
  }

  private Map<String, Object> oneCase(Model model, ModelInfo info, int history, int count, double pace) {
    Inputs inputs = new Inputs(info, seed, history, count);
    float[] scores = new float[count];
    Map<String, Object> one = new LinkedHashMap<>();
    one.put("history", history);
    one.put("candidates", count);
    one.put("threads", threads);
    one.put("session_bytes", model.sessionBytes(options(history)));
    coldRankings(one, inputs, history, scores);
    Map<String, Object> digest = Scores.digest(scores);
    try (Session session = model.newSession(options(history))) {
      setUser(session, inputs);
      Timing.Call rank = () -> session.rank(inputs.candidates, scores, null);
      rank.run();
      one.put("rank", Timing.repeat(calls, pace, rank));
      if (history > 0) {
        int[] turn = {0};
        one.put("append_and_rank", Timing.repeat(calls, pace, () -> {
          append(session, inputs, turn[0]++);
          rank.run();
        }));
      }
    }
    one.put("scores", digest);
    return one;
  }

  /** The first ranking of a model just opened, and the same work again; `scores` are of these. */
  private void coldRankings(Map<String, Object> one, Inputs inputs, int history, float[] scores) {
    long[] first = new long[COLD_RUNS];
    long[] newUser = new long[COLD_RUNS];
    for (int i = 0; i < COLD_RUNS; ++i) {
      try (Model model = opener.open(); Session session = model.newSession(options(history))) {
        setUser(session, inputs);
        first[i] = Timing.of(() -> session.rank(inputs.candidates, scores, null));
        setUser(session, inputs);
        newUser[i] = Timing.of(() -> session.rank(inputs.candidates, scores, null));
      }
    }
    Arrays.sort(first);
    Arrays.sort(newUser);
    one.put("first_rank_us", Timing.percentile(first, 0.5));
    one.put("new_user_rank_us", Timing.percentile(newUser, 0.5));
  }

  private static void setUser(Session session, Inputs inputs) {
    for (Column feature : inputs.features) session.setFeature(feature);
    for (int s = 0; s < inputs.stacks.size(); ++s) {
      session.setHistory(inputs.stacks.get(s).getName(), inputs.histories.get(s));
    }
  }

  private static void append(Session session, Inputs inputs, int turn) {
    for (int s = 0; s < inputs.stacks.size(); ++s) {
      Columns event = inputs.newEvents.get(s).get(turn % Inputs.NEW_EVENTS);
      session.append(inputs.stacks.get(s).getName(), event);
    }
  }

  private SessionOptions options(int history) {
    return new SessionOptions.Builder().maxHistory(history).threads(threads).build();
  }

  private static int clamped(ModelInfo info, int history) {
    int longest = 0;
    for (int s = 0; s < info.getStacks().size(); ++s) {
      longest = Math.max(longest, info.getStacks().get(s).getMaxHistory());
    }
    return Math.min(history, longest);
  }

  private static Map<String, Object> describe(ModelInfo info) {
    StringBuilder id = new StringBuilder();
    for (byte b : info.getId()) {
      id.append(Character.forDigit(b >> 4 & 15, 16)).append(Character.forDigit(b & 15, 16));
    }
    Map<String, Object> model = new LinkedHashMap<>();
    model.put("name", info.getName());
    model.put("id", id.toString());
    model.put("file_bytes", info.getFileBytes());
    model.put("arena_bytes", info.getArenaBytes());
    model.put("arena_used_bytes", info.getArenaUsedBytes());
    return model;
  }

  /** The process's resident memory; 0 where the system does not tell it. */
  private static long residentBytes() {
    try (BufferedReader file = new BufferedReader(new FileReader("/proc/self/status"))) {
      for (String line = file.readLine(); line != null; line = file.readLine()) {
        if (line.startsWith("VmRSS:")) return 1024 * Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    } catch (IOException | NumberFormatException unknown) {
      return 0;
    }
    return 0;
  }

  /**
   * On a computer: {@code Benchmark MODEL [CANDIDATES [HISTORY [CALLS [PACE_MS]]]]}, numbers such as 10,100. Prints the
   * JSON, as a log if the environment variable AUGUR_BENCHMARK_LOG is set.
   */
  public static void main(@NonNull String[] arguments) {
    if (arguments.length < 1) throw new IllegalArgumentException("the model is missing");
    String path = arguments[0];
    Map<String, Object> device = new LinkedHashMap<>();
    device.put("system", System.getProperty("os.name"));
    device.put("abi", System.getProperty("os.arch"));
    String json = new Benchmark("jvm", device, () -> Model.open(Source.file(path)))
        .cases(numbers(arguments, 1, "10,100"), numbers(arguments, 2, "50"))
        .pace(numbers(arguments, 3, "100")[0], numbers(arguments, 4, "50")[0])
        .run();
    if (System.getenv("AUGUR_BENCHMARK_LOG") == null) {
      System.out.print(json);
    } else {
      for (String line : logLines(json)) System.out.println(line);
    }
  }

  private static int[] numbers(String[] arguments, int index, @Nullable String otherwise) {
    String[] parts = (index < arguments.length ? arguments[index] : otherwise).split(",");
    int[] numbers = new int[parts.length];
    for (int i = 0; i < parts.length; ++i) numbers[i] = Integer.parseInt(parts[i]);
    return numbers;
  }
}
