import Testing

/// What people really have, made anew: each kind of fault is found from the files alone, and where it is written.
@Suite struct CheckResourceTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let text: String
    /// What each finding begins with; notes do not count.
    var findings: [String] = []
    var testDescription: String { name }
  }

  private static let head = """
    apiVersion: milvus.io/v1beta1
    kind: Milvus
    metadata:
      name: search
      namespace: shop

    """

  private static let mounted = """
    spec:
      components:
        image: milvusdb/milvus:v2.5.8
        volumes: [{name: keys, secret: {secretName: search-keys}}]
        volumeMounts: [{name: keys, mountPath: /keys, readOnly: true}]
      config:
        common: {security: {tlsMode: 1}}
        tls:
          serverPemPath: /keys/tls.crt
          serverKeyPath: /keys/tls.key
          caPemPath: /keys/ca.crt

    """

  private static func secret(_ name: String, _ entries: String) -> String {
    "---\napiVersion: v1\nkind: Secret\nmetadata: {name: \(name), namespace: shop}\ndata:\n\(entries)\n"
  }

  private static let cases = [
    Case(
      name: "an injector writes the files",
      text: head + """
        spec:
          components:
            podAnnotations: {injector.example.com/inject: "true"}
          config:
            common: {security: {tlsMode: 1}}
            tls:
              serverPemPath: /run/injected/cert.pem
              serverKeyPath: /run/injected/key.pem
        """,
      findings: ["a.yaml:12:22 error FilesNotVisible: Milvus reads /run/injected/cert.pem, which"]
    ),
    Case(
      name: "the Secret is in no file",
      text: head + mounted,
      findings: [
        "a.yaml:9:49 error SecretMissing: Secret search-keys, which the Milvus mounts, is not among the files (tls.crt"
      ]
    ),
    Case(
      name: "the Secret comes after the Milvus",
      text: head + mounted + secret("search-keys", "  tls.crt: <cert>\n  tls.key: <key>\n  ca.crt: <ca>")
    ),
    Case(
      name: "a sealed Secret becomes one",
      text: head + mounted + """
        ---
        apiVersion: bitnami.com/v1alpha1
        kind: SealedSecret
        metadata: {name: search-keys, namespace: shop}
        """
    ),
    Case(
      name: "a Secret of another namespace is none",
      text: head + mounted
        + secret("search-keys", "  tls.crt: <cert>\n  tls.key: <key>\n  ca.crt: <ca>")
        .replacing("namespace: shop", with: "namespace: other"),
      findings: ["a.yaml:9:49 error SecretMissing: "]
    ),
    Case(
      name: "certificate and key in one file",
      text: head + mounted.replacing("tls.key", with: "tls.crt")
        + secret("search-keys", "  tls.crt: <both>\n  ca.crt: <ca>")
    ),
    Case(
      name: "a byte order mark",
      text: head + mounted + secret("search-keys", "  tls.crt: <bom>\n  tls.key: <key>\n  ca.crt: <ca>"),
      findings: ["a.yaml:22:3 error SecretInvalid: tls.crt begins with a byte order mark (BOM)"]
    ),
    Case(
      name: "the clients' authority in another Secret",
      text: head
        + mounted.replacing("tlsMode: 1", with: "tlsMode: 2").replacing("/keys/ca.crt", with: "/clients/ca.crt")
        .replacing("secretName: search-keys}}]", with: "secretName: search-keys}}, {name: c, secret: {secretName: c}}]")
        .replacing("readOnly: true}]", with: "readOnly: true}, {name: c, mountPath: /clients}]")
        + secret("search-keys", "  tls.crt: <cert>\n  tls.key: <key>") + secret("c", "  ca.crt: <ca>")
    ),
    Case(
      name: "the authority in a ConfigMap that is in no file",
      text: head
        + mounted.replacing(
          "secret: {secretName: search-keys}",
          with:
            "projected: {sources: [{secret: {name: search-keys}}, {configMap: {name: trust, items: [{key: ca, path: ca.crt}]}}]}"
        ) + secret("search-keys", "  tls.crt: <cert>\n  tls.key: <key>"),
      findings: ["a.yaml:9:100 error SecretMissing: ConfigMap trust"]
    ),
    Case(
      name: "another letter case contradicts",
      text: head.replacing("  namespace", with: "  annotations: {tls.milvus.io/external: TwoWay}\n  namespace") + """
        spec:
          config:
            common:
              Security:
                TLSMODE: 1
        """,
      findings: ["a.yaml:11:9 error Conflict: spec.config.common.Security.TLSMODE is 1, must be 2 for external TLS"]
    ),
    Case(
      name: "a variable contradicts",
      text: head.replacing("  namespace", with: "  annotations: {tls.milvus.io/external: OneWay}\n  namespace") + """
        spec:
          components:
            standalone:
              env:
                - name: OTHER
                  value: x
                - name: MILVUS_CONF_COMMON_SECURITY_TLSMODE
                  value: "0"
        """,
      findings: [
        "a.yaml:13:11 error Conflict: spec.components.standalone.env[MILVUS_CONF_COMMON_SECURITY_TLSMODE] is 0, must be 1"
      ]
    ),
    Case(
      name: "a variable that nobody reads",
      text: head.replacing("  namespace", with: "  annotations: {tls.milvus.io/external: OneWay}\n  namespace") + """
        spec:
          components:
            proxy: {}
            env:
              - name: TLS_CAPEMPATH
                valueFrom: {secretKeyRef: {name: x, key: y}}
        """,
      findings: ["a.yaml:11:9 warning MayBeOverridden: "]
    ),
    Case(
      name: "keys where Milvus ignores them",
      text: head + """
        spec:
          config:
            common:
              security: {internaltlsEnabled: true}
              internaltls:
                caPemPath: /x/ca.pem
        """,
      findings: ["a.yaml:10:7 warning Misplaced: spec.config.common.internaltls is ignored by Milvus"]
    ),
    Case(
      name: "an image without a version",
      text: head.replacing("  namespace", with: "  annotations: {tls.milvus.io/internal: \"true\"}\n  namespace")
        + "spec: {components: {image: 'registry.example.com/milvus:house-7'}}\n",
      findings: ["a.yaml:7:21 warning VersionAssumed: spec.components.image is \"registry.example.com/milvus:house-7\""]
    ),
    Case(
      name: "the version beside an image of the house",
      text: head.replacing("  namespace", with: "  annotations: {tls.milvus.io/internal: \"true\"}\n  namespace") + """
        spec:
          mode: cluster
          components:
            version: v2.6.5
            image: milvusdb/milvus:v2.6.5
            queryNode: {image: "registry.example.com/milvus-gpu:1.4.0-cuda12"}
            cdc: {replicas: 1}
        """
    ),
    Case(
      name: "an annotation that is not allowed",
      text: head.replacing("  namespace", with: "  annotations:\n    tls.milvus.io/external: Both\n  namespace"),
      findings: ["a.yaml:6:5 error InvalidAnnotation: annotation tls.milvus.io/external: \"Both\" is not one of"]
    ),
    Case(
      name: "REST off beside a port",
      text: head + """
        spec: {config: {proxy: {http: {port: 8080}}}}
        ---
        apiVersion: tls.milvus.io/v1alpha1
        kind: MilvusTLS
        metadata: {name: search, namespace: shop}
        spec: {external: {mode: OneWay, restPort: 0}}
        """,
      findings: ["a.yaml:6:32 error Conflict: spec.config.proxy.http.port is 8080, must be unset"]
    ),
    Case(
      name: "REST off",
      text: head + """
        spec: {}
        ---
        apiVersion: tls.milvus.io/v1alpha1
        kind: MilvusTLS
        metadata: {name: search, namespace: shop}
        spec: {external: {mode: OneWay, restPort: 0}}
        """
    ),
    Case(
      name: "a MilvusTLS alone",
      text: """
        apiVersion: tls.milvus.io/v1alpha1
        kind: MilvusTLS
        metadata: {name: search}
        spec:
          external: {mode: Both}
        """,
      findings: ["a.yaml:5:14 error InvalidSpec: spec.external.mode: "]
    ),
    Case(
      name: "a Milvus without a name",
      text: "apiVersion: milvus.io/v1beta1\nkind: Milvus\nmetadata: {namespace: shop}\nspec: {}\n",
      findings: ["a.yaml:3:1 error InvalidSpec: metadata.name of the Milvus must be a name"]
    ),
    Case(
      name: "elements of a List",
      text: """
        apiVersion: v1
        kind: List
        items:
          - apiVersion: v1
            kind: Service
          - apiVersion: milvus.io/v1beta1
            kind: Milvus
            metadata: {name: search, annotations: {tls.milvus.io/external: OneWay}}
            spec: {config: {common: {security: {tlsMode: 2}}}}
        """,
      findings: ["a.yaml:9:41 error Conflict: spec.config.common.security.tlsMode is 2, must be 1"]
    ),
  ]

  @Test func aSecretThatNoMilvusUsesIsJudgedBesideOne() throws {
    let files = try CheckedFiles([
      "milvus.yaml": "apiVersion: milvus.io/v1beta1\nkind: Milvus\nmetadata: {name: search}\nspec: {}\n",
      "old.yaml": """
      apiVersion: v1
      kind: Secret
      metadata: {name: old-tls}
      data: {server.pem: <cert>, server.key: bm90IGEga2V5, ca.pem: <ca>}
      """,
      "service.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {}\n",
    ])
    defer { files.folder.remove() }
    let found = try files.findings()
    #expect(
      found.count == 1 && found.allSatisfy { $0.hasPrefix("old.yaml:") && $0.contains("error SecretInvalid") },
      "\(found)"
    )
  }

  @Test(arguments: cases)
  func faultsAreFoundWhereTheyAreWritten(example: Case) throws {
    let files = try CheckedFiles(["a.yaml": example.text])
    defer { files.folder.remove() }
    let findings = try files.findings().filter { !$0.contains(" note ") }
    #expect(findings.count == example.findings.count, "\(findings)")
    for (finding, start) in zip(findings, example.findings) { #expect(finding.hasPrefix(start)) }
  }

  @Test func faultsOfTheFilesAndOfTheSettingsAreFoundAtOnce() throws {
    let text = Self.head + Self.mounted + "    proxy: {http: {port: 19530}}\n"
    let files = try CheckedFiles(["a.yaml": text])
    defer { files.folder.remove() }
    let findings = try files.findings()
    #expect(findings.count == 2, "\(findings)")
    #expect(findings.first?.hasPrefix("a.yaml:9:49 error SecretMissing: ") == true)
    #expect(findings.last?.hasPrefix("a.yaml:17:20 error Conflict: spec.config.proxy.http.port is 19530") == true)
  }

  @Test func filesAreJudgedTogether() throws {
    let secret = Self.secret("search-keys", "  tls.crt: <cert>\n  tls.key: <key>\n  ca.crt: <key>")
    let files = try CheckedFiles(["secret.yaml": secret, "milvus.yaml": Self.head + Self.mounted])
    defer { files.folder.remove() }
    let findings = try files.findings()
    #expect(findings.count == 1, "\(findings)")
    #expect(findings.first?.hasPrefix("secret.yaml:8:3 warning SecretFindings: ") == true)
  }

  @Test func aSecretWithoutAMilvusIsJudged() throws {
    let other = Self.secret("minio", "  accesskey: eA==")
    let secret = Self.secret("search-keys", "  tls.crt: <bom>\n  tls.key: <key>\n  ca.crt: <ca>")
    let files = try CheckedFiles(["a.yaml": other + secret])
    defer { files.folder.remove() }
    let findings = try files.findings()
    #expect(findings.count == 1, "\(findings)")
    #expect(findings.first?.hasPrefix("a.yaml:12:3 error SecretInvalid: tls.crt begins with a byte order mark") == true)
  }
}
