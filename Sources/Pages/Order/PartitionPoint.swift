extension RandomAccessCollection where Index == Int {
  /// The first index whose element does not come before what is looked for; `endIndex` when all do. The elements that
  /// do stand first.
  func partitionPoint(where comesBefore: (Element) -> Bool) -> Int {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = (low + high) / 2
      if comesBefore(self[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
