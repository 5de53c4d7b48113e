package dev.augur;

import androidx.annotation.NonNull;

/** What {@link Session#restore} found. */
public final class RestoreReport {
  private final boolean sameModel;
  private final long unknownIds;
  private final long droppedEvents;

  RestoreReport(@NonNull long[] numbers) {
    sameModel = numbers[0] == 1;
    unknownIds = numbers[1];
    droppedEvents = numbers[2];
  }

  /** True: the state was of this model. False: of another one with the same schema. */
  public boolean isSameModel() {
    return sameModel;
  }

  /** Ids and keys that this model's tables do not have; they were treated by the tables' rules. */
  public long getUnknownIds() {
    return unknownIds;
  }

  /** Events that the model's mask rule now drops. */
  public long getDroppedEvents() {
    return droppedEvents;
  }
}
