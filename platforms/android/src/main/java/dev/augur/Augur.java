package dev.augur;

import android.util.Log;
import androidx.annotation.NonNull;
import androidx.annotation.Nullable;

/** The library's version, and where its warnings go. */
public final class Augur {
  /** Takes a warning, such as that a session was never closed. It may be called on any thread. */
  public interface Logger {
    /**
     * @param message one line of English
     */
    void warn(@NonNull String message);
  }

  private static final String TAG = "Augur";

  @Nullable private static volatile Logger logger;

  private Augur() {}

  /** The version of the native library, such as "0.6.0". */
  @NonNull
  public static String getVersion() {
    int version = Native.version();
    return version / 10000 + "." + version / 100 % 100 + "." + version % 100;
  }

  /** Sends warnings to {@code logger}; null: to the system's log with the tag "Augur", as at the beginning. */
  public static void setLogger(@Nullable Logger logger) {
    Augur.logger = logger;
  }

  static void warn(@NonNull String message) {
    Logger logger = Augur.logger;
    if (logger != null) {
      logger.warn(message);
      return;
    }
    try {
      Log.w(TAG, message);
    } catch (LinkageError notOnAndroid) {
      System.err.println(TAG + ": " + message);
    }
  }
}
