import ImageKit

/// Gives short lines that are no lines of their own to the line they stand in: a comma under a word, a second detection
/// of a word, a word that was inserted above a line.
struct LineGathering {
  /// A longer line is a line.
  private static let strayWords = 8
  /// How far a stray's middle may be from that of its host's, in heights of the host.
  private static let withinLine = 0.4
  private static let withinHole = 0.75
  private static let holeShare = 0.25
  /// Standing among words is worse than standing in a hole, by so many heights.
  private static let crowding = 0.3
  private static let aboveLine = 0.85
  /// An insertion is shorter than this part of the line below it, and has few words.
  private static let insertionShare = 0.3
  private static let insertionWords = 3

  let words: [PlacedWord]
  let usualHeight: Double
  let strips: WordStrips

  /// - Parameter lines: word indices, each word in one line.
  func gather(_ lines: [[Int]]) -> [TextLine] {
    var lines = lines.map { TextLine($0, of: words) }
    var home = Array(repeating: 0, count: words.count)
    for (number, line) in lines.enumerated() { for member in line.members { home[member] = number } }
    let widths = lines.map(\.inkWidth)
    let shortFirst = lines.indices.sorted { (widths[$0], $0) < (widths[$1], $1) }
    var gone = Set<Int>()
    var guests: [Int: [Int]] = [:]
    for number in shortFirst {
      guard let host = host(of: number, lines, home, widths) else { continue }
      let all = lines[number].members + (guests.removeValue(forKey: number) ?? [])
      for member in all { home[member] = host }
      guests[host, default: []] += all
      gone.insert(number)
    }
    for (host, members) in guests { lines[host] = TextLine(lines[host].members + members, of: words) }
    return lines.indices.filter { !gone.contains($0) }.map { lines[$0] }
  }

  /// The wider line in which the whole of the short one stands.
  private func host(of number: Int, _ lines: [TextLine], _ home: [Int], _ widths: [Double]) -> Int? {
    let line = lines[number]
    guard line.words.count <= Self.strayWords else { return nil }
    var near = Set<Int>()
    for word in line.words {
      strips.around(word.centre.x, word.centre.y, across: word.width / 2 + 4 * usualHeight, reach: 2 * usualHeight) {
        near.insert(home[$0])
      }
    }
    let wider = near.filter { (widths[$0], $0) > (widths[number], number) }
    let best = wider.map { (number: $0, distance: misfit(of: line, in: lines[$0])) }
      .filter { $0.distance < .infinity }
      .min { ($0.distance, $0.number) < ($1.distance, $1.number) }
    return best?.number
  }

  /// How far the line is off the host, in the host's heights; infinite when it is no part of it.
  private func misfit(of line: TextLine, in host: TextLine) -> Double {
    let room = usualHeight
    guard line.left > host.left - room, line.right < host.right + room else { return .infinity }
    let trend = host.trend(at: line.centre)
    let offset = (Trend(line.words).y - trend.y(at: line.centre)) / max(trend.height, usualHeight / 2)
    if covered(line, by: host) <= Self.holeShare {
      return abs(offset) <= Self.withinHole ? abs(offset) : .infinity
    }
    if abs(offset) <= Self.withinLine { return abs(offset) + Self.crowding }
    let isInsertion =
      line.words.count <= Self.insertionWords && line.inkWidth < Self.insertionShare * host.inkWidth
      && offset < 0 && offset > -Self.aboveLine
    return isInsertion ? -offset + Self.crowding : .infinity
  }

  /// The part of the line's width above or below which there are words of the host.
  private func covered(_ line: TextLine, by host: TextLine) -> Double {
    let shared = host.words(from: line.left, to: line.right).reduce(0) {
      $0 + max(min($1.right, line.right) - max($1.left, line.left), 0)
    }
    return shared / (line.right - line.left)
  }
}
