import TestSupport
import Testing

@testable import Observability

@Suite struct PrometheusTextTests {
  @Test func familiesHaveHelpTypeAndTheirSeriesInOrder() {
    let text = PrometheusText.render([
      MetricFamily("b_total", .counter, help: "Second.", samples: [.init(3)]),
      MetricFamily(
        "a_seconds",
        .gauge,
        help: "",
        samples: [.init(1.5, labels: [("zone", "x"), ("name", "y")]), .init(-2, labels: [("name", "z")])]
      ),
      MetricFamily("none", .gauge, help: "No series.", samples: []),
    ])
    #expect(
      text == """
        # TYPE a_seconds gauge
        a_seconds{name="y",zone="x"} 1.5
        a_seconds{name="z"} -2
        # HELP b_total Second.
        # TYPE b_total counter
        b_total 3

        """
    )
  }

  @Test func labelValuesAndHelpAreEscapedAsTheFormatSays() throws {
    let family = MetricFamily(
      "a",
      .gauge,
      help: "back\\slash \"quoted\"\r\nnext",
      samples: [.init(1, labels: [("l", "back\\slash \"quoted\"\nü\r\nend")])]
    )
    let text = PrometheusText.render([family])
    #expect(text.contains(#"# HELP a back\\slash "quoted""# + "\r" + #"\nnext"# + "\n"))
    #expect(text.contains(#"a{l="back\\slash \"quoted\"\nü"# + "\r" + #"\nend"} 1"# + "\n"))
    #expect(try Promtool.complaints(about: text) == "")
  }

  @Test(arguments: [
    (0.0, "0"), (-0.0, "0"), (1, "1"), (0.25, "0.25"), (1_795_204_800, "1795204800"), (1e-06, "1e-06"),
    (1e300, "1e+300"),
    (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
  ])
  func numbersAreWrittenAsPrometheusReadsThem(value: Double, text: String) {
    #expect(PrometheusText.number(value) == text)
  }

  @Test func charactersThatALabelNameCannotHaveBecomeUnderscores() {
    #expect(MetricLabels([("1st-läbel", "x")]) == [("_st_l_bel", "x")])
  }

  @Test func promtoolIsAJudgeThatComplains() throws {
    #expect(try Promtool.complaints(about: "# TYPE a counter\na 1\n").contains("a"))
    #expect(try Promtool.complaints(about: "a{\n").contains("status 1"))
  }
}
