import CAugur

/// The library that the app is linked with.
public enum AugurLibrary {
  /// Its version, such as "0.6.0".
  public static let version: String = {
    let number = augur_version()
    return "\(number / 10000).\(number / 100 % 100).\(number % 100)"
  }()

  /// Whether it serves this Swift module, which was compiled with the header of a certain version.
  /// It is false only if an app replaces the framework by another version's. Opening a model then
  /// throws ``AugurStatus/unsupported``.
  public static let isCompatible = augur_is_compatible(UInt32(AUGUR_VERSION)) == 1
}
