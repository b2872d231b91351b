import ClusterSimulator
import JSON
import Kubernetes
import Testing

@Suite(.timeLimit(.minutes(5))) struct PodLogTests {
  private func makePod(_ containers: [String], in cluster: Cluster) async throws -> String {
    let pod: JSONValue = [
      "apiVersion": "v1", "kind": "Pod", "metadata": ["name": "p"],
      "spec": ["containers": .array(containers.map { ["name": .string($0)] })],
    ]
    return try await cluster.simulator.store.create(pod)[path: "metadata", "uid"]?.string ?? ""
  }

  @Test func aFollowedLogGoesOnUntilThePodIsGone() async throws {
    try await Cluster.run { cluster in
      let uid = try await makePod(["c"], in: cluster)
      let logs = cluster.simulator.logs
      await logs.append("one", uid: uid, container: "c")
      let stream = try await cluster.client.logs(namespace: "default", pod: "p", container: "c", follow: true)
      var text = ""
      for try await chunk in stream {
        text += String(decoding: chunk, as: UTF8.self)
        if text == "one\n" { await logs.append("two", uid: uid, container: "c") }
        if text == "one\ntwo\n" { await logs.remove(uid: uid) }
      }
      #expect(text == "one\ntwo\n")
    }
  }

  @Test(arguments: [
    ("", "one\ntwo\n"), ("?tailLines=1", "two\n"), ("?limitBytes=5", "one\nt"), ("?limitBytes=100", "one\ntwo\n"),
  ])
  func aLogCanBeReadInPart(query: String, text: String) async throws {
    try await Cluster.run { cluster in
      let uid = try await makePod(["c"], in: cluster)
      for line in ["one", "two"] { await cluster.simulator.logs.append(line, uid: uid, container: "c") }
      let answer = try await cluster.http.send("GET", Sample.pods + "/p/log" + query)
      #expect(answer.text == text)
      #expect(answer.headers["content-type"] == "text/plain")
    }
  }

  @Test(arguments: [
    ("/p/log", 400, "a container name must be specified for pod p, choose one of: [c d]"),
    ("/p/log?container=z", 400, "container z is not valid for pod p"),
    ("/p/log?container=c", 400, "container \"c\" in pod \"p\" is waiting to start: ContainerCreating"),
    ("/nope/log", 404, "pods \"nope\" not found"),
  ])
  func aLogThatThereIsNotIsRefused(path: String, code: Int, message: String) async throws {
    // The first two and the last were compared with kube-apiserver 1.20.
    try await Cluster.run { cluster in
      _ = try await makePod(["c", "d"], in: cluster)
      let address = ObjectAddress(.pods, namespace: "default", name: "p")
      try await cluster.simulator.store.update(address, subresource: .status) {
        $0[JSONPointer("/status/containerStatuses")] = [
          ["name": "c", "state": ["waiting": ["reason": "ContainerCreating"]]]
        ]
      }
      let answer = try await cluster.http.send("GET", Sample.pods + path)
      #expect(answer.code == code)
      #expect(answer.json["message"]?.string == message)
    }
  }

  @Test func theRunBeforeARestartCanBeReadToo() async throws {
    try await Cluster.run { cluster in
      let uid = try await makePod(["c"], in: cluster)
      let logs = cluster.simulator.logs
      await logs.append("one", uid: uid, container: "c")
      let refused = try await cluster.http.send("GET", Sample.pods + "/p/log?previous=true")
      #expect(refused.code == 400)
      #expect(refused.json["message"]?.string == "previous terminated container \"c\" in pod \"p\" not found")

      await logs.restart(uid: uid, container: "c")
      await logs.append("two", uid: uid, container: "c")
      #expect(try await cluster.http.send("GET", Sample.pods + "/p/log?previous=true").text == "one\n")
      #expect(try await cluster.http.send("GET", Sample.pods + "/p/log").text == "two\n")
    }
  }

  @Test func whileAContainerWaitsForItsRestartItsLastRunIsAlsoThePreviousOne() async throws {
    try await Cluster.run { cluster in
      let uid = try await makePod(["c"], in: cluster)
      await cluster.simulator.logs.append("one", uid: uid, container: "c")
      let address = ObjectAddress(.pods, namespace: "default", name: "p")
      try await cluster.simulator.store.update(address, subresource: .status) {
        $0[JSONPointer("/status/containerStatuses")] = [
          ["name": "c", "state": ["waiting": ["reason": "CrashLoopBackOff"]]]
        ]
      }
      for query in ["previous=true", "follow=true"] {
        let answer = try await cluster.http.send("GET", Sample.pods + "/p/log?" + query)
        #expect(answer.text == "one\n", "and it ends")
      }
    }
  }
}
