import CCurl
import Foundation

/// Owns a libcurl transfer and the memory that libcurl reads by pointer during the transfer. Used only on the
/// transport's thread.
final class EasyHandle {
  let pointer: UnsafeMutableRawPointer
  let exchange: Exchange
  let sockets: SharedSockets
  private let errorText: UnsafeMutablePointer<CChar>
  private var headerList: UnsafeMutablePointer<curl_slist>?
  private var connectList: UnsafeMutablePointer<curl_slist>?
  private var head: ResponseHead?
  /// How many bytes of the request body libcurl has consumed.
  private var taken = 0

  init(_ exchange: Exchange, sockets: SharedSockets) throws {
    guard let pointer = curl_easy_init() else { throw exchange.error(.other, "out of memory") }
    self.pointer = pointer
    self.exchange = exchange
    self.sockets = sockets
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    try configure(exchange.request)
  }

  deinit {
    curl_easy_cleanup(pointer)
    curl_slist_free_all(headerList)
    curl_slist_free_all(connectList)
    errorText.deallocate()
  }

  /// The object that owns a handle reported by libcurl.
  static func owner(of pointer: UnsafeMutableRawPointer) -> EasyHandle? {
    var context: UnsafeMutableRawPointer?
    curl_easy_getinfo_pointer(pointer, CURLINFO_PRIVATE, &context)
    return context.map { Unmanaged<EasyHandle>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Resumes a paused transfer. libcurl may deliver bytes before this returns.
  func resume() {
    curl_easy_pause(pointer, CURLPAUSE_CONT)
  }

  /// The error for a transfer's result code; nil for success.
  func error(_ code: CURLcode) -> TransportError? {
    guard code != CURLE_OK else { return nil }
    let detail = errorText[0] == 0 ? String(cString: curl_easy_strerror(code)) : String(cString: errorText)
    return exchange.error(.init(code), detail)
  }
}

// MARK: - Options

extension EasyHandle {
  private func configure(_ request: TransportRequest) throws {
    try set(CURLOPT_ERRORBUFFER, pointer: errorText)
    try set(CURLOPT_URL, request.url)
    try set(CURLOPT_PROTOCOLS_STR, "http,https")
    try set(CURLOPT_NOSIGNAL, 1)
    try set(CURLOPT_FOLLOWLOCATION, 0)
    try configureProxy(request.proxy)
    try configureConnection(request)
    try configureTLS(request.tls)
    try configureTimeouts(request.timeouts)
    try configureContent(request)
    try configureCallbacks()
  }

  private func configureConnection(_ request: TransportRequest) throws {
    switch request.delivery {
    case .whole, .streamed(_, over: .shared): try shareConnection(request)
    case .streamed(_, over: .own):
      try set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
      try set(CURLOPT_FRESH_CONNECT, 1)
      try set(CURLOPT_FORBID_REUSE, 1)
    }
    if let connectTo = request.connectTo {
      connectList = try appended(connectTo, to: connectList)
      try set(CURLOPT_CONNECT_TO, pointer: connectList)
    }
    // A peer that disappears is detected within 30 s: keep-alive probes while idle, TCP_USER_TIMEOUT for unacknowledged
    // data.
    try set(CURLOPT_TCP_KEEPALIVE, 1)
    try set(CURLOPT_TCP_KEEPIDLE, 15)
    try set(CURLOPT_TCP_KEEPINTVL, 5)
    try configureSockets()
  }

  private func shareConnection(_ request: TransportRequest) throws {
    try set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS)
    // Waiting for the connection being established is better than opening another: it will most likely carry many
    // streams. TLS negotiates that in its handshake. Without TLS libcurl would wait until a response has ended, and a
    // watch does not end.
    if request.url.hasPrefix("https:") { try set(CURLOPT_PIPEWAIT, 1) }
  }

  private func configureTLS(_ tls: TransportRequest.TLS) throws {
    try set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
    try set(CURLOPT_SSL_VERIFYPEER, tls.isVerified ? 1 : 0)
    try set(CURLOPT_SSL_VERIFYHOST, tls.isVerified ? 2 : 0)
    if let authorities = tls.authorities {
      // Without these two options, the system's CAs would be trusted in addition to the cluster's.
      try set(CURLOPT_CAINFO, nil)
      try set(CURLOPT_CAPATH, nil)
      try set(CURLOPT_CAINFO_BLOB, blob: authorities)
    }
    if let certificate = tls.clientCertificate { try set(CURLOPT_SSLCERT_BLOB, blob: certificate) }
    if let key = tls.clientKey { try set(CURLOPT_SSLKEY_BLOB, blob: key) }
  }

  private func configureTimeouts(_ timeouts: TransportRequest.Timeouts) throws {
    try set(CURLOPT_CONNECTTIMEOUT_MS, timeouts.connect.wholeMilliseconds)
    if let total = timeouts.total { try set(CURLOPT_TIMEOUT_MS, total.wholeMilliseconds) }
    if let stall = timeouts.stall {
      try set(CURLOPT_LOW_SPEED_LIMIT, timeouts.slowest)
      try set(CURLOPT_LOW_SPEED_TIME, max(1, Int(stall.components.seconds)))
    }
  }

  private func configureContent(_ request: TransportRequest) throws {
    if request.acceptsCompression { try set(CURLOPT_ACCEPT_ENCODING, "gzip") }
    if let body = request.body {
      try set(CURLOPT_POST, 1)
      try check(curl_easy_setopt_offset(pointer, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)))
    }
    try set(CURLOPT_CUSTOMREQUEST, request.method)
    // An empty Expect header avoids a round trip before a large body.
    for (name, value) in request.headers + [("Expect", "")] {
      let line = value.isEmpty ? "\(name):" : "\(name): \(value)"
      guard line.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else {
        throw exchange.error(.invalidRequest, "header field \(name) contains a control character")
      }
      headerList = try appended(line, to: headerList)
    }
    try set(CURLOPT_HTTPHEADER, pointer: headerList)
  }

