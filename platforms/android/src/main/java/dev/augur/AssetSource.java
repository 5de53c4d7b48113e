package dev.augur;

import android.content.res.AssetFileDescriptor;
import android.content.res.AssetManager;
import androidx.annotation.NonNull;
import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;

/** An asset, read in place inside the APK. */
final class AssetSource extends Source {
  /** An asset as a part of the APK's file. */
  interface Part extends Closeable {
    int fd();

    long offset();

    /** Negative: up to the file's end. */
    long length();
  }

  /** What is needed of an AssetManager. Tests on a machine without Android have their own. */
  interface Assets {
    /** FileNotFoundException: the asset is compressed, or there is none. */
    @NonNull
    Part openPart(@NonNull String name) throws IOException;

    /** Opens compressed assets, too. */
    @NonNull
    Closeable open(@NonNull String name) throws IOException;
  }

  static final class Android implements Assets {
    private final AssetManager assets;

    Android(@NonNull AssetManager assets) {
      this.assets = assets;
    }

    @NonNull
    @Override
    public Part openPart(@NonNull String name) throws IOException {
      final AssetFileDescriptor descriptor = assets.openFd(name);
      return new Part() {
        @Override
        public int fd() {
          return descriptor.getParcelFileDescriptor().getFd();
        }

        @Override
        public long offset() {
          return descriptor.getStartOffset();
        }

        @Override
        public long length() {
          return descriptor.getLength();
        }

        @Override
        public void close() throws IOException {
          descriptor.close();
        }
      };
    }

    @NonNull
    @Override
    public Closeable open(@NonNull String name) throws IOException {
      return assets.open(name);
    }
  }

  private final Assets assets;
  private final String name;

  AssetSource(@NonNull Assets assets, @NonNull String name) {
    if (name == null) throw new IllegalArgumentException("the asset's name is null");
    this.assets = assets;
    this.name = name;
  }

  @Override
  void use(@NonNull User user) {
    Part part = null;
    try {
      part = assets.openPart(name);
      if (part.length() == 0) {
        throw AugurException.of(Status.BAD_MODEL, "the asset '" + name + "' is empty", 0);
      }
      user.descriptor(part.fd(), part.offset(), Math.max(part.length(), 0));
    } catch (FileNotFoundException missing) {
      throw missing(missing);
    } catch (IOException error) {
      throw AugurException.of(Status.IO_ERROR, "the asset '" + name + "' could not be opened: " + error, 0);
    } finally {
      closeQuietly(part);
    }
  }

  private AugurException missing(FileNotFoundException reason) {
    Closeable stream = null;
    try {
      stream = assets.open(name);
    } catch (IOException notThere) {
      return AugurException.of(
          Status.NOT_FOUND, "there is no asset '" + name + "'; it belongs into src/main/assets", 0);
    } finally {
      closeQuietly(stream);
    }
    return AugurException.of(
        Status.UNSUPPORTED,
        "the asset '" + name + "' is compressed in the APK, so that it cannot be mapped (" + reason.getMessage()
            + "). Add androidResources { noCompress += \"augur\" } to the android block of build.gradle.kts, and give "
            + "the file the ending .augur",
        0);
  }

  private static void closeQuietly(Closeable closeable) {
    if (closeable == null) return;
    try {
      closeable.close();
    } catch (IOException alreadyRead) {
      // What was needed of it has been read.
    }
  }
}
