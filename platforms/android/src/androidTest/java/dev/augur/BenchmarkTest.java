package dev.augur;

import android.content.Context;
import android.content.Intent;
import android.content.IntentFilter;
import android.os.BatteryManager;
import android.os.Build;
import android.os.PowerManager;
import android.test.InstrumentationTestCase;
import android.util.Log;
import dev.augur.bench.Benchmark;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Measures a model inside an app's process, as docs/device-benchmark.md describes. The model is the asset benchmark.augur of
 * the tests (src/androidTest/assets). The JSON goes to the log with the tag "AugurBenchmark".
 */
public class BenchmarkTest extends InstrumentationTestCase {
  private static final String MODEL = "benchmark.augur";
  private static final String TAG = "AugurBenchmark";
  private static final int[] CANDIDATES = {10, 100};
  private static final int[] HISTORY = {50};
  private static final int CALLS = 100;
  private static final double PACE_MS = 50;

  private static final String[] THERMAL = {
    "none", "light", "moderate", "severe", "critical", "emergency", "shutdown"
  };

  public void testBenchmark() throws IOException {
    Context tests = getInstrumentation().getContext();
    Context app = getInstrumentation().getTargetContext();
    if (!Arrays.asList(tests.getAssets().list("")).contains(MODEL)) {
      fail("src/androidTest/assets/" + MODEL + " is missing: copy the model there that is to be measured");
    }
    String json = new Benchmark("instrumented-test", device(), () -> Model.fromAsset(tests, MODEL))
        .conditions(() -> conditions(app))
        .cases(CANDIDATES, HISTORY)
        .pace(CALLS, PACE_MS)
        .run();
    for (String line : Benchmark.logLines(json)) Log.i(TAG, line);
  }

  private static Map<String, Object> device() {
    Map<String, Object> device = new LinkedHashMap<>();
    device.put("system", "Android");
    device.put("system_version", Build.VERSION.RELEASE);
    device.put("api", Build.VERSION.SDK_INT);
    device.put("build", Build.ID);
    device.put("manufacturer", Build.MANUFACTURER);
    device.put("model", Build.MODEL);
    device.put("soc", Build.BOARD);
    device.put("abi", Build.SUPPORTED_ABIS[0]);
    device.put("cores", Runtime.getRuntime().availableProcessors());
    device.put("emulator", Build.HARDWARE.contains("goldfish") || Build.HARDWARE.contains("ranchu"));
    return device;
  }

  private static Map<String, Object> conditions(Context context) {
    Map<String, Object> conditions = new LinkedHashMap<>();
    PowerManager power = (PowerManager) context.getSystemService(Context.POWER_SERVICE);
    int thermal = thermalStatus(power);
    if (thermal >= 0 && thermal < THERMAL.length) conditions.put("thermal", THERMAL[thermal]);
    Map<String, Object> battery = battery(context);
    if (!battery.isEmpty()) conditions.put("battery", battery);
    conditions.put("low_power", power.isPowerSaveMode());
    return conditions;
  }

  /** -1 where the system does not tell it: PowerManager.getCurrentThermalStatus is of API 29. */
  private static int thermalStatus(PowerManager power) {
    try {
      return (Integer) PowerManager.class.getMethod("getCurrentThermalStatus").invoke(power);
    } catch (ReflectiveOperationException unknown) {
      return -1;
    }
  }

  private static Map<String, Object> battery(Context context) {
    Map<String, Object> battery = new LinkedHashMap<>();
    Intent state = context.registerReceiver(null, new IntentFilter(Intent.ACTION_BATTERY_CHANGED));
    if (state == null) return battery;
    int level = state.getIntExtra(BatteryManager.EXTRA_LEVEL, -1);
    int scale = state.getIntExtra(BatteryManager.EXTRA_SCALE, 100);
    if (level >= 0 && scale > 0) battery.put("percent", 100.0 * level / scale);
    switch (state.getIntExtra(BatteryManager.EXTRA_PLUGGED, -1)) {
      case 0: battery.put("source", "battery"); break;
      case BatteryManager.BATTERY_PLUGGED_AC: battery.put("source", "ac"); break;
      case BatteryManager.BATTERY_PLUGGED_USB: battery.put("source", "usb"); break;
      case BatteryManager.BATTERY_PLUGGED_WIRELESS: battery.put("source", "wireless"); break;
      default: break;
    }
    int tenths = state.getIntExtra(BatteryManager.EXTRA_TEMPERATURE, Integer.MIN_VALUE);
    if (tenths != Integer.MIN_VALUE) battery.put("celsius", tenths / 10.0);
    return battery;
  }
}
