import JSON
import Testing

// The answers were compared with kube-apiserver 1.20.2.
@Suite(.timeLimit(.minutes(5))) struct ServerSideApplyTests {
  private let path = Sample.milvusTLS + "/a"

  @Test func itCreatesAndThenMerges() async throws {
    try await Cluster.run { cluster in
      let first = try await cluster.http.apply(
        path,
        Sample.milvusTLS("a", ["external": ["mode": "OneWay"]]),
        manager: "me"
      )
      #expect(first.code == 201)
      #expect(first.json[path: "metadata", "managedFields"]?[0]?["manager"] == "me")
      #expect(first.json[path: "metadata", "managedFields"]?[0]?["operation"] == "Apply")
      let other = try await cluster.http.apply(path, Sample.milvusTLS("a", ["mount": ["path": "/x"]]), manager: "you")
      #expect(other.code == 200)
      #expect(other.json[path: "spec", "external", "mode"] == "OneWay")
      #expect(other.json[path: "spec", "mount", "path"] == "/x")
    }
  }

  @Test func whatAManagerNoLongerAppliesGoes() async throws {
    try await Cluster.run { cluster in
      let both: JSONValue = ["mount": ["path": "/x", "volumeName": "v"]]
      _ = try await cluster.http.apply(path, Sample.milvusTLS("a", both), manager: "me")
      _ = try await cluster.http.mergePatch(path, ["spec": ["clients": [["name": "c"]]]])
      let answer = try await cluster.http.apply(
        path,
        Sample.milvusTLS("a", ["mount": ["volumeName": "v"]]),
        manager: "me"
      )
      #expect(answer.json[path: "spec", "mount"] == ["volumeName": "v"])
      #expect(answer.json[path: "spec", "clients"] == [["name": "c"]], "of somebody else")
    }
  }

  @Test func anotherManagersValueIsAConflictUnlessForced() async throws {
    try await Cluster.run { cluster in
      _ = try await cluster.http.apply(path, Sample.milvusTLS("a", ["external": ["mode": "TwoWay"]]), manager: "me")
      let mine = Sample.milvusTLS("a", ["external": ["mode": "OneWay"]])
      let refused = try await cluster.http.apply(path, mine, manager: "you")
      #expect(refused.code == 409)
      #expect(
        refused.json["message"] == "Apply failed with 1 conflict: conflict with \"me\": .spec.external.mode"
      )
      #expect(
        refused.json["details"] == [
          "causes": [
            ["reason": "FieldManagerConflict", "message": "conflict with \"me\"", "field": ".spec.external.mode"]
          ]
        ]
      )
      let forced = try await cluster.http.apply(path, mine, manager: "you", force: true)
      #expect(forced.json[path: "spec", "external", "mode"] == "OneWay")
      // The first manager has lost the field: leaving it out takes nothing away.
      let left = try await cluster.http.apply(path, Sample.milvusTLS("a"), manager: "me")
      #expect(left.json[path: "spec", "external", "mode"] == "OneWay")
    }
  }

  @Test func aManagersNameIsRequired() async throws {
    try await Cluster.run { cluster in
      let type = "application/apply-patch+yaml"
      let answer = try await cluster.http.send("PATCH", path, Sample.milvusTLS("a"), type: type)
      #expect(answer.code == 422)
      #expect(
        answer.json["message"]?.string?.hasSuffix("fieldManager: Required value: is required for apply patch") == true
      )
    }
  }
}
