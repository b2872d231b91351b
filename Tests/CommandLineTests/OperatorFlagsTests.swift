import Testing

@Suite(.timeLimit(.minutes(5))) struct OperatorFlagsTests {
  @Test(arguments: [
    (["--metrics-bind-address", "8080"], ["--metrics-bind-address \"8080\"", ":PORT"]),
    (["--metrics-bind-address", ":70000"], ["--metrics-bind-address \":70000\"", "65535"]),
    (["--health-probe-bind-address", "localhost:80"], ["--health-probe-bind-address \"localhost:80\"", "IPV4:PORT"]),
    (["--log-format", "xml"], ["--log-format", "'xml'", "text", "json"]),
    (["--log-level", "loud"], ["--log-level", "'loud'", "trace", "critical"]),
    (["--issue-missing-after", "soon"], ["--issue-missing-after", "'soon'", "60s", "never"]),
    (["--namespace", "a", "--namespace", "B_"], ["--namespace \"B_\"", "a-z"]),
    (["--nonsense"], ["--nonsense"]),
  ])
  func unusableArgumentsEndWithStatus2AndAnErrorThatNamesThem(arguments: [String], words: [String]) throws {
    let run = try ProgramRun(["operator"] + arguments)
    #expect(run.status == 2)
    #expect(run.output == "")
    let message = run.errors.prefix { $0 != "\n" }
    #expect(message.hasPrefix("Error: "))
    for word in words { #expect(run.errors.contains(word), "\(run.errors)") }
  }

  @Test func anUnusableLevelInTheEnvironmentIsNamedUnlessAFlagWins() throws {
    let run = try ProgramRun(["operator"], environment: ["LOG_LEVEL": "loud"])
    #expect(run.status == 2)
    #expect(
      run.errors.contains("LOG_LEVEL \"loud\": must be one of trace, debug, info, notice, warning, error, critical")
    )
    let overruled = try ProgramRun(
      ["operator", "--log-level", "info", "--kubeconfig", "/nonexistent"],
      environment: ["LOG_LEVEL": "loud"]
    )
    #expect(overruled.status == 1)
    #expect(overruled.errors == "Error: configuration: kubeconfig /nonexistent: no such file\n")
  }

  @Test func theVersionIsPrinted() throws {
    let run = try ProgramRun(["--version"])
    #expect(run.status == 0)
    #expect(
      run.output.wholeMatch(of: /\d+\.\d+\.\d+\ncommit: \w+\nlibcurl: [78]\.\S+\nOpenSSL: 3\.\S+\nlibyaml: 0\.\S+\n/)
        != nil,
      "\(run.output)"
    )
  }
}
