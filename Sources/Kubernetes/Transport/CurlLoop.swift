import CCurl
import Foundation

/// The body of the transport's thread: owns the multi handle and every transfer, and touches them nowhere else.
final class CurlLoop {
  private let multi: UnsafeMutableRawPointer
  private let queue: CommandQueue
  private var transfers: [ObjectIdentifier: EasyHandle] = [:]

  /// Once for the process: not every libcurl allows it from several threads.
  private static let isInitialized = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

  private init?(queue: CommandQueue) {
    guard Self.isInitialized, let multi = curl_multi_init() else { return nil }
    curl_multi_setopt_long(multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX)
    self.multi = multi
    self.queue = queue
    queue.attach(CommandQueue.Waker(multi: multi))
  }

  deinit {
    curl_multi_cleanup(multi)
  }

  /// Carries what the queue brings until it is shut down.
  static func run(queue: CommandQueue) {
    blockBrokenPipeSignal()
    let loop = CurlLoop(queue: queue)
    loop?.serve()
    // Withdraws the waker before the multi handle goes.
    queue.close()
    loop?.endTransfers()
  }

  private func serve() {
    while let commands = queue.take() {
      for command in commands { carryOut(command) }
      var running: Int32 = 0
      curl_multi_perform(multi, &running)
      finishTransfers()
      // No limit of its own: libcurl's timers, the sockets and the queue end the wait.
      curl_multi_poll(multi, nil, 0, .max, nil)
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
      let handle = try EasyHandle(exchange)
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
      let error = handle.error(curl_message_result(message))
      remove(ObjectIdentifier(handle.exchange))
      handle.exchange.finish(error.map { .failure($0) } ?? .success(()))
    }
  }

  private func remove(_ id: ObjectIdentifier) {
    guard let handle = transfers.removeValue(forKey: id) else { return }
    curl_multi_remove_handle(multi, handle.pointer)
  }

  private func endTransfers() {
    for handle in transfers.values {
      curl_multi_remove_handle(multi, handle.pointer)
      handle.exchange.finish(.failure(handle.exchange.error(.shutDown, "")))
    }
    transfers = [:]
  }

  /// A peer that closes first must give an error, not end the process; the signal goes to the thread that wrote.
  private static func blockBrokenPipeSignal() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
  }
}
