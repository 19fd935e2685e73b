// The element-wise half of a long short-term memory step (Hochreiter, Schmidhuber 1997; gates as PyTorch orders them:
// input, forget, cell, output). The matrix products are the caller's.
#include "kernel.h"

HTR_KERNEL void htr_lstm_step_forward(
    htr_type type, int32_t batch, int32_t hidden, float *gates, const float *cell_before, float *cell, void *h,
    int64_t h_stride) {
  for (int32_t n = 0; n < batch; n++) {
    float *i = gates + (int64_t)n * 4 * hidden, *f = i + hidden, *g = f + hidden, *o = g + hidden;
    const float *before = cell_before ? cell_before + (int64_t)n * hidden : NULL;
    float *now = cell + (int64_t)n * hidden;
    for (int32_t k = 0; k < hidden; k++) {
      i[k] = fast_sigmoid(i[k]);
      f[k] = fast_sigmoid(f[k]);
      g[k] = fast_tanh(g[k]);
      o[k] = fast_sigmoid(o[k]);
    }
    if (before)
      for (int32_t k = 0; k < hidden; k++) now[k] = f[k] * before[k] + i[k] * g[k];
    else
      for (int32_t k = 0; k < hidden; k++) now[k] = i[k] * g[k];
    if (type == HTR_FLOAT32) {
      float *out = (float *)h + n * h_stride;
      for (int32_t k = 0; k < hidden; k++) out[k] = o[k] * fast_tanh(now[k]);
    } else {
      uint16_t *out = (uint16_t *)h + n * h_stride;
      for (int32_t k = 0; k < hidden; k++) store_bfloat16(out + k, o[k] * fast_tanh(now[k]));
    }
  }
}

#define BACKWARD(T, STORE)                                                                                             \
  for (int32_t n = 0; n < batch; n++) {                                                                                \
    const float *i = gates + (int64_t)n * 4 * hidden, *f = i + hidden, *g = f + hidden, *o = g + hidden;               \
    const float *now = cell + (int64_t)n * hidden, *above = dy + n * dy_stride;                                        \
    const float *before = cell_before ? cell_before + (int64_t)n * hidden : NULL;                                      \
    const float *next = dh_next ? dh_next + (int64_t)n * hidden : NULL;                                                \
    float *dc = dcell + (int64_t)n * hidden;                                                                           \
    T *di = (T *)dgates + (int64_t)n * 4 * hidden, *df = di + hidden, *dg = df + hidden, *d_o = dg + hidden;           \
    for (int32_t k = 0; k < hidden; k++) {                                                                             \
      float dh = above[k] + (next ? next[k] : 0), squashed = fast_tanh(now[k]);                                        \
      float d = dc[k] + dh * o[k] * (1 - squashed * squashed);                                                         \
      STORE(di + k, d * g[k] * i[k] * (1 - i[k]));                                                                     \
      STORE(df + k, before ? d * before[k] * f[k] * (1 - f[k]) : 0);                                                   \
      STORE(dg + k, d * i[k] * (1 - g[k] * g[k]));                                                                     \
      STORE(d_o + k, dh * squashed * o[k] * (1 - o[k]));                                                               \
      dc[k] = d * f[k];                                                                                                \
    }                                                                                                                  \
  }

HTR_KERNEL void htr_lstm_step_backward(
    htr_type type, int32_t batch, int32_t hidden, const float *gates, const float *cell_before, const float *cell,
    const float *dy, int64_t dy_stride, const float *dh_next, float *dcell, void *dgates) {
  if (type == HTR_FLOAT32) {
    BACKWARD(float, store_float)
  } else {
    BACKWARD(uint16_t, store_bfloat16)
  }
}
