/// The version of the program.
public enum Version {
  /// After https://semver.org.
  public static let current = "0.1.0"
}
