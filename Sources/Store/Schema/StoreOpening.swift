import GRDB
import Messaging

/// What is looked at before anything may write to a database: whether it is sound, and whether it is all that there
/// was.
struct StoreOpening {
    let folder: String
    let migrator = Schema.migrator

    var file: DatabaseFile { DatabaseFile(path: folder + "/" + Store.fileName) }

    /// What was found.
    struct Found {
        /// Of the database and, if it has ever been opened with one, of its marker.
        var generation: Int64 = 0
        /// What has been lost, if anything, in words.
        var loss: String?
        /// What is given out begins here at the earliest; nil when nothing was lost.
        var past: MarkerContent.Numbers?
    }

    /// - Parameters:
    ///   - creates: whether an empty database is made where there is none.
    ///   - acceptsLoss: whether what was lost is no reason not to start.
    /// - Throws: `damaged` with words about what to do; what SQLite says.
    func examine(creates: Bool, acceptsLoss: Bool) throws -> Found {
        var marker: MarkerContent?
        var loss: String?
        do {
            marker = try StateMarker.read(in: folder)
        } catch is StateMarker.Unreadable {
            loss = "its marker, the file \(StateMarker.fileName) beside it, cannot be understood"
        }
        let hasMarker = marker != nil || loss != nil
        let isMade = try file.makeIfMissing(
            migrator, creates: creates, isLost: hasMarker && !acceptsLoss)
        let stored = try file.check(migrator, whole: marker?.condition == .damaged)
        if isMade, hasMarker {
            loss = "it was missing"
        } else {
            loss = try loss ?? Self.loss(marker, stored, try LogScan.state(of: file.logPath))
        }
        var found = Found(generation: max(stored.generation, marker?.generation ?? 0), loss: loss)
        guard let loss else { return found }
        guard acceptsLoss else { throw StoreFailure.damaged(Self.advice(on: loss, path: file.path, folder: folder)) }
        found.past = stored.numbers.past(marker?.reserved ?? stored.numbers.advanced(by: 2 * StateMarker.step))
        return found
    }

    /// What the marker and the log say that the database does not have.
    static func loss(_ marker: MarkerContent?, _ stored: DatabaseFile.Stored, _ log: LogScan.State) throws -> String? {
        if case .damaged(let words) = log { return words }
        guard let marker else { return nil }
        if marker.condition == .running, log == .missing {
            return "it was not closed in order, and its log, the -wal file with the latest commits, is missing or empty"
        }
        if stored.generation < marker.generation {
            return "it is an older one than was last used here (start \(stored.generation) of \(marker.generation))"
        }
        for (name, path) in MarkerContent.Numbers.names
        where stored.numbers[keyPath: path] < marker.given[keyPath: path] {
            return "its next \(name) is \(stored.numbers[keyPath: path]), and it was \(marker.given[keyPath: path])"
        }
        return nil
    }

    private static func advice(on loss: String, path: String, folder: String) -> String {
        "\(path) is not all that there was: \(loss); keep a copy of the folder, then put back what is missing or "
            + "restore a backup; to go on with what is there, start once with --accept-loss, or make the file "
            + "\(folder)/accept-loss and start: what is lost stays lost, and no id is given out twice"
    }
}
