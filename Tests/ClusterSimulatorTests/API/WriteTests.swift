import Foundation
import JSON
import Testing

@Suite(.timeLimit(.minutes(5))) struct WriteTests {
  @Test func everyChangeHasAHigherVersionAndNoChangeHasNone() async throws {
    // As kube-apiserver 1.20: a patch that changes nothing gives back the same resourceVersion.
    try await Cluster.run { cluster async throws in
      let path = Sample.configMaps + "/a"
      let made = try await cluster.http.send("POST", Sample.configMaps, Sample.configMap("a")).json
      let changed = try await cluster.http.mergePatch(path, ["data": ["x": "y"]]).json
      let same = try await cluster.http.mergePatch(path, ["data": ["x": "y"]]).json
      #expect(changed.resourceVersion > made.resourceVersion)
      #expect(same == changed)
    }
  }

  @Test func anObjectGetsItsIdentityFromTheServer() async throws {
    try await Cluster.run { cluster async throws in
      let object = Sample.configMap("a", metadata: ["uid": "mine", "creationTimestamp": "2001-01-01T00:00:00Z"])
      let answer = try await cluster.http.send("POST", Sample.configMaps, object)
      let metadata = answer.json["metadata"]
      #expect(answer.code == 201)
      #expect(UUID(uuidString: metadata?["uid"]?.string ?? "") != nil)
      #expect(metadata?["creationTimestamp"] != "2001-01-01T00:00:00Z")
      #expect(metadata?["namespace"] == "default")
    }
  }

  @Test func aGeneratedNameHasFiveCharactersMore() async throws {
    try await Cluster.run { cluster async throws in
      let object: JSONValue = ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["generateName": "c-"]]
      let made = try await cluster.http.send("POST", Sample.configMaps, object).json
      let name = made[path: "metadata", "name"]?.string ?? ""
      #expect(name.wholeMatch(of: /c-[bcdfghjklmnpqrstvwxz2456789]{5}/) != nil)
    }
  }

  @Test func theGenerationCountsChangesOfTheSpecAlone() async throws {
    try await Cluster.run { cluster async throws in
      let path = Sample.milvusTLS + "/a"
      func generation(_ answer: HTTP.Answer) -> JSONValue? { answer.json[path: "metadata", "generation"] }
      #expect(try await generation(cluster.http.send("POST", Sample.milvusTLS, Sample.milvusTLS("a"))) == 1)
      #expect(try await generation(cluster.http.mergePatch(path, ["metadata": ["labels": ["a": "b"]]])) == 1)
      #expect(
        generation(try await cluster.http.mergePatch(path + "/status", ["status": ["observedGeneration": 1]])) == 1
      )
      #expect(try await generation(cluster.http.mergePatch(path, ["spec": ["external": ["mode": "OneWay"]]])) == 2)
    }
  }

  @Test func theStatusChangesThroughItsSubresourceAndNothingElseDoes() async throws {
    // Compared with kube-apiserver 1.20: labels in a status patch are ignored as well.
    try await Cluster.run { cluster async throws in
      let path = Sample.milvusTLS + "/a"
      var object = Sample.milvusTLS("a")
      object["status"] = ["observedGeneration": 9]
      #expect(try await cluster.http.send("POST", Sample.milvusTLS, object).json["status"] == nil)
      #expect(try await cluster.http.mergePatch(path, ["status": ["observedGeneration": 9]]).json["status"] == nil)
      let patched = try await cluster.http.mergePatch(
        path + "/status",
        [
          "status": ["observedGeneration": 1], "spec": ["external": ["mode": "TwoWay"]],
          "metadata": ["labels": ["a": "b"]],
        ]
      ).json
      #expect(patched["status"] == ["observedGeneration": 1])
      #expect(patched[path: "spec", "external", "mode"] == nil)
      #expect(patched[path: "metadata", "labels"] == nil)
    }
  }

  @Test func aReplacementLeavesOutWhatItDoesNotName() async throws {
    try await Cluster.run { cluster async throws in
      let object = Sample.configMap("a", labels: ["l": "1"], data: ["x": "1", "y": "2"])
      _ = try await cluster.http.send("POST", Sample.configMaps, object)
      let answer = try await cluster.http.send("PUT", Sample.configMaps + "/a", Sample.configMap("a", data: ["y": "3"]))
      #expect(answer.code == 200)
      #expect(answer.json["data"] == ["y": "3"])
      #expect(answer.json[path: "metadata", "labels"] == nil)
    }
  }

  @Test func aJSONPatchIsCarriedOutWholeOrNotAtAll() async throws {
    try await Cluster.run { cluster async throws in
      let path = Sample.configMaps + "/a"
      _ = try await cluster.http.send("POST", Sample.configMaps, Sample.configMap("a", data: ["x": "1", "z": "9"]))
      let good: JSONValue = [
        ["op": "test", "path": "/data/x", "value": "1"], ["op": "copy", "from": "/data/x", "path": "/data/y"],
        ["op": "replace", "path": "/data/x", "value": "2"], ["op": "move", "from": "/data/z", "path": "/data/a~1b"],
        ["op": "add", "path": "/metadata/finalizers", "value": ["a/a", "a/c"]],
        ["op": "add", "path": "/metadata/finalizers/1", "value": "a/b"],
        ["op": "remove", "path": "/metadata/finalizers/0"],
      ]
      let type = "application/json-patch+json"
      let changed = try await cluster.http.send("PATCH", path, good, type: type).json
      #expect(changed["data"] == ["x": "2", "y": "1", "a/b": "9"])
      #expect(changed[path: "metadata", "finalizers"] == ["a/b", "a/c"])

      // The answer was compared with kube-apiserver 1.20.
      let bad: JSONValue = [
        ["op": "add", "path": "/data/n", "value": "1"], ["op": "test", "path": "/data/x", "value": "no"],
      ]
      let refused = try await cluster.http.send("PATCH", path, bad, type: type)
      #expect(refused.code == 422)
      #expect(refused.json["message"] == "the server rejected our request due to an error in our request")
      #expect(try await cluster.http.send("GET", path).json == changed)
    }
  }

  @Test func aSecretKeepsItsTextsAsDataAndItsType() async throws {
    try await Cluster.run { cluster async throws in
      let made = try await cluster.http.send("POST", Sample.secrets, Sample.secret("a", ["x": "y"])).json
      #expect(made["data"] == ["x": "eQ=="])
      #expect(made["stringData"] == nil)
      #expect(made["type"] == "Opaque")
      let retyped = try await cluster.http.mergePatch(Sample.secrets + "/a", ["type": "x/y"])
      #expect(retyped.json["message"] == "Secret \"a\" is invalid: type: Invalid value: \"x/y\": field is immutable")
    }
  }

  @Test func aLeaseIsMadeByItsFirstReplacement() async throws {
    // As kube-apiserver 1.20, which allows it for leases and events only.
    try await Cluster.run { cluster async throws in
      let lease: JSONValue = [
        "apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": ["name": "l"],
        "spec": ["holderIdentity": "a"],
      ]
      #expect(try await cluster.http.send("PUT", Sample.leases + "/l", lease).code == 201)
    }
  }

  @Test func finalizersHoldADeletionBack() async throws {
    try await Cluster.run { cluster async throws in
      let path = Sample.configMaps + "/a"
      _ = try await cluster.http.send(
        "POST",
        Sample.configMaps,
        Sample.configMap("a", metadata: ["finalizers": ["a.b/c"]])
      )
      let marked = try await cluster.http.send("DELETE", path).json
      #expect(marked["kind"] == "ConfigMap")
      #expect(marked[path: "metadata", "deletionTimestamp"] != nil)
      #expect(try await cluster.http.send("GET", path).code == 200)
      _ = try await cluster.http.mergePatch(path, ["metadata": ["finalizers": .null]])
      #expect(try await cluster.http.send("GET", path).code == 404)
    }
  }

  @Test func anEventHasTwoSetsOfNames() async throws {
    // Compared with kube-apiserver 1.20.
    try await Cluster.run { cluster async throws in
      let path = "/apis/events.k8s.io/v1/namespaces/default/events"
      let event: JSONValue = [
        "apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": ["name": "e"],
        "regarding": ["kind": "Milvus", "name": "x", "namespace": "default"], "reason": "R", "note": "hello",
        "type": "Normal", "eventTime": "2026-11-21T20:00:00.000000Z", "reportingController": "tls",
        "reportingInstance": "a", "action": "Act",
      ]
      let made = try await cluster.http.send("POST", path, event)
      #expect(made.code == 201)
      #expect(made.json["note"] == "hello")
      let core = try await cluster.http.send("GET", "/api/v1/namespaces/default/events/e").json
      #expect(core["message"] == "hello")
      #expect(core[path: "involvedObject", "kind"] == "Milvus")
      #expect(core["reportingComponent"] == "tls")
      #expect(core["note"] == nil)

      var incomplete = event
      incomplete["metadata"] = ["name": "f"]
      incomplete["action"] = nil
      let refused = try await cluster.http.send("POST", path, incomplete)
      #expect(refused.json["message"] == "Event \"f\" is invalid: action: Required value")
    }
  }

  /// Metadata, field and the start of the message, compared with kube-apiserver 1.20.
  static let badMetadata: [(JSONValue, String, String)] = [
    (["labels": ["a b": "x"]], "metadata.labels", "Invalid value: \"a b\": name part must consist of"),
    (["labels": ["a/b/c": "x"]], "metadata.labels", "Invalid value: \"a/b/c\": a qualified name must consist of"),
    (
      ["labels": ["A_b/c": "x"]], "metadata.labels",
      "Invalid value: \"A_b/c\": prefix part a lowercase RFC 1123 subdomain"
    ),
    (["labels": ["a": "c d"]], "metadata.labels", "Invalid value: \"c d\": a valid label must be an empty string or"),
    (
      ["labels": ["a": .string(String(repeating: "a", count: 64))]], "metadata.labels",
      "Invalid value: \"\(String(repeating: "a", count: 64))\": must be no more than 63 characters"
    ),
    (["annotations": ["a b": "x"]], "metadata.annotations", "Invalid value: \"a b\": name part must consist of"),
    (
      ["ownerReferences": [["apiVersion": "v1", "kind": "Milvus", "name": "m"]]], "metadata.ownerReferences.uid",
      "Invalid value: \"\": uid must not be empty"
    ),
  ]

  @Test(arguments: badMetadata.indices)
  func metadataThatBreaksTheRulesIsRefused(index: Int) async throws {
    let (metadata, field, message) = Self.badMetadata[index]
    try await Cluster.run { cluster in
      let answer = try await cluster.http.send("POST", Sample.configMaps, Sample.configMap("a", metadata: metadata))
      #expect(answer.code == 422)
      let causes = answer.json[path: "details", "causes"]?.array ?? []
      #expect(causes.map { $0["field"]?.string } == [field])
      #expect(causes.first?["message"]?.string?.hasPrefix(message) == true)
    }
  }

  @Test func annotationsMayHaveCapitalsInTheirPrefix() async throws {
    try await Cluster.run { cluster async throws in
      let object = Sample.configMap("a", metadata: ["annotations": ["A.b/c": "x y"]])
      #expect(try await cluster.http.send("POST", Sample.configMaps, object).code == 201)
    }
  }

  /// Path, object and a part of the message, compared with kube-apiserver 1.20.
  static let unreadable: [(String, JSONValue, String)] = [
    (
      Sample.configMaps, ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "a"], "data": ["a": 1]],
      "v1.ConfigMap.Data: ReadString: expects \" or n"
    ),
    (
      Sample.secrets, ["apiVersion": "v1", "kind": "Secret", "metadata": ["name": "a"], "data": ["a": "%%"]],
      "v1.Secret.Data: decode base64: illegal base64 data"
    ),
    (
      Sample.leases,
      [
        "apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": ["name": "a"],
        "spec": ["renewTime": "2026-11-21T20:00:00Z"],
      ],
      "LeaseSpec.RenewTime: parsing time \"2026-11-21T20:00:00Z\" as \"2006-01-02T15:04:05.000000Z07:00\": cannot parse"
    ),
  ]

  @Test(arguments: unreadable.indices)
  func valuesOfAnotherTypeAreABadRequest(index: Int) async throws {
    let (path, object, message) = Self.unreadable[index]
    try await Cluster.run { cluster in
      let answer = try await cluster.http.send("POST", path, object)
      #expect(answer.code == 400)
      #expect(answer.json["reason"] == "BadRequest")
      #expect(answer.json["message"]?.string?.contains(message) == true)
    }
  }
}
