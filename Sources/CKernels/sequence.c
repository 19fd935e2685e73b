// Passes over sequences and rows: order of axes, element types, dropout, bias, softmax.
#include "kernel.h"

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

uint64_t htr_flush_subnormals(void) {
#if defined(__x86_64__)
  uint64_t mode = _mm_getcsr();
  _mm_setcsr((uint32_t)mode | 0x8040);  // flush to zero, and subnormals are zero
  return mode;
#elif defined(__aarch64__)
  uint64_t mode;
  __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
  __asm__ volatile("msr fpcr, %0" : : "r"(mode | (1 << 24)));
  return mode;
#else
  return 0;
#endif
}

void htr_restore_mode(uint64_t mode) {
#if defined(__x86_64__)
  _mm_setcsr((uint32_t)mode);
#elif defined(__aarch64__)
  __asm__ volatile("msr fpcr, %0" : : "r"(mode));
#else
  (void)mode;
#endif
}

HTR_KERNEL void htr_convert(htr_type from_type, htr_type to_type, int64_t count, const void *from, void *to) {
  if (from_type == to_type) {
    memcpy(to, from, (size_t)count * (from_type == HTR_FLOAT32 ? 4 : 2));
  } else if (to_type == HTR_BFLOAT16) {
    const float *x = from;
    uint16_t *y = to;
    for (int64_t i = 0; i < count; i++) store_bfloat16(y + i, x[i]);
  } else {
    const uint16_t *x = from;
    float *y = to;
    for (int64_t i = 0; i < count; i++) y[i] = load_bfloat16(x + i);
  }
}

void htr_swap_batch_time(
    htr_type from_type, htr_type to_type, int32_t batch, int32_t time, int32_t channels, int32_t back,
    const void *from, void *to) {
  size_t from_size = (from_type == HTR_FLOAT32 ? 4 : 2) * (size_t)channels;
  size_t to_size = (to_type == HTR_FLOAT32 ? 4 : 2) * (size_t)channels;
  for (int32_t n = 0; n < batch; n++)
    for (int32_t t = 0; t < time; t++) {
      size_t batch_first = (size_t)n * time + t, time_first = (size_t)t * batch + n;
      const char *source = (const char *)from + (back ? time_first : batch_first) * from_size;
      char *target = (char *)to + (back ? batch_first : time_first) * to_size;
      htr_convert(from_type, to_type, channels, source, target);
    }
}

// A finaliser of good avalanche (lowbias32, Wellons) over index and seed.
HTR_INLINE uint32_t hash(uint32_t x) {
  x ^= x >> 16;
  x *= 0x7feb352dU;
  x ^= x >> 15;
  x *= 0x846ca68bU;
  return x ^ x >> 16;
}

HTR_KERNEL void htr_dropout(htr_type type, int64_t count, float rate, uint64_t seed, const void *x, void *y) {
  const uint32_t low = (uint32_t)seed, high = (uint32_t)(seed >> 32);
  const uint32_t threshold = (uint32_t)(rate * 4294967040.0f);
  const float keep = 1.0f / (1.0f - rate);
  if (type == HTR_FLOAT32) {
    const float *from = x;
    float *to = y;
    for (int64_t i = 0; i < count; i++) to[i] = hash((uint32_t)i * 0x9e3779b9U ^ low ^ hash(high)) < threshold ? 0 : from[i] * keep;
  } else {
    const uint16_t *from = x;
    uint16_t *to = y;
    for (int64_t i = 0; i < count; i++)
      store_bfloat16(
          to + i, hash((uint32_t)i * 0x9e3779b9U ^ low ^ hash(high)) < threshold ? 0 : load_bfloat16(from + i) * keep);
  }
}

HTR_KERNEL void htr_add_bias(
    htr_type type, int64_t rows, int32_t channels, const float *bias, int32_t relu, void *x) {
  const float floor = relu ? 0 : -INFINITY;
  for (int64_t r = 0; r < rows; r++) {
    if (type == HTR_FLOAT32) {
      float *row = (float *)x + r * channels;
      for (int32_t c = 0; c < channels; c++) row[c] = row[c] + bias[c] > floor ? row[c] + bias[c] : floor;
    } else {
      uint16_t *row = (uint16_t *)x + r * channels;
      for (int32_t c = 0; c < channels; c++) {
        float v = load_bfloat16(row + c) + bias[c];
        store_bfloat16(row + c, v > floor ? v : floor);
      }
    }
  }
}

HTR_KERNEL void htr_add_column_sums(htr_type type, int64_t rows, int32_t channels, const void *x, float *sums) {
  for (int64_t r = 0; r < rows; r++) {
    if (type == HTR_FLOAT32) {
      const float *row = (const float *)x + r * channels;
      for (int32_t c = 0; c < channels; c++) sums[c] += row[c];
    } else {
      const uint16_t *row = (const uint16_t *)x + r * channels;
      for (int32_t c = 0; c < channels; c++) sums[c] += load_bfloat16(row + c);
    }
  }
}

HTR_KERNEL void htr_log_softmax(int64_t rows, int32_t channels, float *x) {
  for (int64_t r = 0; r < rows; r++) {
    float *row = x + r * channels;
    float top = row[0], sum = 0;
    for (int32_t c = 1; c < channels; c++) top = row[c] > top ? row[c] : top;
    for (int32_t c = 0; c < channels; c++) sum += fast_exp(row[c] - top);
    float shift = top + logf(sum);
    for (int32_t c = 0; c < channels; c++) row[c] -= shift;
  }
}
