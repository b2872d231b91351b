import MilvusTLS
import Testing

@Suite struct DurationTests {
  @Test(arguments: [("8760h", 8760 * 3600), ("1h30m", 5400), ("90s", 90), ("0h", 0)])
  func kubernetesDurationsAreRead(text: String, seconds: Int) {
    #expect(Duration(kubernetes: text) == .seconds(seconds))
  }

  @Test(arguments: ["", "h", "10", "1d", "-1h", "1.5h", "99999999999999999999h", "9000000000000000000h", "１h"])
  func anythingElseIsNone(text: String) {
    #expect(Duration(kubernetes: text) == nil)
  }
}
