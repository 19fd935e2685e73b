// AdamW and the sums around it, over flat arrays of parameters.
#include "kernel.h"

HTR_KERNEL double htr_square_sum(int64_t count, const float *x) {
  double total = 0;
  for (int64_t i = 0; i < count; i += 4096) {
    int64_t end = i + 4096 < count ? i + 4096 : count;
    float sum[16] = {0};
    int64_t k = i;
    for (; k + 16 <= end; k += 16)
      for (int64_t j = 0; j < 16; j++) sum[j] += x[k + j] * x[k + j];
    for (; k < end; k++) sum[0] += x[k] * x[k];
    for (int64_t j = 0; j < 16; j++) total += sum[j];
  }
  return total;
}

HTR_KERNEL void htr_accumulate(int64_t count, const float *from, float *into) {
  for (int64_t i = 0; i < count; i++) into[i] += from[i];
}

HTR_KERNEL void htr_adamw(
    const htr_adamw_step *step, int64_t count, const float *restrict gradient, float *restrict weights,
    float *restrict moment1, float *restrict moment2, float *restrict average) {
  const htr_adamw_step s = *step;
  for (int64_t i = 0; i < count; i++) {
    float g = gradient[i] * s.gradient_scale;
    float m = s.beta1 * moment1[i] + (1 - s.beta1) * g;
    float v = s.beta2 * moment2[i] + (1 - s.beta2) * g * g;
    moment1[i] = m;
    moment2[i] = v;
    float w = weights[i] * (1 - s.learning_rate * s.weight_decay);
    w -= s.learning_rate * (m / s.correction1) / (sqrtf(v / s.correction2) + s.epsilon);
    weights[i] = w;
    average[i] += (1 - s.average_decay) * (w - average[i]);
  }
}
