package dev.augur;

/** How a score is computed from the logit. */
public enum OutputKind {
  /** A click's probability. */
  SIGMOID,
  /** The logit itself: what a regression predicts. */
  IDENTITY
}
