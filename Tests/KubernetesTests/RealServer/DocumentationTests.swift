import Foundation
import JSON
import Kubernetes
import Testing

/// The examples of docs/kubernetes-client.md, run; each stands there word for word.
@Suite(.timeLimit(.minutes(5)))
struct DocumentationTests {
  private struct NotLeading: Error {}

  @Test("Every example of the client's page is code that runs here")
  func examples() throws {
    let source = DocumentedCode.lines(of: try String(contentsOfFile: #filePath, encoding: .utf8))
    let blocks = try DocumentedCode.blocks(of: "kubernetes-client.md")
    #expect(blocks.count == 4)
    for block in blocks {
      let isHere = source.indices.contains { source[$0...].starts(with: block) }
      #expect(isHere, "\(block.joined(separator: "\n"))")
    }
  }

  @Test("Read, write, list and watch")
  func readAndWrite() async throws {
    let server = try RealServer()
    let kubeconfig = server.kubeconfig
    let namespace = try await server.namespace()

    let client = KubernetesClient(configuration: try .automatic(kubeconfig: kubeconfig), fieldManager: "my-operator")

    var settings = KubernetesObject(.configMaps, namespace: namespace, name: "settings")
    settings.labels = ["app": "milvus"]
    settings.json["data"] = ["colour": "red"]
    let created = try await client.create(settings, as: .configMaps, namespace: namespace)

    // Guarded: whoever changed it meanwhile makes this a Conflict.
    do {
      let patch: JSONValue = [
        "metadata": ["resourceVersion": .string(created.resourceVersion)], "data": ["colour": "blue"],
      ]
      _ = try await client.mergePatch(.configMaps, namespace: namespace, name: "settings", patch: patch)
    } catch KubernetesError.api(let status) where status.isConflict {
      // Read it again, and decide anew.
    }

    var names: [String] = []
    var version = ""
    for try await event in client.objects(.configMaps, namespace: namespace, labelSelector: "app=milvus") {
      switch event {
      case .object(let object): names.append(object.name)
      case .complete(let resourceVersion): version = resourceVersion
      }
    }

    let watch = try await client.watch(
      .configMaps,
      namespace: namespace,
      resourceVersion: version,
      metadataOnly: true,
      timeout: .seconds(2)
    )
    for try await event in watch {
      switch event {
      case .added(let object), .modified(let object), .deleted(let object): names.append(object.name)
      case .bookmark(let resourceVersion): version = resourceVersion
      }
    }

    #expect(names == ["settings"])
    let after = try await client.get(.configMaps, namespace: namespace, name: "settings")
    #expect(after.json[path: "data", "colour"] == "blue")
  }

  @Test("Write only while leading")
  func fence() async throws {
    let client = try RealServer().client
    let isLeading: @Sendable () -> Bool = { false }

    let fenced = client.fenced {
      guard isLeading() else { throw NotLeading() }
    }

    await #expect(throws: NotLeading.self) { try await fenced.delete(.configMaps, namespace: "default", name: "none") }
  }
}
