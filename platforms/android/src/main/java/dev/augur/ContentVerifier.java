package dev.augur;

import androidx.annotation.NonNull;

/**
 * Decides whether a file may be used, for example by checking a signature over its content hash. Given to {@link
 * ModelOptions.Builder#contentVerifier}, it is asked about the model's file and about every sidecar and delta that is
 * attached, after the content hash was found to be right and before anything else in the file is read. It must not use
 * the model. What it throws is thrown by the call that opens or attaches.
 */
public interface ContentVerifier {
  /** False: opening or attaching fails with {@link AugurException.BadModel}. */
  boolean mayUse(@NonNull Content content);

  /** A file whose content hash is right. */
  final class Content {
    private final String file;
    private final String table;
    private final long bytes;
    private final byte[] modelId;
    private final byte[] contentHash;

    Content(@NonNull String file, @NonNull String table, long bytes, @NonNull byte[] modelId,
        @NonNull byte[] contentHash) {
      this.file = file;
      this.table = table;
      this.bytes = bytes;
      this.modelId = modelId;
      this.contentHash = contentHash;
    }

    /** Its path, "buffer" or "file descriptor". */
    @NonNull
    public String getFile() {
      return file;
    }

    /** The table of a sidecar or delta; "" for a model. */
    @NonNull
    public String getTable() {
      return table;
    }

    public long getBytes() {
      return bytes;
    }

    /** 32 bytes; as the file states it. */
    @NonNull
    public byte[] getModelId() {
      return modelId;
    }

    /** 32 bytes: the SHA-256 of the file, computed with the file's own hash as zeros. */
    @NonNull
    public byte[] getContentHash() {
      return contentHash;
    }
  }
}
