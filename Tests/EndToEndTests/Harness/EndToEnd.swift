import Testing

/// The parent of all end-to-end tests: one after the other, since each runs processes of its own.
@Suite("End to end", .serialized, .timeLimit(.minutes(3)))
enum EndToEnd {}
