import Foundation
import JSON
import PKI

@testable import MilvusTLS

/// What people, machines and time do to a Milvus, the same for the same seed.
struct RandomHistory {
  var fleet: Fleet
  /// What has happened.
  private(set) var log: [String] = []
  private var numbers: GeneratedMilvus
  private var count = 0

  private typealias Event = (weight: Int, name: String, run: @Sendable (inout RandomHistory) throws -> Void)

  init(seed: UInt64) throws {
    numbers = GeneratedMilvus(seed: seed)
    let spec: JSONValue = ["external": ["mode": "TwoWay"], "internal": ["enabled": .bool(seed % 2 == 0)]]
    fleet = try Fleet(spec.merging(["authority": ["overlap": seed % 3 == 0 ? "0s" : "24h"]]))
  }

  private static let events: [Event] = [
    (20, "a pod is rolled", { try $0.fleet.rollOne() }),
    (10, "all pods are rolled", { try $0.fleet.roll() }),
    (10, "a pod crashes", { try $0.crash() }),
    (8, "rotate", { try $0.annotate("rotate") }),
    (12, "rotate-authority", { try $0.annotate("rotate-authority") }),
    (4, "other names", { try $0.respecify(["certificate": ["dnsNames": [.string($0.fresh() + ".example")]]]) }),
    (3, "another duration", { try $0.respecify(["certificate": ["duration": .string("\(4000 + $0.any(900))h")]]) }),
    (
      2, "another algorithm",
      { try $0.respecify(["certificate": ["privateKey": ["size": $0.any(2) == 0 ? 256 : 384]]]) }
    ),
    (3, "another overlap", { try $0.respecify(["authority": ["overlap": $0.any(2) == 0 ? "0s" : "48h"]]) }),
    (5, "other clients", { try $0.changeClients() }),
    (12, "an hour passes", { try $0.pass(3600) }),
    (12, "a day passes", { try $0.pass(25 * 3600) }),
    (4, "months pass", { try $0.letMonthsPass() }),
    (3, "held", { try $0.hold() }),
    (3, "scaled to zero, or back", { try $0.fleet.scale(toZero: !$0.fleet.hasNoPods) }),
    (5, "damage", { try $0.damage() }),
    (4, "an authority of its owner", { try $0.bringAuthority() }),
    (2, "the operator's own authority", { try $0.respecify(["authority": ["secretName": .null]]) }),
  ]

  /// The next event, in which the operator may be killed and started again.
  mutating func step() throws {
    var draw = any(Self.events.reduce(0) { $0 + $1.weight })
    guard
      let event = Self.events.first(where: {
        draw -= $0.weight; return draw < 0
      })
    else { return }
    let dies = any(3) == 0
    if dies { fleet.actionsUntilDeath = any(4) }
    log.append(event.name + (dies ? ", killed after \(fleet.actionsUntilDeath ?? 0) actions" : ""))
    try event.run(&self)
    guard dies else { return }
    // Somebody else may be faster than the next leader.
    if any(2) == 0 { try crash() }
    fleet.actionsUntilDeath = nil
    try fleet.reconcile()
  }

  /// Nothing happens any more.
  mutating func end() throws {
    if fleet.isHeld { try hold() }
    if fleet.hasNoPods { try fleet.scale(toZero: false) }
    for _ in 0..<6 { try fleet.wait(until: fleet.now + 3 * 86400) }
  }

  private mutating func any(_ limit: Int) -> Int { Int(numbers.next() % UInt64(limit)) }

  private mutating func fresh() -> String {
    count += 1
    return String(count)
  }

  private mutating func change(_ change: (inout World) -> Void) throws {
    change(&fleet.world)
    try fleet.reconcile()
  }

  private mutating func respecify(_ spec: JSONValue) throws {
    try change { $0.respecify(spec) }
  }

  private mutating func pass(_ seconds: TimeInterval) throws {
    fleet.world.observation.now += seconds
    fleet.check()
    try fleet.reconcile()
  }

  private mutating func letMonthsPass() throws {
    fleet.actionsUntilDeath = nil
    let end = fleet.now + 90 * 86400
    try fleet.wait(until: end)
  }

  private mutating func crash() throws {
    let index = any(3)
    try fleet.crash(index)
  }

  private mutating func annotate(_ name: String) throws {
    let value = fresh()
    try change { $0.annotate(name, value) }
  }

  private mutating func changeClients() throws {
    let names = ["client", "one", "two"].filter { $0 == "client" || any(2) == 0 }
    try respecify(["clients": .array(names.map { ["name": .string($0)] })])
  }

  private mutating func hold() throws {
    // Nobody can renew what a pod has loaded that may not be restarted.
    fleet.checks = .trust
    try fleet.hold(!fleet.isHeld)
  }

  private mutating func damage() throws {
    let secrets = ["certs", "certs-ca", "certs-client", "certs-ca"]
    let name = secrets[any(secrets.count)]
    // A CA without its key is left to a person.
    let keys = (fleet.world.data(of: name) ?? [:]).keys.filter { $0 != "ca.key" }.sorted()
    let choice = any(keys.count + 1)
    fleet.actionsUntilDeath = nil
    log[log.count - 1] += " of \(name) \(choice < keys.count ? keys[choice] : "as a whole")"
    try change { world in
      world.tamper(name) { object in
        guard choice < keys.count else { return nil }
        object[JSONPointer(["data", keys[choice]])] = "QUJD"
        return object
      }
    }
  }

  private mutating func bringAuthority() throws {
    let subject = try DistinguishedName(commonName: "corporate \(fresh())")
    let validity = Validity(from: fleet.now, duration: 10 * 365 * 86400)
    let authority = try CertificateAuthority.selfSigned(subject: subject, algorithm: .ecdsa(.p256), validity: validity)
    fleet.world.addSecret(
      "corporate-ca",
      role: nil,
      data: ["ca.pem": authority.certificate.pem, "ca.key": try authority.key.pem()]
    )
    try respecify(["authority": ["secretName": "corporate-ca"]])
  }
}
