// What every kernel file shares: element types, vector clones, and functions that vectorise.
#pragma once
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "include/CKernels.h"

// Each kernel is compiled for plain x86-64, AVX2 and AVX-512; the loader picks what the processor has.
#if defined(__x86_64__)
#define HTR_KERNEL __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define HTR_KERNEL
#endif
#define HTR_INLINE static inline __attribute__((always_inline))

HTR_INLINE float load_float(const float *p) { return *p; }
HTR_INLINE void store_float(float *p, float v) { *p = v; }

HTR_INLINE float load_bfloat16(const uint16_t *p) {
  uint32_t bits = (uint32_t)*p << 16;
  float v;
  memcpy(&v, &bits, 4);
  return v;
}

// Rounds to nearest, ties to even. (A NaN may become an infinity: both are caught when the loss is looked at.)
HTR_INLINE void store_bfloat16(uint16_t *p, float v) {
  uint32_t bits;
  memcpy(&bits, &v, 4);
  *p = (uint16_t)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

// e^x within 2 units in the last place for |x| < 87; no branch, so loops over it vectorise (Cephes' expf).
HTR_INLINE float fast_exp(float x) {
  x = x > 88.0f ? 88.0f : x;
  x = x < -87.0f ? -87.0f : x;
  float n = rintf(x * 1.44269504f);
  float r = x - n * 0.693359375f;
  r -= n * -2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  int32_t bits = ((int32_t)n + 127) << 23;
  float scale;
  memcpy(&scale, &bits, 4);
  return p * scale;
}

// ln x for normal x > 0, without a branch (Cephes' logf).
HTR_INLINE float fast_log(float x) {
  int32_t bits;
  memcpy(&bits, &x, 4);
  int32_t exponent = ((bits >> 23) & 0xff) - 126;
  bits = (bits & 0x007fffff) | 0x3f000000;
  float m;
  memcpy(&m, &bits, 4);
  int32_t small = m < 0.707106781f;
  float e = (float)(exponent - small);
  m = m + (small ? m : 0.0f) - 1.0f;
  float z = m * m;
  float y = 7.0376836292e-2f;
  y = y * m - 1.1514610310e-1f;
  y = y * m + 1.1676998740e-1f;
  y = y * m - 1.2420140846e-1f;
  y = y * m + 1.4249322787e-1f;
  y = y * m - 1.6668057665e-1f;
  y = y * m + 2.0000714765e-1f;
  y = y * m - 2.4999993993e-1f;
  y = y * m + 3.3333331174e-1f;
  y = y * m * z + e * -2.12194440e-4f - 0.5f * z;
  return m + y + e * 0.693359375f;
}

HTR_INLINE float fast_sigmoid(float x) { return 1.0f / (1.0f + fast_exp(-x)); }
HTR_INLINE float fast_tanh(float x) { return 1.0f - 2.0f / (fast_exp(2.0f * x) + 1.0f); }

// Sixteen channels at once, whatever registers the processor has.
typedef float float16v __attribute__((ext_vector_type(16), aligned(4)));
typedef int32_t int16v __attribute__((ext_vector_type(16), aligned(4)));
typedef uint32_t uint16v __attribute__((ext_vector_type(16), aligned(4)));
typedef uint16_t half16v __attribute__((ext_vector_type(16), aligned(2)));
typedef uint8_t byte16v __attribute__((ext_vector_type(16), aligned(1)));

// Macros, not functions: how a vector is passed depends on the processor that a function is compiled for.
#define load16_float(p) (*(const float16v *)(p))
#define store16_float(p, v) (*(float16v *)(p) = (v))
#define load16_bfloat16(p) ((float16v)(__builtin_convertvector(*(const half16v *)(p), uint16v) << 16))
#define store16_bfloat16(p, v)                                                                                         \
  do {                                                                                                                 \
    uint16v bits_ = (uint16v)(v);                                                                                      \
    bits_ = (bits_ + 0x7fff + ((bits_ >> 16) & 1)) >> 16;                                                              \
    *(half16v *)(p) = __builtin_convertvector(bits_, half16v);                                                         \
  } while (0)
// The value where the mask is all ones, 0 where it is 0; and one of two values.
#define where16(mask, value) ((float16v)((int16v)(value) & (mask)))
#define choose16(mask, yes, no) ((float16v)(((int16v)(yes) & (mask)) | ((int16v)(no) & ~(mask))))

// fast_exp, fast_sigmoid and fast_tanh of sixteen numbers.
#define exp16(value)                                                                                                   \
  ({                                                                                                                   \
    float16v x_ = __builtin_elementwise_max(__builtin_elementwise_min((value), (float16v)(88.0f)), (float16v)(-87.0f)); \
    float16v n_ = __builtin_elementwise_rint(x_ * 1.44269504f);                                                        \
    float16v r_ = x_ - n_ * 0.693359375f;                                                                              \
    r_ -= n_ * -2.12194440e-4f;                                                                                        \
    float16v p_ = r_ * 1.9875691500e-4f + 1.3981999507e-3f;                                                            \
    p_ = p_ * r_ + 8.3334519073e-3f;                                                                                   \
    p_ = p_ * r_ + 4.1665795894e-2f;                                                                                   \
    p_ = p_ * r_ + 1.6666665459e-1f;                                                                                   \
    p_ = p_ * r_ + 5.0000001201e-1f;                                                                                   \
    p_ = p_ * r_ * r_ + r_ + 1.0f;                                                                                     \
    p_ *(float16v)((__builtin_convertvector(n_, int16v) + 127) << 23);                                                 \
  })
#define sigmoid16(value) (1.0f / (1.0f + exp16(-(value))))
#define tanh16(value) (1.0f - 2.0f / (exp16(2.0f * (value)) + 1.0f))
