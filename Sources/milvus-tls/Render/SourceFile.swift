import ArgumentParser
import Foundation
import JSON
import YAML

/// A file with YAML to which something is added.
struct SourceFile {
  /// The order in which new members are written, that of the manual.
  private static let keyOrder = [
    "apiVersion", "kind", "metadata", "name", "namespace", "spec", "extraConfigFiles", "user.yaml", "config",
    "components", "proxy", "http", "enabled", "port", "common", "security", "tlsMode", "internaltlsEnabled", "tls",
    "internaltls", "serverPemPath", "serverKeyPath", "caPemPath", "sni", "volumes", "volumeMounts", "secret",
    "secretName", "mountPath", "subPath", "readOnly", "type", "source", "target", "published",
  ]

  /// As the user wrote it; `-` for standard input.
  let path: String
  let editor: YAMLEditor

  /// - Throws: `CommandFailure` for a file that cannot be read, or is not YAML.
  init(reading path: String) throws {
    self.path = path
    let data: Data
    do {
      data =
        path == "-"
        ? try FileHandle.standardInput.readToEnd() ?? Data() : try Data(contentsOf: URL(filePath: path))
    } catch {
      throw CommandFailure("\(path): \(Self.reason(error))")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw CommandFailure("\(Self.name(path)): not UTF-8 text")
    }
    do {
      editor = try YAMLEditor(text, keyOrder: Self.keyOrder)
    } catch let error as YAMLError {
      throw Self.failure(path, error)
    }
  }

  var name: String { Self.name(path) }

  /// The folder that it is in.
  var folder: URL {
    path == "-"
      ? URL(filePath: FileManager.default.currentDirectoryPath) : URL(filePath: path).deletingLastPathComponent()
  }

  /// Whether both are one file, under whatever names.
  func isSameFile(as other: SourceFile) -> Bool {
    var (own, others) = (stat(), stat())
    let isKnown = path != "-" && other.path != "-" && stat(path, &own) == 0 && stat(other.path, &others) == 0
    return isKnown && (own.st_dev, own.st_ino) == (others.st_dev, others.st_ino)
  }

  /// The text with changes, and with more documents behind the last.
  /// - Throws: `CommandFailure` with line and column of what cannot be changed.
  func applying(_ changes: [YAMLEditor.Change], appending added: [JSONValue] = []) throws -> String {
    do {
      return try editor.applying(changes, appending: added)
    } catch let error as YAMLError {
      throw Self.failure(path, error)
    }
  }

  /// What is wrong with a field.
  func failure(_ message: String, at field: String, in document: Int = 0) -> CommandFailure {
    Self.failure(path, editor.error(message, at: field, in: document))
  }

  private static func failure(_ path: String, _ error: YAMLError) -> CommandFailure {
    CommandFailure("\(name(path)):\(error.line):\(error.column): \(error.message)")
  }

  private static func name(_ path: String) -> String { path == "-" ? "<stdin>" : path }

  private static func reason(_ error: any Error) -> String {
    let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? any Error
    let code = underlying.map { ($0 as NSError).code } ?? 0
    return code == 0 ? error.localizedDescription : String(cString: strerror(Int32(code)))
  }
}
