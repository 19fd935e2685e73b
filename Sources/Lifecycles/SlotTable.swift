public import Resources

/// What asks for a slot.
public protocol SlotClaimant {
  /// Ordered by creation time.
  var id: Int64 { get }
  /// Unique among all that hold a slot or wait for one.
  var name: String { get }
  var priority: Int { get }
  var demand: ResourceDemand { get }
}

extension TrainingJob: SlotClaimant {}

/// Who runs and who waits: the scheduling policy as a value.
///
/// Higher priority first, then order of arrival. The first in line is never overtaken by a smaller job behind it, so a
/// large job cannot starve; jobs that wait say for what.
public struct SlotTable: Sendable {
  /// What the machine offers, or what is in use of it.
  public struct Amount: Sendable, Equatable {
    public var cpus: Int
    public var memoryBytes: Int64
    public var gpus: Int

    public init(cpus: Int, memoryBytes: Int64, gpus: Int) {
      self.cpus = cpus
      self.memoryBytes = memoryBytes
      self.gpus = gpus
    }
  }

  private struct Place: Comparable {
    let priority: Int
    let id: Int64
    let name: String

    static func < (left: Place, right: Place) -> Bool {
      (-left.priority, left.id) < (-right.priority, right.id)
    }
  }

  public let capacity: Amount
  public private(set) var used = Amount(cpus: 0, memoryBytes: 0, gpus: 0)
  private var holders: [String: ResourceDemand] = [:]
  /// Sorted; `head` is the index of the first that still waits (removing from the front is free).
  private var queue: [Place] = []
  private var head = 0
  private var demands: [String: ResourceDemand] = [:]

  public init(capacity: Amount) { self.capacity = capacity }

  public var runningCount: Int { holders.count }
  public var waitingCount: Int { queue.count - head }

  /// Puts a job in line; one that is there or runs already stays where it is.
  public mutating func enqueue(_ job: some SlotClaimant) {
    guard demands[job.name] == nil, holders[job.name] == nil else { return }
    demands[job.name] = job.demand
    let place = Place(priority: job.priority, id: job.id, name: job.name)
    if let last = queue.last, queue.count > head, place < last {
      queue.insert(place, at: index(of: place))
    } else {
      queue.append(place)
    }
  }

  public mutating func dequeue(_ job: some SlotClaimant) {
    guard demands.removeValue(forKey: job.name) != nil else { return }
    let place = Place(priority: job.priority, id: job.id, name: job.name)
    let index = index(of: place)
    if index < queue.count, queue[index].name == job.name { queue.remove(at: index) }
  }

  /// Marks a job as running without asking: it was before the daemon started.
  public mutating func occupy(_ job: some SlotClaimant) {
    guard holders.updateValue(job.demand, forKey: job.name) == nil else { return }
    change(by: job.demand, sign: 1)
  }

  public mutating func release(_ name: String) {
    guard let demand = holders.removeValue(forKey: name) else { return }
    change(by: demand, sign: -1)
  }

  /// Takes a slot for a job that need not wait: nobody is in line before it and there is room.
  public mutating func grantAtOnce(_ job: some SlotClaimant) -> Bool {
    guard waitingCount == 0, holders[job.name] == nil, fits(job.demand) else { return false }
    occupy(job)
    return true
  }

  /// Takes the next job that may start, if any.
  public mutating func grantNext() -> String? {
    guard head < queue.count, let demand = demands[queue[head].name], fits(demand) else { return nil }
    let name = queue[head].name
    head += 1
    if head > 1024, head * 2 > queue.count {
      queue.removeFirst(head)
      head = 0
    }
    demands[name] = nil
    holders[name] = demand
    change(by: demand, sign: 1)
    return name
  }

  /// Why a job waits, for its record; nil when it does not.
  public func waitingReason(of job: some SlotClaimant) -> String? {
    guard demands[job.name] != nil else { return nil }
    let ahead = index(of: Place(priority: job.priority, id: job.id, name: job.name)) - head
    let missing = missingResources(job.demand)
    let running = "\(runningCount) training job\(runningCount == 1 ? "" : "s") running"
    if ahead > 0 {
      return "Waiting behind \(ahead) training job\(ahead == 1 ? "" : "s") of the same or higher priority; \(running)"
    }
    return "Waiting for \(missing.isEmpty ? "a slot" : missing.joined(separator: " and ")); \(running)"
  }

  private func missingResources(_ demand: ResourceDemand) -> [String] {
    var missing: [String] = []
    if used.cpus + demand.cpus > capacity.cpus {
      missing.append("\(demand.cpus) CPUs (\(capacity.cpus - used.cpus) of \(capacity.cpus) free)")
    }
    if used.memoryBytes + demand.memoryBytes > capacity.memoryBytes {
      let free = capacity.memoryBytes - used.memoryBytes
      missing.append("\(demand.memoryBytes >> 20) MiB of memory (\(free >> 20) of \(capacity.memoryBytes >> 20) free)")
    }
    if used.gpus + demand.gpus > capacity.gpus {
      missing.append("\(demand.gpus) GPUs (\(capacity.gpus - used.gpus) of \(capacity.gpus) free)")
    }
    return missing
  }

  private func fits(_ demand: ResourceDemand) -> Bool { missingResources(demand).isEmpty }

  private mutating func change(by demand: ResourceDemand, sign: Int) {
    used.cpus += sign * demand.cpus
    used.memoryBytes += Int64(sign) * demand.memoryBytes
    used.gpus += sign * demand.gpus
  }

  /// The first index in line that does not come before the place (binary search).
  private func index(of place: Place) -> Int {
    var low = head
    var high = queue.count
    while low < high {
      let middle = (low + high) / 2
      if queue[middle] < place { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
