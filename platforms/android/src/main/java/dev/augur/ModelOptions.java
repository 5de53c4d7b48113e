package dev.augur;

import androidx.annotation.NonNull;
import androidx.annotation.Nullable;

/** How a model is opened. */
public final class ModelOptions {
  /** The file is mapped and read in place, and its content hash is not checked. */
  @NonNull public static final ModelOptions DEFAULT = new Builder().build();

  final boolean load;
  final boolean verify;
  @Nullable final ContentVerifier contentVerifier;

  private ModelOptions(@NonNull Builder builder) {
    load = builder.load;
    verify = builder.verify;
    contentVerifier = builder.contentVerifier;
  }

  public static final class Builder {
    private boolean load;
    private boolean verify;
    @Nullable private ContentVerifier contentVerifier;

    /**
     * True: the file is copied into memory and not needed any more. False, the default: it is mapped. A mapped file opens
     * fast and only the parts in use occupy memory; but it must not be changed or cut short while the model is open. (To
     * replace it, rename a new file over it.)
     */
    @NonNull
    public Builder load(boolean load) {
      this.load = load;
      return this;
    }

    /**
     * True: the SHA-256 of the model's file, and of each file that is attached later, must be the one that the file
     * states. All of the file is read for it.
     */
    @NonNull
    public Builder verifyContentHash(boolean verify) {
      this.verify = verify;
      return this;
    }

    /** Asks {@code verifier} whether a file may be used; the content hash is checked, too. */
    @NonNull
    public Builder contentVerifier(@Nullable ContentVerifier verifier) {
      contentVerifier = verifier;
      return this;
    }

    @NonNull
    public ModelOptions build() {
      return new ModelOptions(this);
    }
  }
}
