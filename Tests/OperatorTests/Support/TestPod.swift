import JSON
import MilvusTLS
import Testing

/// A Milvus pod as an observation has it.
func testPod(
  _ name: String = "p",
  of release: String = "my-release",
  uid: String? = nil,
  restartCount: Int = 0,
  state: JSONValue = ["running": ["startedAt": "2024-12-03T10:22:30Z"]]
) throws -> ObservedPod {
  try #require(
    ObservedPod([
      "metadata": [
        "name": .string(name), "namespace": "default", "uid": .string(uid ?? "uid-of-\(name)"),
        "labels": ["app.kubernetes.io/instance": .string(release)],
      ],
      "spec": ["containers": [["name": "c"]]],
      "status": [
        "phase": "Running",
        "containerStatuses": [["name": "c", "restartCount": .integer(restartCount), "state": state]],
      ],
    ])
  )
}
