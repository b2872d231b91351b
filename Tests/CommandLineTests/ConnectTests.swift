import ClusterSimulator
import Foundation
import JSON
import Testing

@Suite(.timeLimit(.minutes(5))) struct ConnectTests {
  private static let own = ["ca.pem", "client.pem", "client.key"]

  @Test func twoWayWritesAllFilesForTheirOwnerAloneAndPrintsTheLines() async throws {
    try await Cluster.run { cluster in
      try await cluster.putRelease("TwoWay")
      let folder = try Folder()
      defer { folder.remove() }
      let run = try await cluster.run("connect", "my-release", "--directory", folder.path)
      #expect(run.errors == "")
      #expect(run.status == 0)
      #expect(
        run.output == """
          # In \(folder.path): ca.pem, client.key, client.pem

          # Python
          from pymilvus import MilvusClient

          client = MilvusClient(
              uri="https://my-release-milvus.default.svc:19530",
              secure=True,
              server_name="my-release-milvus.default.svc",
              ca_pem_path="\(folder.path)/ca.pem",
              client_pem_path="\(folder.path)/client.pem",
              client_key_path="\(folder.path)/client.key",
          )

          # REST
          curl --cacert \(folder.path)/ca.pem --cert \(folder.path)/client.pem --key \(folder.path)/client.key https://my-release-milvus.default.svc:8080/v2/vectordb/collections/list --json '{}'

          """
      )
      #expect(try folder.mode() == 0o700)
      #expect(try folder.names() == Self.own.sorted())
      for name in Self.own {
        #expect(try folder.text(name) == PEM.text(of: name))
        #expect(try folder.mode(name) == 0o600)
      }
    }
  }

  @Test func oneWayNeedsTheAuthorityAlone() async throws {
    try await Cluster.run { cluster in
      try await cluster.putRelease("OneWay")
      let folder = try Folder()
      defer { folder.remove() }
      let run = try await cluster.run("connect", "my-release", "--directory", folder.path)
      #expect(run.status == 0, "\(run.errors)")
      #expect(try folder.names() == ["ca.pem"])
      #expect(run.output.contains("    server_pem_path=\"\(folder.path)/ca.pem\",\n)\n"))
      #expect(run.output.contains("curl --cacert \(folder.path)/ca.pem https://"))
      #expect(!run.output.contains("client."))
    }
  }

  @Test func aReleaseBefore24GetsThePathsOfVersion1() async throws {
    try await Cluster.run { cluster in
      let components: JSONValue = [
        "image": "milvusdb/milvus:v2.3.5", "standalone": ["serviceRestfulPort": 8080],
      ]
      try await cluster.putRelease("OneWay", milvus: ["components": components])
      let folder = try Folder()
      defer { folder.remove() }
      let run = try await cluster.run("connect", "my-release", "--directory", folder.path)
      #expect(run.output.hasSuffix(" https://my-release-milvus.default.svc:8080/v1/vector/collections\n"))
    }
  }

  @Test func nothingPrintedIsAKey() async throws {
    try await Cluster.run { cluster in
      try await cluster.putRelease("TwoWay")
      let folder = try Folder()
      defer { folder.remove() }
      for arguments in [["--directory", folder.path], ["--directory", "/dev/null/no"]] {
        let run = try await ProgramRun.run(
          ["connect", "my-release", "--kubeconfig", cluster.kubeconfig] + arguments
        )
        #expect(run.output.isEmpty == (run.status != 0))
        for text in [run.output, run.errors] {
          #expect(!text.contains("PRIVATE"))
          #expect(!text.contains("secret of client.key"))
        }
      }
    }
  }

  @Test(arguments: [
    ("missing/tls", "missing/tls: No such file or directory"), ("file", "file/ca.pem: Not a directory"),
  ])
  func aFolderThatCannotBeMadeIsNamed(path: String, message: String) async throws {
    try await Cluster.run { cluster in
      try await cluster.putRelease("OneWay")
      let folder = try Folder()
      defer { folder.remove() }
      try folder.write("", to: "file")
      let run = try await cluster.run("connect", "my-release", "--directory", "\(folder.path)/\(path)")
      #expect(run.status == 1)
      #expect(run.output == "")
      #expect(run.errors == "Error: \(folder.path)/\(message)\n")
    }
  }

  @Test func aMilvusThatIsGoneIsNamed() async throws {
    try await Cluster.run { cluster in
      try await cluster.putRelease("OneWay")
      try await cluster.simulator.store.delete(ObjectAddress(.milvuses, namespace: "default", name: "my-release"))
      let folder = try Folder()
      defer { folder.remove() }
      let run = try await cluster.run("connect", "my-release", "--directory", folder.path)
      #expect(run.status == 1)
      #expect(run.errors == "Error: Milvus \"my-release\" not found in namespace default\n")
      #expect(!FileManager.default.fileExists(atPath: folder.path))
    }
  }

  @Test func filesWithOtherContentsAreReplacedByForceAlone() async throws {
    try await Cluster.run { cluster in
      try await cluster.putRelease("TwoWay")
      let folder = try Folder()
      defer { folder.remove() }
      try folder.write("somebody's", to: "client.key")
      let refused = try await cluster.run("connect", "my-release", "--directory", folder.path)
      #expect(refused.status == 1)
      #expect(refused.output == "")
      #expect(
        refused.errors
          == "Error: \(folder.path)/client.key exists with different contents: use --force to overwrite it, or another --directory\n"
      )
      #expect(try folder.names() == ["client.key"])
      #expect(try folder.text("client.key") == "somebody's")

      let forced = try await cluster.run("connect", "my-release", "--directory", folder.path, "--force")
      #expect(forced.status == 0, "\(forced.errors)")
      #expect(try folder.names() == Self.own.sorted())
      #expect(try folder.text("client.key") == PEM.text(of: "client.key"))
      #expect(try folder.mode("client.key") == 0o600)
    }
  }

  @Test func aSecondRunFindsItsFilesAndGivesThemTheirModeBack() async throws {
    try await Cluster.run { cluster in
      try await cluster.putRelease("TwoWay")
      let folder = try Folder()
      defer { folder.remove() }
      let first = try await cluster.run("connect", "my-release", "--directory", folder.path)
      try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: folder.path + "/client.key")
      let inode = try folder.inode("client.key")
      let second = try await cluster.run("connect", "my-release", "--directory", folder.path)
      #expect(second.status == 0, "\(second.errors)")
      #expect(second.output == first.output)
      #expect(try folder.inode("client.key") == inode)
      #expect(try folder.mode("client.key") == 0o600)
    }
  }

  @Test func theLinesFollowPortsCertificateAndAwkwardPaths() async throws {
    try await Cluster.run { cluster in
      let components: JSONValue = ["proxy": ["port": 29530, "serviceRestfulPort": 9443], "standalone": ["port": 1]]
      try await cluster.putRelease(
        "TwoWay",
        milvus: ["mode": "cluster", "components": components],
        dnsNames: ["localhost", "milvus.example.com"]
      )
      let folder = try Folder("o'clock folder")
      defer { folder.remove() }
      let run = try await cluster.run("connect", "my-release", "--directory", folder.path)
      #expect(run.status == 0, "\(run.errors)")
      let quoted = folder.path.replacing("'", with: #"'\''"#)
      #expect(run.output.contains("uri=\"https://my-release-milvus.default.svc:29530\","))
      #expect(run.output.contains("server_name=\"milvus.example.com\","))
      #expect(run.output.contains("client_pem_path=\"\(folder.path)/client.pem\","))
      let curl =
        "curl --cacert '\(quoted)/ca.pem' --cert '\(quoted)/client.pem' --key '\(quoted)/client.key' --connect-to "
        + "milvus.example.com:9443:my-release-milvus.default.svc:9443 https://milvus.example.com:9443/v2/vectordb/collections/list --json '{}'\n"
      #expect(run.output.hasSuffix(curl), "\(run.output)")
    }
  }

  @Test func withoutAPortForRESTTheLinesSaySo() async throws {
    try await Cluster.run { cluster in
      try await cluster.putRelease("TwoWay", milvus: [:])
      let folder = try Folder()
      defer { folder.remove() }
      let run = try await cluster.run("connect", "my-release", "--directory", folder.path)
      #expect(run.status == 0, "\(run.errors)")
      #expect(
        run.output.hasSuffix(
          "# REST\n# Service my-release-milvus.default.svc has no REST port: set serviceRestfulPort in the Milvus resource.\n"
        )
      )
    }
  }

  @Test func pymilvusIsNotOfferedTheEd25519ThatItCannotTake() async throws {
    try await Cluster.run { cluster in
      try await cluster.putRelease("TwoWay")
      let address = ObjectAddress(.milvusTLS, namespace: "default", name: "my-release")
      try await cluster.simulator.store.update(address) {
        $0["spec"] = ["certificate": ["privateKey": ["algorithm": "Ed25519"]]]
      }
      let folder = try Folder()
      defer { folder.remove() }
      let run = try await cluster.run("connect", "my-release", "--directory", folder.path)
      #expect(run.status == 0, "\(run.errors)")
      #expect(
        run.output.contains(
          "# Python\n# pymilvus does not support Ed25519: "
            + "set another spec.certificate.privateKey.algorithm in the MilvusTLS.\n\n"
        )
      )
      #expect(!run.output.contains("import"))
      #expect(run.output.contains("\ncurl "))
    }
  }

  @Test func secretsWithTheKeysOfCertManagerServe() async throws {
    try await Cluster.run { cluster in
      let keys = ["ca.pem": "ca.crt", "client.pem": "tls.crt", "client.key": "tls.key"]
      try await cluster.putRelease("TwoWay", keys: keys)
      let folder = try Folder()
      defer { folder.remove() }
      let run = try await cluster.run("connect", "my-release", "--directory", folder.path)
      #expect(run.status == 0, "\(run.errors)")
      for name in Self.own { #expect(try folder.text(name) == PEM.text(of: name)) }
    }
  }

  @Test func oneWayTakesTheAuthorityFromSomebodysSecretWhereThereAreNoClients() async throws {
    try await Cluster.run { cluster in
      try await cluster.putRelease("OneWay", clients: [])
      try await cluster.put(secret: "certs", ["ca.crt": PEM.text(of: "ca.pem")])
      let folder = try Folder()
      defer { folder.remove() }
      let run = try await cluster.run("connect", "my-release", "--directory", folder.path)
      #expect(run.status == 0, "\(run.errors)")
      #expect(try folder.text("ca.pem") == PEM.text(of: "ca.pem"))
    }
  }

  @Test(arguments: [
    Refusal(
      mode: "Disabled",
      "external TLS of Milvus my-release is disabled: set annotation tls.milvus.io/external to OneWay or "
        + "TwoWay, or spec.external.mode of MilvusTLS my-release"
    ),
    Refusal(mode: nil, "MilvusTLS my-release is not Ready: Conflict: two values"),
    Refusal(clients: ["a", "b"], "there are several clients: use --client with one of \"a\", \"b\""),
    Refusal(clients: ["a", "b"], arguments: ["--client", "c"], "--client \"c\": must be one of \"a\", \"b\""),
    Refusal(
      clients: [],
      "the server requires a client certificate, but its Secret is not managed by milvus-tls-operator: "
        + "ask its owner for a client certificate"
    ),
    Refusal(
      files: ["ca.pem": "ca.pem", "client.pem": "client.pem"],
      "Secret default/certs-client must contain a PEM PRIVATE KEY in client.key or tls.key"
    ),
    Refusal(
      files: ["ca.pem": "ca.pem", "client.pem": "client.key"],
      "Secret default/certs-client: client.pem must be a PEM CERTIFICATE"
    ),
    Refusal(files: nil, "Secret \"certs-client\" not found in namespace default"),
  ])
  func whatIsMissingIsNamedInOneLineAndNothingIsWritten(refusal: Refusal) async throws {
    try await Cluster.run { cluster in
      try await cluster.putRelease(refusal.mode, clients: refusal.clients, files: refusal.files)
      let folder = try Folder()
      defer { folder.remove() }
      let arguments = ["connect", "my-release", "--kubeconfig", cluster.kubeconfig, "--directory", folder.path]
      let run = try await ProgramRun.run(arguments + refusal.arguments)
      #expect(run.status == 1)
      #expect(run.output == "")
      #expect(run.errors == "Error: \(refusal.message)\n")
      #expect(!FileManager.default.fileExists(atPath: folder.path))
    }
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    let mode: String?
    let clients: [String]
    /// Keys of the Secret `certs-client`, with the file that each holds; nil for no Secret.
    let files: [String: String]?
    let arguments: [String]
    let message: String

    init(
      mode: String? = "TwoWay",
      clients: [String] = ["client"],
      files: [String: String]? = ["ca.pem": "ca.pem", "client.pem": "client.pem", "client.key": "client.key"],
      arguments: [String] = [],
      _ message: String
    ) {
      self.mode = mode
      self.clients = clients
      self.files = files
      self.arguments = arguments
      self.message = message
    }

    var testDescription: String { message }
  }
}
