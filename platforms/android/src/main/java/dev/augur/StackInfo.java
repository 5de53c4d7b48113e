package dev.augur;

import androidx.annotation.NonNull;
import java.util.List;

/** A behaviour sequence: the events of one kind that a user has behind them. */
public final class StackInfo {
  private final String name;
  private final int maxHistory;
  private final boolean keepsOldest;
  private final List<FieldInfo> fields;

  StackInfo(
      @NonNull String name, int maxHistory, boolean keepsOldest, @NonNull List<FieldInfo> fields) {
    this.name = name;
    this.maxHistory = maxHistory;
    this.keepsOldest = keepsOldest;
    this.fields = fields;
  }

  @NonNull
  public String getName() {
    return name;
  }

  /** How many events are kept: the newest, or the oldest ({@link #getKeepsOldest}). */
  public int getMaxHistory() {
    return maxHistory;
  }

  /** True: new events of a full history are dropped; it cannot stream. */
  public boolean getKeepsOldest() {
    return keepsOldest;
  }

  /** The fields of its events. */
  @NonNull
  public List<FieldInfo> getFields() {
    return fields;
  }
}