  func set(_ option: CURLoption, _ value: some BinaryInteger) throws {
    try check(curl_easy_setopt_long(pointer, option, Int(value)))
  }

  func set(_ option: CURLoption, _ value: String?) throws {
    try check(curl_easy_setopt_string(pointer, option, value))
  }

  func set(_ option: CURLoption, pointer value: UnsafeMutableRawPointer?) throws {
    try check(curl_easy_setopt_pointer(pointer, option, value))
  }

  func set(_ option: CURLoption, blob: [UInt8]) throws {
    try check(blob.withUnsafeBytes { curl_easy_setopt_blob(pointer, option, $0.baseAddress, $0.count) })
  }

  func check(_ code: CURLcode) throws {
    if let error = error(code) { throw error }
  }

  private func appended(
    _ text: String,
    to list: UnsafeMutablePointer<curl_slist>?
  ) throws -> UnsafeMutablePointer<curl_slist> {
    guard let longer = curl_slist_append(list, text) else { throw exchange.error(.other, "out of memory") }
    return longer
  }
}

// MARK: - Callbacks

extension EasyHandle {
  private func configureCallbacks() throws {
    // Unretained: the loop keeps this object alive for as long as libcurl may call back.
    let context = Unmanaged.passUnretained(self).toOpaque()
    try set(CURLOPT_PRIVATE, pointer: context)
    try set(CURLOPT_WRITEDATA, pointer: context)
    try set(CURLOPT_HEADERDATA, pointer: context)
    try check(
      curl_easy_setopt_data_callback(pointer, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
        guard let context else { return 0 }
        let handle = Unmanaged<EasyHandle>.fromOpaque(context).takeUnretainedValue()
        return handle.receiveBody(UnsafeRawBufferPointer(start: bytes, count: size * count))
      }
    )
    try check(
      curl_easy_setopt_data_callback(pointer, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
        guard let context else { return 0 }
        let handle = Unmanaged<EasyHandle>.fromOpaque(context).takeUnretainedValue()
        handle.receiveHeaderLine(UnsafeRawBufferPointer(start: bytes, count: size * count))
        return size * count
      }
    )
    if exchange.request.body != nil { try configureUpload(context) }
  }

  /// Streams the body to libcurl instead of handing it over. libcurl would silently resend a body that it holds if a
  /// reused connection breaks during the request, even if the server has already processed the first one.
  private func configureUpload(_ context: UnsafeMutableRawPointer) throws {
    try set(CURLOPT_READDATA, pointer: context)
    try set(CURLOPT_SEEKDATA, pointer: context)
    try check(
      curl_easy_setopt_data_callback(pointer, CURLOPT_READFUNCTION) { bytes, size, count, context in
        guard let context else { return Int(CURL_READFUNC_ABORT) }
        let handle = Unmanaged<EasyHandle>.fromOpaque(context).takeUnretainedValue()
        return handle.sendBody(UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
      }
    )
    try check(
      curl_easy_setopt_seek_callback(pointer) { context, offset, _ in
        guard let context, offset == 0 else { return CURL_SEEKFUNC_FAIL }
        let handle = Unmanaged<EasyHandle>.fromOpaque(context).takeUnretainedValue()
        return handle.taken == 0 ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL
      }
    )
  }

  private func sendBody(_ space: UnsafeMutableRawBufferPointer) -> Int {
    // Cancelled, or past its time limit, in this turn of the loop: nobody waits for the write any more.
    guard !exchange.hasEnded else { return Int(CURL_READFUNC_ABORT) }
    do {
      if taken == 0 { try exchange.request.permit?() }
    } catch {
      exchange.finish(.failure(error))
      return Int(CURL_READFUNC_ABORT)
    }
    let body = exchange.request.body ?? []
    let count = min(space.count, body.count - taken)
    space.copyBytes(from: body[taken..<taken + count])
    taken += count
    return count
  }

  private func receiveBody(_ bytes: UnsafeRawBufferPointer) -> Int {
    switch exchange.receive(bytes) {
    case .accepted: bytes.count
    case .pause: Int(CURL_WRITEFUNC_PAUSE)
    case .abort: 0
    }
  }

  private func receiveHeaderLine(_ bytes: UnsafeRawBufferPointer) {
    let text = String(decoding: bytes, as: UTF8.self)
    let line = text.prefix { $0 != "\r\n" && $0 != "\n" && $0 != "\r" }
    if let head = ResponseHead(statusLine: line) {
      self.head = head
    } else if !line.isEmpty {
      head?.add(fieldLine: line)
    } else if var head, head.status >= 200 {
      // An interim response (1xx) is followed by another head. Trailers arrive after the head has been delivered.
      head.localPort = localPort
      self.head = nil
      exchange.receive(head)
    }
  }
}
