package dev.augur;

import androidx.annotation.NonNull;

/** The scores of a list in which some candidates may be unusable. */
public final class RankEachResult {
  private final float[] scores;
  private final float[] logits;
  private final int[] statuses;

  RankEachResult(@NonNull float[] scores, @NonNull float[] logits, @NonNull int[] statuses) {
    this.scores = scores;
    this.logits = logits;
    this.statuses = statuses;
  }

  /** [candidates]; NaN for the unusable ones. */
  @NonNull
  public float[] getScores() {
    return scores;
  }

  /** [candidates]; NaN for the unusable ones. */
  @NonNull
  public float[] getLogits() {
    return logits;
  }

  /** {@link Status#OK}, or why the candidate is unusable. */
  @NonNull
  public Status status(int candidate) {
    return Status.of(statuses[candidate]);
  }
}
