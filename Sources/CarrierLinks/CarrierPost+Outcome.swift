import Engine

extension CarrierPost.Failure {
    /// What a submission that ended so came to.
    var outcome: SubmitOutcome {
        switch self {
        case .notSent(let reason): .notSent(reason: reason)
        case .uncertain(let reason): .uncertain(reason: reason)
        case .status(let code): .channelRefused(code: "HTTP \(code)")
        }
    }

    /// What a fetch that ended so came to.
    var fetchFailure: CarrierFailure {
        switch self {
        case .notSent(let reason), .uncertain(let reason): CarrierFailure(reason)
        case .status(let code): CarrierFailure("HTTP status \(code)")
        }
    }
}
