package dev.augur;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.File;
import java.io.FileDescriptor;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.reflect.Field;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** android.content.res.AssetManager has native code, so that its place is taken by a file that has a model inside. */
@DisplayName("Assets")
class AssetSourceTest {
  @TempDir File folder;
  private int openParts;

  private final class FakeAssets implements AssetSource.Assets {
    private final File apk = new File(folder, "app.apk");
    private final byte[] model;

    FakeAssets() throws IOException {
      model = Fixtures.bytes("dien.augur");
      try (FileOutputStream out = new FileOutputStream(apk)) {
        out.write(new byte[4096 + 8]);
        out.write(model);
        out.write(new byte[100]);
      }
    }

    @Override
    public AssetSource.Part openPart(String name) throws IOException {
      if (name.equals("compressed.augur")) throw new FileNotFoundException("it is probably compressed");
      if (name.equals("broken.augur")) throw new IOException("the disk");
      if (!name.equals("dien.augur") && !name.equals("empty.augur")) throw new FileNotFoundException(name);
      RandomAccessFile file = new RandomAccessFile(apk, "r");
      ++openParts;
      return new AssetSource.Part() {
        @Override
        public int fd() {
          try {
            Field field = FileDescriptor.class.getDeclaredField("fd");
            field.setAccessible(true);
            return field.getInt(file.getFD());
          } catch (ReflectiveOperationException | IOException error) {
            throw new AssertionError(error);
          }
        }

        @Override
        public long offset() {
          return 4096 + 8;
        }

        @Override
        public long length() {
          return name.equals("empty.augur") ? 0 : model.length;
        }

        @Override
        public void close() throws IOException {
          --openParts;
          file.close();
        }
      };
    }

    @Override
    public Closeable open(String name) throws IOException {
      if (name.equals("compressed.augur")) return new ByteArrayInputStream(new byte[1]);
      throw new FileNotFoundException(name);
    }
  }

  @Test
  @DisplayName("an asset is read in place, at its offset; its descriptor is closed")
  void inPlace() throws IOException {
    float[] expected;
    try (Model model = Fixtures.open("dien.augur"); Session session = model.newSession()) {
      Fixtures.setUser(session);
      expected = session.rank(Fixtures.CANDIDATES);
    }
    try (Model model = Model.open(new AssetSource(new FakeAssets(), "dien.augur")); Session session = model.newSession()) {
      assertEquals(0, openParts);
      Fixtures.setUser(session);
      assertArrayEquals(expected, session.rank(Fixtures.CANDIDATES));
    }
  }

  @Test
  @DisplayName("a compressed asset: the message says what to write into build.gradle.kts")
  void compressed() throws IOException {
    AssetSource.Assets assets = new FakeAssets();
    AugurException error = assertThrows(
        AugurException.Unsupported.class, () -> Model.open(new AssetSource(assets, "compressed.augur")));
    assertTrue(error.getMessage().contains("androidResources { noCompress += \"augur\" }"), error.getMessage());
    assertTrue(error.getMessage().contains("'compressed.augur'"), error.getMessage());
  }

  @Test
  @DisplayName("an asset that is missing, empty or not readable is named")
  void missing() throws IOException {
    AssetSource.Assets assets = new FakeAssets();
    AugurException gone =
        assertThrows(AugurException.NotFound.class, () -> Model.open(new AssetSource(assets, "gone.augur")));
    assertTrue(gone.getMessage().contains("'gone.augur'"), gone.getMessage());
    assertThrows(AugurException.BadModel.class, () -> Model.open(new AssetSource(assets, "empty.augur")));
    AugurException broken =
        assertThrows(AugurException.IoError.class, () -> Model.open(new AssetSource(assets, "broken.augur")));
    assertTrue(broken.getMessage().contains("the disk"), broken.getMessage());
    assertEquals(0, openParts);
    assertThrows(IllegalArgumentException.class, () -> Model.fromAsset((android.content.Context) null, "a"));
  }
}
