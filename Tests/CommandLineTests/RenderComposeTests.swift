import Foundation
import JSON
import Testing
import YAML

/// `milvus-tls render compose`, on copies of the folders in `Tests/Fixtures/Render/compose`.
@Suite(.timeLimit(.minutes(5))) struct RenderComposeTests {
  @Test(
    "Both files become what is recorded, and nothing changes at a second run",
    arguments: [
      ("manual", []), ("standalone", ["--external", "TwoWay", "--internal"]),
      ("cluster", ["--external", "OneWay", "--internal"]),
    ] as [(String, [String])]
  )
  func recorded(name: String, flags: [String]) throws {
    let folder = try Self.folder(name)
    defer { folder.remove() }
    let arguments = Self.arguments(folder) + flags
    let printed = try ProgramRun(arguments)
    let run = try ProgramRun(arguments + ["--in-place"])
    #expect(run.status == 0 && run.output == "", "\(run.errors)")
    for file in ["docker-compose.yml", "milvus.yaml"] {
      let result = try folder.text(file)
      let expected = RenderCase("compose", "\(name)/\(file)")
      if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] != nil { try expected.record(result) }
      #expect(try result == expected.expected())
      #expect(printed.output.contains("---\n# Source: \(folder.path)/\(file)\n\(result)"))
    }
    #expect(try folder.names() == ["docker-compose.yml", "milvus.yaml"])
    let diff = try ProgramRun(arguments + ["--diff"])
    #expect(diff.status == 0 && diff.output == "", "\(diff.output)\(diff.errors)")
  }

  @Test("The manual's service without TLS becomes the manual's with TLS, key by key")
  func manual() throws {
    let folder = try Self.folder("manual")
    defer { folder.remove() }
    _ = try ProgramRun(Self.arguments(folder) + ["--in-place"])
    let service = try YAML.parse(folder.text("docker-compose.yml"))[path: "services", "standalone"]
    #expect(
      service == [
        "container_name": "milvus-standalone", "image": "milvusdb/milvus:latest",
        "command": ["milvus", "run", "standalone"], "security_opt": ["seccomp:unconfined"],
        "environment": ["ETCD_ENDPOINTS": "etcd:2379", "MINIO_ADDRESS": "minio:9000"],
        "volumes": [
          "${DOCKER_VOLUME_DIRECTORY:-.}/volumes/milvus:/var/lib/milvus",
          "${DOCKER_VOLUME_DIRECTORY:-.}/tls:/milvus/tls",
          "${DOCKER_VOLUME_DIRECTORY:-.}/milvus.yaml:/milvus/configs/milvus.yaml",
        ],
      ]
    )
    let settings = try YAML.parse(folder.text("milvus.yaml"))
    #expect(settings[path: "proxy", "http", "port"] == 8080)
    #expect(settings[path: "common", "security", "tlsMode"] == 1)
    #expect(
      settings["tls"] == [
        "serverPemPath": "/milvus/tls/server.pem", "serverKeyPath": "/milvus/tls/server.key",
        "caPemPath": "/milvus/tls/ca.pem",
      ]
    )
  }

  @Test(
    "What contradicts TLS, or cannot be understood, is refused with its place, and neither file changes",
    arguments: [
      (
        "environment", "MINIO_ADDRESS: minio:9000", "COMMON_SECURITY_TLSMODE: \"0\"",
        "docker-compose.yml:10:7: services"
      ),
      ("command", "\"run\", \"standalone\"", "\"version\"", "docker-compose.yml:5:5: cannot tell which component"),
      ("component", "\"standalone\"", "\"loadbalancer\"", "docker-compose.yml:5:5: milvus run loadbalancer: unknown"),
      (
        "mount", "volumes/milvus:/var/lib/milvus", "other.yaml:/milvus/configs/milvus.yaml",
        "docker-compose.yml:12:9: service standalone mounts "
      ),
      ("services", "services:", "service:", "docker-compose.yml:1:1: not a Compose file"),
      ("tab", "  standalone:", "\tstandalone:", "docker-compose.yml:2:1: found character"),
    ] as [(String, String, String, String)]
  )
  func refusals(name: String, old: String, new: String, message: String) throws {
    let folder = try Self.folder("manual")
    defer { folder.remove() }
    let settings = try folder.text("milvus.yaml")
    let compose = try folder.text("docker-compose.yml").replacing(old, with: new)
    try folder.write(compose, to: "docker-compose.yml")
    let run = try ProgramRun(Self.arguments(folder) + ["--in-place"])
    #expect(run.status == 1 && run.output == "")
    #expect(run.errors.hasPrefix("Error: \(folder.path)/\(message)"), "\(run.errors)")
    #expect(run.errors.split(separator: "\n").count == 1)
    #expect(try folder.text("docker-compose.yml") == compose && folder.text("milvus.yaml") == settings)
  }

  @Test("A milvus.yaml that says something else is refused with its place")
  func contradiction() throws {
    let folder = try Self.folder("manual")
    defer { folder.remove() }
    try folder.write("common:\n  security:\n    tlsMode: 2 # both\n", to: "milvus.yaml")
    let run = try ProgramRun(Self.arguments(folder) + ["--external", "OneWay"])
    #expect(
      run.errors
        == "Error: \(folder.path)/milvus.yaml:3:5: common.security.tlsMode is 2, must be 1 for external TLS OneWay\n"
    )
  }

  @Test("A file that is not there is an error")
  func missing() throws {
    let folder = try Self.folder("manual")
    defer { folder.remove() }
    let run = try ProgramRun([
      "render", "compose", "-f", "\(folder.path)/docker-compose.yml", "--milvus-yaml", "\(folder.path)/none.yaml",
    ])
    #expect(run.status == 1 && run.errors == "Error: \(folder.path)/none.yaml: No such file or directory\n")
  }

  private static func arguments(_ folder: Folder) -> [String] {
    ["render", "compose", "-f", "\(folder.path)/docker-compose.yml", "--milvus-yaml", "\(folder.path)/milvus.yaml"]
  }

  private static func folder(_ name: String) throws -> Folder {
    let folder = try Folder()
    for file in ["docker-compose.yml", "milvus.yaml"] {
      try folder.write(try RenderCase.text("compose/\(name)/\(file)"), to: file)
    }
    return folder
  }
}
