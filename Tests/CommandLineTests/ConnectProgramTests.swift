import ClusterSimulator
import Foundation
import JSON
import Testing

/// `milvus-tls connect --for`.
@Suite(.timeLimit(.minutes(5))) struct ConnectProgramTests {
  static let host = "my-release-milvus.default.svc"

  struct Case: Sendable, CustomTestStringConvertible {
    let program: String
    let mode: String
    /// The output after the first line; DIR stands for the folder.
    let lines: String
    var commentMark = "#"
    var files = ["ca.pem", "client.key", "client.pem"]

    var testDescription: String { "\(program) \(mode)" }
  }

  static let cases = [
    Case(
      program: "python",
      mode: "OneWay",
      lines: """
        from pymilvus import MilvusClient

        client = MilvusClient(
            uri="https://\(host):19530",
            secure=True,
            server_name="\(host)",
            server_pem_path="DIR/ca.pem",
        )

        """,
      files: ["ca.pem"]
    ),
    Case(
      program: "python",
      mode: "TwoWay",
      lines: """
        from pymilvus import MilvusClient

        client = MilvusClient(
            uri="https://\(host):19530",
            secure=True,
            server_name="\(host)",
            ca_pem_path="DIR/ca.pem",
            client_pem_path="DIR/client.pem",
            client_key_path="DIR/client.key",
        )

        """
    ),
    Case(
      program: "java",
      mode: "OneWay",
      lines: """
        import io.milvus.v2.client.ConnectConfig;
        import io.milvus.v2.client.MilvusClientV2;

        MilvusClientV2 client = new MilvusClientV2(
            ConnectConfig.builder()
                .uri("https://\(host):19530")
                .secure(true)
                .serverName("\(host)")
                .serverPemPath("DIR/ca.pem")
                .build());

        """,
      commentMark: "//",
      files: ["ca.pem"]
    ),
    Case(
      program: "java",
      mode: "TwoWay",
      lines: """
        import io.milvus.v2.client.ConnectConfig;
        import io.milvus.v2.client.MilvusClientV2;

        MilvusClientV2 client = new MilvusClientV2(
            ConnectConfig.builder()
                .uri("https://\(host):19530")
                .secure(true)
                .serverName("\(host)")
                .caPemPath("DIR/ca.pem")
                .clientPemPath("DIR/client.pem")
                .clientKeyPath("DIR/client.key")
                .build());

        """,
      commentMark: "//"
    ),
    Case(
      program: "go",
      mode: "OneWay",
      lines: go(identity: "", configuration: "RootCAs: authorities, ServerName: \"\(host)\""),
      commentMark: "//",
      files: ["ca.pem"]
    ),
    Case(
      program: "go",
      mode: "TwoWay",
      lines: go(
        identity: """

          \tcertificate, err := tls.LoadX509KeyPair("DIR/client.pem", "DIR/client.key")
          \tif err != nil {
          \t\treturn nil, err
          \t}
          """,
        configuration: """
          RootCAs: authorities, ServerName: "\(host)", Certificates: []tls.Certificate{certificate}
          """
      ),
      commentMark: "//"
    ),
    Case(
      program: "node",
      mode: "OneWay",
      lines: """
        import { MilvusClient } from "@zilliz/milvus2-sdk-node";

        const client = new MilvusClient({
          address: "https://\(host):19530",
          tls: {
            rootCertPath: "DIR/ca.pem",
            serverName: "\(host)",
          },
        });

        """,
      commentMark: "//",
      files: ["ca.pem"]
    ),
    Case(
      program: "node",
      mode: "TwoWay",
      lines: """
        import { MilvusClient } from "@zilliz/milvus2-sdk-node";

        const client = new MilvusClient({
          address: "https://\(host):19530",
          tls: {
            rootCertPath: "DIR/ca.pem",
            certChainPath: "DIR/client.pem",
            privateKeyPath: "DIR/client.key",
            serverName: "\(host)",
          },
        });

        """,
      commentMark: "//"
    ),
    Case(
      program: "curl",
      mode: "OneWay",
      lines: "curl --cacert DIR/ca.pem https://\(host):8080/v2/vectordb/collections/list --json '{}'\n",
      files: ["ca.pem"]
    ),
    Case(
      program: "curl",
      mode: "TwoWay",
      lines: "curl --cacert DIR/ca.pem --cert DIR/client.pem --key DIR/client.key "
        + "https://\(host):8080/v2/vectordb/collections/list --json '{}'\n"
    ),
    Case(
      program: "attu",
      mode: "OneWay",
      lines: "docker run --publish 8000:3000 --volume DIR:/certs:ro --env MILVUS_URL=\(host):19530 "
        + "--env MILVUS_SSL=true --env SERVER_NAME=\(host) --env ROOT_CERT_PATH=/certs/ca.crt zilliz/attu\n",
      files: ["ca.crt"]
    ),
    Case(
      program: "attu",
      mode: "TwoWay",
      lines: "docker run --publish 8000:3000 --volume DIR:/certs:ro --env MILVUS_URL=\(host):19530 "
        + "--env MILVUS_SSL=true --env SERVER_NAME=\(host) --env ROOT_CERT_PATH=/certs/ca.crt "
        + "--env CERT_CHAIN_PATH=/certs/tls.crt --env PRIVATE_KEY_PATH=/certs/tls.key zilliz/attu\n",
      files: ["ca.crt", "tls.crt", "tls.key"]
    ),
    Case(
      program: "backup",
      mode: "OneWay",
      lines: """
        milvus:
          address: "\(host)"
          port: 19530
          tlsMode: 1
          serverName: "\(host)"
          caCertPath: "DIR/ca.pem"

        """,
      files: ["ca.pem"]
    ),
    Case(
      program: "backup",
      mode: "TwoWay",
      lines: """
        milvus:
          address: "\(host)"
          port: 19530
          tlsMode: 2
          serverName: "\(host)"
          caCertPath: "DIR/ca.pem"
          mtlsCertPath: "DIR/client.pem"
          mtlsKeyPath: "DIR/client.key"

        """
    ),
  ]

  private static func go(identity: String, configuration: String) -> String {
    """
    package main

    import (
    \t"context"
    \t"crypto/tls"
    \t"crypto/x509"
    \t"fmt"
    \t"log"
    \t"os"
    \t"time"

    \t"github.com/milvus-io/milvus/client/v2/milvusclient"
    \t"google.golang.org/grpc"
    \t"google.golang.org/grpc/credentials"
    )

    func connect(ctx context.Context) (*milvusclient.Client, error) {
    \tpem, err := os.ReadFile("DIR/ca.pem")
    \tif err != nil {
    \t\treturn nil, err
    \t}
    \tauthorities := x509.NewCertPool()
    \tif !authorities.AppendCertsFromPEM(pem) {
    \t\treturn nil, fmt.Errorf("no certificate in %s", "DIR/ca.pem")
    \t}\(identity)
    \tsecured := credentials.NewTLS(&tls.Config{\(configuration)})
    \treturn milvusclient.New(ctx, &milvusclient.ClientConfig{
    \t\tAddress:     "https://\(host):19530",
    \t\tDialOptions: append([]grpc.DialOption{grpc.WithTransportCredentials(secured)}, milvusclient.DefaultGrpcOpts...),
    \t})
    }

    func main() {
    \tctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
    \tdefer cancel()
    \tclient, err := connect(ctx)
    \tif err != nil {
    \t\tlog.Fatal(err)
    \t}
    \tdefer client.Close(ctx)
    \tcollections, err := client.ListCollections(ctx, milvusclient.NewListCollectionOption())
    \tif err != nil {
    \t\tlog.Fatal(err)
    \t}
    \tfmt.Println(collections)
    }

    """
  }

  @Test(arguments: cases)
  func eachProgramGetsItsLinesAndFiles(of expected: Case) async throws {
    try await Cluster.run { cluster in
      try await cluster.putRelease(expected.mode)
      let folder = try Folder()
      defer { folder.remove() }
      let run = try await cluster.run("connect", "my-release", "--for", expected.program, "--directory", folder.path)
      #expect(run.errors == "")
      #expect(run.status == 0)
      let lines = expected.lines.replacing("DIR", with: folder.path)
      let header = "\(expected.commentMark) In \(folder.path): \(expected.files.joined(separator: ", "))\n\n"
      #expect(run.output == header + lines)
      #expect(try folder.names() == expected.files)
      for (name, source) in [("ca.crt", "ca.pem"), ("tls.crt", "client.pem"), ("tls.key", "client.key")] {
        guard expected.files.contains(name) else { continue }
        #expect(try folder.text(name) == PEM.text(of: source))
        #expect(try folder.mode(name) == 0o600)
      }
      #expect(!run.output.contains("PRIVATE KEY"))
    }
  }

  @Test func everyProgramIsCovered() async throws {
    let help = try await ProgramRun.run(["connect", "--help"])
    for program in Set(Self.cases.map(\.program)) { #expect(help.output.contains(program)) }
    #expect(Self.cases.count == 14)
  }

  @Test func anUnknownProgramIsRefusedWithTheAllowedOnes() async throws {
    let folder = try Folder()
    defer { folder.remove() }
    let run = try await ProgramRun.run(["connect", "my-release", "--for", "ruby", "--directory", folder.path])
    #expect(run.status == 64 || run.status == 2)
    #expect(run.output == "")
    for text in ["--for", "ruby", "python", "java", "go", "node", "curl", "attu", "backup"] {
      #expect(run.errors.contains(text), "\(run.errors)")
    }
    #expect(!FileManager.default.fileExists(atPath: folder.path))
  }

  @Test func curlWithoutAPortForRESTIsAnErrorAndWritesNothing() async throws {
    try await Cluster.run { cluster in
      try await cluster.putRelease("OneWay", milvus: [:])
      let folder = try Folder()
      defer { folder.remove() }
      let run = try await cluster.run("connect", "my-release", "--for", "curl", "--directory", folder.path)
      #expect(run.status == 1)
      #expect(run.output == "")
      let message = "Service \(Self.host) has no REST port: set serviceRestfulPort in the Milvus resource."
      #expect(run.errors == "Error: --for curl: \(message)\n")
      #expect(!FileManager.default.fileExists(atPath: folder.path))
    }
  }

  @Test(arguments: [("python", "pymilvus"), ("java", "milvus-sdk-java")])
  func whatCannotTakeEd25519IsAnErrorAndWritesNothing(program: String, title: String) async throws {
    try await Cluster.run { cluster in
      try await cluster.putRelease("TwoWay")
      let address = ObjectAddress(.milvusTLS, namespace: "default", name: "my-release")
      try await cluster.simulator.store.update(address) {
        $0["spec"] = ["certificate": ["privateKey": ["algorithm": "Ed25519"]]]
      }
      let folder = try Folder()
      defer { folder.remove() }
      let run = try await cluster.run("connect", "my-release", "--for", program, "--directory", folder.path)
      #expect(run.status == 1)
      #expect(run.output == "")
      #expect(run.errors.hasPrefix("Error: --for \(program): \(title) does not support Ed25519: "))
      #expect(!FileManager.default.fileExists(atPath: folder.path))
    }
  }
}
