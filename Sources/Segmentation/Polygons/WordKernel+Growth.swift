import Glibc

extension WordKernel {
  /// How joints look where an outline has moved outwards: what they add to the area of one that moved by 1.
  enum Joint: Double {
    /// Rectangles stay rectangles: four squares.
    case mitred = 4
    /// A full circle in all.
    case round = 3.141592653589793
  }

  /// Undoes `shrink`: by how many pixels the edges of a convex middle have to move outwards to give the polygon that
  /// would shrink to it.
  ///
  /// Grown by d, a middle of area a and perimeter p has area a + p d + j d^2 and perimeter p + 2 j d. That d is what this
  /// polygon shrinks by is a quadratic equation, with one root that is not negative: no steps towards it are needed.
  static func growth(area: Double, perimeter: Double, joint: Joint = .mitred) -> Double {
    let share = 1 - ratio * ratio
    let square = joint.rawValue * (2 - share)
    let linear = (1 - share) * perimeter
    let root = sqrt(linear * linear + 4 * square * share * area)
    return square > 0 ? (root - linear) / (2 * square) : 0
  }
}
