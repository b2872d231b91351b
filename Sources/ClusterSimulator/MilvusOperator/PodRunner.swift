import Foundation
import JSON
import YAML

/// Kubelet of the simulated Milvus pods: mounts Secrets, starts containers, writes their logs, sets the pods' status.
actor PodRunner {
  private let store: ClusterStore
  private let logs: PodLogs
  private let startDelay: Duration
  /// Nil if pods have no addresses.
  private let network: PodNetwork?
  /// Starts in progress, by the pod's UID.
  private var starting: [String: Task<Void, Never>] = [:]
  /// Result of the last start, by the pod's UID, because an event may contain an earlier state of the pod.
  private var ended: [String: End] = [:]

  private enum End {
    case ready
    /// With the files at the time of the failure.
    case failed(ContainerFiles)
  }

  init(store: ClusterStore, logs: PodLogs, startDelay: Duration, network: PodNetwork?) {
    self.store = store
    self.logs = logs
    self.startDelay = startDelay
    self.network = network
  }

  /// Ends all starts and all pods.
  func stop() async {
    let tasks = Array(starting.values)
    starting = [:]
    for task in tasks { task.cancel() }
    for task in tasks { await task.value }
    await network?.close()
  }

  /// Processes a new or changed pod.
  func consider(_ pod: JSONValue) async {
    guard pod.labels["app.kubernetes.io/managed-by"] == "milvus-operator", !pod.isBeingDeleted else { return }
    guard pod[path: "status", "phase"] == "Pending" else { return }
    if pod[path: "status", "containerStatuses"] == nil { await report(.creating, of: pod) }
    await startIfMountable(pod)
  }

  /// A Secret was created or changed: waiting pods start, and failed containers are restarted.
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
      // Once more if a Secret changed while a start failed.
      while let files = await start(pod), !Task.isCancelled, await mountedFiles(of: pod) != files {}
      // A cancelled start is no longer in the list; the entry may belong to another start.
      if !Task.isCancelled { starting[pod.uid] = nil }
    }
  }

  /// - Returns: the files with which it failed; nil if it succeeded.
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

  /// The files of the pod from Secrets; nil while one of the Secrets is missing.
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
    /// With the pod's address, if it has one.
    case started(MilvusProcess.Outcome, PodAddress?)
  }

  private func report(_ state: State, of pod: JSONValue) async {
    let key = ObjectAddress(.pods, namespace: pod.namespace, name: pod.name)
    // The pod may have been deleted, which is not a failure.
    _ = try? await store.update(key, subresource: .status, manager: "kubelet") {
      guard $0.uid == pod.uid else { return }
      // An event may contain the pod's state before its container started.
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

  /// Whether the pod's Ready condition is True.
  var isReady: Bool {
    (self[path: "status", "conditions"]?.array ?? []).contains { $0["type"] == "Ready" && $0["status"] == "True" }
  }
}
