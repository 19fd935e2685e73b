// Batch normalisation (Ioffe, Szegedy 2015), ReLU and max pooling as one pass over memory each way.
#include "kernel.h"

#define T float
#define LOAD load16_float
#define STORE store16_float
#define NAME(x) x##_float32
#include "normpool.inc"
#undef T
#undef LOAD
#undef STORE
#undef NAME

#define T uint16_t
#define LOAD load16_bfloat16
#define STORE store16_bfloat16
#define NAME(x) x##_bfloat16
#include "normpool.inc"

void htr_channel_moments(htr_type type, const void *x, int64_t rows, int32_t channels, float *mean, float *variance) {
  if (type == HTR_FLOAT32) channel_moments_float32(x, rows, channels, mean, variance);
  else channel_moments_bfloat16(x, rows, channels, mean, variance);
}

void htr_norm_pool_forward(
    htr_type type, const htr_pool_shape *shape, const void *x, const float *scale, const float *shift, void *y,
    uint8_t *winner) {
  if (type == HTR_FLOAT32) norm_pool_forward_float32(shape, x, scale, shift, y, winner);
  else norm_pool_forward_bfloat16(shape, x, scale, shift, y, winner);
}

void htr_norm_pool_gradient_sums(
    htr_type type, const htr_pool_shape *shape, const void *x, const void *y, const void *dy, const uint8_t *winner,
    const float *mean, const float *inverse_deviation, float *sum_dy, float *sum_dy_normal) {
  if (type == HTR_FLOAT32)
    norm_pool_gradient_sums_float32(shape, x, y, dy, winner, mean, inverse_deviation, sum_dy, sum_dy_normal);
  else
    norm_pool_gradient_sums_bfloat16(shape, x, y, dy, winner, mean, inverse_deviation, sum_dy, sum_dy_normal);
}

void htr_norm_pool_backward(
    htr_type type, const htr_pool_shape *shape, void *x, const void *y, const void *dy, const uint8_t *winner,
    const float *mean, const float *inverse_deviation, const float *gamma, const float *sum_dy,
    const float *sum_dy_normal) {
  if (type == HTR_FLOAT32)
    norm_pool_backward_float32(shape, x, y, dy, winner, mean, inverse_deviation, gamma, sum_dy, sum_dy_normal);
  else
    norm_pool_backward_bfloat16(shape, x, y, dy, winner, mean, inverse_deviation, gamma, sum_dy, sum_dy_normal);
}

void htr_max_pool(htr_type type, const htr_pool_shape *shape, const void *x, void *y) {
  if (type == HTR_FLOAT32) max_pool_float32(shape, x, y);
  else max_pool_bfloat16(shape, x, y);
}
