import JSON
import Testing

// Every body here was compared, byte for byte apart from its order, with that of kube-apiserver 1.20.2.
@Suite(.timeLimit(.minutes(5))) struct StatusBodyTests {
  @Test func aMissingObjectIsNotFound() async throws {
    try await Cluster.run { cluster in
      let core = try await cluster.http.send("GET", Sample.secrets + "/nope")
      #expect(core.code == 404)
      #expect(
        core.json == [
          "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure",
          "message": "secrets \"nope\" not found", "reason": "NotFound",
          "details": ["name": "nope", "kind": "secrets"], "code": 404,
        ]
      )
      let custom = try await cluster.http.send("GET", Sample.milvusTLS + "/nope")
      #expect(custom.json["message"] == "milvustls.tls.milvus.io \"nope\" not found")
      #expect(custom.json["details"] == ["name": "nope", "group": "tls.milvus.io", "kind": "milvustls"])
    }
  }

  @Test func aSecondCreationAlreadyExists() async throws {
    try await Cluster.run { cluster in
      _ = try await cluster.http.send("POST", Sample.milvusTLS, Sample.milvusTLS("a"))
      let second = try await cluster.http.send("POST", Sample.milvusTLS, Sample.milvusTLS("a"))
      #expect(second.code == 409)
      #expect(second.json["reason"] == "AlreadyExists")
      #expect(second.json["message"] == "milvustls.tls.milvus.io \"a\" already exists")
    }
  }

  @Test(arguments: ["PUT", "PATCH"])
  func aWriteBasedOnAnOldVersionIsAConflict(method: String) async throws {
    try await Cluster.run { cluster in
      _ = try await cluster.http.send("POST", Sample.configMaps, Sample.configMap("a"))
      let stale = Sample.configMap("a", data: ["x": "y"], metadata: ["resourceVersion": "1"])
      let type = method == "PUT" ? "application/json" : "application/merge-patch+json"
      let answer = try await cluster.http.send(method, Sample.configMaps + "/a", stale, type: type)
      #expect(answer.code == 409)
      #expect(answer.json["reason"] == "Conflict")
      #expect(answer.json["details"] == ["name": "a", "kind": "configmaps"])
      #expect(
        answer.json["message"]
          == "Operation cannot be fulfilled on configmaps \"a\": the object has been modified; please apply your changes to the latest version and try again"
      )
      #expect(try await cluster.http.send("GET", Sample.configMaps + "/a").json["data"] == [:])
    }
  }

  @Test func invalidFieldsAreListedWithTheirCauses() async throws {
    try await Cluster.run { cluster in
      let object = Sample.milvusTLS("bad", ["external": ["mode": "maybe", "restPort": 70000]])
      let answer = try await cluster.http.send("POST", Sample.milvusTLS, object)
      #expect(answer.code == 422)
      let mode = "Unsupported value: \"maybe\": supported values: \"Disabled\", \"OneWay\", \"TwoWay\""
      let port = "Invalid value: 70000: spec.external.restPort in body should be less than or equal to 65535"
      #expect(answer.json["reason"] == "Invalid")
      #expect(
        answer.json["message"]?.string
          == "MilvusTLS.tls.milvus.io \"bad\" is invalid: [spec.external.mode: \(mode), spec.external.restPort: \(port)]"
      )
      #expect(
        answer.json["details"] == [
          "name": "bad", "group": "tls.milvus.io", "kind": "MilvusTLS",
          "causes": [
            ["reason": "FieldValueNotSupported", "message": .string(mode), "field": "spec.external.mode"],
            ["reason": "FieldValueInvalid", "message": .string(port), "field": "spec.external.restPort"],
          ],
        ]
      )
    }
  }

  @Test(
    arguments: [
      (Sample.milvusTLS("a"), Sample.milvusTLS, "milvustls.tls.milvus.io"),
      (
        ["apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": ["name": "a"], "spec": [:]],
        Sample.leases,
        "leases.coordination.k8s.io"
      ),
    ] as [(JSONValue, String, String)]
  )
  func someKindsCannotBeReplacedWithoutAVersion(object: JSONValue, path: String, name: String) async throws {
    try await Cluster.run { cluster in
      _ = try await cluster.http.send("POST", path, object)
      let answer = try await cluster.http.send("PUT", path + "/a", object)
      #expect(answer.code == 422)
      #expect(
        answer.json["message"]?.string
          == "\(name) \"a\" is invalid: metadata.resourceVersion: Invalid value: 0x0: must be specified for an update"
      )
    }
  }

  /// Method, path, body, code, reason, message.
  static let refusals: [(String, String, JSONValue?, Int, String, String)] = [
    (
      "POST", "/api/v1/namespaces/nowhere/secrets", Sample.secret("a"), 404, "NotFound",
      "namespaces \"nowhere\" not found"
    ),
    (
      "POST", Sample.secrets, Sample.secret("a", namespace: "other"), 400, "BadRequest",
      "the namespace of the provided object does not match the namespace sent on the request"
    ),
    (
      "POST", Sample.secrets, ["apiVersion": "v1", "kind": "Secret", "metadata": [:]], 422, "Invalid",
      "Secret \"\" is invalid: metadata.name: Required value: name or generateName is required"
    ),
    (
      "POST", Sample.secrets, Sample.secret("A_b"), 422, "Invalid",
      "Secret \"A_b\" is invalid: metadata.name: Invalid value: \"A_b\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
    ),
    (
      "PUT", Sample.configMaps + "/there", Sample.configMap("b"), 400, "BadRequest",
      "the name of the object (b) does not match the name on the URL (there)"
    ),
    ("PUT", Sample.secrets + "/m", Sample.secret("m"), 404, "NotFound", "secrets \"m\" not found"),
    (
      "POST", Sample.secrets + "/a", [:], 405, "MethodNotAllowed",
      "the server does not allow this method on the requested resource"
    ),
    (
      "GET", Sample.secrets + "?fieldSelector=status.phase%3Dx", nil, 400, "BadRequest",
      "field label not supported: status.phase"
    ),
    (
      "GET", Sample.secrets + "?labelSelector=a%20in%20(b", nil, 400, "BadRequest",
      "unable to parse requirement: found '', expected: ',' or ')'"
    ),
  ]

  @Test(arguments: refusals.indices)
  func refusalsAreWordedAsByTheRealServer(index: Int) async throws {
    let (method, path, body, code, reason, message) = Self.refusals[index]
    try await Cluster.run { cluster in
      _ = try await cluster.http.send("POST", Sample.configMaps, Sample.configMap("there"))
      let answer = try await cluster.http.send(method, path, body)
      #expect(answer.code == code)
      #expect(answer.json["reason"]?.string == reason)
      #expect(answer.json["message"]?.string == message)
    }
  }

  @Test func customResourcesTakeNoStrategicMergePatch() async throws {
    try await Cluster.run { cluster in
      _ = try await cluster.http.send("POST", Sample.milvusTLS, Sample.milvusTLS("a"))
      let type = "application/strategic-merge-patch+json"
      let answer = try await cluster.http.send("PATCH", Sample.milvusTLS + "/a", [:], type: type)
      #expect(answer.code == 415)
      #expect(
        answer.json["message"]
          == "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml"
      )
    }
  }

  @Test(arguments: ["/apis/x.y/v1", "/apis/tls.milvus.io/v1alpha1/namespaces/default/nothing"])
  func unknownPathsAreAnsweredInPlainText(path: String) async throws {
    try await Cluster.run { cluster in
      let answer = try await cluster.http.send("GET", path)
      #expect(answer.code == 404)
      #expect(answer.text == "404 page not found\n")
      #expect(answer.headers["content-type"] == "text/plain; charset=utf-8")
    }
  }

  @Test func deletionWithAWrongPreconditionIsAConflict() async throws {
    try await Cluster.run { cluster in
      let made = try await cluster.http.send("POST", Sample.secrets, Sample.secret("a")).json
      let path = Sample.secrets + "/a"
      let uid = try await cluster.http.send("DELETE", path, ["preconditions": ["uid": "nope"]])
      #expect(uid.code == 409)
      #expect(
        uid.json["message"]?.string
          == "Operation cannot be fulfilled on Secret \"a\": the UID in the precondition (nope) does not match the UID in record (\(made[path: "metadata", "uid"]?.string ?? "")). The object might have been deleted and then recreated"
      )
      let version = try await cluster.http.send("DELETE", path, ["preconditions": ["resourceVersion": "1"]])
      #expect(
        version.json["message"]?.string
          == "Operation cannot be fulfilled on Secret \"a\": the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (\(made.resourceVersion)). The object might have been modified"
      )
      let right = try await cluster.http.send(
        "DELETE",
        path,
        ["preconditions": ["resourceVersion": .string(String(made.resourceVersion))]]
      )
      #expect(right.json["status"] == "Success")
      #expect(right.json[path: "details", "uid"] == made[path: "metadata", "uid"])
    }
  }
}
