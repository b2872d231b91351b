import Testing

/// Tests that write within this process, one after the other: they share its signals and what `Interruption` knows.
@Suite(.timeLimit(.minutes(5)), .serialized) enum CertificateFolderTests {}
