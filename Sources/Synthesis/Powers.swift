import Glibc

/// `base` to the power of `exponent`.
func power(_ base: Double, _ exponent: Double) -> Double { Glibc.pow(base, exponent) }

func sine(_ angle: Float) -> Float { Glibc.sinf(angle) }

func cosine(_ angle: Float) -> Float { Glibc.cosf(angle) }
