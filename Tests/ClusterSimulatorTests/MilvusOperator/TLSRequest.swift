import COpenSSL
import Foundation

/// A request over TLS to a server of any certificate, by OpenSSL's own client.
enum TLSRequest {
  /// - Parameter address: `host:port`.
  /// - Returns: All that the server answers; empty where there is no connection.
  static func send(_ request: String, to address: String) async -> String {
    // OpenSSL blocks, which the threads of tasks must not.
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { continuation.resume(returning: exchange(request, address)) }
    }
  }

  private static func exchange(_ request: String, _ address: String) -> String {
    let context = SSL_CTX_new(TLS_client_method())
    let bio = BIO_new_ssl_connect(context)
    defer {
      BIO_free_all(bio)
      SSL_CTX_free(context)
    }
    address.withCString { _ = BIO_ctrl(bio, BIO_C_SET_CONNECT, 0, UnsafeMutableRawPointer(mutating: $0)) }
    guard BIO_write(bio, request, Int32(request.utf8.count)) > 0 else { return "" }
    // So that a server that says nothing fails the test.
    var limit = timeval(tv_sec: 60, tv_usec: 0)
    var descriptor: Int32 = -1
    BIO_ctrl(bio, BIO_C_GET_FD, 0, &descriptor)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while case let count = BIO_read(bio, &buffer, Int32(buffer.count)), count > 0 {
      answer += buffer.prefix(Int(count))
    }
    return String(decoding: answer, as: UTF8.self)
  }
}
