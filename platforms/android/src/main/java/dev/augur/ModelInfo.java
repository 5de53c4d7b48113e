package dev.augur;

import androidx.annotation.NonNull;
import java.util.List;

/** What a model declares, at the time of the call. */
public final class ModelInfo {
  private final String name;
  private final String producer;
  private final String producerVersion;
  private final byte[] id;
  private final byte[] schemaId;
  private final int format;
  private final List<FieldInfo> features;
  private final List<FieldInfo> candidateFields;
  private final List<StackInfo> stacks;
  private final List<TableInfo> tables;
  private final List<String> notes;
  private final long fileBytes;
  private final long arenaBytes;
  private final long arenaUsedBytes;
  private final float calibrationScale;
  private final float calibrationOffset;
  private final OutputKind output;
  private final int sessions;

  ModelInfo(
      @NonNull String name, @NonNull String producer, @NonNull String producerVersion, @NonNull byte[] id,
      @NonNull byte[] schemaId, int format, @NonNull List<FieldInfo> features,
      @NonNull List<FieldInfo> candidateFields, @NonNull List<StackInfo> stacks, @NonNull List<TableInfo> tables,
      @NonNull List<String> notes, long fileBytes, long arenaBytes, long arenaUsedBytes, float calibrationScale,
      float calibrationOffset, @NonNull OutputKind output, int sessions) {
    this.name = name;
    this.producer = producer;
    this.producerVersion = producerVersion;
    this.id = id;
    this.schemaId = schemaId;
    this.format = format;
    this.features = features;
    this.candidateFields = candidateFields;
    this.stacks = stacks;
    this.tables = tables;
    this.notes = notes;
    this.fileBytes = fileBytes;
    this.arenaBytes = arenaBytes;
    this.arenaUsedBytes = arenaUsedBytes;
    this.calibrationScale = calibrationScale;
    this.calibrationOffset = calibrationOffset;
    this.output = output;
    this.sessions = sessions;
  }

  @NonNull
  public String getName() {
    return name;
  }

  @NonNull
  public String getProducer() {
    return producer;
  }

  @NonNull
  public String getProducerVersion() {
    return producerVersion;
  }

  /** 32 bytes: the SHA-256 of the content. */
  @NonNull
  public byte[] getId() {
    return id.clone();
  }

  /** 32 bytes. Models with equal schema ids can restore each other's saved sessions. */
  @NonNull
  public byte[] getSchemaId() {
    return schemaId.clone();
  }

  /** The file's format version. */
  public int getFormat() {
    return format;
  }

  /** Fields of the request. */
  @NonNull
  public List<FieldInfo> getFeatures() {
    return features;
  }

  @NonNull
  public List<FieldInfo> getCandidateFields() {
    return candidateFields;
  }

  /** Behaviour sequences. */
  @NonNull
  public List<StackInfo> getStacks() {
    return stacks;
  }

  @NonNull
  public List<TableInfo> getTables() {
    return tables;
  }

  /** Remarks that came with the model. */
  @NonNull
  public List<String> getNotes() {
    return notes;
  }

  public long getFileBytes() {
    return fileBytes;
  }

  /** Native memory of the model, ... */
  public long getArenaBytes() {
    return arenaBytes;
  }

  /** ... and what of it is in use. */
  public long getArenaUsedBytes() {
    return arenaUsedBytes;
  }

  /** logit = scale * network output + offset. */
  public float getCalibrationScale() {
    return calibrationScale;
  }

  public float getCalibrationOffset() {
    return calibrationOffset;
  }

  @NonNull
  public OutputKind getOutput() {
    return output;
  }

  /** How many exist now. */
  public int getSessions() {
    return sessions;
  }
}
