package dev.augur;

import androidx.annotation.NonNull;
import androidx.annotation.Nullable;

/** The best candidates, best first; ties go to the lower index. */
public final class TopK {
  private final int[] indices;
  private final float[] scores;
  @Nullable private final int[] statuses;

  TopK(@NonNull int[] indices, @NonNull float[] scores, @Nullable int[] statuses) {
    this.indices = indices;
    this.scores = scores;
    this.statuses = statuses;
  }

  /** How many there are: k, or fewer if there are fewer candidates. */
  public int getCount() {
    return indices.length;
  }

  /** [count]: which candidate is at each place. */
  @NonNull
  public int[] getIndices() {
    return indices;
  }

  /** [count] */
  @NonNull
  public float[] getScores() {
    return scores;
  }

  /** Of {@link Session#topKEach}: {@link Status#OK}, or why this candidate is unusable. Of topK: always OK. */
  @NonNull
  public Status status(int candidate) {
    return statuses == null ? Status.OK : Status.of(statuses[candidate]);
  }
}
