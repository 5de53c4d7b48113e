// Spark's hashes of the lines of standard input, one line of output each. Part of make_key_values.py.
//
//   bytes <hexadecimal>   hashUnsafeBytes2, as HashingTF has it for strings since Spark 3
//   int <number>          hashInt
//   long <number>         hashLong
//
// All with HashingTF's seed 42. After the hash comes its index for 1000 features.
import java.util.Scanner;
import org.apache.spark.unsafe.Platform;
import org.apache.spark.unsafe.hash.Murmur3_x86_32;

public class SparkHashes {
  static final int SEED = 42;

  // org.apache.spark.util.Utils.nonNegativeMod
  static int nonNegativeMod(int x, int mod) {
    int rawMod = x % mod;
    return rawMod + (rawMod < 0 ? mod : 0);
  }

  static int hash(String kind, String text) {
    if (kind.equals("int")) return Murmur3_x86_32.hashInt(Integer.parseInt(text), SEED);
    if (kind.equals("long")) return Murmur3_x86_32.hashLong(Long.parseLong(text), SEED);
    byte[] bytes = new byte[text.length() / 2];
    for (int i = 0; i < bytes.length; ++i)
      bytes[i] = (byte) Integer.parseInt(text.substring(2 * i, 2 * i + 2), 16);
    return Murmur3_x86_32.hashUnsafeBytes2(bytes, Platform.BYTE_ARRAY_OFFSET, bytes.length, SEED);
  }

  public static void main(String[] arguments) {
    Scanner lines = new Scanner(System.in);
    while (lines.hasNextLine()) {
      String[] words = lines.nextLine().split(" ", 2);
      int hash = hash(words[0], words[1]);
      System.out.println(hash + " " + nonNegativeMod(hash, 1000));
    }
  }
}
