// Feature maps of different resolutions, and the loss of maps of probabilities.
#include "kernel.h"

#define DEFINE_RESAMPLING(suffix, element)                                                                             \
  HTR_KERNEL static void upsample_add_##suffix(                                                                        \
      int32_t batch, int32_t height, int32_t width, int32_t channels, const element *coarse, const element *fine,      \
      element *y) {                                                                                                    \
    for (int64_t row = 0; row < (int64_t)batch * height; row++) {                                                      \
      /* Heights are even, so that half the row number counts coarse rows over the whole batch. */                     \
      const element *source = coarse + (row / 2) * (width / 2) * channels;                                             \
      for (int32_t x = 0; x < width; x++) {                                                                            \
        int64_t place = (row * width + x) * channels;                                                                  \
        const element *near = source + (int64_t)(x / 2) * channels;                                                    \
        for (int32_t c = 0; c < channels; c += 16)                                                                     \
          store16_##suffix(y + place + c, load16_##suffix(fine + place + c) + load16_##suffix(near + c));              \
      }                                                                                                                \
    }                                                                                                                  \
  }                                                                                                                    \
  HTR_KERNEL static void downsample_sum_##suffix(                                                                      \
      int32_t batch, int32_t height, int32_t width, int32_t channels, const element *fine, element *coarse) {          \
    int64_t stride = (int64_t)width * channels;                                                                        \
    for (int64_t row = 0; row < (int64_t)batch * height / 2; row++)                                                    \
      for (int32_t x = 0; x < width / 2; x++) {                                                                        \
        const element *first = fine + 2 * row * stride + (int64_t)2 * x * channels;                                    \
        for (int32_t c = 0; c < channels; c += 16)                                                                     \
          store16_##suffix(                                                                                            \
              coarse + (row * (width / 2) + x) * channels + c,                                                         \
              load16_##suffix(first + c) + load16_##suffix(first + channels + c) + load16_##suffix(first + stride + c) \
                  + load16_##suffix(first + stride + channels + c));                                                   \
      }                                                                                                                \
  }                                                                                                                    \
  HTR_KERNEL static void add_##suffix(int64_t count, const element *from, element *into) {                             \
    for (int64_t i = 0; i < count; i += 16)                                                                            \
      store16_##suffix(into + i, load16_##suffix(into + i) + load16_##suffix(from + i));                               \
  }

DEFINE_RESAMPLING(float, float)
DEFINE_RESAMPLING(bfloat16, uint16_t)

void htr_upsample_add(
    htr_type type, int32_t batch, int32_t height, int32_t width, int32_t channels, const void *coarse,
    const void *fine, void *y) {
  if (type == HTR_FLOAT32)
    upsample_add_float(batch, height, width, channels, coarse, fine, y);
  else
    upsample_add_bfloat16(batch, height, width, channels, coarse, fine, y);
}

void htr_downsample_sum(
    htr_type type, int32_t batch, int32_t height, int32_t width, int32_t channels, const void *fine, void *coarse) {
  if (type == HTR_FLOAT32)
    downsample_sum_float(batch, height, width, channels, fine, coarse);
  else
    downsample_sum_bfloat16(batch, height, width, channels, fine, coarse);
}

void htr_add(htr_type type, int64_t count, const void *from, void *into) {
  if (type == HTR_FLOAT32)
    add_float(count, from, into);
  else
    add_bfloat16(count, from, into);
}

HTR_KERNEL void htr_gather_blocks(
    htr_type type, int32_t height, int32_t width, const uint8_t *picture, void *y) {
  for (int32_t row = 0; row < height / 4; row++)
    for (int32_t column = 0; column < width / 4; column++) {
      float block[16];
      for (int32_t i = 0; i < 16; i++)
        block[i] = (float)picture[(int64_t)(4 * row + i / 4) * width + 4 * column + i % 4] * (1.0f / 255.0f);
      int64_t place = ((int64_t)row * (width / 4) + column) * 16;
      if (type == HTR_FLOAT32)
        memcpy((float *)y + place, block, sizeof block);
      else
        for (int32_t i = 0; i < 16; i++) store_bfloat16((uint16_t *)y + place + i, block[i]);
    }
}

HTR_KERNEL void htr_sigmoid(int64_t count, const float *x, int64_t stride, float *y) {
  for (int64_t i = 0; i < count; i++) y[i] = fast_sigmoid(x[i * stride]);
}

// Negatives are sorted by probability into so many bins to find the hard ones: their loss rises with it.
enum { BINS = 512 };

static float hard_negative_bound(
    int64_t cells, const float *p, const uint8_t *target, const float *weight, double wanted) {
  double counts[BINS] = {0};
  for (int64_t i = 0; i < cells; i++)
    if (!target[i] && weight[i] > 0) counts[(int)(p[i] * (BINS - 1))] += weight[i];
  double found = 0;
  for (int bin = BINS - 1; bin > 0; bin--) {
    found += counts[bin];
    if (found >= wanted) return (float)bin / (BINS - 1);
  }
  return 0;
}

double htr_map_loss(
    int64_t cells, int64_t stride, const float *logits, const uint8_t *target, const float *weight, float scale,
    float *gradient, float *p) {
  htr_sigmoid(cells, logits, stride, p);
  double positive = 0, inside = 0, sum = 0;
  for (int64_t i = 0; i < cells; i++) {
    double w = weight[i];
    if (target[i]) positive += w, inside += w * p[i];
    sum += w * (p[i] * p[i] + target[i]);
  }
  // Three negatives to a positive (Shrivastava et al. 2016), but some also where there is no word at all.
  double wanted = 3 * positive + (double)cells / 64;
  float bound = hard_negative_bound(cells, p, target, weight, wanted);
  double chosen = 0, entropy = 0;
  for (int64_t i = 0; i < cells; i++)
    if (weight[i] > 0 && (target[i] || p[i] >= bound)) {
      float likely = target[i] ? p[i] : 1 - p[i];
      entropy -= weight[i] * logf(likely > 1e-7f ? likely : 1e-7f);
      chosen += weight[i];
    }
  // Dice loss (Milletari et al. 2016): 1 - 2 sum(p t) / sum(p^2 + t^2).
  double smooth = 1, dice = 1 - (2 * inside + smooth) / (sum + smooth);
  double over = 1 / (sum + smooth), ratio = (2 * inside + smooth) * over * over;
  double each = chosen > 0 ? 1 / chosen : 0;
  for (int64_t i = 0; i < cells; i++) {
    float w = weight[i], slope = p[i] * (1 - p[i]);
    float entropy_part = (target[i] || p[i] >= bound) ? (float)each * (p[i] - target[i]) : 0;
    float dice_part = (float)(2 * p[i] * ratio - 2 * target[i] * over) * slope;
    gradient[i * stride] = scale * w * (entropy_part + dice_part);
  }
  return entropy * each + dice;
}
