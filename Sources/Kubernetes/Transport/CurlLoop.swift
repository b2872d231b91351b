import CCurl
import Foundation

/// Body of the transport's thread. It owns the multi handle and every transfer; no other thread uses them.
final class CurlLoop {
  private let multi: UnsafeMutableRawPointer
  private let queue: CommandQueue
  private var transfers: [ObjectIdentifier: EasyHandle] = [:]
  /// Outlives the multi handle, which closes its last connections when it is freed.
  private let sockets = SharedSockets()
  private let liveness: Liveness
  private var lastProbe = ContinuousClock.now
  private var probe: Exchange?

  /// Once per process: not every libcurl supports concurrent initialization.
  private static let isInitialized = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

  private init?(queue: CommandQueue, liveness: Liveness) {
    guard Self.isInitialized, let multi = curl_multi_init() else { return nil }
    curl_multi_setopt_long(multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX)
    // As many streams as a Go server accepts. With libcurl's default of 100, further requests would each open a
    // connection.
    curl_multi_setopt_long(multi, CURLMOPT_MAX_CONCURRENT_STREAMS, 250)
    self.multi = multi
    self.queue = queue
    self.liveness = liveness
    queue.attach(CommandQueue.Waker(multi: multi))
  }

  deinit {
    curl_multi_cleanup(multi)
  }

  /// Executes the queue's commands until it is shut down.
  static func run(queue: CommandQueue, liveness: Liveness) {
    blockBrokenPipeSignal()
    let loop = CurlLoop(queue: queue, liveness: liveness)
    loop?.serve()
    // Withdraws the waker before the multi handle is freed.
    queue.close()
    loop?.endTransfers()
  }

  private func serve() {
    while let commands = queue.take() {
      for command in commands { carryOut(command) }
      var running: Int32 = 0
      curl_multi_perform(multi, &running)
      finishTransfers()
      probeSilentConnection()
      // Without watched connections there is no time limit: libcurl's timers, sockets and the queue end the wait.
      curl_multi_poll(multi, nil, 0, watchedTransfers.isEmpty ? .max : liveness.interval, nil)
    }
  }

  private func carryOut(_ command: CommandQueue.Command) {
    switch command {
    case .start(let exchange): start(exchange)
    case .cancel(let exchange): remove(ObjectIdentifier(exchange))
    case .resume(let exchange): transfers[ObjectIdentifier(exchange)]?.resume()
    }
  }

  private func start(_ exchange: Exchange) {
    guard !exchange.hasEnded else { return }
    do {
      let handle = try EasyHandle(exchange, sockets: sockets)
      let code = curl_multi_add_handle(multi, handle.pointer)
      guard code == CURLM_OK else { throw exchange.error(.other, String(cString: curl_multi_strerror(code))) }
      transfers[ObjectIdentifier(exchange)] = handle
    } catch {
      exchange.finish(.failure(error))
    }
  }

  private func finishTransfers() {
    var remaining: Int32 = 0
    while let message = curl_multi_info_read(multi, &remaining) {
      guard message.pointee.msg == CURLMSG_DONE, let pointer = message.pointee.easy_handle else { continue }
      guard let handle = EasyHandle.owner(of: pointer) else { continue }
      let code = curl_message_result(message)
      let error = handle.error(code)
      if code == CURLE_OPERATION_TIMEDOUT { suspectConnection(of: handle) }
      remove(ObjectIdentifier(handle.exchange))
      handle.exchange.finish(error.map { .failure($0) } ?? .success(()))
    }
  }

  private func remove(_ id: ObjectIdentifier) {
    guard let handle = transfers.removeValue(forKey: id) else { return }
    if handle.exchange === probe { probe = nil }
    curl_multi_remove_handle(multi, handle.pointer)
  }

  private func endTransfers() {
    for handle in transfers.values {
      curl_multi_remove_handle(multi, handle.pointer)
      handle.exchange.finish(.failure(handle.exchange.error(.shutDown, "")))
    }
    transfers = [:]
  }

  // MARK: - Liveness

  private var watchedTransfers: [EasyHandle] {
    transfers.values.filter { $0.exchange.request.livenessURL != nil && $0.exchange !== probe }
  }

  private func probeSilentConnection() {
    guard probe == nil, .now - lastProbe >= liveness.silence,
      let silent = watchedTransfers.first(where: { $0.silence ?? .zero >= liveness.silence })
    else { return }
    startProbe(like: silent.exchange.request)
  }

  /// Called when a request timed out: either the server is slow or the connection is dead. Starts a probe. If the probe
  /// also times out and the connection has received nothing for as long, the connection is closed for all its requests.
  private func suspectConnection(of handle: EasyHandle) {
    guard handle.exchange === probe else {
      if probe == nil { startProbe(like: handle.exchange.request) }
      return
    }
    if let silence = handle.silence, silence >= liveness.answer { handle.cutConnection() }
  }

  private func startProbe(like request: TransportRequest) {
    guard let request = liveness.probe(like: request) else { return }
    let exchange = Exchange(request: request, queue: queue)
    probe = exchange
    lastProbe = .now
    start(exchange)
  }

  /// A write to a connection that the peer has closed must return an error, not end the process. SIGPIPE goes to the
  /// thread that wrote.
  private static func blockBrokenPipeSignal() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
  }
}
