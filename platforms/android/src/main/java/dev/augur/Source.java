package dev.augur;

import android.content.Context;
import android.content.res.AssetManager;
import android.os.ParcelFileDescriptor;
import androidx.annotation.NonNull;
import java.io.File;
import java.nio.ByteBuffer;

/** Where a model, a sidecar or a delta is. */
public abstract class Source {
  /** Gets the source in one of the forms that the native library reads. */
  interface User {
    void path(@NonNull byte[] path);

    /** A direct buffer, all of whose bytes, from position 0, are meant. */
    void buffer(@NonNull ByteBuffer data);

    /** The descriptor is open during the call. length 0: up to the file's end. */
    void descriptor(int fd, long offset, long length);
  }

  Source() {}

  abstract void use(@NonNull User user);

  /** A file. */
  @NonNull
  public static Source file(@NonNull File file) {
    if (file == null) throw new IllegalArgumentException("the file is null");
    return file(file.getPath());
  }

  /** A file. */
  @NonNull
  public static Source file(@NonNull String path) {
    final byte[] name = Utf8.name("path", path);
    return new Source() {
      @Override
      void use(@NonNull User user) {
        user.path(name);
      }
    };
  }

  /** An asset of the app, which must not be compressed: {@code androidResources { noCompress += "augur" }}. */
  @NonNull
  public static Source asset(@NonNull Context context, @NonNull String name) {
    if (context == null) throw new IllegalArgumentException("the context is null");
    return asset(context.getAssets(), name);
  }

  /** An asset of the app, which must not be compressed: {@code androidResources { noCompress += "augur" }}. */
  @NonNull
  public static Source asset(@NonNull AssetManager assets, @NonNull String name) {
    if (assets == null) throw new IllegalArgumentException("the AssetManager is null");
    return new AssetSource(new AssetSource.Android(assets), name);
  }

  /**
   * The bytes from the buffer's position to its limit. A direct buffer is read in place, and kept reachable as long as
   * it is; it must not be changed. A buffer on the heap is copied into a direct one.
   */
  @NonNull
  public static Source buffer(@NonNull ByteBuffer data) {
    if (data == null) throw new IllegalArgumentException("the buffer is null");
    final ByteBuffer given = data.slice();
    return new Source() {
      @Override
      void use(@NonNull User user) {
        ByteBuffer direct = given;
        if (!given.isDirect()) {
          direct = ByteBuffer.allocateDirect(given.remaining());
          direct.put(given.duplicate());
          direct.rewind();
        }
        user.buffer(direct);
      }
    };
  }

  /**
   * A part of an open file. The descriptor may be closed once the model is open, or the table attached.
   *
   * @param length 0: up to the file's end
   */
  @NonNull
  public static Source descriptor(@NonNull final ParcelFileDescriptor descriptor, final long offset, final long length) {
    if (descriptor == null) throw new IllegalArgumentException("the descriptor is null");
    if (offset < 0 || length < 0) {
      throw new IllegalArgumentException("offset " + offset + " and length " + length + " must not be negative");
    }
    return new Source() {
      @Override
      void use(@NonNull User user) {
        user.descriptor(descriptor.getFd(), offset, length);
      }
    };
  }
}
