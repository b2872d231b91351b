import Foundation
import JSON
import YAML

/// The kubelet of the simulated Milvus pods: mounts Secrets, starts containers, prints their logs, sets the pods' status.
actor PodRunner {
  private let store: ClusterStore
  private let logs: PodLogs
  private let startDelay: Duration
  /// Starts under way, by the pod's UID.
  private var starting: [String: Task<Void, Never>] = [:]

  init(store: ClusterStore, logs: PodLogs, startDelay: Duration) {
    self.store = store
    self.logs = logs
    self.startDelay = startDelay
  }

  func stop() {
    for task in starting.values { task.cancel() }
    starting = [:]
  }

  /// Looks at a pod that is new or has changed.
  func consider(_ pod: JSONValue) async {
    guard pod.labels["app.kubernetes.io/managed-by"] == "milvus-operator", !pod.isBeingDeleted else { return }
    guard pod[path: "status", "phase"] == "Pending" else { return }
    if pod[path: "status", "containerStatuses"] == nil { await report(.creating, of: pod) }
    await startIfMountable(pod)
  }

  /// A Secret came or changed: pods that wait for it start, and containers that failed try again.
  func secretsChanged(in namespace: String) async {
    for pod in await store.list(.pods, namespace: namespace)
    where pod.labels["app.kubernetes.io/managed-by"] == "milvus-operator" && !pod.isReady {
      await startIfMountable(pod)
    }
  }

  func podDeleted(_ pod: JSONValue) async {
    starting.removeValue(forKey: pod.uid)?.cancel()
    await logs.remove(uid: pod.uid)
  }

  private func startIfMountable(_ pod: JSONValue) async {
    guard await mountedFiles(of: pod) != nil, starting[pod.uid] == nil else { return }
    starting[pod.uid] = Task {
      guard (try? await Task.sleep(for: startDelay)) != nil else { return }
      await start(pod)
    }
  }

  private func start(_ pod: JSONValue) async {
    guard let files = await mountedFiles(of: pod), let container = pod.milvusContainer else {
      starting[pod.uid] = nil
      return
    }
    let process = MilvusProcess(
      component: container["name"]?.string ?? "",
      configuration: await configuration(of: pod),
      files: files,
      version: MilvusVersion(image: container["image"]?.string ?? "")
    )
    let (lines, outcome) = process.run()
    await logs.restart(uid: pod.uid, container: process.component)
    for line in lines { await logs.append(line, uid: pod.uid, container: process.component) }
    await report(.started(outcome), of: pod)
    starting[pod.uid] = nil
    // A Secret may have changed while this went on.
    if outcome != .ready, await mountedFiles(of: pod) != files { await startIfMountable(pod) }
  }

  // MARK: Mounts

  /// Paths of the files that Secrets give the pod; nil while one of the Secrets is missing.
  private func mountedFiles(of pod: JSONValue) async -> Set<String>? {
    var files: Set<String> = []
    for volume in pod[path: "spec", "volumes"]?.array ?? [] {
      guard let source = volume["secret"], let name = source["secretName"]?.string else { continue }
      guard let secret = await store.object(.secrets, namespace: pod.namespace, name: name) else {
        guard source["optional"]?.bool == true else { return nil }
        continue
      }
      let keys = (secret["data"]?.object ?? [:]).keys
      let items = source["items"]?.array?.compactMap { item in
        item["key"]?.string.flatMap { keys.contains($0) ? item["path"]?.string : nil }
      }
      for mount in pod.milvusContainer?["volumeMounts"]?.array ?? [] where mount["name"] == volume["name"] {
        files.formUnion(Self.paths(of: items ?? Array(keys), at: mount))
      }
    }
    return files
  }

  private static func paths(of names: [String], at mount: JSONValue) -> [String] {
    guard var folder = mount["mountPath"]?.string else { return [] }
    if let file = mount["subPath"]?.string { return names.contains(file) ? [folder] : [] }
    while folder.hasSuffix("/") { folder.removeLast() }
    return names.map { "\(folder)/\($0)" }
  }

  private func configuration(of pod: JSONValue) async -> JSONValue {
    let volume = pod[path: "spec", "volumes"]?.array?.first { $0["name"] == "milvus-config" }
    guard let name = volume?[path: "configMap", "name"]?.string,
      let map = await store.object(.configMaps, namespace: pod.namespace, name: name),
      let text = map["data"]?["user.yaml"]?.string
    else { return [:] }
    return (try? YAML.parse(text)) ?? [:]
  }

  // MARK: Status

  private enum State: Sendable {
    case creating
    case started(MilvusProcess.Outcome)
  }

  private func report(_ state: State, of pod: JSONValue) async {
    let key = ObjectAddress(.pods, namespace: pod.namespace, name: pod.name)
    // The pod may be gone by now, which is no failure.
    _ = try? await store.update(key, subresource: .status, manager: "kubelet") {
      guard $0.uid == pod.uid else { return }
      $0["status"] = Self.status(state, of: $0)
    }
  }

  private static func status(_ state: State, of pod: JSONValue) -> JSONValue {
    let previous = pod[path: "status", "containerStatuses"]?[0]
    let wasStarted = previous.map { $0[path: "state", "waiting", "reason"] != "ContainerCreating" } ?? false
    var restarts = (previous?["restartCount"]?.integer ?? 0) + (wasStarted ? 1 : 0)
    let phase: JSONValue
    let containerState: JSONValue
    var lastState: JSONValue = [:]
    var isReady = false
    switch state {
    case .creating:
      phase = "Pending"
      containerState = ["waiting": ["reason": "ContainerCreating"]]
    case .started(.crashed):
      phase = "Running"
      restarts += 1
      containerState = ["waiting": ["reason": "CrashLoopBackOff"]]
      lastState = ["terminated": ["reason": "Error", "exitCode": 1, "finishedAt": ObjectMetadata.now]]
    case .started(let outcome):
      phase = "Running"
      isReady = outcome == .ready
      containerState = ["running": ["startedAt": ObjectMetadata.now]]
    }
    return [
      "phase": phase, "qosClass": "BestEffort", "podIP": "127.0.0.1",
      "conditions": [
        ["type": "Ready", "status": isReady ? "True" : "False", "lastTransitionTime": ObjectMetadata.now]
      ],
      "containerStatuses": [
        [
          "name": pod.milvusContainer?["name"] ?? "", "image": pod.milvusContainer?["image"] ?? "",
          "ready": .bool(isReady), "started": .bool(isReady), "restartCount": .integer(restarts),
          "state": containerState, "lastState": lastState,
        ]
      ],
    ]
  }
}

extension JSONValue {
  fileprivate var milvusContainer: JSONValue? { self[path: "spec", "containers"]?[0] }

  /// Whether a pod's condition says so.
  var isReady: Bool {
    (self[path: "status", "conditions"]?.array ?? []).contains { $0["type"] == "Ready" && $0["status"] == "True" }
  }
}
