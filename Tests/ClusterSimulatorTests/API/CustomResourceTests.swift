import ClusterSimulator
import Foundation
import JSON
import Testing

@Suite(.timeLimit(.minutes(5))) struct CustomResourceTests {
  @Test func aMilvusTLSGetsTheDefaultsThatHideNothing() async throws {
    // As kube-apiserver 1.20. What a person may or may not have written, and the Milvus may say otherwise, has none.
    try await Cluster.run { cluster in
      let made = try await cluster.http.send("POST", Sample.milvusTLS, Sample.milvusTLS("a")).json
      #expect(
        made["spec"] == [
          "authority": ["duration": "87600h", "overlap": "24h"],
          "certificate": ["duration": "8760h", "privateKey": ["algorithm": "ECDSA", "size": 256]],
          "external": [:], "internal": [:], "rotation": ["restart": true],
          "verification": ["handshake": true, "logs": true, "plaintext": true],
        ]
      )
    }
  }

  @Test func everyFieldOfTheDocumentedExampleIsKept() async throws {
    let spec: JSONValue = [
      "milvusRef": ["name": "my-release"], "external": ["mode": "TwoWay", "restPort": 8080],
      "internal": ["enabled": true, "serverName": ""],
      "certificate": [
        "secretName": "certs", "commonName": "", "dnsNames": [], "ipAddresses": [],
        "subject": ["country": "", "province": "", "locality": "", "organization": "", "organizationalUnit": ""],
        "privateKey": ["algorithm": "ECDSA", "size": 256], "duration": "8760h", "renewBefore": "",
      ],
      "authority": ["secretName": "certs-ca", "duration": "87600h", "overlap": "24h"],
      "clients": [["name": "client", "secretName": "certs-client"]],
      "mount": ["path": "/certs", "volumeName": "certs"],
      "rotation": [
        "windows": [["schedule": "0 2 * * 6", "duration": "4h", "timeZone": "Europe/Berlin"]], "restart": true,
      ],
      "verification": ["logs": true, "handshake": true, "plaintext": true],
    ]
    try await Cluster.run { cluster in
      var written = spec
      written[JSONPointer("/certificate/issuerRef")] = .null
      let answer = try await cluster.http.send("POST", Sample.milvusTLS, Sample.milvusTLS("a", written))
      #expect(answer.code == 201)
      #expect(answer.json["spec"] == spec)
    }
  }

  @Test func unknownFieldsArePrunedExceptWhereTheyMayBe() async throws {
    try await Cluster.run { cluster in
      let spec: JSONValue = ["unknown": 1, "external": ["mode": "OneWay", "unknown": ["a": 1]]]
      let made = try await cluster.http.send("POST", Sample.milvusTLS, Sample.milvusTLS("a", spec)).json
      #expect(made[path: "spec", "unknown"] == nil)
      #expect(made[path: "spec", "external"] == ["mode": "OneWay"])

      let milvus: JSONValue = [
        "apiVersion": "milvus.io/v1beta1", "kind": "Milvus", "metadata": ["name": "m"],
        "spec": ["config": ["any": ["thing": 1]], "unknown": 1],
      ]
      let kept = try await cluster.http.send("POST", "/apis/milvus.io/v1beta1/namespaces/default/milvuses", milvus).json
      #expect(kept["spec"] == ["mode": "standalone", "config": ["any": ["thing": 1]]])
    }
  }

  /// Spec and the message's part after `is invalid: `, compared with kube-apiserver 1.20.
  static let refusals: [(JSONValue, String)] = [
    (["milvusRef": [:]], "spec.milvusRef.name: Required value"),
    (
      ["external": ["restPort": "x"]],
      "spec.external.restPort: Invalid value: \"string\": spec.external.restPort in body must be of type integer: \"string\""
    ),
    ("text", "spec: Invalid value: \"string\": spec in body must be of type object: \"string\""),
    (
      ["certificate": ["duration": "1d"]],
      "spec.certificate.duration: Invalid value: \"1d\": spec.certificate.duration in body should match '^([0-9]+h)?([0-9]+m)?([0-9]+s)?$'"
    ),
    (
      ["certificate": ["subject": ["country": "DEU"]]],
      "spec.certificate.subject.country: Invalid value: \"DEU\": spec.certificate.subject.country in body should be at most 2 chars long"
    ),
    (
      ["certificate": ["privateKey": ["size": 1024]]],
      "spec.certificate.privateKey.size: Unsupported value: 1024: supported values: \"256\", \"384\", \"2048\", \"3072\", \"4096\""
    ),
    (
      ["clients": [["name": "a"], ["name": "a"]]],
      "spec.clients[1]: Duplicate value: map[string]interface {}{\"name\":\"a\"}"
    ),
    (["clients": [["secretName": "a"]]], "spec.clients.name: Required value"),
    (["certificate": ["issuerRef": [:]]], "spec.certificate.issuerRef.name: Required value"),
    (
      ["mount": ["path": "certs"]],
      "spec.mount.path: Invalid value: \"certs\": spec.mount.path in body should match '^/[^:]+$'"
    ),
  ]

  @Test(arguments: refusals.indices)
  func whatTheSchemaForbidsIsRefused(index: Int) async throws {
    let (spec, message) = Self.refusals[index]
    try await Cluster.run { cluster in
      let answer = try await cluster.http.send("POST", Sample.milvusTLS, Sample.milvusTLS("bad", spec))
      #expect(answer.code == 422)
      #expect(answer.json["message"]?.string == "MilvusTLS.tls.milvus.io \"bad\" is invalid: \(message)")
    }
  }

  @Test func theStatusIsValidatedToo() async throws {
    try await Cluster.run { cluster in
      _ = try await cluster.http.send("POST", Sample.milvusTLS, Sample.milvusTLS("a"))
      let condition: JSONValue = [
        "type": "Ready", "status": "Maybe", "reason": "R", "message": "", "lastTransitionTime": "yesterday",
      ]
      let answer = try await cluster.http.mergePatch(
        Sample.milvusTLS + "/a/status",
        ["status": ["conditions": [condition]]]
      )
      let fields = (answer.json[path: "details", "causes"]?.array ?? []).compactMap { $0["field"]?.string }
      #expect(fields == ["status.conditions.lastTransitionTime", "status.conditions.status"])
    }
  }

  @Test func aDefinitionMakesItsResourceAndTakesItAway() async throws {
    let definition: JSONValue = [
      "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
      "metadata": ["name": "things.example.com"],
      "spec": [
        "group": "example.com", "scope": "Namespaced", "names": ["plural": "things", "kind": "Thing"],
        "versions": [
          [
            "name": "v1", "served": true, "storage": true,
            "schema": [
              "openAPIV3Schema": [
                "type": "object",
                "properties": ["spec": ["type": "object", "properties": ["n": ["type": "integer", "default": 7]]]],
              ]
            ],
          ]
        ],
      ],
    ]
    let thing: JSONValue = [
      "apiVersion": "example.com/v1", "kind": "Thing", "metadata": ["name": "a"], "spec": [:],
    ]
    let things = "/apis/example.com/v1/namespaces/default/things"
    let definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    try await Cluster.run { cluster in
      #expect(try await cluster.http.send("POST", things, thing).code == 404)
      let made = try await cluster.http.send("POST", definitions, definition).json
      let conditions = made[path: "status", "conditions"]?.array ?? []
      #expect(conditions.contains { $0["type"] == "Established" && $0["status"] == "True" })
      #expect(try await cluster.http.send("POST", things, thing).json[path: "spec", "n"] == 7)
      _ = try await cluster.http.send("DELETE", definitions + "/things.example.com")
      #expect(try await cluster.http.send("GET", things).code == 404)
      #expect(await cluster.simulator.store.list(ResourceIdentifier(group: "example.com", plural: "things")).isEmpty)
    }
  }
}
