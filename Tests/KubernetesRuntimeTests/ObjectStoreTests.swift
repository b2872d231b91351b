import JSON
import Kubernetes
import Synchronization
import Testing

@testable import KubernetesRuntime

@Suite struct ObjectStoreTests {
  private let clock = TestClock()
  /// Keeps what is not "unwanted", and finds it by its first letter.
  private let store: ObjectStore<String>
  private let key = ObjectKey(namespace: "ns", name: "a")

  init() {
    store = ObjectStore(
      transform: { object in object.json["data"]?.string.flatMap { $0 == "unwanted" ? nil : $0 } },
      indexedBy: { [String($0.prefix(1))] },
      clock: clock.clock
    )
  }

  private func object(_ version: String, _ data: String, _ name: String = "a", in namespace: String = "ns")
    -> KubernetesObject
  {
    KubernetesObject([
      "metadata": [
        "namespace": .string(namespace), "name": .string(name), "resourceVersion": .string(version),
      ], "data": .string(data),
    ])
  }

  @discardableResult private func see(_ version: String, _ data: String, isDeleted: Bool = false) -> Bool {
    store.update(object(version, data), isDeleted: isDeleted) != nil
  }

  @Test func anEventInFlightDoesNotUndoWhatAWriteReturned() {
    see("98", "old")
    store.insert(object("102", "written"))
    #expect(!see("99", "between"), "older, and as text it would be newer")
    #expect(store[key] == "written")
    #expect(!see("102", "written"), "the write's own event is no news")
    #expect(see("103", "after"))
    #expect(store[key] == "after")
  }

  @Test func whatIsKnownIsNotTransformedAgain() {
    let count = Mutex(0)
    let store = ObjectStore<String>(
      transform: { object in
        count.withLock { $0 += 1 }
        return object.json["data"]?.string
      },
      indexedBy: { _ in [] },
      clock: clock.clock
    )
    for version in ["5", "5", "4"] { _ = store.update(object(version, "x"), isDeleted: false) }
    #expect(count.withLock { $0 } == 1)
    _ = store.update(object("6", "y"), isDeleted: false)
    #expect(count.withLock { $0 } == 2)
  }

  @Test func aLateAnswerOrEventDoesNotBringADeletedObjectBack() {
    see("5", "x")
    #expect(see("7", "x", isDeleted: true))
    store.insert(object("6", "late"))
    #expect(!see("5", "x"))
    #expect(!see("7", "x", isDeleted: true))
    #expect(store[key] == nil)
    #expect(see("8", "anew"))
    #expect(store[key] == "anew")
  }

  @Test func anObjectThatCeasesToBeKeptStaysAwayFromItsOlderStates() {
    see("5", "x")
    #expect(see("6", "unwanted"))
    #expect(!see("5", "x"))
    #expect(store.keys.isEmpty)
  }

  @Test func aListRemovesWhatItDoesNotHaveUnlessThatIsNewer() {
    for (name, version) in [("stays", "3"), ("goes", "4"), ("written", "11")] {
      store.insert(object(version, "x", name))
    }
    store.insert(object("1", "x", "other", in: "elsewhere"))
    let changes = store.removeAll(
      except: [ObjectKey(namespace: "ns", name: "stays")],
      in: "ns",
      listedAt: "10"
    )
    #expect(changes.map(\.key.name) == ["goes"])
    #expect(Set(store.keys.map(\.name)) == ["stays", "written", "other"])
    #expect(store.update(object("4", "x", "goes"), isDeleted: false) == nil)
  }

  @Test func forgottenVersionsAreOlderThanEveryStateAndEveryList() {
    see("100", "x")
    store.insert(object("101", "x", "b"))
    store.insert(object("102", "x", "c", in: "elsewhere"))
    _ = store.update(object("103", "x", "deleted"), isDeleted: false)
    _ = store.update(object("104", "x", "deleted"), isDeleted: true)
    store.forgetVersions(in: "ns")
    #expect(store[key] == "x", "values stay until the list")
    #expect(see("50", "restored"))
    #expect(!see("49", "older"), "from here on versions count again")
    #expect(store.update(object("51", "x", "deleted"), isDeleted: false) != nil)
    let changes = store.removeAll(
      except: [key, ObjectKey(namespace: "ns", name: "deleted")],
      in: "ns",
      listedAt: "60"
    )
    #expect(changes.map(\.key.name) == ["b"])
    #expect(store.update(object("61", "y", "c", in: "elsewhere"), isDeleted: false) == nil, "another namespace")
    store.forgetVersions(in: nil)
    #expect(store.update(object("61", "y", "c", in: "elsewhere"), isDeleted: false) != nil)
  }

  @Test func versionsWithoutAnOrderCountAsTheyCome() {
    see("b7", "one")
    #expect(see("a3", "two"))
    #expect(!see("a3", "two"))
    #expect(see("b7", "two", isDeleted: true))
    #expect(store[key] == nil)
  }

  @Test func aNewVersionOfTheSameValueIsNoChange() {
    see("1", "x")
    #expect(!see("2", "x"))
    #expect(!see("1", "y"), "the version was noted all the same")
  }

  @Test func theIndexFollowsEveryChange() {
    let found = { (name: String) in store.values(in: "ns", indexedUnder: name).sorted() }
    store.insert(object("1", "apple", "a"))
    store.insert(object("2", "apricot", "b"))
    store.insert(object("3", "avocado", "a", in: "elsewhere"))
    #expect(found("a") == ["apple", "apricot"])
    store.insert(object("4", "banana", "a"))
    #expect(found("a") == ["apricot"])
    #expect(found("b") == ["banana"])
    _ = store.update(object("5", "apricot", "b"), isDeleted: true)
    #expect(found("a").isEmpty)
    #expect(store.values(in: "ns") == ["a": "banana"])
    #expect(store.count == 2)
  }

  @Test(arguments: [
    ("9", "10", true), ("10", "9", false), ("10", "10", false),
    ("99999999999999999999998", "99999999999999999999999", true),
    ("", "1", false), ("1", "", false), ("08", "9", false), ("x", "y", false),
  ])
  func versionsAreOrderedAsDecimalNumbersOfAnyLength(left: String, right: String, isOlder: Bool) {
    #expect(ResourceVersion.isOlder(left, than: right) == isOlder)
  }

  @Test func deletionsAreRememberedForAtLeastAMinuteAndForgottenAfterTwo() {
    var deletions = RecentDeletions()
    deletions.note(key, version: "5", at: .seconds(1000))
    let other = ObjectKey(namespace: "ns", name: "other")
    deletions.note(other, version: "6", at: .seconds(1061))
    #expect(deletions.version(of: key) == "5")
    deletions.note(other, version: "7", at: .seconds(1122))
    #expect(deletions.version(of: key) == nil)
    #expect(deletions.version(of: other) == "7")
    deletions.note(other, version: nil, at: .seconds(1123))
    #expect(deletions.version(of: other) == nil)
  }
}
