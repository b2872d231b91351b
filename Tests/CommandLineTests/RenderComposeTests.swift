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

  @Test(
    "A host port that a service has already is not published again",
    arguments: [
      "  attu:\n    ports: [\"8080:3000\"]\n", "  attu:\n    ports: [\"127.0.0.1:8000-8100:3000-3100\"]\n",
      "  attu:\n    ports: [\"${ATTU:-8080}:3000\"]\n", "  attu:\n    ports: [{target: 3000, published: \"8080\"}]\n",
      "", "  proxy:\n    command: milvus run proxy\n    ports: [\"19531:19530\"]\n",
    ]
  )
  func takenPort(service: String) throws {
    let folder = try Folder()
    defer { folder.remove() }
    let own = service.isEmpty ? ", \"8080:9091\"" : ""
    let compose =
      "services:\n  milvus:\n    command: milvus run proxy\n    ports: [\"19530:19530\"\(own)]\n" + service
    try folder.write(compose, to: "docker-compose.yml")
    try folder.write("", to: "milvus.yaml")
    let run = try ProgramRun(Self.arguments(folder) + ["-i"])
    #expect(
      run.status == 1 && run.errors.contains(": host port 8080 for REST is published by service "),
      "\(run.errors)"
    )
    #expect(try folder.text("docker-compose.yml") == compose && folder.text("milvus.yaml") == "")
    let other = try ProgramRun(Self.arguments(folder) + ["--rest-port", "8443"])
    // Two proxies cannot have one port of the host, whichever it is.
    #expect(other.output.contains("19530:19530") != service.contains("run proxy"), "\(other.errors)")
    #expect(other.output.contains("8443:8443") == (other.status == 0))
  }

  @Test("One file cannot be the Compose file and milvus.yaml")
  func sameFile() throws {
    let folder = try Self.folder("manual")
    defer { folder.remove() }
    let (compose, link) = ("\(folder.path)/docker-compose.yml", "\(folder.path)/link.yaml")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: compose)
    for name in [compose, link] {
      let run = try ProgramRun(["render", "compose", "-f", compose, "--milvus-yaml", name])
      #expect(run.status == 1 && run.output == "")
      #expect(run.errors.hasPrefix("Error: --milvus-yaml: \(name) is the Compose file"), "\(run.errors)")
    }
  }

  @Test("Files keep their modes, and links stay links")
  func modes() throws {
    let folder = try Self.folder("manual")
    defer { folder.remove() }
    let files = FileManager.default
    try files.moveItem(atPath: "\(folder.path)/milvus.yaml", toPath: "\(folder.path)/real.yaml")
    try files.createSymbolicLink(atPath: "\(folder.path)/milvus.yaml", withDestinationPath: "real.yaml")
    try files.setAttributes([.posixPermissions: 0o640], ofItemAtPath: "\(folder.path)/real.yaml")
    try files.setAttributes([.posixPermissions: 0o664], ofItemAtPath: "\(folder.path)/docker-compose.yml")
    let run = try ProgramRun(Self.arguments(folder) + ["-i"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(try folder.mode("real.yaml") == 0o640 && folder.mode("docker-compose.yml") == 0o664)
    #expect(try files.destinationOfSymbolicLink(atPath: "\(folder.path)/milvus.yaml") == "real.yaml")
    #expect(try folder.text("real.yaml").contains("/milvus/tls/server.pem"))
    #expect(try folder.names() == ["docker-compose.yml", "milvus.yaml", "real.yaml"])
  }

  @Test("A fault at the second file takes the first back", arguments: [false, true])
  func fault(isInOtherFolder: Bool) throws {
    let folder = try Self.folder("manual")
    let other = try Folder()
    defer { folder.remove() }
    defer { other.remove() }
    let place = isInOtherFolder ? other : folder
    let settings = try folder.text("milvus.yaml")
    try place.write(settings, to: "milvus.yaml")
    // What replacing the file needs is in the way.
    try place.write("old", to: "milvus.yaml.bak")
    let compose = try folder.text("docker-compose.yml")
    let run = try ProgramRun([
      "render", "compose", "-i", "-f", "\(folder.path)/docker-compose.yml", "--milvus-yaml",
      "\(place.path)/milvus.yaml",
    ])
    #expect(run.status == 1 && run.errors.hasPrefix("Error: \(place.path)/milvus.yaml.bak exists"), "\(run.errors)")
    #expect(try folder.text("docker-compose.yml") == compose && place.text("milvus.yaml") == settings)
    #expect(try place.text("milvus.yaml.bak") == "old")
    #expect(try !folder.names().contains { $0.hasPrefix(".") || $0 == "docker-compose.yml.bak" })
    try FileManager.default.removeItem(atPath: "\(place.path)/milvus.yaml.bak")
    let again = try ProgramRun([
      "render", "compose", "-i", "-f", "\(folder.path)/docker-compose.yml", "--milvus-yaml",
      "\(place.path)/milvus.yaml",
    ])
    #expect(again.status == 0, "\(again.errors)")
    #expect(try folder.text("docker-compose.yml") != compose && place.text("milvus.yaml") != settings)
    #expect(try place.names() == (isInOtherFolder ? ["milvus.yaml"] : ["docker-compose.yml", "milvus.yaml"]))
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
