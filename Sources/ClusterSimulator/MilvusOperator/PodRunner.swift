import Foundation
import JSON
import YAML

/// The kubelet of the simulated Milvus pods: mounts Secrets, starts containers, prints their logs, sets the pods' status.
actor PodRunner {
  private let store: ClusterStore
  private let logs: PodLogs
  private let startDelay: Duration
  /// Nil where pods have no addresses.
  private let network: PodNetwork?
  /// Starts under way, by the pod's UID.
  private var starting: [String: Task<Void, Never>] = [:]
  /// How the last start ended, by the pod's UID: an event may tell of a pod as it was before.
  private var ended: [String: End] = [:]

  private enum End {
    case ready
    /// With the files that it failed with.
    case failed(ContainerFiles)
  }

  init(store: ClusterStore, logs: PodLogs, startDelay: Duration, network: PodNetwork?) {
    self.store = store
    self.logs = logs
    self.startDelay = startDelay
    self.network = network
  }

  /// Ends all starts, then all pods.
  func stop() async {
    let tasks = Array(starting.values)
    starting = [:]
    for task in tasks { task.cancel() }
    for task in tasks { await task.value }
    await network?.close()
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
    let start = starting.removeValue(forKey: pod.uid)
    start?.cancel()
    await start?.value
    ended[pod.uid] = nil
    await network?.remove(pod.uid)
    await logs.remove(uid: pod.uid)
  }

  private func startIfMountable(_ pod: JSONValue) async {
    guard let files = await mountedFiles(of: pod), starting[pod.uid] == nil else { return }
    switch ended[pod.uid] {
    case .ready: return
    case .failed(let previous) where previous == files: return
    case .failed, nil: break
    }
    starting[pod.uid] = Task {
      // Again where a Secret changed while a start failed.
      while let files = await start(pod), !Task.isCancelled, await mountedFiles(of: pod) != files {}
      // A cancelled start is out of the list, and no other may be taken for it.
      if !Task.isCancelled { starting[pod.uid] = nil }
    }
  }

  /// - Returns: the files that it failed with; nil where it is through.
  private func start(_ pod: JSONValue) async -> ContainerFiles? {
    guard (try? await Task.sleep(for: startDelay)) != nil else { return nil }
    guard let files = await mountedFiles(of: pod), let container = pod.milvusContainer else { return nil }
    let process = MilvusProcess(
      component: container["name"]?.string ?? "",
      configuration: await configuration(of: pod),
      files: files,
      version: MilvusVersion(image: container["image"]?.string ?? "")
    )
    let start = process.run()
    await logs.restart(uid: pod.uid, container: process.component)
    for line in start.lines { await logs.append(line, uid: pod.uid, container: process.component) }
    guard !Task.isCancelled else { return nil }
    let address = await network?.listen(pod.uid, at: start.endpoints)
    ended[pod.uid] = start.outcome == .ready ? .ready : .failed(files)
    await report(.started(start.outcome, address), of: pod)
    return start.outcome == .ready ? nil : files
  }

  // MARK: Mounts

  /// The files that Secrets give the pod; nil while one of the Secrets is missing.
  private func mountedFiles(of pod: JSONValue) async -> ContainerFiles? {
    var files = ContainerFiles()
    for volume in pod[path: "spec", "volumes"]?.array ?? [] {
      guard let source = volume["secret"], let name = source["secretName"]?.string else { continue }
      guard let secret = await store.object(.secrets, namespace: pod.namespace, name: name) else {
        guard source["optional"]?.bool == true else { return nil }
        continue
      }
      files.add(secret, of: volume, to: pod.milvusContainer)
    }
    return files
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
    /// With the pod's address, where it has one.
    case started(MilvusProcess.Outcome, PodAddress?)
  }

  private func report(_ state: State, of pod: JSONValue) async {
    let key = ObjectAddress(.pods, namespace: pod.namespace, name: pod.name)
    // The pod may be gone by now, which is no failure.
    _ = try? await store.update(key, subresource: .status, manager: "kubelet") {
      guard $0.uid == pod.uid else { return }
      // An event may tell of a pod as it was before its container started.
      if case .creating = state, $0[path: "status", "containerStatuses"] != nil { return }
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
    var address: PodAddress?
    switch state {
    case .creating:
      phase = "Pending"
      containerState = ["waiting": ["reason": "ContainerCreating"]]
    case .started(.crashed, let ownAddress):
      phase = "Running"
      address = ownAddress
      restarts += 1
      containerState = ["waiting": ["reason": "CrashLoopBackOff"]]
      lastState = ["terminated": ["reason": "Error", "exitCode": 1, "finishedAt": ObjectMetadata.now]]
    case .started(let outcome, let ownAddress):
      phase = "Running"
      address = ownAddress
      isReady = outcome == .ready
      containerState = ["running": ["startedAt": ObjectMetadata.now]]
    }
    var status: JSONValue = [
      "phase": phase, "qosClass": "BestEffort",
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
    status["podIP"] = address.map { .string($0.description) }
    return status
  }
}

extension JSONValue {
  fileprivate var milvusContainer: JSONValue? { self[path: "spec", "containers"]?[0] }

  /// Whether a pod's condition says so.
  var isReady: Bool {
    (self[path: "status", "conditions"]?.array ?? []).contains { $0["type"] == "Ready" && $0["status"] == "True" }
  }
}
