import Foundation

/// The tree that these tests stand in.
struct Repository {
    let root: String

    struct NotFound: Error {}

    /// The nearest folder with a Package.swift above this file or, when the sources were built elsewhere, above the
    /// current directory.
    init(file: String = #filePath) throws {
        let here = URL(fileURLWithPath: file).resolvingSymlinksInPath().deletingLastPathComponent().path
        for start in [here, FileManager.default.currentDirectoryPath] {
            var folder = start
            while folder != "/", !folder.isEmpty {
                if FileManager.default.fileExists(atPath: folder + "/Package.swift") {
                    self.root = folder
                    return
                }
                folder = URL(fileURLWithPath: folder).deletingLastPathComponent().path
            }
        }
        throw NotFound()
    }

    /// Nil when it is not there, or not UTF-8.
    func text(_ path: String) -> String? {
        try? String(contentsOfFile: root + "/" + path, encoding: .utf8)
    }

    /// Paths from the root of all files below `folder` (none if there is no such folder), hidden ones aside, sorted.
    func files(in folder: String, endings: [String]) -> [String] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: root + "/" + folder) else { return [] }
        return names.filter { !$0.hasPrefix(".") }.sorted().flatMap { name -> [String] in
            let path = folder + "/" + name
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: root + "/" + path, isDirectory: &isFolder) else { return [] }
            if isFolder.boolValue { return files(in: path, endings: endings) }
            return endings.contains { name.hasSuffix($0) } ? [path] : []
        }
    }

    func folders(in folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root + "/" + folder)) ?? []
        return names.filter { name in
            var isFolder: ObjCBool = false
            let exists = FileManager.default.fileExists(atPath: "\(root)/\(folder)/\(name)", isDirectory: &isFolder)
            return exists && isFolder.boolValue && !name.hasPrefix(".")
        }
    }

    /// Every Swift file that people wrote.
    func swiftFiles(in folders: [String] = ["Sources", "Tests"]) -> [(path: String, source: SwiftSource)] {
        folders.flatMap { files(in: $0, endings: [".swift"]) }
            .filter { !$0.hasSuffix(".pb.swift") }
            .compactMap { path in text(path).map { (path, SwiftSource($0)) } }
    }

    /// What stands at the top: tracked or about to be in a git checkout, else what the folder holds. What git ignores
    /// (.build, Package.resolved) does not count.
    func topLevel() -> Set<String> {
        let exists = { (name: String) in FileManager.default.fileExists(atPath: root + "/" + name) }
        if exists(".git"), let listed = gitFiles() {
            return Set(listed.compactMap { $0.split(separator: "/").first.map(String.init) }.filter(exists))
        }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return Set(names.filter { $0 != "Package.resolved" })
    }

    private func gitFiles() -> [String]? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return nil }
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { return nil }
        return data.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }
}
