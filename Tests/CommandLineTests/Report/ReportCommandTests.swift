import Foundation
import JSON
import TestSupport
import Testing
import YAML

@Suite(.timeLimit(.minutes(5))) struct ReportCommandTests {
  private static func put(_ objects: [JSONValue], into cluster: Cluster) async throws {
    let namespace: JSONValue = ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "search"]]
    for object in [namespace] + objects { try await cluster.simulator.store.create(object) }
    for object in objects where object["kind"] == "MilvusTLS" {
      let name = object[path: "metadata", "name"]?.string ?? ""
      try await cluster.setStatus(object["status"] ?? [:], of: name, namespace: "search")
    }
  }

  @Test func aClusterIsReportedByNamespaceOrWhole() async throws {
    let folder = try Folder("report")
    defer { folder.remove() }
    try folder.write("", to: "marker")
    let objects = try ReportCase.release().objects.filter { $0[path: "metadata", "name"] != "certs-app" }
    try await Cluster.run { cluster in
      try await Self.put(objects, into: cluster)
      let all = try await cluster.run("report", "-A", "-o", "\(folder.path)/all.html")
      #expect(all.status == 0, "\(all.errors)")
      #expect(all.output == "")
      let page = try folder.text("all.html")
      #expect(page.contains("All namespaces of the cluster"))
      #expect(page.contains("CN=my-release-milvus"))
      #expect(
        page.contains("Secret search/certs-app does not exist: its certificates are shown as the status has them.")
      )
      let other = try await cluster.run("report", "-n", "other", "-o", "-")
      #expect(other.output.contains("There is no Milvus and no MilvusTLS here."))
      let one = try await cluster.run("report", "-n", "search", "-o", "\(folder.path)/all.html")
      #expect(one.status == 0, "\(one.errors)")
      #expect(try folder.text("all.html").contains("Namespace search of the cluster"))
      #expect(try folder.names() == ["all.html", "marker"])
    }
  }

  @Test func filesAreReportedWithoutACluster() throws {
    let folder = try Folder("report")
    defer { folder.remove() }
    let objects = try ReportCase.release().objects
    let list: JSONValue = ["apiVersion": "v1", "kind": "List", "items": .array(Array(objects.dropFirst(2)))]
    try folder.write(String(decoding: list.serialized(pretty: true), as: UTF8.self), to: "secrets.json")
    let documents = try objects.prefix(2).map { try YAML.serialize($0) }
    try folder.write(documents.joined(separator: "---\n"), to: "milvus.yaml")
    let paths = ["\(folder.path)/milvus.yaml", "\(folder.path)/secrets.json"]
    let run = try ProgramRun(["report", "-f"] + paths + ["-o", "\(folder.path)/report.html"])
    #expect(run.status == 0, "\(run.errors)")
    let page = try folder.text("report.html")
    for fact in ["CN=my-release-milvus", "CN=app", "my-release authority issued Client app"] {
      #expect(page.contains(fact), "\(fact)")
    }
    #expect(!page.contains("What could not be read"))
    let piped = try ProgramRun(["report", "-f", "-", "-o", "-"], input: documents.joined(separator: "---\n"))
    #expect(piped.output.contains("Secret search/certs is not in the files"))
    #expect(piped.output.contains("in standard input"))
  }

  @Test func onlyAnEarlierReportIsReplaced() throws {
    let folder = try Folder("report")
    defer { folder.remove() }
    try folder.write("precious", to: "notes.html")
    try folder.write("items: []", to: "empty.yaml")
    let path = "\(folder.path)/notes.html"
    let run = try ProgramRun(["report", "-f", "\(folder.path)/empty.yaml", "-o", path])
    #expect(run.status == 1)
    #expect(run.errors == "Error: \(path) exists and is not a report: name another file, or remove it\n")
    #expect(try folder.text("notes.html") == "precious")
    #expect(try folder.names() == ["empty.yaml", "notes.html"])
  }

  @Test(arguments: [
    (
      ["-f", "FOLDER/text.yaml", "-o", "FOLDER/r.html"], 1,
      "FOLDER/text.yaml: no Milvus, MilvusTLS or Secret in this file"
    ),
    (["-f", "FOLDER/missing", "-o", "FOLDER/r.html"], 1, "FOLDER/missing: No such file or directory"),
    (
      ["-f", "FOLDER/nameless.yaml", "-o", "FOLDER/r.html"], 1,
      "FOLDER/nameless.yaml: metadata.name of a Secret is missing"
    ),
    (
      ["-f", "FOLDER/list.yaml", "-o", "FOLDER/missing/r.html"], 1,
      "FOLDER/missing: No such file or directory: check the path"
    ),
    (
      ["-f", "FOLDER/list.yaml", "-o", "FOLDER"], 1,
      "FOLDER exists and is not a report: name another file, or remove it"
    ),
    (["-A", "-n", "x", "-o", "-"], 2, "--all-namespaces and --namespace exclude each other"),
    (["-o", ""], 2, "--output \"\": must be a file, or - for standard output"),
  ])
  func wrongUseIsOneLineAndWritesNothing(arguments: [String], status: Int32, message: String) throws {
    let folder = try Folder("report")
    defer { folder.remove() }
    try folder.write("kind: ConfigMap", to: "text.yaml")
    try folder.write("{kind: Secret, metadata: {}}", to: "nameless.yaml")
    try folder.write("items: []", to: "list.yaml")
    let names = try folder.names()
    let run = try ProgramRun(["report"] + arguments.map { $0.replacing("FOLDER", with: folder.path) })
    #expect(run.status == status)
    #expect(run.errors.contains("Error: \(message.replacing("FOLDER", with: folder.path))\n"), "\(run.errors)")
    #expect(run.output == "")
    #expect(try folder.names() == names)
  }
}
