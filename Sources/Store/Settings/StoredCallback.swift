import Foundation
import GRDB
public import Messaging

/// Who may push to us on a channel, as it is stored; the tokens stay sealed here.
public struct StoredCallback: Sendable {
    /// Nil: the token that is derived from the master key.
    public var sealedToken: [UInt8]?
    /// The token before it, which is taken until `beforeEndsAt`; nil for none.
    public var sealedTokenBefore: [UInt8]?
    /// When the token before it ends; 0 when there is none.
    public var beforeEndsAt: Timestamp
    /// Peers that may push; empty: any.
    public var networks: [IPNetwork]

    /// The defaults: the derived token, no token before it, any peer.
    public init(
        sealedToken: [UInt8]? = nil, sealedTokenBefore: [UInt8]? = nil,
        beforeEndsAt: Timestamp = Timestamp(milliseconds: 0), networks: [IPNetwork] = []
    ) {
        self.sealedToken = sealedToken
        self.sealedTokenBefore = sealedTokenBefore
        self.beforeEndsAt = beforeEndsAt
        self.networks = networks
    }

    init(_ row: Row) {
        let words = (row["callback_networks"] as String).split(separator: " ")
        self.init(
            sealedToken: (row["sealed_callback_token"] as Data?).map { Array($0) },
            sealedTokenBefore: (row["sealed_callback_token_before"] as Data?).map { Array($0) },
            beforeEndsAt: Timestamp(milliseconds: row["callback_before_until"]),
            // An entry that cannot be read must not leave the list empty, which would admit every peer.
            networks: words.compactMap { IPNetwork($0) ?? IPNetwork("0.0.0.0/32") })
    }
}
