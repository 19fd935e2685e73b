// The element-wise half of a long short-term memory step (Hochreiter, Schmidhuber 1997; gates as PyTorch orders them:
// input, forget, cell, output). The matrix products are the caller's.
#include "kernel.h"

#define T float
#define STORE store16_float
#define NAME(x) x##_float32
#include "lstm.inc"
#undef T
#undef STORE
#undef NAME

#define T uint16_t
#define STORE store16_bfloat16
#define NAME(x) x##_bfloat16
#include "lstm.inc"

void htr_lstm_step_forward(
    htr_type type, int32_t batch, int32_t hidden, float *gates, const float *cell_before, float *cell, void *h,
    int64_t h_stride) {
  if (type == HTR_FLOAT32) step_forward_float32(batch, hidden, gates, cell_before, cell, h, h_stride);
  else step_forward_bfloat16(batch, hidden, gates, cell_before, cell, h, h_stride);
}

void htr_lstm_step_backward(
    htr_type type, int32_t batch, int32_t hidden, const float *gates, const float *cell_before, const float *cell,
    const float *dy, int64_t dy_stride, const float *dh_next, float *dcell, void *dgates) {
  if (type == HTR_FLOAT32)
    step_backward_float32(batch, hidden, gates, cell_before, cell, dy, dy_stride, dh_next, dcell, dgates);
  else
    step_backward_bfloat16(batch, hidden, gates, cell_before, cell, dy, dy_stride, dh_next, dcell, dgates);
}
